"""What can be done to an account. Each is one transaction, then the announcement."""

from accounts.actions.access import SITE, announce_access, note_sign_out, user_group
from accounts.actions.bans import ban_user, unban_user
from accounts.actions.credentials import issue_ticket, issue_token, revoke_token
from accounts.actions.newcomers import (
    Newcomer,
    NicknameTaken,
    admit_guest,
    create_account,
    create_administrator,
    create_guest,
    create_set_up_link,
    set_up_link_is_good,
    suggest_nickname,
)
from accounts.actions.profile import change_profile, delete_account, end_account, set_picture
from accounts.actions.resets import create_reset_link, find_reset, reset_password
from accounts.actions.sign_ins import (
    create_token,
    end_session,
    live_sessions,
    live_tokens,
    revoke_own_token,
    session_id,
    sign_out_everywhere,
)

__all__ = [
    "SITE",
    "Newcomer",
    "NicknameTaken",
    "admit_guest",
    "announce_access",
    "ban_user",
    "change_profile",
    "create_account",
    "create_administrator",
    "create_guest",
    "create_reset_link",
    "create_set_up_link",
    "create_token",
    "delete_account",
    "end_account",
    "end_session",
    "find_reset",
    "issue_ticket",
    "issue_token",
    "live_sessions",
    "live_tokens",
    "note_sign_out",
    "reset_password",
    "revoke_own_token",
    "revoke_token",
    "session_id",
    "set_picture",
    "set_up_link_is_good",
    "sign_out_everywhere",
    "suggest_nickname",
    "unban_user",
    "user_group",
]
