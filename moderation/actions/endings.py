"""How acts ended, and whether anything of them is left to be taken back."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import AccessToken, User
from chat.actions.moderating import mutes_in_room
from chat.models import Invitation, Reaction, Room
from moderation.actions.lifting import down_by, is_last_closing, is_last_mute, kept_down_by, reactions_of
from moderation.models import Act, ActItem, ActKind, HeldMessage, ItemKind

_BANS = (ActKind.BAN, ActKind.RAID)


class How(Enum):
    """How an act came to its end."""

    UNDONE = "undone"
    LIFTED = "lifted"
    OVER = "over"


class Ending(NamedTuple):
    """How an act ended, by whom and when, as far as that is known."""

    how: How
    by: User | None = None
    at: datetime | None = None


def ending_of(act: Act, person_id: int | None = None) -> Ending | None:
    """Return how an act ended: it was taken back, or a ban or mute was lifted or ran out, of all whom it was done to
    (of one, if `person_id` is given). None while it goes on, and for acts without an end.
    """
    if act.undone_at:
        return Ending(How.UNDONE, act.undone_by, act.undone_at)
    if act.kind not in (*_BANS, ActKind.MUTE):
        return None
    items = act.items.filter(kind=ItemKind.PERSON)
    chosen = list(items if person_id is None else items.filter(object_id=person_id))
    lifted = [_lifted(act, item) for item in chosen]
    ends = [ending for ending in lifted if ending is not None]
    if ends and len(ends) == len(lifted):
        return max(ends, key=lambda ending: (ending.at is not None, ending.at))
    if act.until and act.until <= timezone.now():
        return Ending(How.OVER, at=act.until)
    return None


def is_anything_left(act: Act) -> bool:
    """Tell whether taking an act back would change anything now."""
    looks = (_people_left, _messages_left, _reactions_left, _held_left, _rooms_left, _revocations_left)
    return any(look(act) for look in looks)


def _lifted(act: Act, item: ActItem) -> Ending | None:
    if "lifted" in item.before:
        # Acts of earlier versions say only that it was.
        at = item.before["lifted"]
        by = User.objects.filter(pk=item.before.get("by")).first()
        return Ending(How.LIFTED, by, parse_datetime(at) if isinstance(at, str) else None)
    if act.kind in _BANS:
        return None
    later = ActItem.objects.filter(kind=ItemKind.PERSON, object_id=item.object_id, act__pk__gt=act.pk)
    unmuted = later.filter(act__kind=ActKind.MUTE, act__until=None, act__undone_at=None).select_related("act__by")
    for each in unmuted.order_by("pk") if act.until else ():
        if each.before.get("room") == item.before.get("room"):
            return Ending(How.LIFTED, each.act.by, each.act.at)
    return None


def _people_left(act: Act) -> bool:
    looks: dict[str, Callable[[Act, ActItem, User], bool]] = {
        ActKind.BAN: _is_banned_by,
        ActKind.RAID: _is_banned_by,
        ActKind.MUTE: _is_mute_left,
        ActKind.STAFF: _is_staff_left,
        ActKind.PROFILE: _is_profile_left,
    }
    if act.kind not in looks:
        return False
    items = list(act.items.filter(kind=ItemKind.PERSON))
    people = User.objects.filter(is_former=False).in_bulk([item.object_id for item in items])
    return any(looks[act.kind](act, item, people[item.object_id]) for item in items if item.object_id in people)


def _is_banned_by(act: Act, item: ActItem, user: User) -> bool:
    is_over = act.until is not None and act.until <= timezone.now()
    return not user.is_active and not is_over and "lifted" not in item.before


def _is_mute_left(act: Act, item: ActItem, user: User) -> bool:
    now, room = timezone.now(), item.before.get("room")
    before = parse_datetime(item.before["muted_until"] or "")
    if act.until is None and (before is None or before <= now):
        return False
    if act.until is not None and act.until <= now:
        return False
    if not is_last_mute(item):
        return False
    if room:
        ends = mutes_in_room(room, [user.pk])
        return user.pk in ends and ends[user.pk] == act.until
    return user.muted_until == act.until


def _is_staff_left(_act: Act, item: ActItem, user: User) -> bool:
    is_same = user.is_staff == item.before["made"]
    return is_same and (user.is_active or not item.before["is_staff"])


def _is_profile_left(_act: Act, item: ActItem, user: User) -> bool:
    if user.nickname == item.before.get("given"):
        return True
    return "picture" in item.before and (user.picture, user.avatar) == ("", item.before["avatar"])


def _messages_left(act: Act) -> bool:
    hidden = down_by(act).filter(pk__in=_ids(act, ItemKind.MESSAGE))
    return hidden.exists() or kept_down_by(act).exists()


def _reactions_left(act: Act) -> bool:
    return Reaction.objects.filter(pk__in=reactions_of(act), is_hidden=True).exists()


def _held_left(act: Act) -> bool:
    return HeldMessage.objects.filter(pk__in=_ids(act, ItemKind.HELD), decided_at=act.at).exists()


def _rooms_left(act: Act) -> bool:
    for item in act.items.filter(kind=ItemKind.ROOM):
        room = Room.objects.filter(pk=item.object_id).first()
        after = item.before["after"]
        columns = [name for name in item.before["before"] if is_last_closing(item, name)]
        if room is not None and any(getattr(room, name) == after[name] for name in columns):
            return True
    return False


def _revocations_left(act: Act) -> bool:
    tokens = AccessToken.objects.filter(pk__in=_ids(act, ItemKind.TOKEN), revoked_at=act.at)
    invitations = Invitation.objects.filter(pk__in=_ids(act, ItemKind.INVITATION), revoked_at=act.at)
    return tokens.exists() or invitations.exists()


def _ids(act: Act, kind: ItemKind) -> QuerySet[ActItem, int]:
    return act.items.filter(kind=kind).values_list("object_id", flat=True)
