"""People are banned, muted, signed out, made moderators; each can be taken back."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import ban_user, sign_out_everywhere, unban_user
from accounts.models import AccessToken, User
from audit.log import record
from audit.models import Verb
from chat.actions.moderating import hide_messages, lock_rooms, mute_everywhere, mute_in_room, tell_rights
from chat.errors import Forbidden, Invalid
from chat.models import Message, Room, RoomKind
from database.transactions import write_transaction
from moderation.actions.acts import Item, ban_in_force, note_act, summary_of
from moderation.actions.held import set_aside_held
from moderation.apps import GROUP
from moderation.models import Act, ActItem, ActKind, ItemKind
from moderation.standing import check_administrator, check_may_act_on, check_right

MAX_HIDDEN = 20_000
"""Messages taken down with a ban or a raid; the newest."""
MAX_PEOPLE = 1000
"""People acted on at once."""


def ban_people(
    actor: User, people: Collection[int], reason: str, *, until: datetime | None = None, hours: int = 0
) -> Act:
    """Ban people, `until` a time or for good, and take down what they wrote in the last `hours`; return the act.

    Raises Forbidden for one without the right or who does not stand above all of them, Invalid for no one or for a
    time that has passed.
    """
    check_right(actor, "ban_people")
    if hours > 0:
        check_right(actor, "take_down_messages")
    _check_until(until)
    with write_transaction():
        found = _people(actor, people)
        act = Act(kind=ActKind.BAN, by=actor, at=timezone.now(), reason=reason, until=until)
        hidden = hide_recent(found, act, hours)
        for user in found:
            ban_user(user, until=until, reason=reason)
        act.summary = summary_of(user.nickname for user in found)
        items = [*_items(found), *((ItemKind.MESSAGE, pk, {}) for pk in hidden)]
        note_act(act, [*items, *((ItemKind.HELD, pk, {}) for pk in set_aside_held(found, act))])
        details = {"people": [user.pk for user in found], "messages": len(hidden), "until": _iso(until)}
        record(actor, Verb.BAN, _only(found), reason, label=act.summary, act=act.pk, **details)
    return act


def lift_bans(actor: User, people: Collection[int], reason: str = "") -> int:
    """Let people in again whatever they were banned by; return how many were banned. Raises Forbidden or Invalid."""
    check_right(actor, "ban_people")
    with write_transaction():
        found = [user for user in _people(actor, people) if not user.is_active]
        bans = ActItem.objects.filter(kind=ItemKind.PERSON, object_id__in=[user.pk for user in found])
        bans.filter(act__kind__in=[ActKind.BAN, ActKind.RAID], act__undone_at=None).update(before={"lifted": True})
        for user in found:
            unban_user(user)
        if found:
            summary = summary_of(user.nickname for user in found)
            record(actor, Verb.UNBAN, _only(found), reason, label=summary, people=[user.pk for user in found])
    return len(found)


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
        act = Act(kind=ActKind.MUTE, by=actor, at=timezone.now(), reason=reason, until=until)
        items = _mute(found, until, room_id)
        act.summary = summary_of(user.nickname for user in found)
        if room_id is not None:
            act.summary = f"{act.summary} · #{Room.objects.get(pk=room_id)}"[:200]
        note_act(act, items)
        verb = Verb.MUTE if until else Verb.UNMUTE
        details = {"people": [user.pk for user in found], "until": _iso(until), "room": room_id}
        record(actor, verb, _only(found), reason, label=act.summary, act=act.pk, **details)
    return act


def _mute(people: Sequence[User], until: datetime | None, room_id: int | None) -> list[Item]:
    if room_id is None:
        if until is None and all(user.muted_until is None for user in people):
            raise Invalid(_("Nobody of them is muted everywhere; choose the room."), "room")
        before: list[Item] = [(ItemKind.PERSON, user.pk, {"muted_until": _iso(user.muted_until)}) for user in people]
        for user in people:
            mute_everywhere(user, until)
        return before
    muted = [(user, mute_in_room(user.pk, room_id, until)) for user in people]
    if all(was is None for _user, was in muted):
        raise Invalid(_("Nobody of them is in that room."), "room")
    if until is None and all(was is None or was.muted_until is None for _user, was in muted):
        raise Invalid(_("Nobody of them is muted in that room."), "room")
    return [
        (ItemKind.PERSON, user.pk, {"room": room_id, "muted_until": _iso(was.muted_until)})
        for user, was in muted
        if was is not None
    ]


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
        tell_rights(user.pk)
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
        tell_rights(actor.pk)
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
        act = Act(kind=ActKind.STAFF, by=actor, at=timezone.now(), reason=reason)
        act.summary = summary_of(user.nickname for user in found)
        before: list[Item] = [(ItemKind.PERSON, user.pk, _rights_of(user) | {"made": is_staff}) for user in found]
        note_act(act, before)
        for user in found:
            User.objects.filter(pk=user.pk).update(is_staff=is_staff)
            user.groups.set(groups)
            tell_rights(user.pk)
        verb = Verb.STAFF if is_staff else Verb.UNSTAFF
        details = {"people": [user.pk for user in found], "groups": [group.name for group in groups]}
        record(actor, verb, _only(found), reason, label=act.summary, act=act.pk, **details)
    return act


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
    if not found:
        raise Invalid(_("Choose somebody first."))
    for user in found:
        if user.is_guest or user.is_bot or user.is_former or not user.is_active:
            raise Invalid(_("Only people with a password can be moderators, and none who are banned."))
    return found


def _items(people: Sequence[User]) -> list[Item]:
    return [(ItemKind.PERSON, user.pk, {}) for user in people]


def _only(people: Sequence[User]) -> User | None:
    return people[0] if len(people) == 1 else None


def _check_until(until: datetime | None) -> None:
    if until is not None and until <= timezone.now():
        raise Invalid(_("That time has passed already."), "until")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
