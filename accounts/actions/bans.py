"""People are shut out, and let in again."""

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.actions.access import raise_access_version
from accounts.models import User
from database.transactions import write_transaction


def ban_user(user: User) -> None:
    """Shut `user` out: nothing signs in any more, and open sockets are closed. It can be undone."""
    _set_active(user, is_active=False)


def unban_user(user: User) -> None:
    """Let `user` in again."""
    _set_active(user, is_active=True)


def _set_active(user: User, *, is_active: bool) -> None:
    with write_transaction():
        User.objects.filter(pk=user.pk).update(is_active=is_active)
        raise_access_version(user)
        if not is_active:
            import_string(settings.SHUT_OUT)(user)
