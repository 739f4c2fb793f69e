"""People are kept from writing, and write again."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.moderating import mute_everywhere, mute_in_room, mutes_in_room
from chat.errors import Invalid
from chat.models import Room
from database.transactions import write_transaction
from moderation.actions.lifting import (
    check_may_lift,
    ends_sooner,
    is_bound,
    is_last_mute,
    mutes_in_force,
    mutes_in_place,
)
from moderation.actions.noting import (
    Item,
    check_until,
    chosen_people,
    is_same,
    iso,
    lock_people,
    note_act,
    only_one,
    summary_of,
)
from moderation.models import Act, ActItem, ActKind, ItemKind
from moderation.standing import check_right


def mute_people(
    actor: User, people: Collection[int], until: datetime | None, reason: str = "", *, room_id: int | None = None
) -> Act:
    """Keep people from writing, in one room or everywhere, `until` then; None lets them write again. Returns the act.

    Raises as `ban_people`; Invalid too for a room that none of them is in, and if there is no mute to end.
    """
    check_right(actor, "mute_people")
    check_until(until)
    with write_transaction():
        found = chosen_people(actor, people)
        room = Room.objects.select_for_update(no_key=True).filter(pk=room_id or 0).first()
        found = lock_people(found)
        act = Act(kind=ActKind.MUTE, by=actor, at=timezone.now(), reason=reason, until=until)
        items = _mute(actor, found, until, room_id)
        _check_unmutes(actor, items, until)
        muted = {pk for _kind, pk, _before in items}
        found = [user for user in found if user.pk in muted]
        act.summary = summary_of((user.nickname for user in found), room)
        note_act(act, items)
        verb = Verb.MUTE if until else Verb.UNMUTE
        details = {"people": [user.pk for user in found], "until": iso(until), "room": room_id}
        record(actor, verb, only_one(found), reason, label=act.summary, act=act.pk, **details)
    return act


def undo_mutes(act: Act) -> None:
    """Have those whom an act muted, and nothing has muted since, be as before. Within a transaction."""
    for item in act.items.filter(kind=ItemKind.PERSON):
        _undo_mute(act, item)


def check_may_undo_mutes(actor: User, act: Act) -> None:
    """Raise Forbidden if taking a mute back would end, or shorten, one by somebody above `actor`."""
    for item in act.items.filter(kind=ItemKind.PERSON) if act.kind == ActKind.MUTE else ():
        mutes = mutes_in_force(item.object_id, item.before.get("room"), act.until) if is_last_mute(item) else []
        others = [each for each in mutes if each != act]
        check_may_lift(actor, (each for each in others if ends_sooner(each, _muted_before(item))))


def is_muted_so(actor: User, user_id: int, room_id: int | None, now: datetime | None, until: datetime | None) -> bool:
    """Tell whether muting someone `until` then, who is muted until `now`, would change nothing: neither the time nor
    whom it binds.
    """
    return is_same(now, until) and (until is None or is_bound(actor, mutes_in_force(user_id, room_id, now)))


def _mute(actor: User, people: Sequence[User], until: datetime | None, room_id: int | None) -> list[Item]:
    """Mute those of people who are not muted so already; return who was, and until when before."""
    if room_id is None:
        if until is None and all(user.muted_until is None for user in people):
            raise Invalid(_("Nobody of them is muted everywhere; choose the room."), "room")
        others = [user for user in people if not is_muted_so(actor, user.pk, None, user.muted_until, until)]
        for user in others:
            mute_everywhere(user, until)
        return [(ItemKind.PERSON, user.pk, {"muted_until": iso(user.muted_until)}) for user in others]
    ends = mutes_in_room(room_id, [user.pk for user in people])
    if not ends:
        raise Invalid(_("Nobody of them is in that room."), "room")
    if until is None and not any(ends.values()):
        raise Invalid(_("Nobody of them is muted in that room."), "room")
    changed = {pk: end for pk, end in ends.items() if not is_muted_so(actor, pk, room_id, end, until)}
    for pk in changed:
        mute_in_room(pk, room_id, until)
    return [(ItemKind.PERSON, pk, {"room": room_id, "muted_until": iso(end)}) for pk, end in changed.items()]


def _check_unmutes(actor: User, items: Sequence[Item], until: datetime | None) -> None:
    """Raise Forbidden if somebody above did a mute that ends now, or sooner than it was to."""
    for _kind, pk, before in items:
        mutes = mutes_in_force(pk, before.get("room"), parse_datetime(before["muted_until"] or ""))
        check_may_lift(actor, (act for act in mutes if ends_sooner(act, until)))


def _undo_mute(act: Act, item: ActItem) -> None:
    if not is_last_mute(item):
        return
    until = _muted_before(item)
    if room_id := item.before.get("room"):
        if mutes_in_room(room_id, [item.object_id]).get(item.object_id) == act.until:
            mute_in_room(item.object_id, room_id, until)
    elif user := User.objects.filter(pk=item.object_id, muted_until=act.until).first():
        mute_everywhere(user, until)


def _muted_before(item: ActItem) -> datetime | None:
    """Return until when somebody was muted before an act, acts that were taken back since left out."""
    before = item.before["muted_until"]
    mutes = mutes_in_place(item.object_id, item.before.get("room"))
    for earlier in mutes.filter(pk__lt=item.pk).select_related("act").order_by("-pk"):
        is_its_work = earlier.act.until == (parse_datetime(before) if before else None)
        if not (is_its_work and earlier.act.undone_at):
            break
        before = earlier.before["muted_until"]
    return parse_datetime(before) if before else None
