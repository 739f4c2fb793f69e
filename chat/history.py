"""What was said: pages of a room's messages, and what moved since a client last looked."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat.errors import Invalid
from chat.frames import MESSAGE_FIELDS, Frame, MessageRow, message_frames
from chat.models import Membership, Message, Room, Site
from chat.permissions import get_room_for
from live.envelope import Event

MAX_PAGE = 100
MAX_SYNC_ROWS = 100
MAX_SYNC_BYTES = 256 * 1024
MAX_BEHIND = 500
"""Changes that a client may have missed and still be given them; past that it is told to start over."""


def current_epoch() -> str:
    """Return the UUID of this database's history; it changes when the database has gone back in time."""
    return str(Site.objects.values_list("epoch", flat=True).get(pk=1))


def page_of_messages(
    user_id: int,
    room_id: int,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    at: datetime | None = None,
    limit: int = 50,
) -> Frame:
    """Return `{messages, head}`: up to `limit` (at most 100) messages in order of seq, by default the newest.

    `before`, `after` and `around` are seqs, `at` a time: around the first message of then or later, which the answer
    names as `at` (a seq; null if there is none). At most one is given. Raises NotFound, Invalid.
    """
    if sum(edge is not None for edge in (before, after, around, at)) > 1:
        raise Invalid(_("Give one of before, after, around and at."))
    # The head first: what lands between the two queries is then seen twice, never missed (PROTOCOL, rule 1).
    room = get_room_for(user_id, room_id)
    messages = Message.objects.filter(room_id=room_id)
    limit = max(1, min(limit, MAX_PAGE))
    extra: Frame = {}
    if at is not None:
        extra["at"] = _first_since(room, at)
        around = extra["at"]
    if around is not None:
        half = limit // 2
        rows = _backward(messages.filter(seq__lt=around), half) + _forward(
            messages.filter(seq__gte=around), limit - half
        )
    elif after is not None:
        rows = _forward(messages.filter(seq__gt=after), limit)
    else:
        rows = _backward(messages if before is None else messages.filter(seq__lt=before), limit)
    return {"messages": message_frames(rows, user_id), "head": head_of(room), **extra}


def _first_since(room: Room, moment: datetime) -> int | None:
    """Return the seq of the first message written at `moment` or later; None if there is none."""
    first = number_since(Message.objects.filter(room=room), "seq", moment, room.last_seq)
    return first if first <= room.last_seq else None


def number_since(messages: QuerySet[Message], number: str, moment: datetime, newest: int) -> int:
    """Return the first of the numbers 1 to `newest` from which on messages are of `moment` or later, else one more.

    `number` names the field. Found by halving: times go up with numbers, of which some may be missing.
    """
    times = messages.order_by(number).values_list(number, "created_at")
    low, high = 1, newest + 1
    while low < high:
        middle = (low + high) // 2
        found = times.filter(**{f"{number}__gte": middle, f"{number}__lt": high}).first()
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = found[0] + 1
    return low


def last_read(user_id: int, room: Room) -> int:
    """Return the seq up to which a user has read a room: that of the newest message if all after it is deleted.

    Who is not in the room has read it.
    """
    marks = Membership.objects.filter(room=room, user=user_id).values_list("last_read_seq", flat=True)
    read = next(iter(marks), room.last_seq)
    # In their order, so that the index of numbers answers from the first on.
    standing = Message.objects.filter(room=room, seq__gt=read, deleted_at=None).order_by("seq").values_list("seq")
    return read if read < room.last_seq and standing.first() else room.last_seq


def head_of(room: Room) -> Frame:
    """Return the last numbers that the room has given out."""
    return {"seq": room.last_seq, "change": room.last_change}


def sync_room(
    user: User | int | None, room: Room, since: int, *, same_epoch: bool = True, max_bytes: int | None = None
) -> Event:
    """Return `room.synced`: the messages of `room` that changed after the change `since`, oldest change first.

    `room` must have been read from the database just now, its group joined before. Over 500 behind, ahead of the
    head, or of another epoch: no messages, but `reset`. `user` is the one reader, or None for everyone in the room.
    At most about `max_bytes` of messages (256 KB), then `more`.
    """
    event: Event = {"type": "room.synced", "room": room.pk, "since": since, "head": head_of(room)}
    if not same_epoch or since > room.last_change or room.last_change - since > MAX_BEHIND:
        return event | {"upto": room.last_change, "messages": [], "more": False, "reset": True}
    changed = Message.objects.filter(room=room, change__gt=since).order_by("change")
    rows = _rows(changed[: MAX_SYNC_ROWS + 1]) if since < room.last_change else []
    reader_id = user.pk if isinstance(user, User) else user
    frames = _up_to_size(message_frames(rows[:MAX_SYNC_ROWS], reader_id), max_bytes or MAX_SYNC_BYTES)
    more = len(frames) < len(rows)
    upto = frames[-1]["change"] if more else max(room.last_change, *(frame["change"] for frame in frames), 0)
    return event | {"upto": upto, "messages": frames, "more": more, "reset": False}


def _up_to_size(frames: list[Frame], max_bytes: int) -> list[Frame]:
    size = 0
    for index, frame in enumerate(frames):
        size += len(msgspec.json.encode(frame))
        if size > max_bytes and index:
            return frames[:index]
    return frames


def _forward(messages: QuerySet[Message], count: int) -> list[MessageRow]:
    return _rows(messages.order_by("seq")[:count])


def _backward(messages: QuerySet[Message], count: int) -> list[MessageRow]:
    return _rows(messages.order_by("-seq")[:count])[::-1]


def _rows(messages: QuerySet[Message]) -> list[MessageRow]:
    columns: Sequence[tuple[object, ...]] = list(messages.values_list(*MESSAGE_FIELDS))
    return [MessageRow._make(row) for row in columns]
