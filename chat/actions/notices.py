"""People are told what a moderator of a room did to them, and why."""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.actions import user_group
from accounts.errors import say_reason
from accounts.models import User
from chat.models import Room
from chat.room_frames import shown_name
from live.envelope import Event
from live.publisher import envelope, publish


def tell_removed(person: User, room: Room, reason: str) -> None:
    """Tell `person` why he or she was removed from a room; `room.left` tells that. Within a transaction."""
    if reason:
        _tell(person, room, "removed", reason)


def tell_muted(person: User, room: Room, reason: str) -> None:
    """Tell `person` of a mute; `membership.updated` tells until when. Within a transaction."""
    _tell(person, room, "muted", reason)


def tell_taken_down(author: User, room: Room, message_id: int, reason: str) -> None:
    """Tell the author of a message that it was taken down by somebody else. Within a transaction."""
    _tell(author, room, "taken_down", reason, message=message_id)


def _tell(person: User, room: Room, act: str, reason: str, **more: Any) -> None:
    with override(person.language or get_language()):
        detail = _SENTENCES[act]() % {"room": shown_name(room)}
        if reason:
            detail = f"{detail} {say_reason(reason)}"
    event: Event = {"type": "moderated", "room": room.pk, "act": act, **more, "detail": detail}
    transaction.on_commit(partial(publish, envelope(user_group(person.pk), [event])))


_SENTENCES = {
    "removed": lambda: _("A moderator removed you from “%(room)s”."),
    "muted": lambda: _("A moderator muted you in “%(room)s”."),
    "taken_down": lambda: _("A moderator took down a message of yours in “%(room)s”."),
}
