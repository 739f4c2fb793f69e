"""Nicknames and pictures that were taken away, until they are given back or forgotten."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actions import change_profile, set_picture
from accounts.errors import ChatError
from accounts.models import User
from accounts.nicknames import nickname_key
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


def reserved(keys: set[str]) -> set[str]:
    """Return which of these nicknames, by key, were taken from somebody and could still be given back. Nobody chooses
    them meanwhile, or who lost one would have it again at once.
    """
    names = _taken().exclude(before__nickname=None).values_list("before__nickname", flat=True)
    return {key for name in names if (key := nickname_key(name)) in keys}


def taken_from(user: User) -> dict[str, Any] | None:
    """Return what moderators took from someone who has chosen nothing else since, for that one to read: `nickname` (or
    None), whether a `picture`, the `reason`, and when (`at`). None if there is nothing.
    """
    item = _taken().filter(object_id=user.pk).select_related("act").order_by("-pk").first()
    if item is None:
        return None
    nickname = item.before.get("nickname") if user.nickname == item.before.get("given") else None
    picture = "picture" in item.before and (user.picture, user.avatar) == ("", item.before["avatar"])
    if nickname is None and not picture:
        return None
    return {"nickname": nickname, "picture": picture, "reason": item.act.reason, "at": item.act.at}


def is_given(user: User) -> bool:
    """Tell whether the nickname that someone has was given in place of one that was taken away."""
    return _taken().filter(object_id=user.pk, before__given=user.nickname).exists()


def in_use(tokens: set[str]) -> set[str]:
    """Return which of these pictures, by token, could still be given back (settings KEEP_DAYS)."""
    return set(_taken().filter(before__picture__in=list(tokens)).values_list("before__picture", flat=True))


def _taken() -> QuerySet[ActItem]:
    since = timezone.now() - timedelta(days=settings.KEEP_DAYS)
    taken = ActItem.objects.filter(act__kind=ActKind.PROFILE, act__at__gte=since, act__undone_at=None)
    return taken.filter(kind=ItemKind.PERSON)


def _give_back(user: User, nickname: str) -> None:
    try:
        change_profile(user, {"nickname": nickname})
    except ChatError:
        return
