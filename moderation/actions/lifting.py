"""What of acts goes on now, who may lift it, and what lifting it would bring back."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from chat.actions.moderating import give_back_down
from chat.errors import Forbidden
from chat.models import Message, Reaction, Room
from moderation.models import Act, ActItem, ActKind, HeldMessage, ItemKind
from moderation.standing import standing_of


def check_may_lift(actor: User, acts: Iterable[Act]) -> None:
    """Raise Forbidden if somebody did one of these acts who stood above `actor` then."""
    if any(act.by_id != actor.pk and _standing_behind(act) > standing_of(actor) for act in acts):
        raise Forbidden(_("Somebody above you did this."))


def is_bound(actor: User, acts: Iterable[Act]) -> bool:
    """Tell whether one of these acts binds as many people as one by `actor` would."""
    return any(_standing_behind(act) >= standing_of(actor) for act in acts)


def _standing_behind(act: Act) -> int:
    return standing_of(act.by) if act.standing is None else act.standing


def mark_lifted(items: QuerySet[ActItem], actor: User) -> None:
    """Have acts say that `actor` ended what they did to these, by what is no act."""
    found, now = list(items), timezone.now().isoformat()
    for item in found:
        item.before |= {"lifted": now, "by": actor.pk}
    ActItem.objects.bulk_update(found, ["before"], batch_size=500)


def check_may_open(actor: User, room: Room, changes: Mapping[str, Any]) -> None:
    """Raise Forbidden if `actor` may not unlock a room or fetch it from the archive."""
    check_may_lift(actor, closings_in_force(room, [name for name, value in changes.items() if value is False]))


def ends_sooner(act: Act, until: datetime | None) -> bool:
    """Tell whether what an act put up until some time would end before that with `until`; None is at once."""
    return act.until is not None and (until is None or until < act.until)


def mutes_in_force(user_id: int, room_id: int | None, until: datetime | None) -> list[Act]:
    """Return the acts that go on by which someone, who is muted `until` then, is so in a room or everywhere: the last
    first. What a later act ended or shortened goes on no more. What a room's own moderators put on top is no act, and
    changes nothing about it.
    """
    now = timezone.now()
    if until is None or until <= now:
        return []
    items = mutes_in_place(user_id, room_id).filter(act__undone_at=None)
    found: list[Act] = []
    shortest: datetime | None = None
    for item in items.exclude(before__has_key="lifted").select_related("act__by").order_by("-pk"):
        ends = item.act.until
        if ends is None:
            break
        if shortest is None or ends <= shortest:
            shortest = ends
            if ends > now:
                found.append(item.act)
    return found


def is_last_mute(item: ActItem) -> bool:
    """Tell whether somebody's mute, or its end, by an act is the last in its place of those not taken back."""
    same = mutes_in_place(item.object_id, item.before.get("room"))
    return "lifted" not in item.before and not same.filter(pk__gt=item.pk, act__undone_at=None).exists()


def mutes_in_place(user_id: int, room_id: int | None) -> QuerySet[ActItem]:
    """Return the items of the acts that muted somebody in a room or everywhere, or let him or her write again there."""
    items = ActItem.objects.filter(kind=ItemKind.PERSON, object_id=user_id, act__kind=ActKind.MUTE)
    return items.filter(before__room=room_id) if room_id else items.exclude(before__has_key="room")


def closings_in_force(room: Room, columns: Collection[str]) -> list[Act]:
    """Return the acts by which a room is locked or archived now, of these columns; the last of each."""
    found: list[Act] = []
    for name in columns:
        items = ActItem.objects.filter(
            kind=ItemKind.ROOM, object_id=room.pk, act__kind=ActKind.ROOM, act__undone_at=None,
            before__after__has_key=name,
        )  # fmt: skip
        last = items.select_related("act__by").order_by("-pk").first() if getattr(room, name) else None
        if last is not None and last.before["after"][name] and "lifted" not in last.before:
            found.append(last.act)
    return found


def is_last_closing(item: ActItem, column: str) -> bool:
    """Tell whether what an act did to a column of a room is the last of what was done to it and not taken back."""
    later = ActItem.objects.filter(kind=ItemKind.ROOM, object_id=item.object_id, pk__gt=item.pk)
    return not later.filter(act__kind=ActKind.ROOM, act__undone_at=None, before__after__has_key=column).exists()


def bans_in_force(people: Collection[int]) -> QuerySet[Act]:
    """Return the acts by which any of these people are banned now: not taken back, not lifted, not over."""
    items = ActItem.objects.filter(kind=ItemKind.PERSON, object_id__in=people).exclude(before__has_key="lifted")
    bans = Act.objects.filter(kind__in=[ActKind.BAN, ActKind.RAID], undone_at=None, pk__in=items.values("act"))
    return bans.filter(Q(until=None) | Q(until__gt=timezone.now())).select_related("by").order_by("pk")


def ban_in_force(user_id: int) -> Act | None:
    """Return the act by which someone is banned now, that which lasts longest; None if nobody's act says so."""
    return max(bans_in_force([user_id]), key=lambda act: (act.until is None, act.until or act.at), default=None)


def still_banned(act_ids: Collection[int]) -> list[User]:
    """Return whom bans were taken back of that are banned all the same, by another act."""
    items = ActItem.objects.filter(
        kind=ItemKind.PERSON, act__in=act_ids, act__kind__in=[ActKind.BAN, ActKind.RAID], act__undone_at__isnull=False
    )
    banned = User.objects.filter(pk__in=items.values("object_id"), is_active=False, is_former=False)
    return list(banned.order_by("pk"))


def messages_down_with(acts: Iterable[Act], people: Collection[int]) -> dict[Act, list[int]]:
    """Return by act the messages of these people that are down because of it and can come back."""
    found: dict[Act, list[int]] = {}
    for act in acts:
        items = act.items.filter(kind=ItemKind.MESSAGE).values("object_id")
        down = down_by(act).filter(pk__in=items, author__in=people)
        if ids := list(down.order_by("pk").values_list("pk", flat=True)):
            found[act] = ids
    return found


def down_by(act: Act) -> QuerySet[Message]:
    """Return the messages that an act took down and that are so by it: nobody above has taken them down as well."""
    return Message.objects.filter(deleted_at=act.at, deleted_by=act.by_id, is_purged=False)


def give_back(act: Act, people: Collection[int] | None = None) -> None:
    """Have what was down before an act kept it down (of what `people` wrote, if given) be theirs who took it down."""
    items = kept_down_by(act)
    if people is not None:
        items = items.filter(object_id__in=Message.objects.filter(author__in=people).values("pk"))
    found = list(items)
    if before := {item.object_id: item.before["by"] for item in found}:
        give_back_down(before, act.by)
        for item in found:
            item.before["given_back"] = True
        ActItem.objects.bulk_update(found, ["before"], batch_size=500)


def kept_down_by(act: Act) -> QuerySet[ActItem]:
    """Return the items of the messages that were down before an act, and are down by it now."""
    items = act.items.filter(kind=ItemKind.MESSAGE, before__has_key="by").exclude(before__has_key="given_back")
    down = Message.objects.filter(deleted_by=act.by, deleted_at__lt=act.at, is_purged=False)
    return items.filter(object_id__in=down.values("pk"))


def reactions_hidden_with(acts: Iterable[Act], people: Collection[int]) -> list[int]:
    """Return the reactions of these people that acts took away."""
    items = ActItem.objects.filter(kind=ItemKind.REACTION, act__in=[act.pk for act in acts]).values("object_id")
    return list(Reaction.objects.filter(pk__in=items, user__in=people, is_hidden=True).values_list("pk", flat=True))


def reactions_of(act: Act) -> list[int]:
    """Return the reactions that are shown again when an act is taken back: no other that goes on has them away too."""
    items = ActItem.objects.filter(kind=ItemKind.REACTION)
    others = items.filter(act__undone_at=None).exclude(act=act).values("object_id")
    return list(items.filter(act=act).exclude(object_id__in=others).values_list("object_id", flat=True))


def held_set_aside_with(act: Act, people: Collection[int]) -> list[int]:
    """Return what filters held back of these people and an act refused."""
    items = act.items.filter(kind=ItemKind.HELD).values("object_id")
    return list(HeldMessage.objects.filter(pk__in=items, author__in=people).values_list("pk", flat=True))
