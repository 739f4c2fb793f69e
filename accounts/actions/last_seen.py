"""When people were last here."""

from collections.abc import Collection

from django.utils import timezone

from accounts.models import User
from database.transactions import write_transaction

SLICE = 500


def note_seen(user_ids: Collection[int]) -> None:
    """Note that these people are here now."""
    ordered = sorted(user_ids)
    for start in range(0, len(ordered), SLICE):
        with write_transaction():
            User.objects.filter(pk__in=ordered[start : start + SLICE]).update(last_seen_at=timezone.now())
