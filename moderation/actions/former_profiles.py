"""Nicknames and pictures that were taken away, until they are given back or forgotten."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.actions import change_profile, set_picture
from accounts.errors import ChatError
from accounts.models import User
from moderation.models import Act, ActItem, ActKind, ItemKind


def undo_profiles(act: Act) -> None:
    """Give back what an act took away from those who chose nothing else since. Within a transaction.

    A nickname that somebody else has by now is that one's.
    """
    for item in act.items.filter(kind=ItemKind.PERSON) if act.kind == ActKind.PROFILE else ():
        user = User.objects.filter(pk=item.object_id, is_former=False).first()
        if user is None:
            continue
        if user.nickname == item.before.get("given"):
            _give_back(user, item.before["nickname"])
        if "picture" in item.before and (user.picture, user.avatar) == ("", item.before["avatar"]):
            set_picture(user, item.before["picture"])


def in_use(tokens: set[str]) -> set[str]:
    """Return which of these pictures, by token, could still be given back (settings KEEP_DAYS)."""
    since = timezone.now() - timedelta(days=settings.KEEP_DAYS)
    taken = ActItem.objects.filter(act__kind=ActKind.PROFILE, act__at__gte=since, act__undone_at=None)
    return set(taken.filter(before__picture__in=list(tokens)).values_list("before__picture", flat=True))


def _give_back(user: User, nickname: str) -> None:
    try:
        change_profile(user, {"nickname": nickname})
    except ChatError:
        return
