"""What nobody needs any more is let go."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.actions.profile import end_account
from accounts.admission import admission
from accounts.models import AccessToken, OneTimeLink, Session, SocketTicket, User
from accounts.pictures import remove_picture, stored_before
from database.transactions import write_transaction

KEEP = timedelta(days=30)
"""How long an ended token is kept for its owner's list."""
PICTURE_AGE = timedelta(days=1)
SLICE = 500


class Tidied(NamedTuple):
    """How much was let go, of each kind."""

    guests: int
    credentials: int
    pictures: int
    files: int


def tidy(*, everywhere: bool = False) -> Tidied:
    """Let go of unused guests, of what has expired, and of pictures and files that nothing refers to.

    Files are looked for among those of the last days, unless `everywhere`.
    """
    files = import_string(settings.REMOVE_ORPHANS)
    return Tidied(release_unused_guests(), _remove_expired(), _remove_pictures(), files(everywhere=everywhere))


def release_unused_guests() -> int:
    """Make guests former who have not been here for as many days as is set; return how many."""
    days = admission().guest_days
    if not days:
        return 0
    unused = _guests_unseen_since(timezone.now() - timedelta(days=days))
    released = 0
    for guest_id in list(unused.order_by("pk").values_list("pk", flat=True)):
        # Looked up again: this takes a while, and people come back.
        if guest := unused.filter(pk=guest_id).first():
            end_account(guest)
            released += 1
    return released


def _guests_unseen_since(moment: datetime) -> QuerySet[User]:
    guests = User.objects.annotate(seen_at=Coalesce("last_seen_at", "created_at"))
    return guests.filter(seen_at__lt=moment, is_guest=True, is_former=False, is_bot=False, is_staff=False)


def _remove_expired() -> int:
    now = timezone.now()
    expired = [
        Session.objects.filter(expire_date__lt=now),
        SocketTicket.objects.filter(expires_at__lt=now),
        OneTimeLink.objects.filter(expires_at__lt=now),
        AccessToken.objects.filter(Q(expires_at__lt=now - KEEP) | Q(revoked_at__lt=now - KEEP)),
    ]
    removed = 0
    for rows in expired:
        with write_transaction():
            removed += rows.delete()[0]
    return removed


def _remove_pictures() -> int:
    old = stored_before(timezone.now() - PICTURE_AGE)
    removed = 0
    for start in range(0, len(old), SLICE):
        tokens = set(old[start : start + SLICE])
        for name in settings.PICTURES_IN_USE:
            tokens -= import_string(name)(tokens)
        for token in tokens:
            remove_picture(token)
        removed += len(tokens)
    return removed
