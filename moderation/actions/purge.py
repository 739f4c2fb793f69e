"""What was taken down or deleted is removed for good once its time is over; until then everything can come back."""

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.uploads import remove_attachments
from chat.actions.versions import forget_versions
from chat.models import Attachment, Mention, Message, Reaction
from database.transactions import write_transaction
from moderation.models import Case, HeldMessage, Report, Status

SLICE = 500


class Purged(NamedTuple):
    """How much was removed, of each kind."""

    messages: int
    quotes: int
    held: int
    addresses: int
    files: int


def purge(before: datetime, *, really: bool) -> Purged:
    """Remove for good the texts (earlier ones too), files, reactions and mentions of messages deleted `before` a time;
    what closed reports quote, what filters held back and was decided, and the addresses that people came from, of
    before then too.

    The rows of messages stay, so that no number is missing. Without `really` it is only counted.
    """
    messages = Message.objects.filter(deleted_at__lt=before, is_purged=False)
    quotes = Report.objects.filter(case__status=Status.CLOSED, case__closed_at__lt=before).exclude(quote="", text="")
    held = HeldMessage.objects.filter(decided_at__lt=before)
    addresses = User.objects.filter(created_at__lt=before).exclude(arrived_from=None)
    files = Attachment.objects.filter(message__deleted_at__lt=before)
    counts = Purged(messages.count(), quotes.count(), held.count(), addresses.count(), files.count())
    if not really or not any(counts):
        return counts
    ids = list(messages.values_list("pk", flat=True))
    for start in range(0, len(ids), SLICE):
        part = ids[start : start + SLICE]
        with write_transaction():
            # Looked at again: it may have been restored meanwhile.
            due = list(messages.filter(pk__in=part).values_list("pk", flat=True))
            Reaction.objects.filter(message__in=due).delete()
            Mention.objects.filter(message__in=due).delete()
            forget_versions(due)
            remove_attachments(Attachment.objects.filter(message__in=due))
            Message.objects.filter(pk__in=due).update(body="", html="", is_purged=True)
    with write_transaction():
        quotes.update(quote="", text="")
        kept = [pk for ids in held.values_list("attachments", flat=True) for pk in ids]
        # Nobody has them any more: they go as other uploads do that no message took.
        Attachment.objects.filter(pk__in=kept, message=None).update(is_held=False)
        held.delete()
        addresses.update(arrived_from=None)
        Case.objects.filter(status=Status.CLOSED, closed_at__lt=before).update(note="")
        record(None, Verb.PURGE, None, _("Its time was over."), before=before.isoformat(), **counts._asdict())
    return counts
