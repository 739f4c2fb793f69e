"""What moderators of the site do to many messages, people or rooms at once. Who may is decided above this."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.actions import user_group
from accounts.actions.access import raise_access_version
from accounts.models import User
from chat.actions.announce import announce_membership, messages_envelopes
from chat.actions.rooms import announce_room
from chat.frames import MESSAGE_FIELDS, MessageRow, message_event, message_frames
from chat.models import Membership, Mention, Message, Reaction, Restraint, Room, RoomKind
from live.publisher import envelope, publish

SLICE = 200
"""Messages changed with one statement."""


def hide_messages(message_ids: Collection[int], by: User, at: datetime) -> list[int]:
    """Take down those of the messages that stand; return their ids. Within a transaction.

    They bear the time `at`, by which `show_messages` knows them.
    """

    def hide(message: Message) -> None:
        message.deleted_at, message.deleted_by = at, by

    return _change(message_ids, {"deleted_at": None}, hide, "message.deleted")


def keep_down(message_ids: Collection[int], by: User) -> list[int]:
    """Have messages that are down already be taken down by `by` as well; return their ids. Within a transaction.

    `give_back_down` has them be those who took them down before.
    """

    def take(message: Message) -> None:
        message.deleted_by = by

    which = {"deleted_at__isnull": False, "is_purged": False}
    return _change(message_ids, which, take, "message.deleted", again=True)


def give_back_down(before: Mapping[int, int | None], by: User) -> list[int]:
    """Have messages that `keep_down` kept down for `by` be theirs again who took them down `before`, by message id.

    Within a transaction. Returns the ids of those of which that was so.
    """

    def give(message: Message) -> None:
        message.deleted_by_id = before[message.pk]

    which = {"deleted_by": by, "deleted_at__isnull": False}
    return _change(list(before), which, give, "message.deleted", again=True)


def show_messages(message_ids: Collection[int], hidden: tuple[datetime, int] | None = None) -> list[int]:
    """Bring back those of the messages that were taken down (`hidden`: when and by whom, if given); return their ids.

    Within a transaction. What was removed for good stays so.
    """

    def show(message: Message) -> None:
        message.deleted_at = message.deleted_by = None

    which: dict[str, Any] = {"deleted_at__isnull": False}
    if hidden is not None:
        which = dict(zip(("deleted_at", "deleted_by"), hidden, strict=True))
    return _change(message_ids, which | {"is_purged": False}, show, "message.updated", restored=True)


def hide_reactions(reaction_ids: Collection[int], *, is_hidden: bool = True) -> list[int]:
    """Take reactions away from under their messages, or show them again; return the ids of those that changed.

    Within a transaction.
    """
    changed: dict[int, int] = {}
    for part in _parts(reaction_ids):
        found = Reaction.objects.filter(pk__in=part, is_hidden=not is_hidden)
        changed |= dict(found.values_list("pk", "message"))
        found.update(is_hidden=is_hidden)
    _change(set(changed.values()), {"deleted_at": None}, lambda _message: None, "message.updated")
    return list(changed)


def lock_rooms(
    *, people: Collection[int] = (), messages: Collection[int] = (), reactions: Collection[int] = ()
) -> None:
    """Lock all rooms that people are in, and messages and reactions, in the order of their ids, as whoever posts does.

    First in a transaction that goes on to change several of them: two that lock in another order wait for each other.
    """
    room_ids = set(Membership.objects.filter(user__in=people).values_list("room_id", flat=True))
    for part in _parts(messages):
        room_ids |= set(Message.objects.filter(pk__in=part).values_list("room_id", flat=True))
    for part in _parts(reactions):
        room_ids |= set(Reaction.objects.filter(pk__in=part).values_list("message__room_id", flat=True))
    list(Room.objects.filter(pk__in=room_ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def mute_everywhere(user: User, until: datetime | None) -> None:
    """Keep `user` from writing anywhere `until` then; None ends it. Within a transaction."""
    User.objects.filter(pk=user.pk).update(muted_until=until)
    tell_memberships(user.pk)


def mute_in_room(user_id: int, room_id: int, until: datetime | None) -> None:
    """Keep a member from writing in a room `until` then; None ends it. Who has left finds it so on coming back.

    Within a transaction.
    """
    Restraint.objects.filter(room=room_id, user=user_id).update(muted_until=until)
    own = Membership.objects.filter(room=room_id, user=user_id).exclude(room__kind=RoomKind.DIRECT)
    if own.update(muted_until=until):
        after = own.select_related("room", "user").get()
        announce_membership(after.room, after)


def mutes_in_room(room_id: int, people: Collection[int]) -> dict[int, datetime | None]:
    """Return until when each of these people who is in a room is muted there, by user id; also who has left muted."""
    gone = Restraint.objects.filter(room=room_id, user__in=people, muted_until__gt=timezone.now())
    present = Membership.objects.filter(room=room_id, user__in=people).exclude(room__kind=RoomKind.DIRECT)
    ends: dict[int, datetime | None] = dict(gone.values_list("user", "muted_until"))
    return ends | dict(present.order_by("user").values_list("user", "muted_until"))


def tell_memberships(user_id: int) -> None:
    """Tell the sockets of a user what each of the rooms is to him or her now. Within a transaction."""
    # One and the same user, so that rights are read once.
    user = User.objects.get(pk=user_id)
    for membership in Membership.objects.filter(user=user, is_hidden=False).select_related("room"):
        membership.user = user
        announce_membership(membership.room, membership)


def tell_rights(user: User) -> None:
    """Have the sockets of a user know what he or she may do now, on the site and in each room. Within a transaction."""
    raise_access_version(user)
    is_staff, is_admin = User.objects.values_list("is_staff", "is_superuser").get(pk=user.pk)
    event = {"type": "rights.updated", "is_staff": is_staff, "is_admin": is_admin}
    transaction.on_commit(partial(publish, envelope(user_group(user.pk), [event])))
    tell_memberships(user.pk)


def set_room(room_id: int, changes: Mapping[str, Any], only_if: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Change columns of a room (only those that are as in `only_if`) and tell everyone in it.

    Returns what of them was different before. Within a transaction.
    """
    room = Room.objects.select_for_update(no_key=True).get(pk=room_id)
    expected = only_if if only_if is not None else {name: getattr(room, name) for name in changes}
    before = {
        name: getattr(room, name)
        for name, value in changes.items()
        if getattr(room, name) != value and getattr(room, name) == expected[name]
    }
    if before:
        for name in before:
            setattr(room, name, changes[name])
        room.save(update_fields=list(before))
        announce_room(room)
    return before


def _change(message_ids: Collection[int], which: Mapping[str, Any], alter: Any, event: str, **said: bool) -> list[int]:
    """Alter messages room by room under the rooms' locks, number each change, and announce them with what is `said`."""
    by_room: dict[int, list[int]] = {}
    for part in _parts(message_ids):
        for pk, room_id in Message.objects.filter(pk__in=part, **which).values_list("pk", "room_id"):
            by_room.setdefault(room_id, []).append(pk)
    rooms = Room.objects.filter(pk__in=by_room).order_by("pk").select_for_update(no_key=True)
    changed: list[int] = []
    for room in rooms:
        rows: list[MessageRow] = []
        for part in _parts(by_room[room.pk]):
            found = Message.objects.filter(pk__in=part, room=room, **which).defer("body", "html")
            rows += _change_in(room, list(found.order_by("seq")), alter)
        Room.objects.filter(pk=room.pk).update(last_change=room.last_change, touched_at=Now())
        _announce(room, rows, event, said)
        changed += [row.id for row in rows]
    return changed


def _parts(ids: Collection[int]) -> list[list[int]]:
    ordered = sorted(ids)
    return [ordered[start : start + SLICE] for start in range(0, len(ordered), SLICE)]


def _change_in(room: Room, messages: list[Message], alter: Any) -> list[MessageRow]:
    if not messages:
        return []
    for message in messages:
        alter(message)
        room.last_change += 1
        message.change = room.last_change
    # One statement for all, each with its own numbers: built through the ORM that took fifty times as long.
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE chat_message SET change = %s, deleted_at = %s, deleted_by_id = %s WHERE id = %s",
            [(one.change, adapt(one.deleted_at), one.deleted_by_id, one.pk) for one in messages],
        )
    ids = [message.pk for message in messages]
    Mention.objects.filter(message__in=ids).update(is_deleted=messages[0].deleted_at is not None)
    rows: Iterable[Any] = Message.objects.filter(pk__in=ids).order_by("change").values_list(*MESSAGE_FIELDS)
    return [MessageRow(*row) for row in rows]


def _announce(room: Room, rows: list[MessageRow], event: str, said: Mapping[str, bool]) -> None:
    if not rows:
        return
    envelopes = messages_envelopes(
        room_id=room.pk,
        kind=room.kind,
        direct_key=room.direct_key,
        members_version=room.members_version,
        events=[{**message_event(frame, event), **said} for frame in message_frames(rows)],
    )
    transaction.on_commit(partial(publish, *envelopes))
