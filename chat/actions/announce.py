"""Tells the people of a room what happened in it, after the commit."""

from collections.abc import Iterator, Sequence
from functools import partial

from django.db import transaction

from accounts.actions import user_group
from chat.frames import Frame, message_event
from chat.models import Membership, Room, RoomKind
from chat.room_frames import membership_frame
from live.envelope import Envelope, Event, Fence, Span
from live.publisher import envelope, publish

MAX_PART = 128 * 1024
"""Characters of the events of one envelope, about."""
OVERHEAD = 600
OF_ATTACHMENT = 1000
ROOM_GROUP = "room.{}"


def room_group(room_id: int) -> str:
    """Return the name of the group of everyone who is in a public or private room."""
    return ROOM_GROUP.format(room_id)


def room_groups_of(user_id: int) -> list[str]:
    """Return the groups of the public and private rooms that a user is in."""
    own = Membership.objects.filter(user_id=user_id).exclude(room__kind=RoomKind.DIRECT)
    return [room_group(room_id) for room_id in own.values_list("room_id", flat=True)]


def room_stream(room_id: int) -> str:
    """Return the name of the numbered stream of a room's changes."""
    return f"changes.{room_id}"


def groups_of(room_id: int, kind: str, direct_key: str | None) -> list[str]:
    """Return the groups that hear of a room: its own, or for a private chat those of its two people."""
    if kind == RoomKind.DIRECT and direct_key:
        return [user_group(int(user_id)) for user_id in direct_key.split(":")]
    return [room_group(room_id)]


def messages_envelopes(
    *, room_id: int, kind: str, direct_key: str | None, members_version: int, events: Sequence[Event]
) -> list[Envelope]:
    """Return what to publish for message events of one room whose changes follow each other without a hole."""
    fence = None if kind == RoomKind.DIRECT else Fence(members_version, members_version)
    groups = groups_of(room_id, kind, direct_key)
    return [
        envelope(group, part, span=Span(room_stream(room_id), part[0]["change"], part[-1]["change"]), fence=fence)
        for part in _parts(events)
        for group in groups
    ]


def _parts(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """Yield `events` in parts that make no frame too long for a client; most are one part."""
    start = size = 0
    for index, event in enumerate(events):
        message = event["message"]
        size += OVERHEAD + len(message.get("body", "")) + len(message.get("html", ""))
        size += OF_ATTACHMENT * len(message.get("attachments", ()))
        if size > MAX_PART and index > start:
            yield events[start:index]
            start, size = index, 0
    yield events[start:]


def announce_message(room: Room, frame: Frame, kind: str, **said: bool) -> None:
    """Announce one change of a message, and what is `said` of it, once the transaction is committed."""
    envelopes = messages_envelopes(
        room_id=room.pk,
        kind=room.kind,
        direct_key=room.direct_key,
        members_version=room.members_version,
        events=[message_event(frame, kind) | said],
    )
    transaction.on_commit(partial(publish, *envelopes))


def announce_opened(user_id: int, room: Frame) -> None:
    """Tell a user's own sockets of a private chat, given as ROOM, once the transaction is committed."""
    signal = {"type": "opened", "room": room}
    announcement = envelope(user_group(user_id), [{"type": "room.joined", "room": room}], signal=signal)
    transaction.on_commit(partial(publish, announcement))


def announce_membership(room: Room, membership: Membership) -> None:
    """Tell someone's own sockets what a room is to him or her now, once the transaction is committed."""
    event: Event = {"type": "membership.updated", "room": room.pk} | membership_frame(membership.user, room, membership)
    transaction.on_commit(partial(publish, envelope(user_group(membership.user_id), [event])))
