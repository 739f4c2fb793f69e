"""Rooms are made and changed."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.actions.validation import check_name
from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.announce import room_group
from chat.actions.memberships import add_to_room, check_can_be_added
from chat.errors import Forbidden, Invalid
from chat.models import Role, Room, RoomKind
from chat.permissions import check_not_muted, get_room_to
from chat.room_frames import room_update
from chat.standing import can
from chat.texts import clean_line
from database.transactions import write_transaction
from live.envelope import Fence
from live.publisher import envelope, publish

NAME_LENGTH = 64
TOPIC_LENGTH = 250
MAX_SLOW_MODE = 6 * 3600
MAX_GROUP = 20
"""People whom a new room is made with, besides its owner."""


def create_room(
    user: User, name: str, kind: str, topic: str = "", *, people: Collection[int] = (), is_read_only: bool = False
) -> Room:
    """Store a public or private room with `user` as its owner and `people` (user ids, at most 20) in it.

    Raises Invalid; NotFound or Forbidden for one of `people` who is not there or does not want to be added.
    """
    if kind not in (RoomKind.PUBLIC, RoomKind.PRIVATE):
        raise Invalid(_("A room is public or private."), "kind")
    return _create(user, people, kind=kind, is_read_only=is_read_only, **_texts(user, name, topic))


def create_group(user: User, people: Collection[int], name: str = "", topic: str = "") -> Room:
    """Store a private group of `user` and `people` (2 to 20 user ids); without a name it has theirs. Raises so too."""
    others = User.objects.filter(pk__in=people, is_former=False, is_active=True).exclude(pk=user.pk)
    nicknames = list(others.order_by("nickname_key").values_list("nickname", flat=True))
    if len(nicknames) < 2:  # noqa: PLR2004 - with one other it is a private chat
        raise Invalid(_("A group needs two others at least."), "people")
    name = name.strip() or _shortened([user.nickname, *nicknames])
    return _create(user, people, kind=RoomKind.PRIVATE, is_group=True, **_texts(user, name, topic))


def edit_room(user: User, room_id: int, changes: Mapping[str, Any]) -> Room:
    """Change any of `name`, `topic`, `read_only`, `slow_mode` (seconds), `archived`, `default` and tell the room.

    Raises NotFound, Forbidden or Invalid.
    """
    if {"name", "topic"} & set(changes):
        check_not_muted(user)
    with write_transaction():
        room = _get_room_to_change(user, room_id, changes)
        # What somebody above closed is not opened here either.
        columns = {_SETTINGS[field].column: value for field, value in changes.items()}
        noted = import_string(settings.BEFORE_ROOM_CHANGE)(user, room, columns)
        was = {field: getattr(room, field) for field in ("name", "topic") if field in changes}
        for field, value in changes.items():
            setting = _SETTINGS[field]
            cleaned = setting.clean(value)
            if field in ("name", "topic") and cleaned != getattr(room, setting.column):
                check_name(user, cleaned, field, room.pk)
            setattr(room, setting.column, cleaned)
        room.save(update_fields=[_SETTINGS[field].column for field in changes])
        announce_room(room)
        details = dict(changes) | ({"was": was} if was else {}) | noted
        record(user, Verb.ROOM, room, **details)
    return room


def set_room_picture(user: User, room_id: int, token: str) -> Room:
    """Give a room the picture stored under `token`, or none for "". Raises NotFound or Forbidden."""
    with write_transaction():
        room, _role = get_room_to("edit", user, room_id)
        room.picture = token
        room.save(update_fields=["picture"])
        announce_room(room)
        record(user, Verb.ROOM, room, picture=bool(token))
    return room


def _create(user: User, people: Collection[int], **fields: Any) -> Room:
    if len(set(people)) > MAX_GROUP:
        raise Invalid(_("At most 20 people at once."), "people")
    check_not_muted(user)
    with write_transaction():
        room = Room.objects.create(**fields)
        add_to_room(room, user, Role.OWNER)
        for other in check_can_be_added(user, set(people) - {user.pk}):
            add_to_room(room, other, Role.MEMBER)
    return room


def _texts(user: User, name: str, topic: str) -> dict[str, str]:
    texts = {"name": clean_line(name, "name", NAME_LENGTH), "topic": clean_line(topic, "topic", TOPIC_LENGTH, 0)}
    for field, text in texts.items():
        check_name(user, text, field)
    return texts


def _shortened(nicknames: list[str]) -> str:
    name = ", ".join(nicknames)
    return name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - 1] + "…"


class _Setting(NamedTuple):
    """What may be changed of a room: the ability it takes, where it is stored, and what it may be."""

    ability: str
    column: str
    clean: Callable[[Any], Any]


def _clean_slow_mode(seconds: int) -> int:
    if not 0 <= seconds <= MAX_SLOW_MODE:
        raise Invalid(_("Slow mode is 0 to 21600 seconds."), "slow_mode")
    return seconds


_SETTINGS = {
    "name": _Setting("edit", "name", lambda name: clean_line(name, "name", NAME_LENGTH)),
    "topic": _Setting("edit", "topic", lambda topic: clean_line(topic, "topic", TOPIC_LENGTH, 0)),
    "read_only": _Setting("edit", "is_read_only", bool),
    "slow_mode": _Setting("edit", "slow_mode", _clean_slow_mode),
    "archived": _Setting("archive", "is_archived", bool),
    "default": _Setting("default", "is_default", bool),
}


def _get_room_to_change(user: User, room_id: int, changes: Mapping[str, Any]) -> Room:
    needed = {_SETTINGS[field].ability for field in changes} or {"edit"}
    room, role = get_room_to(min(needed), user, room_id)
    if not all(can(user, room, role, ability) for ability in needed):
        raise Forbidden(_("You may not do that in this room."))
    return room


def announce_room(room: Room) -> None:
    """Tell everyone in a room what it is now, once the transaction is committed."""
    update = room_update(room)
    announcement = envelope(
        room_group(room.pk),
        [{"type": "room.updated", "room": update}],
        signal={"type": "room", "room": update},
        fence=Fence(room.members_version, room.members_version),
    )
    transaction.on_commit(partial(publish, announcement))
