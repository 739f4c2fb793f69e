"""Browsers are put on the list of those that can be called, and taken off it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.credentials import Credential
from accounts.models import User
from chat.errors import Invalid, NotFound
from chat.models import Message
from database.transactions import write_transaction
from push.models import Subscription
from push.targets import ForbiddenTarget, target_of
from push.vapid import decode

MAX_DEVICES = 20
AUTH_BYTES = 16


def subscribe(
    user: User, credential: Credential, *, endpoint: str, p256dh: str, auth: str, device: str, language: str
) -> tuple[Subscription, bool]:
    """Have a browser called for `user`, as long as `credential` is good; return it, and whether it is new.

    An endpoint that was somebody else's is so no more: the browser has changed hands. Of more than 20 devices the
    oldest goes. Raises Invalid.
    """
    _check(endpoint, p256dh, auth)
    fields: dict[str, Any] = {
        "user": user, "session_id": credential.session_key or None, "token_id": credential.token_id,
        "endpoint": endpoint, "p256dh": p256dh, "auth": auth, "device": device, "language": language,
    }  # fmt: skip
    digest = sha256(endpoint.encode()).hexdigest()
    known = Subscription.objects.filter(digest=digest, **fields).first()
    if known is not None:
        return known, False
    with write_transaction():
        old = Subscription.objects.select_for_update().filter(digest=digest).first()
        if old is not None and old.user_id != user.pk:
            # Not what the other was told: the calls of that list stay his or hers.
            old.delete()
            old = None
        made, is_new = Subscription.objects.update_or_create(digest=digest, defaults=fields)
        surplus = Subscription.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)[MAX_DEVICES:]
        Subscription.objects.filter(pk__in=list(surplus)).delete()
    return made, is_new and old is None


def unsubscribe(user: User, subscription_id: int) -> None:
    """Call a device of `user` no more. Raises NotFound."""
    with write_transaction():
        if not Subscription.objects.filter(user=user, pk=subscription_id).delete()[0]:
            raise NotFound


def forget_devices(user: User) -> None:
    """Call no device of `user` any more; within the transaction that bans him or her."""
    Subscription.objects.filter(user=user).delete()


def live_subscriptions() -> QuerySet[Subscription]:
    """Return those whose owner is still signed in where they were made."""
    now = timezone.now()
    by_session = Q(session__expire_date__gt=now)
    by_token = Q(token__revoked_at=None, token__expires_at__gt=now)
    owned = Subscription.objects.filter(user__is_active=True, user__is_former=False)
    return owned.filter(by_session | (Q(token__isnull=False) & by_token))


def forget_ended() -> int:
    """Take off the list what can never be called again; return how many."""
    with write_transaction():
        return Subscription.objects.filter(~Exists(live_subscriptions().filter(pk=OuterRef("pk")))).delete()[0]


def subscribed_since() -> dict[int, datetime]:
    """Return everybody who can be called, and since when."""
    return dict(live_subscriptions().values_list("user_id").annotate(since=Min("created_at")).order_by())


def devices_of(user_ids: Iterable[int]) -> dict[int, list[Subscription]]:
    """Return the devices of these people."""
    found: dict[int, list[Subscription]] = {}
    for subscription in live_subscriptions().filter(user_id__in=list(user_ids)).order_by("pk"):
        found.setdefault(subscription.user_id, []).append(subscription)
    return found


def made_before(devices: Sequence[Subscription], message: Message) -> list[Subscription]:
    """Return the devices that were there when a message was written."""
    return [device for device in devices if device.created_at <= message.created_at]


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    try:
        target_of(endpoint)
    except ForbiddenTarget:
        raise Invalid(_("This is no address of a push service."), "endpoint") from None
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(p256dh))
    except ValueError:
        raise Invalid(_("This is no key of a subscription."), "p256dh") from None
    try:
        is_good = len(decode(auth)) == AUTH_BYTES
    except ValueError:
        is_good = False
    if not is_good:
        raise Invalid(_("This is no secret of a subscription."), "auth")
