"""Accounts that were just made are welcomed, and those that end are seen off."""

from django.db.models import Q

from accounts.models import User
from chat.actions.invitations import redeem
from chat.actions.memberships import join_default_rooms, leave_every_room
from chat.actions.orphans import forget_uploads
from chat.models import Invitation, Room


def welcome_newcomer(user: User, invitation: str = "") -> None:
    """Have a new account join the default rooms, and what its invitation (a code) leads to.

    Within the transaction that stores it. Raises NotFound for an invitation that is not good, Forbidden for one whose
    maker may not admit people where that takes an invitation.
    """
    _lock_rooms(invitation)
    join_default_rooms(user)
    if invitation:
        redeem(user, invitation, is_newcomer=True)


def see_off_former(user: User) -> None:
    """Take a former account out of its rooms, and remove the files that no message has. Within its transaction."""
    leave_every_room(user)
    forget_uploads(user)


def _lock_rooms(invitation: str) -> None:
    """Lock the invitation, then all rooms in the order of their ids, as everyone does who locks several."""
    found = Invitation.objects.select_for_update(of=("self",)).filter(code=invitation).first() if invitation else None
    rooms = Room.objects.filter(Q(is_default=True) | Q(pk=found.room_id if found else None))
    list(rooms.select_for_update(no_key=True).order_by("pk").values_list("pk"))
