"""People are shut out, and let in again."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.actions.access import raise_access_version
from accounts.models import User
from database.transactions import write_transaction


def ban_user(user: User, *, until: datetime | None = None, reason: str = "") -> None:
    """Shut `user` out, `until` a time or for good: nothing signs in any more, and open sockets are closed."""
    _set_active(user, is_active=False, banned_until=until, ban_reason=reason)


def unban_user(user: User) -> None:
    """Let `user` in again."""
    _set_active(user, is_active=True, banned_until=None, ban_reason="")


def _set_active(user: User, *, is_active: bool, **fields: Any) -> None:
    with write_transaction():
        if not is_active:
            # Rooms before the person: a writer locks them in that order too.
            for name in settings.SHUT_OUT:
                import_string(name)(user)
        User.objects.filter(pk=user.pk).update(is_active=is_active, **fields)
        raise_access_version(user)
