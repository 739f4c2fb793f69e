"""What is done in a room's page.

Who does it by a right of the site does an act, as at the desk: it is kept, binds those below, and can be taken back.
What a room's own moderators do there is the room's.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from chat.models import Membership, Room
from chat.standing import Standing, standing_to
from moderation.actions.lifting import (
    check_may_lift,
    check_may_open,
    closings_in_force,
    ends_sooner,
    mark_lifted,
    mutes_in_force,
)
from moderation.actions.mutes import is_muted_so
from moderation.actions.noting import note_act, summary_of
from moderation.actions.rooms import check_not_archived_default, is_closed_so
from moderation.models import Act, ActItem, ActKind, ItemKind

_ABILITIES = {"is_read_only": "edit", "is_archived": "archive"}
"""The columns of a room that acts change, and what changing them in its page takes."""


def note_mute(actor: User, room: Room, membership: Membership, until: datetime | None, reason: str) -> dict[str, Any]:
    """Note that `actor` is about to mute a member in a room `until` then, or to end that (settings BEFORE_MUTE).

    Within the transaction, before the change. Returns what the entry of the log says besides. Raises Forbidden for one
    who lets somebody write again, or sooner, whom somebody above has muted.
    """
    mutes = mutes_in_force(membership.user_id, room.pk, membership.muted_until)
    ended = [act for act in mutes if ends_sooner(act, until)]
    check_may_lift(actor, ended)
    if not _is_by_site("mute", actor, room):
        mark_lifted(ActItem.objects.filter(kind=ItemKind.PERSON, object_id=membership.user_id, act__in=ended), actor)
        return {}
    now = membership.muted_until
    if now == until and is_muted_so(actor, membership.user_id, room.pk, now, until):
        return {}
    before = {"room": room.pk, "muted_until": membership.muted_until and membership.muted_until.isoformat()}
    act = Act(kind=ActKind.MUTE, by=actor, at=timezone.now(), reason=reason, until=until)
    act.summary = summary_of([membership.user.nickname], room)
    return {"act": note_act(act, [(ItemKind.PERSON, membership.user_id, before)]).pk}


def note_room_change(actor: User, room: Room, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Note that `actor` is about to give columns of a room these values (settings BEFORE_ROOM_CHANGE).

    Within the transaction, before the change. Returns what the entry of the log says besides. Raises Forbidden for one
    who opens what somebody above closed, Invalid for archiving a room that everyone is in, and the other way round.
    """
    check_may_open(actor, room, changes)
    check_not_archived_default(*(changes.get(name, getattr(room, name)) for name in ("is_archived", "is_default")))
    _note_openings(actor, room, [name for name in _ABILITIES if changes.get(name) is False])
    after = {
        name: bool(changes[name])
        for name, ability in _ABILITIES.items()
        if name in changes
        and _is_by_site(ability, actor, room)
        and not is_closed_so(actor, room, {name: bool(changes[name])})
    }
    if not after:
        return {}
    before = {name: getattr(room, name) for name in after}
    act = Act(kind=ActKind.ROOM, by=actor, at=timezone.now(), summary=summary_of([f"#{room}"]))
    return {"act": note_act(act, [(ItemKind.ROOM, room.pk, {"before": before, "after": after})]).pk}


def _note_openings(actor: User, room: Room, columns: Collection[str]) -> None:
    """Have acts say that they were ended by what is no act."""
    ended = closings_in_force(room, [name for name in columns if not _is_by_site(_ABILITIES[name], actor, room)])
    mark_lifted(ActItem.objects.filter(kind=ItemKind.ROOM, object_id=room.pk, act__in=ended), actor)


def _is_by_site(ability: str, actor: User, room: Room) -> bool:
    """Tell whether `actor` has an ability in a room by what he or she is on the site, whatever that is in the room."""
    return (standing_to(ability, actor, room, None) or Standing.OUTSIDER) >= Standing.STAFF
