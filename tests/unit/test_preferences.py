"""How people keep their lists of rooms."""

import pytest

from chat.actions.preferences import order_rooms, set_preferences
from chat.errors import Forbidden, NotFound
from chat.room_frames import room_frame_for
from tests.unit.cast import Cast, events_of
from tests.unit.conftest import Announced


def test_a_room_is_made_a_favourite_and_quiet(cast: Cast, announced: Announced) -> None:
    told = events_of(announced(set_preferences, cast.bob, cast.den.pk, {"favourite": True, "notify": "none"}))
    ((group, event),) = told
    assert (group, event["favourite"], event["notify"]) == (f"user.{cast.bob.pk}", True, "none")
    frame = room_frame_for(cast.bob, cast.den)
    assert (frame["favourite"], frame["notify"]) == (True, "none")
    assert room_frame_for(cast.ann, cast.den)["favourite"] is False


def test_only_of_ones_own_rooms(cast: Cast) -> None:
    with pytest.raises(NotFound):
        set_preferences(cast.eve, cast.den.pk, {"favourite": True})
    with pytest.raises(Forbidden):
        set_preferences(cast.eve, cast.square.pk, {"favourite": True})


def test_rooms_stand_as_they_were_put_by_hand(cast: Cast, announced: Announced) -> None:
    assert order_rooms(cast.bob, "hand", [cast.square.pk, 10**9, cast.den.pk]) == {cast.square.pk: 0, cast.den.pk: 2}
    assert room_frame_for(cast.bob, cast.den)["position"] == 2
    told = events_of(announced(order_rooms, cast.bob, "activity"))
    positions = {str(cast.square.pk): 0, str(cast.den.pk): 2}
    assert told == [(f"user.{cast.bob.pk}", {"type": "rooms.ordered", "order": "activity", "positions": positions})]
    cast.bob.refresh_from_db()
    assert cast.bob.room_order == "activity"


def test_a_room_that_is_not_named_loses_its_place(cast: Cast) -> None:
    order_rooms(cast.bob, "hand", [cast.square.pk, cast.den.pk])
    assert order_rooms(cast.bob, "hand", [cast.den.pk]) == {cast.den.pk: 0}
