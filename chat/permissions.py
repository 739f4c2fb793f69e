"""Who may. `can_*` answers; `get_*_for` returns the thing or raises NotFound, as if it did not exist."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat.errors import ChatError, Forbidden, Muted, NotFound, ReadOnly
from chat.models import Membership, Message, Role, Room, RoomKind


def visible_rooms(user_id: int) -> QuerySet[Room]:
    """Return the rooms that a user may see: the public ones and his or her own."""
    return Room.objects.filter(Q(kind=RoomKind.PUBLIC) | Q(memberships__user_id=user_id)).distinct()


def get_room_for(user_id: int, room_id: int) -> Room:
    """Return a room that the user may see."""
    room = Room.objects.filter(pk=room_id).first()
    if room is None or not (room.kind == RoomKind.PUBLIC or is_member(user_id, room_id)):
        raise NotFound
    return room


def get_membership_for(user_id: int, room_id: int) -> Membership:
    """Return the user's own membership in a room; Forbidden for a public room that he or she is not in."""
    membership = Membership.objects.select_related("room", "user").filter(room_id=room_id, user_id=user_id).first()
    if membership is None:
        get_room_for(user_id, room_id)
        raise Forbidden(_("Join the room first."))
    return membership


def get_message_for(user_id: int, message_id: int) -> Message:
    """Return a message that the user may see."""
    message = Message.objects.select_related("room").filter(pk=message_id).first()
    if message is None:
        raise NotFound
    if message.room.kind != RoomKind.PUBLIC and not is_member(user_id, message.room_id):
        raise NotFound
    return message


def is_member(user_id: int, room_id: int) -> bool:
    """Tell whether the user is in the room."""
    return Membership.objects.filter(room_id=room_id, user_id=user_id).exists()


def can_moderate(user: User, room: Room, role: str | None) -> bool:
    """Tell whether someone with that role in the room may act on what others wrote there. In a private chat nobody."""
    if room.is_direct:
        return False
    return role in (Role.OWNER, Role.MODERATOR) or (user.is_staff and room.kind == RoomKind.PUBLIC)


def refusal_to_write(
    *, is_moderator: bool, is_read_only: bool, is_archived: bool, muted_until: tuple[datetime | None, ...]
) -> ChatError | None:
    """Return why someone who is in a room may not write there now; None if nothing is against it."""
    now = timezone.now()
    if is_archived:
        return ReadOnly()
    if any(until is not None and until > now for until in muted_until):
        return Muted()
    if is_read_only and not is_moderator:
        return ReadOnly()
    return None


def check_can_write(membership: Membership) -> None:
    """Raise Muted or ReadOnly if the member may not write in the room now."""
    room = membership.room
    refusal = refusal_to_write(
        is_moderator=can_moderate(membership.user, room, membership.role),
        is_read_only=room.is_read_only,
        is_archived=room.is_archived,
        muted_until=(membership.muted_until, membership.user.muted_until),
    )
    if refusal:
        raise refusal
