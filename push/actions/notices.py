"""Notices that are due are taken, judged once more, and settled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from chat.models import Membership
from chat.telling import PERSONAL, TOLD
from database.transactions import write_transaction
from push.actions.facts import reasons
from push.actions.subscriptions import devices_of, made_before
from push.delivery import SECONDS, Parcel
from push.models import Call, Notice, Outcome, Quiet, Result, Subscription
from push.payload import payload, topic_of, ttl_of, unread_of, urgency_of

SILENT = 18
"""Delays (72 s) after which a tab that was open has spoken, or is known to be gone (60 s)."""
KEEP = timedelta(days=3)
"""How long one can ask what became of a notice."""


class Claim(NamedTuple):
    """What one person is to be told of in one room."""

    user_id: int
    notices: list[int]


class Errand(NamedTuple):
    """One notice, and what goes to which device (subscription id, parcel) because of it."""

    notice_id: int
    parcels: list[tuple[int, Parcel]]


def claim_due(most: int) -> list[Claim]:
    """Take what is due, of at most `most` people and rooms, so that no other process does.

    All that waits for the same person and room comes along: devices are called once for it.
    """
    # Longer than devices are waited for in vain (push.delivery.SECONDS).
    lease = timedelta(seconds=max(2 * SECONDS, 30 * settings.PUSH_DELAY))
    with write_transaction():
        free = Notice.objects.filter(settled_at=None).filter(Q(claimed_until=None) | Q(claimed_until__lt=Now()))
        due = free.filter(due_at__lte=timezone.now()).order_by("due_at")
        pairs = set(due.values_list("user_id", "room_id")[:most])
        if not pairs:
            return []
        users, rooms = {user for user, _room in pairs}, {room for _user, room in pairs}
        locked = free.filter(user_id__in=users, room_id__in=rooms).select_for_update(
            skip_locked=connection.features.has_select_for_update_skip_locked
        )
        claims: dict[tuple[int, int], Claim] = {}
        for pk, user, room in locked.order_by("pk").values_list("pk", "user_id", "room_id"):
            if (user, room) in pairs:
                claims.setdefault((user, room), Claim(user, [])).notices.append(pk)
        taken = [pk for claim in claims.values() for pk in claim.notices]
        Notice.objects.filter(pk__in=taken).update(claimed_until=Now() + lease)
    return list(claims.values())


def judge(claim: Claim, *, is_open: bool) -> Errand | None:
    """Settle those notices of a claim that need no device any more; return what is to be sent for the rest, if any.

    `is_open`: the person has the chat open in front of him or her.
    """
    waiting = list(
        Notice.objects.filter(pk__in=claim.notices, settled_at=None)
        .select_related("message__author", "message__room", "user")
        .order_by("message__seq")
    )
    with write_transaction():
        waiting = _still_wanted(waiting)
        if not waiting:
            return None
        devices = made_before(devices_of([claim.user_id]).get(claim.user_id, []), waiting[-1].message)
        if is_open:
            _leave_to_the_page(waiting)
            return None
        if not devices:
            _settle(waiting, Outcome.NO_DEVICE)
            return None
        head = max(waiting, key=lambda notice: (notice.why in PERSONAL, notice.message.seq))
        others = [notice for notice in waiting if notice is not head]
        _settle(others, Outcome.GATHERED, head)
    return _errand(head, len(others), made_before(devices, head.message))


def _still_wanted(notices: Sequence[Notice]) -> list[Notice]:
    """Return the notices of one person and room that still hold, and settle the rest."""
    if not notices:
        return []
    first = notices[0]
    if Quiet.objects.filter(user_id=first.user_id).exists():
        _settle(notices, Outcome.QUIET)
        return []
    now = reasons([(notice.message_id, notice.user_id) for notice in notices])
    read = Membership.objects.filter(user_id=first.user_id, room_id=first.room_id).values_list(
        "last_read_seq", flat=True
    )
    mark = read.first() or 0
    wanted = []
    for notice in notices:
        reason = now[notice.message_id, notice.user_id]
        if reason not in TOLD:
            notice.why = reason
            _settle([notice], Outcome.CHANGED)
        elif notice.message.seq <= mark:
            _settle([notice], Outcome.READ)
        else:
            wanted.append(notice)
    return wanted


def _leave_to_the_page(notices: Sequence[Notice]) -> None:
    """An open tab tells of it. Who seems to have one may have lost the network: once, it is looked again."""
    _settle([notice for notice in notices if notice.outcome == Outcome.OPEN], Outcome.OPEN)
    again = [notice for notice in notices if notice.settled_at is None]
    for notice in again:
        notice.outcome, notice.claimed_until = Outcome.OPEN, None
        notice.due_at = timezone.now() + timedelta(seconds=SILENT * settings.PUSH_DELAY)
    Notice.objects.bulk_update(again, ["outcome", "claimed_until", "due_at"])


def _settle(notices: Sequence[Notice], outcome: Outcome, head: Notice | None = None) -> None:
    for notice in notices:
        notice.outcome, notice.settled_at, notice.head = outcome, timezone.now(), head
    Notice.objects.bulk_update(notices, ["outcome", "settled_at", "head", "why"])


def _errand(head: Notice, others: int, devices: Sequence[Subscription]) -> Errand:
    done = set(head.calls.exclude(result=Result.RESTING).values_list("subscription_id", flat=True))
    now = timezone.now()
    unread = unread_of([head.user_id]).get(head.user_id, 0)
    parcels = [
        (
            device.pk,
            Parcel(
                endpoint=device.endpoint,
                p256dh=device.p256dh,
                auth=device.auth,
                content=payload(head.message, head.why, others, unread, head.user.language or device.language),
                topic=topic_of(head.room_id),
                ttl=ttl_of(head.why),
                urgency=urgency_of(head.why),
            ),
        )
        for device in devices
        if device.pk not in done and (device.resting_until is None or device.resting_until <= now)
    ]
    return Errand(head.pk, parcels)


def resting_until(head: Notice) -> datetime | None:
    """Return when a device that has not been told of a notice may be called again; None if none waits."""
    done = head.calls.exclude(result=Result.RESTING).values_list("subscription_id", flat=True)
    devices = made_before(devices_of([head.user_id]).get(head.user_id, []), head.message)
    times = [device.resting_until for device in devices if device.pk not in set(done) and device.resting_until]
    return min(times, default=None)


def forget_old() -> int:
    """Remove what was settled days ago; return how many notices that were."""
    with write_transaction():
        old = Notice.objects.filter(settled_at__lt=timezone.now() - KEEP).values_list("pk", flat=True)[:5000]
        ids = list(old)
        Call.objects.filter(notice_id__in=ids).delete()
        return Notice.objects.filter(pk__in=ids).delete()[0]
