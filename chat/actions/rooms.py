"""Rooms are made, entered and left."""

from functools import partial

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.actions import user_group
from accounts.models import User
from chat.actions.announce import room_group
from chat.errors import Forbidden, Invalid, NotFound
from chat.frames import room_update
from chat.models import Membership, Role, Room, RoomKind
from chat.permissions import get_room_for
from chat.texts import clean_line
from database.transactions import write_transaction
from live.envelope import Fence
from live.publisher import envelope, publish

NAME_LENGTH = 64
TOPIC_LENGTH = 250


def create_room(user: User, name: str, kind: str, topic: str = "") -> Room:
    """Store a public or private room with `user` as its owner. Raises Invalid."""
    if kind not in (RoomKind.PUBLIC, RoomKind.PRIVATE):
        raise Invalid(_("A room is public or private."), "kind")
    with write_transaction():
        room = Room.objects.create(
            name=clean_line(name, "name", NAME_LENGTH), topic=clean_line(topic, "topic", TOPIC_LENGTH, 0), kind=kind
        )
        _add(room, user, Role.OWNER)
    return room


def join_room(user: User, room_id: int) -> Room:
    """Have `user` join a public room, or find a private chat again. Raises NotFound or Forbidden."""
    with write_transaction():
        get_room_for(user.pk, room_id)
        # The lock first, the look second: of two joins at once one finds the other done.
        room = Room.objects.select_for_update(no_key=True).get(pk=room_id)
        own = Membership.objects.filter(room=room, user=user)
        if room.is_direct:
            own.update(is_hidden=False)
        if own.exists():
            _tell(user.pk, {"type": "joined", "room": room.pk})
        elif room.is_archived:
            raise Forbidden(_("This room is archived."))
        else:
            _add(room, user, Role.MEMBER)
    return room


def leave_room(user: User, room_id: int) -> None:
    """Have `user` leave a room; a private chat is only hidden. Raises NotFound if he or she is not in it."""
    with write_transaction():
        membership = Membership.objects.select_related("room").filter(room_id=room_id, user=user).first()
        if membership is None:
            raise NotFound
        if membership.room.is_direct:
            Membership.objects.filter(pk=membership.pk).update(is_hidden=True)
            _tell(user.pk, {"type": "left", "room": room_id, "reason": "hidden"})
        else:
            remove_member(membership, "left")


def remove_member(membership: Membership, reason: str) -> None:
    """End a membership in a public or private room; within a transaction. Raises NotFound if it has ended already."""
    room = Room.objects.select_for_update(no_key=True).get(pk=membership.room_id)
    if not Membership.objects.filter(pk=membership.pk).delete()[0]:
        raise NotFound
    _change_members(room, -1, removed=membership.user_id, reason=reason)
    _tell(membership.user_id, {"type": "left", "room": room.pk, "reason": reason})


def join_default_rooms(user: User) -> None:
    """Make a new account a member of the default rooms; within the transaction that stores it."""
    for room in Room.objects.filter(is_default=True).order_by("pk"):
        _add(room, user, Role.MEMBER)


def leave_every_room(user: User) -> None:
    """Take a former account out of its rooms; private chats stay the other's. Within the transaction that ends it."""
    own = Membership.objects.filter(user=user).exclude(room__kind=RoomKind.DIRECT)
    for membership in own.select_related("room").order_by("room_id"):
        remove_member(membership, "left")


def _add(room: Room, user: User, role: Role) -> None:
    room = Room.objects.select_for_update(no_key=True).get(pk=room.pk)
    Membership.objects.create(room=room, user=user, role=role, last_read_seq=room.last_seq)
    _change_members(room, +1)
    _tell(user.pk, {"type": "joined", "room": room.pk})


def _change_members(room: Room, by: int, removed: int | None = None, reason: str = "") -> None:
    base = room.members_version
    Room.objects.filter(pk=room.pk).update(
        members_version=base + 1, member_count=F("member_count") + by, touched_at=Now()
    )
    room.members_version = base + 1
    room.member_count += by
    # Not an event: a thousand who join at once are told of together (see presence).
    signal = {"type": "members", "room": room_update(room), "removed": removed, "reason": reason}
    announcement = envelope(room_group(room.pk), signal=signal, fence=Fence(base + 1, base))
    transaction.on_commit(partial(publish, announcement))


def _tell(user_id: int, signal: dict[str, object]) -> None:
    """Have a user's own sockets enter or leave a room; each then says so to its client."""
    transaction.on_commit(partial(publish, envelope(user_group(user_id), signal=signal)))
