"""People are banned, muted, signed out, made moderators; each can be taken back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.actions import ban_user, sign_out_everywhere, unban_user
from accounts.models import AccessToken, User
from audit.log import record
from audit.models import Verb
from chat.actions.moderating import (
    hide_messages,
    lock_rooms,
    mute_everywhere,
    mute_in_room,
    show_messages,
    tell_rights,
)
from chat.errors import Forbidden, Invalid
from chat.models import Membership, Message, Room, RoomKind
from database.transactions import write_transaction
from moderation.actions.acts import Item, NothingLeft, ban_in_force, lock_people, note_act, summary_of
from moderation.actions.held import bring_back_held, set_aside_held
from moderation.actions.lifting import (
    bans_in_force,
    check_may_lift,
    ends_sooner,
    held_set_aside_with,
    messages_down_with,
    mutes_in_force,
)
from moderation.apps import GROUP
from moderation.models import Act, ActItem, ActKind, ItemKind
from moderation.standing import check_administrator, check_may_act_on, check_right

MAX_HIDDEN = 20_000
"""Messages taken down with a ban or a raid; the newest."""
MAX_PEOPLE = 1000
"""People acted on at once."""
MOMENT = timedelta(minutes=1)
"""Ends of bans and mutes that lie less apart are the same: what is sent twice is done once."""


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
    _check_until(until)
    with write_transaction():
        found = _people(actor, people)
        act = Act(kind=ActKind.BAN, by=actor, at=timezone.now(), reason=reason, until=until)
        hidden = hide_recent(found, act, hours)
        found = lock_people(found)
        held = set_aside_held(found, act)
        if not (hidden or held):
            found = [user for user in found if not _is_banned_so(user, act)]
        # What somebody above did is not written over.
        check_may_lift(actor, bans_in_force([user.pk for user in found if not user.is_active]))
        for user in found:
            ban_user(user, until=until, reason=reason)
        act.summary = summary_of(user.nickname for user in found)
        items = [*_items(found), *((ItemKind.MESSAGE, pk, {}) for pk in hidden)]
        note_act(act, [*items, *((ItemKind.HELD, pk, {}) for pk in held)])
        details = {"people": [user.pk for user in found], "messages": len(hidden), "until": _iso(until)}
        record(actor, Verb.BAN, _only(found), reason, label=act.summary, act=act.pk, **details)
    return act


def _is_banned_so(user: User, act: Act) -> bool:
    return not user.is_active and user.ban_reason == act.reason and _is_same(user.banned_until, act.until)


def _is_same(one: datetime | None, other: datetime | None) -> bool:
    return one == other if one is None or other is None else abs(one - other) < MOMENT


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
        found = [user for user in _people(actor, people) if not user.is_active]
        ids = [user.pk for user in found]
        acts = list(bans_in_force(ids))
        down = messages_down_with(acts, ids)
        hidden = [pk for part in down.values() for pk in part]
        lock_rooms(people=ids, messages=hidden)
        found = [user for user in lock_people(found) if not user.is_active]
        if not found:
            raise NothingLeft
        # Asked anew: somebody above may have banned one of them in the meantime.
        check_may_lift(actor, bans_in_force(ids))
        now = timezone.now()
        # What ran out before was not lifted.
        going_on = ActItem.objects.filter(kind=ItemKind.PERSON, object_id__in=ids, act__in=acts)
        going_on.exclude(before__has_key="lifted").update(before={"lifted": now.isoformat(), "by": actor.pk})
        for user in found:
            unban_user(user)
        back = _bring_back(acts, down, ids) if bring_back else 0
        summary = summary_of(user.nickname for user in found)
        details = {"people": [user.pk for user in found]} | ({"messages": back} if back else {})
        record(actor, Verb.UNBAN, _only(found), reason, label=summary, **details)
    return Lifted(len(found), back, len(hidden) - back)


def count_down_with_bans(people: Collection[int]) -> int:
    """Return how many messages of these people are down because of the bans that go on."""
    return sum(len(ids) for ids in messages_down_with(bans_in_force(people), people).values())


def _bring_back(acts: Sequence[Act], down: Mapping[Act, list[int]], people: Collection[int]) -> int:
    """Bring back what acts took away of these people, as if they were taken back; return how many messages."""
    for act in acts:
        bring_back_held(held_set_aside_with(act, people), act)
    return sum(len(show_messages(ids, hidden_at=act.at)) for act, ids in down.items())


def lift_due_bans() -> int:
    """Let in again whose time is over; return how many."""
    due = User.objects.filter(is_active=False, is_former=False, banned_until__lte=timezone.now())
    lifted = 0
    for user_id in list(due.values_list("pk", flat=True)):
        with write_transaction():
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


def mute_people(
    actor: User, people: Collection[int], until: datetime | None, reason: str = "", *, room_id: int | None = None
) -> Act:
    """Keep people from writing, in one room or everywhere, `until` then; None lets them write again. Returns the act.

    Raises as `ban_people`; Invalid too for a room that none of them is in, and if there is no mute to end.
    """
    check_right(actor, "mute_people")
    _check_until(until)
    with write_transaction():
        found = _people(actor, people)
        list(Room.objects.filter(pk__in=[room_id] if room_id else []).select_for_update(no_key=True).values_list("pk"))
        found = lock_people(found)
        act = Act(kind=ActKind.MUTE, by=actor, at=timezone.now(), reason=reason, until=until)
        items = _mute(found, until, room_id)
        _check_unmutes(actor, items, until)
        muted = {pk for _kind, pk, _before in items}
        found = [user for user in found if user.pk in muted]
        act.summary = summary_of(user.nickname for user in found)
        if room_id is not None:
            act.summary = f"{act.summary} · #{Room.objects.get(pk=room_id)}"[:200]
        note_act(act, items)
        verb = Verb.MUTE if until else Verb.UNMUTE
        details = {"people": [user.pk for user in found], "until": _iso(until), "room": room_id}
        record(actor, verb, _only(found), reason, label=act.summary, act=act.pk, **details)
    return act


def _mute(people: Sequence[User], until: datetime | None, room_id: int | None) -> list[Item]:
    """Mute those of people who are not muted so already; return who was, and until when before."""
    if room_id is None:
        if until is None and all(user.muted_until is None for user in people):
            raise Invalid(_("Nobody of them is muted everywhere; choose the room."), "room")
        others = [user for user in people if not _is_same(user.muted_until, until)]
        for user in others:
            mute_everywhere(user, until)
        return [(ItemKind.PERSON, user.pk, {"muted_until": _iso(user.muted_until)}) for user in others]
    members = Membership.objects.filter(room=room_id, user__in=people).exclude(room__kind=RoomKind.DIRECT)
    ends = dict(members.order_by("user").values_list("user", "muted_until"))
    if not ends:
        raise Invalid(_("Nobody of them is in that room."), "room")
    if until is None and not any(ends.values()):
        raise Invalid(_("Nobody of them is muted in that room."), "room")
    changed = {pk: end for pk, end in ends.items() if not _is_same(end, until)}
    for pk in changed:
        mute_in_room(pk, room_id, until)
    return [(ItemKind.PERSON, pk, {"room": room_id, "muted_until": _iso(end)}) for pk, end in changed.items()]


def _check_unmutes(actor: User, items: Sequence[Item], until: datetime | None) -> None:
    """Raise Forbidden if somebody above did a mute that ends now, or sooner than it was to."""
    for _kind, pk, before in items:
        mutes = mutes_in_force(pk, before.get("room"), parse_datetime(before["muted_until"] or ""))
        check_may_lift(actor, (act for act in mutes if ends_sooner(act, until)))


def sign_out_people(actor: User, people: Collection[int], reason: str = "") -> int:
    """End every sign-in of people; return of how many. A guest, who has no password, needs a link to come back.

    It is no act that can be taken back: they sign in again. Raises as `ban_people`.
    """
    check_right(actor, "sign_out_people")
    with write_transaction():
        found = _people(actor, people)
        for user in found:
            sign_out_everywhere(user)
        summary = summary_of(user.nickname for user in found)
        record(actor, Verb.SIGN_OUT, _only(found), reason, label=summary, people=[user.pk for user in found])
    return len(found)


def make_moderators(actor: User, people: Collection[int], reason: str = "", groups: Collection[Group] = ()) -> Act:
    """Make people moderators of the site, with the rights of `groups`, or of the group of that name; return the act.

    Raises Forbidden for one who is no administrator, Invalid for guests, bots and the banned.
    """
    return _set_staff(actor, people, reason, groups or [Group.objects.get_or_create(name=GROUP)[0]])


def unmake_moderators(actor: User, people: Collection[int], reason: str = "") -> Act:
    """Take moderation away from people; return the act. Raises Forbidden or Invalid."""
    return _set_staff(actor, people, reason, [])


def make_administrator(actor: User, user_id: int, reason: str = "") -> User:
    """Make somebody an administrator as well. Raises Forbidden, or Invalid for guests, bots and the banned."""
    check_administrator(actor)
    with write_transaction():
        user = _fit(User.objects.select_for_update(no_key=True).filter(pk=user_id))[0]
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
        tell_rights(user)
        record(actor, Verb.RIGHTS, user, reason, administrator=True)
    return user


def step_down(actor: User) -> None:
    """Have an administrator be one no longer. Raises Forbidden for the last one."""
    check_administrator(actor)
    with write_transaction():
        others = User.objects.filter(is_superuser=True, is_active=True, is_former=False).exclude(pk=actor.pk)
        if not others.select_for_update(no_key=True).exists():
            raise Forbidden(_("You are the only administrator: make somebody else one first."))
        User.objects.filter(pk=actor.pk).update(is_superuser=False)
        tell_rights(actor)
        record(actor, Verb.RIGHTS, actor, administrator=False)


def hide_recent(people: Sequence[User], act: Act, hours: int) -> list[int]:
    """Take down what people wrote in the last `hours` before an act; return the ids. Within its transaction."""
    if hours <= 0:
        lock_rooms(people=[user.pk for user in people])
        return []
    since = act.at - timedelta(hours=hours)
    written = Message.objects.filter(author__in=[user.pk for user in people], created_at__gte=since, deleted_at=None)
    # Private chats are their two people's.
    in_rooms = written.exclude(room__kind=RoomKind.DIRECT).order_by("-pk")
    ids = list(in_rooms.values_list("pk", flat=True)[:MAX_HIDDEN])
    lock_rooms(people=[user.pk for user in people], messages=ids)
    return hide_messages(ids, act.by, act.at)


def revoke_tokens(people: Sequence[User], act: Act) -> list[Item]:
    """Revoke the access tokens of people by an act; return what was changed. Within its transaction."""
    tokens = AccessToken.objects.filter(user__in=[user.pk for user in people], revoked_at=None)
    ids = list(tokens.values_list("pk", flat=True))
    tokens.update(revoked_at=act.at)
    return [(ItemKind.TOKEN, pk, {}) for pk in ids]


def _set_staff(actor: User, people: Collection[int], reason: str, groups: Collection[Group]) -> Act:
    check_administrator(actor)
    is_staff = bool(groups)
    with write_transaction():
        found = _people(actor, people) if not is_staff else _fit(User.objects.filter(pk__in=people))
        check_may_act_on(actor, found)
        wanted = {group.pk for group in groups}
        found = [user for user in lock_people(found) if not _has_just(user, wanted, is_staff=is_staff)]
        act = Act(kind=ActKind.STAFF, by=actor, at=timezone.now(), reason=reason)
        act.summary = summary_of(user.nickname for user in found)
        before: list[Item] = [(ItemKind.PERSON, user.pk, _rights_of(user) | {"made": is_staff}) for user in found]
        note_act(act, before)
        for user in found:
            User.objects.filter(pk=user.pk).update(is_staff=is_staff)
            user.groups.set(groups)
            tell_rights(user)
        verb = Verb.STAFF if is_staff else Verb.UNSTAFF
        details = {"people": [user.pk for user in found], "groups": [group.name for group in groups]}
        record(actor, verb, _only(found), reason, label=act.summary, act=act.pk, **details)
    return act


def _has_just(user: User, groups: set[int], *, is_staff: bool) -> bool:
    return user.is_staff == is_staff and set(user.groups.values_list("pk", flat=True)) == groups


def _rights_of(user: User) -> dict[str, Any]:
    return {"is_staff": user.is_staff, "groups": list(user.groups.values_list("pk", flat=True))}


def _people(actor: User, ids: Collection[int]) -> list[User]:
    """Return people to act on, their rows locked, in the order of their ids."""
    if len(ids) > MAX_PEOPLE:
        raise Invalid(_("At most 1,000 people at once."))
    found = list(User.objects.filter(pk__in=ids, is_former=False).order_by("pk"))
    if not found:
        raise Invalid(_("Choose somebody first."))
    check_may_act_on(actor, found)
    return found


def _fit(people: QuerySet[User]) -> list[User]:
    found = list(people.order_by("pk"))
    check_fit(found)
    return found


def check_fit(people: Sequence[User]) -> None:
    """Raise Invalid unless all of them, and at least one, can be moderators."""
    if not people:
        raise Invalid(_("Choose somebody first."))
    if any(user.is_guest or user.is_bot or user.is_former or not user.is_active for user in people):
        raise Invalid(_("Only people with a password can be moderators, and none who are banned."))


def _items(people: Sequence[User]) -> list[Item]:
    return [(ItemKind.PERSON, user.pk, {}) for user in people]


def _only(people: Sequence[User]) -> User | None:
    return people[0] if len(people) == 1 else None


def _check_until(until: datetime | None) -> None:
    if until is not None and until <= timezone.now():
        raise Invalid(_("That time has passed already."), "until")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
