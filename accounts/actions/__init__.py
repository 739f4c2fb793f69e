"""What can be done to an account. Each is one transaction, then the announcement."""

from accounts.actions.access import SITE, announce_access, note_sign_out, user_group
from accounts.actions.bans import ban_user, unban_user
from accounts.actions.credentials import issue_ticket, issue_token, revoke_token
from accounts.actions.newcomers import (
    NicknameTaken,
    create_administrator,
    create_guest,
    create_set_up_link,
    set_up_link_is_good,
    suggest_nickname,
)
from accounts.actions.profile import change_profile, delete_account

__all__ = [
    "SITE",
    "NicknameTaken",
    "announce_access",
    "ban_user",
    "change_profile",
    "create_administrator",
    "create_guest",
    "create_set_up_link",
    "delete_account",
    "issue_ticket",
    "issue_token",
    "note_sign_out",
    "revoke_token",
    "set_up_link_is_good",
    "suggest_nickname",
    "unban_user",
    "user_group",
]
