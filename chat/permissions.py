"""Who may. `can_*` answers; `get_*_for` returns the thing or raises NotFound, as if it did not exist."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat.errors import Archived, ChatError, Forbidden, Muted, NotFound, ReadOnly
from chat.models import Attachment, Block, Membership, Message, Room, RoomKind
from chat.standing import can


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


def get_attachment_for(user_id: int, attachment_id: int, token: str) -> Attachment:
    """Return an attachment, named by id and token, whose message the user may read; without one it is its uploader's.

    Raises NotFound.
    """
    attachment = Attachment.objects.select_related("message__room").filter(pk=attachment_id).first()
    if attachment is None or not constant_time_compare(attachment.token, token):
        raise NotFound
    message = attachment.message
    if message is None:
        if attachment.uploader_id != user_id:
            raise NotFound
    elif message.deleted_at or not (message.room.kind == RoomKind.PUBLIC or is_member(user_id, message.room_id)):
        raise NotFound
    return attachment


def is_member(user_id: int, room_id: int) -> bool:
    """Tell whether the user is in the room."""
    return Membership.objects.filter(room_id=room_id, user_id=user_id).exists()


def get_room_to(ability: str, user: User, room_id: int) -> tuple[Room, str | None]:
    """Return a room in which `user` has an ability, its row locked, and the role there; within a transaction.

    Raises NotFound for one that he or she may not see, Forbidden for the rest.
    """
    get_room_for(user.pk, room_id)
    room = Room.objects.select_for_update(no_key=True).get(pk=room_id)
    role = role_of(user.pk, room_id)
    if not (role or room.kind == RoomKind.PUBLIC):
        raise NotFound
    if not can(user, room, role, ability):
        raise Forbidden(_("You may not do that in this room."))
    return room, role


def role_of(user_id: int, room_id: int) -> str | None:
    """Return the user's role in the room; None for someone who is not in it."""
    return Membership.objects.filter(room_id=room_id, user_id=user_id).values_list("role", flat=True).first()


def blocked_by(user_id: int) -> list[int]:
    """Return the ids of those whom a user has blocked."""
    return list(Block.objects.filter(user_id=user_id).order_by("pk").values_list("blocked_id", flat=True))


def blocks_among(user_ids: Collection[int]) -> set[tuple[int, int]]:
    """Return who among these users has blocked whom of them, as (blocker, blocked)."""
    return set(Block.objects.filter(user__in=user_ids, blocked__in=user_ids).values_list("user_id", "blocked_id"))


def refusal_to_meet(user_id: int, other_id: int, blocks: Collection[tuple[int, int]]) -> ChatError | None:
    """Return why a user may not write to another in private; None if nothing is against it."""
    if (other_id, user_id) in blocks:
        return Forbidden(_("This person does not want private chats with you."))
    if (user_id, other_id) in blocks:
        return Forbidden(_("You have blocked this person. Unblock first."))
    return None


def check_can_meet(user_id: int, other_id: int) -> None:
    """Raise Forbidden if one of the two has blocked the other."""
    if refusal := refusal_to_meet(user_id, other_id, blocks_among([user_id, other_id])):
        raise refusal


def refusal_to_write(
    *, is_moderator: bool, is_read_only: bool, is_archived: bool, muted_until: tuple[datetime | None, ...]
) -> ChatError | None:
    """Return why someone who is in a room may not write there now; None if nothing is against it."""
    now = timezone.now()
    if is_archived:
        return Archived()
    if any(until is not None and until > now for until in muted_until):
        return Muted()
    if is_read_only and not is_moderator:
        return ReadOnly()
    return None


def check_not_muted(user: User) -> None:
    """Raise Muted for one who may write nowhere now: neither names of rooms nor to people brought together for that."""
    muted_until = User.objects.values_list("muted_until", flat=True).get(pk=user.pk)
    if muted_until is not None and muted_until > timezone.now():
        raise Muted


def check_can_write(membership: Membership) -> None:
    """Raise Muted, ReadOnly or, in a private chat with a block, Forbidden if the member may not write there now."""
    room = membership.room
    if room.is_direct and room.direct_key:
        one, other = map(int, room.direct_key.split(":"))
        check_can_meet(membership.user_id, other if one == membership.user_id else one)
    refusal = refusal_to_write(
        # Asked for only where it matters: of a moderator of the site that may be a query.
        is_moderator=room.is_read_only and can(membership.user, room, membership.role, "speak"),
        is_read_only=room.is_read_only,
        is_archived=room.is_archived,
        muted_until=(membership.muted_until, membership.user.muted_until),
    )
    if refusal:
        raise refusal
