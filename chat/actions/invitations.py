"""Links that let people into a room, or into the site."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admission import OPEN, sign_up_policy
from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.memberships import add_to_room
from chat.errors import ChatError, Forbidden, Invalid, NotFound
from chat.models import Block, Invitation, InvitationUse, Membership, Role, Room
from chat.permissions import get_room_to, role_of
from chat.standing import Standing, can, standing
from database.transactions import write_transaction

MAX_LIVE = 100
"""Links of one person that are good at the same time."""


class NotGood(ChatError):
    """The invitation has run out, was revoked, or never was."""

    def __init__(self) -> None:
        super().__init__("not_found", _("This invitation is no longer good. Ask for another one."), 404)


def create_invitation(
    user: User, room_id: int | None = None, *, days: int | None = None, max_uses: int | None = None
) -> Invitation:
    """Store a link into a room, or without one into the site, good for `days` and `max_uses` (None: without end).

    Raises NotFound, Forbidden or Invalid.
    """
    with write_transaction():
        if room_id is not None:
            get_room_to("invite", user, room_id)
        elif not may_invite_to_site(user):
            raise Forbidden(_("You may not invite people to this site."))
        if Invitation.objects.filter(_good(), by=user).count() >= MAX_LIVE:
            raise Invalid(_("You have too many links already: revoke some."))
        expires_at = None if days is None else timezone.now() + timedelta(days=days)
        return Invitation.objects.create(room_id=room_id, by=user, expires_at=expires_at, max_uses=max_uses)


def revoke_invitation(user: User, code: str) -> None:
    """End a link: one's own, one into a room where one has `links`, or as an administrator. Raises NotFound."""
    with write_transaction():
        invitation = Invitation.objects.select_related("room").filter(code=code).first()
        if invitation is None or not _may_revoke(user, invitation):
            raise NotFound
        if invitation.revoked_at is None:
            invitation.revoked_at = timezone.now()
            invitation.save(update_fields=["revoked_at"])
            if invitation.by_id != user.pk:
                record(user, Verb.REVOKE_LINK, invitation, room=invitation.room_id)


def redeem_invitation(user: User, code: str) -> Room | None:
    """Have `user` join the room that a link leads to; None for one into the site. Raises NotGood or Forbidden."""
    with write_transaction():
        return redeem(user, code)


def redeem(user: User, code: str, *, is_newcomer: bool = False) -> Room | None:
    """Do so within a transaction; for a newcomer the link has to be one that lets people into the site."""
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("by").filter(code=code).first()
    if invitation is None or ((room := invitation.room) is None and not is_good(invitation)):
        raise NotGood
    if room is not None and Membership.objects.filter(room=room, user=user).exists() and not is_newcomer:
        return room
    if not is_good(invitation):
        raise NotGood
    if is_newcomer and not (user.is_guest or admits(invitation)):
        raise Forbidden(_("Here only moderators invite newcomers."))
    _use(invitation, user, is_newcomer=is_newcomer)
    if room is not None and not Membership.objects.filter(room=room, user=user).exists():
        if Block.objects.filter(user=user, blocked=invitation.by).exists():
            raise Forbidden(_("You have blocked this person. Unblock first."))
        add_to_room(room, user, Role.MEMBER)
    return room


def find_invitation(code: str) -> Invitation:
    """Return the invitation with that code, good or not. Raises NotGood."""
    invitation = Invitation.objects.select_related("by", "room").filter(code=code).first()
    if invitation is None:
        raise NotGood
    return invitation


def invitations_for(user: User, room_id: int | None = None) -> QuerySet[Invitation]:
    """Return the links into a room that `user` may see, the newest first: with `links` there all, else the own ones.

    Without a room those into the site: administrators see all. Raises NotFound or Forbidden.
    """
    found = Invitation.objects.select_related("by", "room").order_by("-pk")
    if room_id is None:
        site = found.filter(room=None)
        return site if user.is_superuser else site.filter(by=user)
    with write_transaction():
        room, role = get_room_to("invite", user, room_id)
    in_room = found.filter(room=room)
    return in_room if can(user, room, role, "links") else in_room.filter(by=user)


def is_good(invitation: Invitation) -> bool:
    """Tell whether a link can be used now: who made it must still be one who may."""
    if invitation.revoked_at or (invitation.expires_at and invitation.expires_at <= timezone.now()):
        return False
    if invitation.max_uses is not None and invitation.uses >= invitation.max_uses:
        return False
    maker = invitation.by
    if maker.is_former or not maker.is_active:
        return False
    if invitation.room is None:
        return may_invite_to_site(maker)
    return can(maker, invitation.room, role_of(maker.pk, invitation.room.pk), "invite")


def may_invite_to_site(user: User) -> bool:
    """Tell whether someone may make links into the site: staff; where anyone may sign up, everyone with a password."""
    return user.is_staff or (sign_up_policy() == OPEN and not user.is_guest)


def admits(invitation: Invitation) -> bool:
    """Tell whether a good link lets people make an account where that takes an invitation."""
    if sign_up_policy() == OPEN or invitation.by.is_staff:
        return True
    room = invitation.room
    if room is None:
        return False
    return (
        standing(invitation.by, room, role_of(invitation.by.pk, room.pk)) >= Standing.MODERATOR
        and not invitation.by.is_guest
    )


def has_used(user: User, invitation: Invitation) -> bool:
    """Tell whether someone came into the site by this link; one into a room is followed anew each time."""
    return invitation.room_id is None and InvitationUse.objects.filter(invitation=invitation, user=user).exists()


def came_by_invitation(user: User) -> bool:
    """Tell whether a guest came by a link that lets people make an account."""
    uses = InvitationUse.objects.select_related("invitation__by", "invitation__room").filter(user=user)
    return any(admits(use.invitation) for use in uses)


def _use(invitation: Invitation, user: User, *, is_newcomer: bool) -> None:
    _row, is_new = InvitationUse.objects.get_or_create(
        invitation=invitation, user=user, defaults={"is_newcomer": is_newcomer}
    )
    if is_new:
        invitation.uses += 1
        invitation.save(update_fields=["uses"])


def _may_revoke(user: User, invitation: Invitation) -> bool:
    if invitation.by_id == user.pk or user.is_superuser:
        return True
    room = invitation.room
    return room is not None and can(user, room, role_of(user.pk, room.pk), "links")


def _good() -> Q:
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
