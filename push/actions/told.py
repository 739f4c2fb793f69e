"""Answers “why was I (not) told of this message?”."""

from typing import Any

from accounts.models import User
from chat.permissions import get_message_for
from chat.telling import TOLD, Why
from push.actions.facts import reasons
from push.models import Call, Notice, Outcome, Result


def told_frame(user: User, message_id: int) -> dict[str, Any]:
    """Return by which rule `user` is told of a message or not, and which devices were called. Raises NotFound.

    Where a device was to be called that is how things stood then, otherwise as they stand now.
    """
    message = get_message_for(user.pk, message_id)
    notice = Notice.objects.filter(message=message, user=user).first()
    reason = Why(notice.why) if notice else reasons([(message.pk, user.pk)])[message.pk, user.pk]
    outcome = _outcome(notice)
    return {
        "message": message.pk,
        "told": reason in TOLD,
        "why": reason.value,
        "detail": reason.label,
        "outcome": outcome.name.lower() if outcome else None,
        "outcome_detail": outcome.label if outcome else None,
        "at": notice.settled_at if notice else None,
        "devices": [_device_frame(call) for call in _calls(notice)],
    }


def _outcome(notice: Notice | None) -> Outcome | None:
    return Outcome(notice.outcome) if notice else None


def _calls(notice: Notice | None) -> list[Call]:
    """Return the calls for a notice, or for the newer one with which devices were told of it."""
    if notice is None:
        return []
    return list(Call.objects.filter(notice_id=notice.head_id or notice.pk).order_by("pk"))


def _device_frame(call: Call) -> dict[str, Any]:
    result = Result(call.result)
    return {
        "device": call.device,
        "result": result.value,
        "detail": result.label,
        "status": call.status,
        "at": call.called_at,
    }
