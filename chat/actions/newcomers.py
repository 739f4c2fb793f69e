"""Accounts that were just made are welcomed."""

from accounts.models import User
from chat.actions.invitations import redeem
from chat.actions.memberships import join_default_rooms


def welcome_newcomer(user: User, invitation: str = "") -> None:
    """Have a new account join the default rooms, and what its invitation (a code) leads to.

    Within the transaction that stores it. Raises NotFound for an invitation that is not good, Forbidden for one whose
    maker may not admit people where that takes an invitation.
    """
    join_default_rooms(user)
    if invitation:
        redeem(user, invitation, is_newcomer=True)
