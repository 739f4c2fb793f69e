"""What came of calling devices is noted, and what follows from it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from database.transactions import write_transaction
from push.actions.notices import resting_until
from push.delivery import Answer
from push.models import Call, Notice, Outcome, Result, Subscription

MAX_ATTEMPTS = 6
MAX_FAILURES = 20
"""In a row, after which a device is given up."""
LONGEST_REST = 3600.0
GONE = frozenset({404, 410})
TOO_MANY, FAULT, REDIRECTION = 429, 500, 300


class Called(NamedTuple):
    """A device was called: what its push service answered, None if it did not, and whether it may be called at all."""

    subscription_id: int
    answer: Answer | None
    is_allowed: bool = True

    @property
    def result(self) -> Result:
        """What that means."""
        if not self.is_allowed or (self.answer and self.answer.status in GONE):
            return Result.GONE
        if self.answer is None or self.answer.status == TOO_MANY or self.answer.status >= FAULT:
            return Result.RESTING
        return Result.SENT if self.answer.status < REDIRECTION else Result.FAILED


def note_calls(notice_id: int, called: Sequence[Called]) -> None:
    """Note what came of calling devices for a notice, and settle it, or have the rest tried again later."""
    with write_transaction():
        devices = {
            device.pk: device for device in Subscription.objects.filter(pk__in=[c.subscription_id for c in called])
        }
        notice = Notice.objects.select_related("message").filter(pk=notice_id).first()
        if notice is None:
            return
        for one in called:
            if device := devices.get(one.subscription_id):
                _note(notice, device, one)
        _conclude(notice)


def _note(notice: Notice, device: Subscription, called: Called) -> None:
    fields = {
        "device": device.device, "result": called.result, "status": called.answer.status if called.answer else 0,
        "called_at": timezone.now(),
    }  # fmt: skip
    Call.objects.update_or_create(notice=notice, subscription_id=device.pk, defaults=fields)
    if called.result == Result.SENT:
        device.failures, device.resting_until, device.called_at = 0, None, timezone.now()
    else:
        device.failures += 1
    if called.result == Result.RESTING:
        device.resting_until = timezone.now() + timedelta(seconds=_rest(device.failures, called.answer))
    if called.result == Result.GONE or device.failures >= MAX_FAILURES:
        device.delete()
    else:
        device.save(update_fields=["failures", "resting_until", "called_at"])


def _rest(failures: int, answer: Answer | None) -> float:
    """Return seconds: 10, 40, 160 … (2.5 times the delay of a push), or longer if the push service said so."""
    own: float = 2.5 * settings.PUSH_DELAY * 4 ** min(failures - 1, 10)
    return min(LONGEST_REST, max(own, answer.retry_after if answer else 0.0))


def _conclude(notice: Notice) -> None:
    notice.attempts += 1
    notice.claimed_until = None
    later = resting_until(notice)
    if later is not None and notice.attempts < MAX_ATTEMPTS:
        notice.due_at = later
    else:
        was_told = notice.calls.filter(result=Result.SENT).exists()
        notice.outcome = Outcome.PUSHED if was_told else Outcome.FAILED
        notice.settled_at = timezone.now()
    notice.save(update_fields=["attempts", "claimed_until", "due_at", "outcome", "settled_at"])
