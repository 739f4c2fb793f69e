"""How far someone has read. A mark moves only forward, but for "mark unread from here", which starts a new version."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import F, Q

from chat.actions.announce import announce_to_user
from chat.frames import Frame, unread_mentions
from chat.models import Membership
from chat.permissions import get_membership_for
from database.transactions import write_transaction


class ReadMark(NamedTuple):
    """Someone has read a room up to `seq`, as a tab knew it at the mark's `version`, if it said so."""

    user_id: int
    room_id: int
    seq: int
    version: int | None = None


def store_read_marks(marks: Sequence[ReadMark]) -> None:
    """Move marks forward in one transaction, and tell their owners' sockets what is unread now.

    A mark past the room's head goes to the head; one that would go back, or is of an older version, is ignored.
    """
    with write_transaction():
        for mark in marks:
            own = Membership.objects.filter(room_id=mark.room_id, user_id=mark.user_id)
            membership = own.select_related("room").first()
            if membership is None or (mark.version is not None and mark.version < membership.read_version):
                continue
            seq = min(mark.seq, membership.room.last_seq)
            own.filter(last_read_seq__lt=seq).update(last_read_seq=seq)
            _announce(mark.user_id, mark.room_id)


def mark_unread(user_id: int, room_id: int, seq: int) -> None:
    """Count as unread what is in a room from the number `seq` on. Raises NotFound or Forbidden."""
    with write_transaction():
        membership = get_membership_for(user_id, room_id)
        Membership.objects.filter(pk=membership.pk).update(
            last_read_seq=min(seq - 1, membership.room.last_seq), read_version=F("read_version") + 1
        )
        _announce(user_id, room_id)


def read_state(user_id: int, room_id: int) -> Frame | None:
    """Return the fields of `read.updated` for a room that the user is in; None if he or she is not."""
    membership = Membership.objects.select_related("room").filter(Q(room_id=room_id, user_id=user_id)).first()
    if membership is None:
        return None
    return {
        "room": room_id,
        "seq": membership.last_read_seq,
        "unread": max(0, membership.room.last_seq - membership.last_read_seq),
        "mentions": unread_mentions(user_id, [room_id]).get(room_id, 0),
        "version": membership.read_version,
    }


def _announce(user_id: int, room_id: int) -> None:
    state = read_state(user_id, room_id)
    if state:
        announce_to_user(user_id, {"type": "read.updated"} | state)
