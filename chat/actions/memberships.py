"""People come into rooms and go, and are something there."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.actions import user_group
from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.announce import announce_membership, room_group
from chat.actions.notices import tell_muted, tell_removed
from chat.actions.versions import forget_versions_of
from chat.errors import Forbidden, NotFound
from chat.models import Block, Membership, Restraint, Role, Room, RoomKind
from chat.permissions import get_room_for, get_room_to
from chat.room_frames import room_update
from chat.standing import standing, standing_to
from database.transactions import write_transaction
from live.envelope import Event, Fence
from live.publisher import envelope, publish


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
        elif room.kind != RoomKind.PUBLIC:
            # Removed between the two looks.
            raise NotFound
        elif room.is_archived:
            raise Forbidden(_("This room is archived."))
        else:
            add_to_room(room, user, Role.MEMBER)
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
            end_membership(membership, "left")


def add_member(user: User, room_id: int, other_id: int) -> tuple[Membership, bool]:
    """Have `user` bring another into a room; return the membership, and whether it is new.

    Raises NotFound, or Forbidden if `user` may not, or the other does not want it.
    """
    with write_transaction():
        room, _role = get_room_to("invite", user, room_id)
        present = Membership.objects.select_related("user").filter(room=room, user_id=other_id).first()
        if present is not None:
            return present, False
        (other,) = check_can_be_added(user, {other_id})
        return add_to_room(room, other, Role.MEMBER), True


def expel_member(user: User, room_id: int, other_id: int, reason: str = "") -> None:
    """Have `user` remove another, of lower standing, from a room; a reason is told. Raises NotFound or Forbidden."""
    with write_transaction():
        room, membership = _get_membership_to("remove", user, room_id, other_id)
        tell_removed(membership.user, room, reason)
        end_membership(membership, "removed")
        record(user, Verb.REMOVE, membership.user, reason, room=room_id)


def mute_member(user: User, room_id: int, other_id: int, until: datetime | None, reason: str = "") -> Membership:
    """Have `user` keep another, of lower standing, from writing in a room `until` then; None ends it.

    Who is muted is told, with the reason. Raises NotFound or Forbidden.
    """
    with write_transaction():
        room, membership = _get_membership_to("mute", user, room_id, other_id)
        # What somebody above did is not lifted here either.
        noted = import_string(settings.BEFORE_MUTE)(user, room, membership, until, reason)
        membership.muted_until = until
        membership.save(update_fields=["muted_until"])
        announce_membership(room, membership)
        if until:
            tell_muted(membership.user, room, reason)
        ends = until.isoformat() if until else None
        record(user, Verb.MUTE if until else Verb.UNMUTE, membership.user, reason, room=room_id, until=ends, **noted)
    return membership


def change_role(user: User, room_id: int, other_id: int, role: str) -> Membership:
    """Have `user` make another a moderator or a member again, or hand the room over (`owner`).

    Who hands over becomes a moderator. Raises NotFound or Forbidden.
    """
    with write_transaction():
        room, membership = _get_membership_to("transfer" if role == Role.OWNER else "roles", user, room_id, other_id)
        if membership.role == Role.OWNER:
            raise Forbidden(_("A room has an owner: hand it over to somebody else."))
        if role == Role.OWNER:
            for owner in _owners(room):
                _set_role(room, owner, Role.MODERATOR)
        _set_role(room, membership, Role(role))
        record(user, Verb.ROLE, membership.user, room=room_id, role=role)
    return membership


def end_membership(membership: Membership, reason: str) -> None:
    """End a membership in a public or private room; within a transaction. Raises NotFound if it has ended already.

    Where the owner goes, the moderator who has been there longest is the next, else the member.
    """
    room = Room.objects.select_for_update(no_key=True).get(pk=membership.room_id)
    present = Membership.objects.filter(pk=membership.pk).first()
    if present is None:
        raise NotFound
    _keep_restraint(room, present)
    present.delete()
    _change_members(room, -1, removed=membership.user_id, reason=reason)
    _tell(membership.user_id, {"type": "left", "room": room.pk, "reason": reason})
    if present.role == Role.OWNER and not _owners(room) and (heir := _heir(room)):
        _set_role(room, heir, Role.OWNER)


def join_default_rooms(user: User) -> None:
    """Make a new account a member of the default rooms; within the transaction that stores it."""
    for room in Room.objects.filter(is_default=True, is_archived=False).order_by("pk"):
        add_to_room(room, user, Role.MEMBER)


def leave_every_room(user: User) -> None:
    """Take a former account out of its rooms; private chats stay the other's. Within the transaction that ends it.

    What it wrote stays as it stands; what that said before it was edited goes.
    """
    own = Membership.objects.filter(user=user).exclude(room__kind=RoomKind.DIRECT)
    for membership in own.select_related("room").order_by("room_id"):
        end_membership(membership, "former")
    forget_versions_of(user)


def shut_out(user: User) -> None:
    """Have nothing more of any room delivered to a user who was just banned, even if the announcement of that is lost.

    Within the ban's transaction. The memberships stay, for the day when the ban is lifted.
    """
    rooms = Room.objects.filter(memberships__user=user).exclude(kind=RoomKind.DIRECT)
    for room in rooms.order_by("pk").select_for_update(of=("self",), no_key=True):
        Room.objects.filter(pk=room.pk).update(members_version=F("members_version") + 1, touched_at=Now())


def add_to_room(room: Room, user: User, role: Role) -> Membership:
    """Return the membership of `user`, stored if there is none; within a transaction.

    What held `user` back there before does so again.
    """
    # The lock first, the look second: whoever came by another way at the same moment is there then.
    room = Room.objects.select_for_update(no_key=True).get(pk=room.pk)
    if present := Membership.objects.filter(room=room, user=user).first():
        return present
    held = Restraint.objects.filter(room=room, user=user).first() or Restraint()
    membership = Membership.objects.create(
        room=room, user=user, role=role, last_read_seq=room.last_seq, muted_until=held.muted_until,
        wrote_at=held.wrote_at,
    )  # fmt: skip
    Restraint.objects.filter(room=room, user=user).delete()
    _change_members(room, +1)
    _tell(user.pk, {"type": "joined", "room": room.pk})
    return membership


def check_can_be_added(user: User, other_ids: Collection[int]) -> list[User]:
    """Return these people. Raises NotFound if one is not there, Forbidden if one has blocked `user`."""
    others = list(User.objects.filter(pk__in=other_ids, is_former=False, is_active=True).order_by("pk"))
    if len(others) != len(other_ids):
        raise NotFound
    if Block.objects.filter(user__in=others, blocked=user).exists():
        raise Forbidden(_("This person does not want to be added by you."))
    return others


def _get_membership_to(ability: str, user: User, room_id: int, other_id: int) -> tuple[Room, Membership]:
    """Return a room in which `user` has an ability, and the membership there of one of lower standing."""
    room, role = get_room_to(ability, user, room_id)
    membership = Membership.objects.select_related("user").filter(room=room, user_id=other_id).first()
    if membership is None:
        raise NotFound
    rank = standing_to(ability, user, room, role)
    if rank is None or rank <= standing(membership.user, room, membership.role):
        raise Forbidden(_("That is not for you to decide about this person."))
    return room, membership


def _owners(room: Room) -> list[Membership]:
    return list(Membership.objects.select_related("user").filter(room=room, role=Role.OWNER).order_by("pk"))


def _heir(room: Room) -> Membership | None:
    moderators_first = Case(When(role=Role.MODERATOR, then=Value(0)), default=Value(1), output_field=IntegerField())
    candidates = Membership.objects.select_related("user").filter(room=room, user__is_active=True)
    return candidates.order_by(moderators_first, "joined_at", "pk").first()


def _set_role(room: Room, membership: Membership, role: Role) -> None:
    membership.role = role
    membership.save(update_fields=["role"])
    announce_membership(room, membership)
    event: Event = {"type": "member.updated", "room": room.pk, "user": membership.user_id, "role": role.value}
    fence = Fence(room.members_version, room.members_version)
    transaction.on_commit(partial(publish, envelope(room_group(room.pk), [event], fence=fence)))


def _keep_restraint(room: Room, membership: Membership) -> None:
    is_muted = membership.muted_until is not None and membership.muted_until > timezone.now()
    if is_muted or (room.slow_mode and membership.wrote_at is not None):
        Restraint.objects.update_or_create(
            room=room,
            user_id=membership.user_id,
            defaults={"muted_until": membership.muted_until, "wrote_at": membership.wrote_at},
        )


def _change_members(room: Room, by: int, removed: int | None = None, reason: str = "") -> None:
    base = room.members_version
    Room.objects.filter(pk=room.pk).update(
        members_version=base + 1, member_count=F("member_count") + by, touched_at=Now()
    )
    room.members_version = base + 1
    room.member_count += by
    # Not an event: a thousand who join at once are told of together (see presence).
    signal = {"type": "members", "room": room_update(room), "removed": removed, "reason": reason}
    # Who goes is told of at once: nobody is to stand among the people of a room that he or she is not in.
    gone: list[Event] = [{"type": "member.updated", "room": room.pk, "user": removed, "role": None}] if removed else []
    announcement = envelope(room_group(room.pk), gone, signal=signal, fence=Fence(base + 1, base))
    transaction.on_commit(partial(publish, announcement))


def _tell(user_id: int, signal: dict[str, object]) -> None:
    """Have a user's own sockets enter or leave a room; each then says so to its client."""
    transaction.on_commit(partial(publish, envelope(user_group(user_id), signal=signal)))
