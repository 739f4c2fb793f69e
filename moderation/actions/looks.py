"""Moderators look at the desk at what is said in private rooms, and that is written down."""

from collections.abc import Iterable
from datetime import timedelta

from accounts.models import User
from audit.log import record_once
from audit.models import Verb
from chat.models import Message, Room, RoomKind

GATHERED = timedelta(hours=1)
"""In which looks of one moderator into one room are one entry."""


def note_looks(actor: User, messages: Iterable[Message]) -> None:
    """Write down into which private rooms `actor` looks who is shown these messages, read with their rooms.

    Call it before they are shown. At most one entry a moderator, a room and an hour. Private chats are not among
    them: of those only what was reported is shown.
    """
    rooms = {message.room_id: message.room for message in messages if message.room.kind == RoomKind.PRIVATE}
    note_looks_into(actor, rooms.values())


def note_looks_into(actor: User, rooms: Iterable[Room]) -> None:
    """Write down that `actor` looks into these private rooms; gathered as by `note_looks`."""
    record_once(actor, Verb.LOOK, sorted(rooms, key=lambda room: room.pk), GATHERED)
