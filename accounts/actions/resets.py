"""A lost password is set anew, by a link that an administrator hands out."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.access import end_access
from accounts.actions.validation import check_password
from accounts.errors import ChatError
from accounts.models import OneTimeLink, User
from accounts.secrets import digest, new_secret
from database.transactions import write_transaction

RESET_LINK_AGE = timedelta(days=1)


def create_reset_link(user_id: int) -> tuple[str, datetime]:
    """Return the secret of a new link for someone, and until when it is good; older ones end.

    Raises ChatError `not_found` if there is no such person, or it is a bot.
    """
    expires_at = timezone.now() + RESET_LINK_AGE
    secret = new_secret()
    with write_transaction():
        user = User.objects.filter(pk=user_id, is_former=False, is_bot=False).first()
        if user is None:
            raise ChatError("not_found", _("There is no such thing here, or you may not see it."), 404)
        OneTimeLink.objects.filter(user=user).delete()
        OneTimeLink.objects.create(digest=digest(secret), user=user, expires_at=expires_at)
    return secret, expires_at


def end_reset_links(people: Iterable[User]) -> None:
    """Have no link set a password of these people any more: with another standing it would open other doors."""
    OneTimeLink.objects.filter(user__in=[user.pk for user in people]).delete()


def find_reset(secret: str) -> User | None:
    """Return whose password a link sets; None for one that is not good (any more)."""
    link = OneTimeLink.objects.select_related("user")
    found = link.filter(digest=digest(secret), expires_at__gt=timezone.now(), user__is_former=False).first()
    return found.user if found else None


def reset_password(secret: str, password: str) -> User:
    """Redeem a link: set the password of its user and end every sign-in.

    Raises ChatError: `not_found` if the link is not good, `invalid` with `fields` for a password that is too weak.
    """
    with write_transaction():
        user = find_reset(secret)
        # Of two who redeem at once the second finds nothing left to delete.
        if user is None or not OneTimeLink.objects.filter(user=user, digest=digest(secret)).delete()[0]:
            raise ChatError("not_found", _("This link has been used or has expired."), 404)
        check_password(password, user)
        user.set_password(password)
        user.is_guest = False
        user.save(update_fields=["password", "is_guest"])
        end_access(user)
    return user
