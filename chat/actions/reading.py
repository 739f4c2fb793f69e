"""How far someone has read. A mark moves only forward, but for "mark unread from here", which starts a new version."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F

from accounts.actions import user_group
from chat.frames import Frame
from chat.models import Membership
from chat.permissions import get_membership_for
from chat.room_frames import told_deleted, unread_deleted, unread_mentions
from database.transactions import write_transaction
from live.envelope import Event
from live.publisher import envelope, publish


class ReadMark(NamedTuple):
    """Someone has read a room up to `seq`, as a tab knew it at the mark's `version`, if it said so."""

    user_id: int
    room_id: int
    seq: int
    version: int | None = None


class _Read(NamedTuple):
    """How far a member has read, with the head of the room."""

    id: int
    user_id: int
    room_id: int
    last_read_seq: int
    read_version: int
    room__last_seq: int
    room__last_change: int


def store_read_marks(marks: Sequence[ReadMark]) -> None:
    """Move marks forward in one transaction, and tell their owners' sockets what is unread now.

    A mark past the room's head goes to the head; one that would go back, or is of an older version, is ignored.
    """
    with write_transaction():
        held = {(read.user_id, read.room_id): read for read in _reads(marks)}
        moved: dict[int, _Read] = {}
        for mark in marks:
            read = held.get((mark.user_id, mark.room_id))
            if read is None or (mark.version is not None and mark.version < read.read_version):
                continue
            seq = max(read.last_read_seq, min(mark.seq, read.room__last_seq))
            moved[read.id] = read._replace(last_read_seq=seq)
        # In one order everywhere, so that two processes do not wait for each other.
        _store([moved[pk] for pk in sorted(moved)])
        _announce(list(moved.values()))


def mark_unread(user_id: int, room_id: int, seq: int) -> None:
    """Count as unread what is in a room from the number `seq` on. Raises NotFound or Forbidden."""
    with write_transaction():
        membership = get_membership_for(user_id, room_id)
        Membership.objects.filter(pk=membership.pk).update(
            last_read_seq=min(seq - 1, membership.room.last_seq), read_version=F("read_version") + 1
        )
        _announce(_reads([ReadMark(user_id, room_id, seq)]))


def _reads(marks: Sequence[ReadMark]) -> list[_Read]:
    users, rooms = {mark.user_id for mark in marks}, {mark.room_id for mark in marks}
    members = Membership.objects.filter(user_id__in=users, room_id__in=rooms)
    return [_Read(*row) for row in members.order_by("pk").values_list(*_Read._fields)]


def _store(reads: Iterable[_Read]) -> None:
    table = connection.ops.quote_name(Membership._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET last_read_seq = %s WHERE id = %s AND last_read_seq < %s AND read_version = %s",  # noqa: S608
            [(read.last_read_seq, read.id, read.last_read_seq, read.read_version) for read in reads],
        )


def _announce(reads: Sequence[_Read]) -> None:
    mentions = unread_mentions(read.id for read in reads)
    deleted = unread_deleted((read.id, read.room__last_seq - read.last_read_seq) for read in reads)
    # By a signal: those of two processes may overtake each other, and no tab is to see a mark go back.
    envelopes = []
    for read in reads:
        event = _updated(read, mentions.get(read.id, 0)) | told_deleted(deleted, read.id)
        envelopes.append(envelope(user_group(read.user_id), signal={"type": "read", "event": event}))
    transaction.on_commit(partial(publish, *envelopes))


def _updated(read: _Read, mentions: int) -> Event:
    state: Frame = {
        "room": read.room_id,
        "seq": read.last_read_seq,
        "unread": max(0, read.room__last_seq - read.last_read_seq),
        "mentions": mentions,
        "version": read.read_version,
        "change": read.room__last_change,
    }
    return {"type": "read.updated"} | state
