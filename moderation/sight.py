"""What the pages of the desk show to who reads them: what was said in private rooms, and what those are called, takes a
right. Of public rooms everybody at the desk reads what is shown; of private chats nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.models import Q, QuerySet

from accounts.models import User
from chat.models import Message, Room, RoomKind

_reader: ContextVar[User | None] = ContextVar("reader", default=None)


@contextmanager
def read_by(user: User) -> Iterator[None]:
    """Have what is shown within the block be shown to `user`. Outside of it whoever reads has no right at all."""
    token = _reader.set(user)
    try:
        yield
    finally:
        _reader.reset(token)


def may(right: str) -> bool:
    """Tell whether who reads has a right, such as "chat.view_message"."""
    reader = _reader.get()
    return reader is not None and reader.has_perm(right)


def may_open(page: str) -> bool:
    """Tell whether who reads may open the things of a page, such as "chat_message"."""
    app, _underscore, model = page.partition("_")
    return may(f"{app}.view_{model}") or may(f"{app}.change_{model}")


def is_readable(room: Room) -> bool:
    """Tell whether who reads may be shown what was said in a room."""
    return room.kind == RoomKind.PUBLIC or (not room.is_direct and may("chat.view_message"))


def readable(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Return those of some messages that who reads may be shown."""
    if may("chat.view_message"):
        return messages.exclude(room__kind=RoomKind.DIRECT)
    return messages.filter(room__kind=RoomKind.PUBLIC)


def is_named(room: Room) -> bool:
    """Tell whether who reads may be told what a room is called."""
    return room.kind == RoomKind.PUBLIC or (not room.is_direct and may("chat.view_room"))


def nameable_rooms(*, besides: int | None = None) -> QuerySet[Room]:
    """Return the rooms that who reads may be told the names of, and one besides, by its id."""
    rooms = Room.objects.exclude(kind=RoomKind.DIRECT).order_by("name")
    return rooms if may("chat.view_room") else rooms.filter(Q(kind=RoomKind.PUBLIC) | Q(pk=besides))
