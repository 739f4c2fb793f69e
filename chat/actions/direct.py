"""Private chats: one for each pair of people."""

from collections.abc import Iterable
from typing import Protocol

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat.actions.announce import announce_opened
from chat.errors import Invalid, NotFound
from chat.models import Membership, Room, RoomKind
from chat.permissions import check_can_meet
from chat.room_frames import room_frame_for
from database.transactions import write_transaction


class Addressed(Protocol):
    """A draft, as far as it says where it should go."""

    author_id: int
    to: int | None
    room: int | None


def open_direct_rooms(drafts: Iterable[Addressed]) -> list[Room]:
    """Set `room` of each draft that names a person instead; return the private chats that were made for that.

    For use within a transaction. A draft to oneself, or to nobody, keeps no room.
    """
    keys: dict[str, list[Addressed]] = {}
    for draft in drafts:
        if draft.to is not None and draft.to != draft.author_id:
            keys.setdefault(Room.direct_key_of(draft.author_id, draft.to), []).append(draft)
    if not keys:
        return []
    rooms = {room.direct_key: room for room in Room.objects.filter(direct_key__in=keys)}
    made = []
    for key, of_pair in keys.items():
        if key not in rooms and (room := _create(key, of_pair[0].author_id)):
            rooms[key] = room
            made.append(room)
        for draft in of_pair:
            draft.room = rooms[key].pk if key in rooms else None
    return made


def open_direct_room(user: User, other_id: int) -> Room:
    """Return the private chat of two people, made if there is none, and shown again if `user` had hidden it.

    Raises Invalid for one with oneself, NotFound if there is no such person, Forbidden if one of the two has blocked
    the other.
    """
    if other_id == user.pk:
        raise Invalid(_("A private chat needs somebody else."), "user")
    try:
        return _open(user, other_id)
    except IntegrityError:
        # The other of the two was faster; now it is there.
        return _open(user, other_id)


def _open(user: User, other_id: int) -> Room:
    key = Room.direct_key_of(user.pk, other_id)
    with write_transaction():
        check_can_meet(user.pk, other_id)
        room = Room.objects.filter(direct_key=key).first()
        if room is None:
            room = _create(key, user.pk)
            if room is None:
                raise NotFound
        elif not Membership.objects.filter(room=room, user=user, is_hidden=True).update(is_hidden=False):
            return room
        announce_opened(user.pk, room_frame_for(user, room))
    return room


def _create(key: str, opener_id: int) -> Room | None:
    """Store the private chat of a pair. The other of the two sees it from the first message on."""
    users = list(User.objects.filter(pk__in=key.split(":"), is_former=False))
    if len(users) != 2:  # noqa: PLR2004 - a pair
        return None
    room = Room.objects.create(kind=RoomKind.DIRECT, direct_key=key, member_count=2)
    Membership.objects.bulk_create([Membership(room=room, user=user, is_hidden=user.pk != opener_id) for user in users])
    return room
