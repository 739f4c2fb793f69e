"""People are told what a moderator of a room did to them, and why."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from accounts.actions import user_group
from accounts.errors import say_reason
from accounts.models import User
from chat.models import Membership, Room, RoomKind
from chat.room_frames import shown_name
from live.envelope import Event
from live.publisher import envelope, publish

MAX_NAMED = 100
"""Ids of messages in one event."""


def tell_removed(person: User, room: Room, reason: str) -> None:
    """Tell `person` why he or she was removed from a room; `room.left` tells that. Within a transaction."""
    if reason:
        _tell(person, room, "removed", reason)


def tell_muted(person: User, room: Room, reason: str) -> None:
    """Tell `person` of a mute; `membership.updated` tells until when. Within a transaction."""
    _tell(person, room, "muted", reason)


def tell_taken_down(author: User, room: Room, message_ids: Sequence[int], reason: str) -> None:
    """Tell the author of messages in a room that they were taken down by somebody else. Within a transaction."""
    ids = sorted(message_ids)
    named = {"message": ids[0]} if len(ids) == 1 else {"messages": ids[:MAX_NAMED]}
    _tell(author, room, "taken_down", reason, count=len(ids), **named)


def _tell(person: User, room: Room, act: str, reason: str, *, count: int = 1, **more: Any) -> None:
    with override(person.language or get_language()):
        detail = _SENTENCES[act](count) % {"room": _name_for(person, room), "count": count}
        if reason:
            detail = f"{detail} {say_reason(reason)}"
    event: Event = {"type": "moderated", "room": room.pk, "act": act, **more, "detail": detail}
    transaction.on_commit(partial(publish, envelope(user_group(person.pk), [event])))


def _name_for(person: User, room: Room) -> str:
    """Return what `person` may know a room by: who has left a private one may not know its name of today."""
    if room.is_direct:
        return _("private chat")
    is_known = room.kind == RoomKind.PUBLIC or Membership.objects.filter(room=room, user=person).exists()
    return shown_name(room) if is_known else _("private room")


_SENTENCES: dict[str, Callable[[int], str]] = {
    "removed": lambda _count: _("A moderator removed you from “%(room)s”."),
    "muted": lambda _count: _("A moderator muted you in “%(room)s”."),
    "taken_down": lambda count: ngettext(
        "A moderator took down a message of yours in “%(room)s”.",
        "A moderator took down %(count)d messages of yours in “%(room)s”.",
        count,
    ),
}
