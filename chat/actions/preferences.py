"""How someone keeps his or her list of rooms."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from accounts.actions import user_group
from accounts.models import User
from chat.actions.announce import announce_membership
from chat.models import Membership, Room
from chat.permissions import get_membership_for
from database.transactions import write_transaction
from live.publisher import envelope, publish

_COLUMNS = {"favourite": "is_favourite", "notify": "notify"}


def set_preferences(user: User, room_id: int, changes: Mapping[str, Any]) -> Room:
    """Set any of `favourite` (bool) and `notify` (all, mentions, none) of a room. Raises NotFound or Forbidden."""
    with write_transaction():
        membership = get_membership_for(user.pk, room_id)
        for field, value in changes.items():
            setattr(membership, _COLUMNS[field], value)
        if "notify" in changes:
            membership.is_notify_chosen = True
        membership.save(update_fields=["is_notify_chosen", *(_COLUMNS[field] for field in changes)])
        announce_membership(membership.room, membership)
    return membership.room


def order_rooms(user: User, order: str, room_ids: Sequence[int] | None = None) -> dict[int, int]:
    """Order the list by `activity`, or by `hand` as `room_ids` stand; return the place of each room that has one.

    Rooms that `user` is not in are passed over; rooms not named keep no place.
    """
    with write_transaction():
        User.objects.filter(pk=user.pk).update(room_order=order)
        if room_ids is not None:
            _store_places(user, room_ids)
        placed = Membership.objects.filter(user=user, position__isnull=False).order_by("position", "pk")
        positions = {
            room_id: place for room_id, place in placed.values_list("room_id", "position") if place is not None
        }
        event = {
            "type": "rooms.ordered",
            "order": order,
            "positions": {str(room_id): place for room_id, place in positions.items()},
        }
        transaction.on_commit(partial(publish, envelope(user_group(user.pk), [event])))
    return positions


def _store_places(user: User, room_ids: Sequence[int]) -> None:
    places = {room_id: place for place, room_id in enumerate(dict.fromkeys(room_ids))}
    own = list(Membership.objects.filter(user=user))
    for membership in own:
        membership.position = places.get(membership.room_id)
    Membership.objects.bulk_update(own, ["position"], batch_size=500)
