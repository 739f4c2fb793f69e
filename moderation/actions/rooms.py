"""Rooms are locked, archived and opened again by moderators of the site."""

from collections.abc import Collection, Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.moderating import set_room
from chat.errors import Invalid
from chat.models import Room, RoomKind
from database.transactions import write_transaction
from moderation.actions.lifting import check_may_open, closings_in_force, is_bound
from moderation.actions.noting import note_act, summary_of
from moderation.models import Act, ActKind, ItemKind
from moderation.standing import check_right

CHANGES = {
    "lock": {"is_read_only": True},
    "unlock": {"is_read_only": False},
    "archive": {"is_archived": True},
    "restore": {"is_archived": False},
}


def change_rooms(actor: User, room_ids: Collection[int], change: str, reason: str = "") -> Act:
    """Carry out one of CHANGES in public and private rooms; return the act.

    Raises Forbidden for one without the right and for opening what somebody above closed, Invalid for no room, for one
    that everyone is in, and if nothing is left to do.
    """
    check_right(actor, "change_rooms")
    changes = CHANGES[change]
    with write_transaction():
        rooms = list(
            Room.objects.filter(pk__in=room_ids)
            .exclude(kind=RoomKind.DIRECT)
            .order_by("pk")
            .select_for_update(no_key=True)
        )
        if not rooms:
            raise Invalid(_("Choose a room first."))
        for room in rooms:
            check_not_archived_default(changes.get("is_archived", False), room.is_default)
        act = Act(kind=ActKind.ROOM, by=actor, at=timezone.now(), reason=reason)
        act.summary = summary_of(f"#{room}" for room in rooms)
        for room in rooms:
            check_may_open(actor, room, changes)
        changed = [room for room in rooms if not is_closed_so(actor, room, changes)]
        before = [(room.pk, {name: getattr(room, name) for name in changes}) for room in changed]
        for room in changed:
            set_room(room.pk, changes)
        items = [(ItemKind.ROOM, pk, {"before": was, "after": changes}) for pk, was in before]
        note_act(act, items)
        only = rooms[0] if len(rooms) == 1 else None
        details = {"rooms": [room.pk for room in rooms], "change": change}
        record(actor, Verb.ROOM, only, reason, label=act.summary, act=act.pk, **details)
    return act


def is_closed_so(actor: User, room: Room, changes: Mapping[str, bool]) -> bool:
    """Tell whether giving columns of a room these values would change nothing: neither them nor whom they bind."""
    is_so = all(getattr(room, name) == value for name, value in changes.items())
    return is_so and (not any(changes.values()) or is_bound(actor, closings_in_force(room, list(changes))))


def check_not_archived_default(is_archived: bool, is_default: bool) -> None:
    """Raise Invalid for what a room would be that is archived and that everyone is in."""
    if is_archived and is_default:
        raise Invalid(_("A room that everyone is in cannot be archived."))
