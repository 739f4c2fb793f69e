"""Rooms are made, entered and left, and each change of members has a version."""

import pytest

from accounts.models import User
from chat.actions.memberships import join_default_rooms, join_room, leave_room
from chat.actions.messages import delete_message
from chat.actions.rooms import create_room
from chat.errors import ChatError
from chat.models import Membership, Room
from tests.unit.cast import Cast, change, membership_of, say
from tests.unit.conftest import Announced


def refusal(act: object, *arguments: object) -> str:
    """Return the code with which an act is refused."""
    with pytest.raises(ChatError) as refused:
        act(*arguments)  # type: ignore[operator]
    return refused.value.code


def state(room: Room) -> tuple[int, int]:
    """Return a room's version of its members, and how many they are said to be; that must be true."""
    stored = Room.objects.get(pk=room.pk)
    assert stored.member_count == Membership.objects.filter(room=room).count()
    return stored.members_version, stored.member_count


@pytest.mark.parametrize("kind", ["public", "private"])
def test_who_makes_a_room_owns_it(cast: Cast, kind: str) -> None:
    room = create_room(cast.eve, "  The\tTower ", kind, "high up")
    assert (room.name, room.topic, room.kind) == ("The Tower", "high up", kind)
    assert membership_of(cast.eve, room).role == "owner"
    assert state(room) == (1, 1)


@pytest.mark.parametrize(
    ("name", "kind"), [("", "public"), ("x" * 65, "public"), ("\u200b", "private"), ("ok", "direct"), ("ok", "x")]
)
def test_what_is_no_room_is_not_made(cast: Cast, name: str, kind: str) -> None:
    before = Room.objects.count()
    assert refusal(create_room, cast.eve, name, kind) == "invalid"
    assert Room.objects.count() == before


def test_every_change_of_members_raises_their_version(cast: Cast, announced: Announced) -> None:
    assert state(cast.square) == (1, 5)
    told = announced(join_room, cast.eve, cast.square.pk)
    assert state(cast.square) == (2, 6)
    assert [(item["group"], item["fence"]) for item in told] == [
        (f"room.{cast.square.pk}", (2, 1)), (f"user.{cast.eve.pk}", None)
    ]  # fmt: skip
    told = announced(leave_room, cast.eve, cast.square.pk)
    assert state(cast.square) == (3, 5)
    assert told[0]["fence"] == (3, 2)
    assert told[0]["signal"] is not None
    assert told[0]["signal"]["removed"] == cast.eve.pk


def test_joining_twice_changes_nothing(cast: Cast) -> None:
    join_room(cast.bob, cast.square.pk)
    assert state(cast.square) == (1, 5)


def test_an_outsider_neither_enters_nor_leaves_a_private_room(cast: Cast) -> None:
    assert refusal(join_room, cast.eve, cast.den.pk) == "not_found"
    assert refusal(leave_room, cast.eve, cast.den.pk) == "not_found"
    assert refusal(leave_room, cast.eve, cast.square.pk) == "not_found"
    assert refusal(join_room, cast.eve, 10**9) == "not_found"
    assert (state(cast.den), state(cast.square)) == ((1, 5), (1, 5))


def test_nobody_enters_an_archived_room(cast: Cast) -> None:
    change(cast.square, is_archived=True)
    assert refusal(join_room, cast.eve, cast.square.pk) == "forbidden"


def test_who_left_may_no_longer_act_on_what_he_wrote(cast: Cast) -> None:
    message = say(cast.bob, cast.den)
    leave_room(cast.bob, cast.den.pk)
    assert refusal(delete_message, cast.bob.pk, message.pk) == "not_found"


def test_a_new_account_is_in_the_default_rooms(cast: Cast) -> None:
    newcomer = User.objects.create_user("newcomer")
    join_default_rooms(newcomer)
    assert list(newcomer.memberships.values_list("room__name", flat=True)) == ["Lobby"]
