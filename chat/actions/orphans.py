"""Files that nothing has any more are let go: uploads that no message took, and what a crash left behind."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TypeVar

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from chat.actions.uploads import remove_attachments
from chat.models import Attachment
from chat.uploads import store
from database.transactions import write_transaction

_Thing = TypeVar("_Thing")
SLICE = 200
RECENT = timedelta(days=7)
"""Within which a file without a row is looked for each time; `everywhere` looks at all."""


def remove_orphans(*, everywhere: bool = False) -> int:
    """Remove uploads that no message took within CHATSITE_UPLOAD_ORPHAN_HOURS, and files that no row knows; return
    how many.
    """
    return _remove_unattached() + _remove_unknown(everywhere=everywhere)


def forget_uploads(user: User) -> None:
    """Remove what a former account uploaded and no message has. Within a transaction."""
    remove_attachments(Attachment.objects.select_for_update().filter(uploader=user, message=None))


def _remove_unattached() -> int:
    before = timezone.now() - timedelta(hours=settings.UPLOAD_ORPHAN_HOURS)
    due = Attachment.objects.filter(message=None, is_held=False, created_at__lt=before)
    removed = 0
    for part in _parts(list(due.order_by("pk").values_list("pk", flat=True))):
        with write_transaction():
            # Under their locks: a message that takes one just now has it, or comes too late and is told so.
            removed += remove_attachments(due.filter(pk__in=part).select_for_update().order_by("pk"))
    return removed


def _remove_unknown(*, everywhere: bool) -> int:
    now = timezone.now()
    removed = 0
    for folder in store.folders():
        if not everywhere and date.fromisoformat(folder) < (now - RECENT).date():
            continue
        old = list(store.stored_before(folder, now - timedelta(hours=max(1.0, settings.UPLOAD_ORPHAN_HOURS))))
        for part in _parts(old):
            known = set(Attachment.objects.filter(token__in=part).values_list("token", flat=True))
            for token in set(part) - known:
                store.remove(folder, token)
                removed += 1
    return removed


def _parts(things: list[_Thing]) -> Iterable[list[_Thing]]:
    return (things[start : start + SLICE] for start in range(0, len(things), SLICE))
