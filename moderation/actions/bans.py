"""People are banned and let in again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import ban_user, unban_user
from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.moderating import hide_reactions, lock_rooms, show_messages
from chat.models import Message, RoomKind
from database.transactions import write_transaction
from moderation.actions.held import bring_back_held, set_aside_held
from moderation.actions.lifting import (
    ban_in_force,
    bans_in_force,
    check_may_lift,
    give_back,
    held_set_aside_with,
    is_bound,
    mark_lifted,
    messages_down_with,
    reactions_hidden_with,
)
from moderation.actions.noting import (
    Item,
    NothingLeft,
    check_until,
    chosen_people,
    count_standing,
    hide_all,
    ids_of,
    is_same,
    iso,
    lock_people,
    not_settled,
    note_act,
    only_one,
    person_items,
    summary_of,
)
from moderation.models import Act, ActItem, ActKind, ItemKind
from moderation.standing import check_right

MAX_HIDDEN = 20_000
"""Messages taken down with a ban or a raid; the newest."""


def ban_people(
    actor: User, people: Collection[int], reason: str, *, until: datetime | None = None, hours: int = 0
) -> Act:
    """Ban people, `until` a time or for good, and take down what they wrote in the last `hours`; return the act.

    Raises Forbidden for one without the right or who does not stand above all of them, and if somebody above banned one
    of them already; Invalid for no one, for a time that has passed, and if nothing is left to do.
    """
    check_right(actor, "ban_people")
    if hours > 0:
        check_right(actor, "take_down_messages")
    check_until(until)
    with write_transaction():
        found = chosen_people(actor, people)
        act = Act(kind=ActKind.BAN, by=actor, at=timezone.now(), reason=reason, until=until)
        hidden = hide_recent(found, act, hours)
        found = lock_people(found)
        held = set_aside_held(found, act)
        if not (hidden or held):
            found = [user for user in found if not _is_banned_so(user, act)]
        # What somebody above did is not written over.
        check_may_lift(actor, bans_in_force([user.pk for user in found if not user.is_active]))
        act.summary = summary_of(user.nickname for user in found)
        note_act(act, [*person_items(found), *hidden, *((ItemKind.HELD, pk, {}) for pk in held)])
        for user in found:
            # Of several bans that which lasts longest is told.
            longest = ban_in_force(user.pk) or act
            ban_user(user, until=longest.until, reason=longest.reason)
        details = {"people": [user.pk for user in found], "messages": count_standing(hidden), "until": iso(until)}
        record(actor, Verb.BAN, only_one(found), reason, label=act.summary, act=act.pk, **details)
    return act


class Lifted(NamedTuple):
    """How many bans were lifted, and of the messages taken down with them how many came back and how many did not."""

    people: int
    back: int
    down: int


def lift_bans(actor: User, people: Collection[int], reason: str = "", *, bring_back: bool = False) -> Lifted:
    """Let people in again whatever they were banned by; with `bring_back` what they wrote and was taken down with that
    comes back too. Raises Forbidden, also if somebody above did that, or Invalid, also if nobody of them is banned.
    """
    check_right(actor, "ban_people")
    if bring_back:
        check_right(actor, "take_down_messages")
    with write_transaction():
        found = [user for user in chosen_people(actor, people) if not user.is_active]
        ids = [user.pk for user in found]
        acts = list(bans_in_force(ids))
        down = messages_down_with(acts, ids)
        hidden = [pk for part in down.values() for pk in part]
        kept = ActItem.objects.filter(kind=ItemKind.MESSAGE, act__in=acts, before__has_key="by")
        lock_rooms(
            people=ids,
            messages=[*hidden, *kept.values_list("object_id", flat=True)],
            reactions=reactions_hidden_with(acts, ids),
        )
        found = [user for user in lock_people(found) if not user.is_active]
        if not found:
            raise NothingLeft
        # Asked anew: somebody above may have banned one of them in the meantime.
        check_may_lift(actor, bans_in_force(ids))
        # What ran out before was not lifted.
        going_on = ActItem.objects.filter(kind=ItemKind.PERSON, object_id__in=ids, act__in=acts)
        mark_lifted(going_on.exclude(before__has_key="lifted"), actor)
        for user in found:
            unban_user(user)
        back = _bring_back(acts, down, ids) if bring_back else 0
        summary = summary_of(user.nickname for user in found)
        details = {"people": [user.pk for user in found]} | ({"messages": back} if back else {})
        record(actor, Verb.UNBAN, only_one(found), reason, label=summary, **details)
    return Lifted(len(found), back, len(hidden) - back)


def count_down_with_bans(people: Collection[int]) -> int:
    """Return how many messages of these people are down because of the bans that go on."""
    return sum(len(ids) for ids in messages_down_with(bans_in_force(people), people).values())


def have_reactions_away(people: Collection[int]) -> bool:
    """Tell whether reactions of these people are away because of the bans that go on."""
    return bool(reactions_hidden_with(bans_in_force(people), people))


def lift_due_bans() -> int:
    """Let in again whose time is over; return how many."""
    due = User.objects.filter(is_active=False, is_former=False, banned_until__lte=timezone.now())
    lifted = 0
    for user_id in list(due.values_list("pk", flat=True)):
        with write_transaction():
            lock_rooms(people=[user_id])
            user = due.filter(pk=user_id).select_for_update(no_key=True).first()
            if user is None:
                continue
            if other := ban_in_force(user.pk):
                ban_user(user, until=other.until, reason=other.reason)
            else:
                unban_user(user)
                record(None, Verb.UNBAN, user, _("The time is over."))
                lifted += 1
    return lifted


def undo_bans(act: Act) -> None:
    """Let those in again whom an act banned and nothing else bans. Within a transaction."""
    for user in User.objects.filter(pk__in=ids_of(act, ItemKind.PERSON)):
        if user.is_active or user.is_former:
            continue
        other = ban_in_force(user.pk)
        if other is None:
            unban_user(user)
        else:
            ban_user(user, until=other.until, reason=other.reason)


def hide_recent(people: Sequence[User], act: Act, hours: int) -> list[Item]:
    """Take down what people wrote in the last `hours` before an act, within its transaction; return what it changed."""
    if hours <= 0:
        lock_rooms(people=[user.pk for user in people])
        return []
    since = act.at - timedelta(hours=hours)
    written = Message.objects.filter(author__in=[user.pk for user in people], created_at__gte=since)
    # Private chats are their two people's.
    in_rooms = not_settled(written, act.by).exclude(room__kind=RoomKind.DIRECT).order_by("-pk")
    ids = list(in_rooms.values_list("pk", flat=True)[:MAX_HIDDEN])
    lock_rooms(people=[user.pk for user in people], messages=ids)
    return hide_all(act, ids)


def _is_banned_so(user: User, act: Act) -> bool:
    is_so = not user.is_active and user.ban_reason == act.reason and is_same(user.banned_until, act.until)
    return is_so and is_bound(act.by, bans_in_force([user.pk]))


def _bring_back(acts: Sequence[Act], down: Mapping[Act, list[int]], people: Collection[int]) -> int:
    """Bring back what acts took away of these people, as if they were taken back; return how many messages."""
    for act in acts:
        bring_back_held(held_set_aside_with(act, people), act)
        give_back(act, people)
    hide_reactions(reactions_hidden_with(acts, people), is_hidden=False)
    return sum(len(show_messages(ids, hidden=(act.at, act.by_id))) for act, ids in down.items())
