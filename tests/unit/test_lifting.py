"""What somebody above decided is not lifted from below, by whatever button."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chat.actions.memberships import mute_member
from chat.actions.rooms import edit_room
from chat.errors import Forbidden
from moderation.actions.acts import undo_act
from moderation.actions.endings import How, ending_of
from moderation.actions.people import ban_people, lift_bans, mute_people
from moderation.actions.raids import undo_raid
from moderation.actions.rooms import change_rooms
from tests.unit.cast import Cast
from tests.unit.test_desk import PEOPLE, ROOMS, open_form


def later(hours: float = 1) -> Any:
    """Return when it is some hours later."""
    return timezone.now() + timedelta(hours=hours)


def room_mute(actor: User, cast: Cast) -> Any:
    """Mute bob in the square at the desk."""
    return mute_people(actor, [cast.bob.pk], later(), room_id=cast.square.pk)


Deed = Callable[[User, Cast], Any]
PAIRS: dict[str, tuple[Deed, Deed]] = {
    "a ban": (
        lambda actor, cast: ban_people(actor, [cast.bob.pk], "x"),
        lambda actor, cast: lift_bans(actor, [cast.bob.pk]),
    ),
    "a ban, written over": (
        lambda actor, cast: ban_people(actor, [cast.bob.pk], "x"),
        lambda actor, cast: ban_people(actor, [cast.bob.pk, cast.gus.pk], "y", until=later()),
    ),
    "a raid": (
        lambda actor, cast: undo_raid(actor, [cast.bob.pk], "x"),
        lambda actor, cast: lift_bans(actor, [cast.bob.pk]),
    ),
    "a mute everywhere": (
        lambda actor, cast: mute_people(actor, [cast.bob.pk], later()),
        lambda actor, cast: mute_people(actor, [cast.bob.pk], None),
    ),
    "a mute everywhere, shortened": (
        lambda actor, cast: mute_people(actor, [cast.bob.pk], later(48)),
        lambda actor, cast: mute_people(actor, [cast.bob.pk], later()),
    ),
    "a mute in a room": (
        room_mute,
        lambda actor, cast: mute_people(actor, [cast.bob.pk], None, room_id=cast.square.pk),
    ),
    "a mute in a room, in the room": (
        room_mute,
        lambda actor, cast: mute_member(actor, cast.square.pk, cast.bob.pk, None),
    ),
    "a lock": (
        lambda actor, cast: change_rooms(actor, [cast.square.pk], "lock"),
        lambda actor, cast: change_rooms(actor, [cast.square.pk], "unlock"),
    ),
    "a lock, in the room": (
        lambda actor, cast: change_rooms(actor, [cast.square.pk], "lock"),
        lambda actor, cast: edit_room(actor, cast.square.pk, {"read_only": False}),
    ),
    "an archived room": (
        lambda actor, cast: change_rooms(actor, [cast.square.pk], "archive"),
        lambda actor, cast: change_rooms(actor, [cast.square.pk], "restore"),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_what_an_administrator_did_only_administrators_lift(cast: Cast, mod: User, boss: User, name: str) -> None:
    do, lift = PAIRS[name]
    do(boss, cast)
    with pytest.raises(Forbidden, match="Somebody above you"):
        lift(mod, cast)
    lift(boss, cast)


@pytest.mark.parametrize("name", PAIRS)
def test_what_a_moderator_did_moderators_lift(cast: Cast, mod: User, name: str) -> None:
    do, lift = PAIRS[name]
    do(mod, cast)
    lift(mod, cast)


def test_a_longer_mute_on_top_does_not_hide_the_one_below(cast: Cast, mod: User, boss: User) -> None:
    mute_people(boss, [cast.bob.pk], later(5))
    mute_people(mod, [cast.bob.pk], later(9))
    mute_people(mod, [cast.bob.pk], later(7))
    with pytest.raises(Forbidden):
        mute_people(mod, [cast.bob.pk], None)
    mute_people(boss, [cast.bob.pk], None)
    mute_people(mod, [cast.bob.pk], later(3))
    mute_people(mod, [cast.bob.pk], None)


def test_a_longer_mute_in_the_room_does_not_hide_the_one_of_the_desk(cast: Cast, boss: User) -> None:
    room_mute(boss, cast)
    mute_member(cast.ann, cast.square.pk, cast.bob.pk, later(9))
    for until in (None, later(0.5)):
        with pytest.raises(Forbidden, match="Somebody above you"):
            mute_member(cast.ann, cast.square.pk, cast.bob.pk, until)
    assert mute_member(cast.ann, cast.square.pk, cast.bob.pk, later(3)).muted_until


def test_what_was_ended_in_the_room_binds_nobody_any_more(cast: Cast, boss: User) -> None:
    act = room_mute(boss, cast)
    mute_member(boss, cast.square.pk, cast.bob.pk, None)
    ending = ending_of(act)
    assert ending
    assert (ending.how, ending.by) == (How.LIFTED, boss)
    mute_member(cast.ann, cast.square.pk, cast.bob.pk, later(9))
    assert mute_member(cast.ann, cast.square.pk, cast.bob.pk, None).muted_until is None


def test_what_an_administrator_shortened_lasts_no_longer(cast: Cast, mod: User, boss: User) -> None:
    mute_people(mod, [cast.bob.pk], later(9))
    mute_people(boss, [cast.bob.pk], later(1))
    with pytest.raises(Forbidden):
        mute_people(mod, [cast.bob.pk], None)
    with time_machine.travel(later(2), tick=False):
        mute_people(mod, [cast.bob.pk], later(3))
        mute_people(mod, [cast.bob.pk], None)


@pytest.mark.parametrize(("close", "open_again"), [("lock", "unlock"), ("archive", "restore")])
def test_taking_back_an_old_lock_does_not_open_what_an_administrator_closed_since(
    cast: Cast, mod: User, boss: User, close: str, open_again: str
) -> None:
    old = change_rooms(mod, [cast.square.pk], close)
    change_rooms(mod, [cast.square.pk], open_again)
    change_rooms(boss, [cast.square.pk], close)
    with pytest.raises(Forbidden, match="Somebody above you"):
        undo_act(mod, old.pk)
    undo_act(boss, old.pk)


def test_in_a_room_its_own_moderators_mute_and_let_write_as_before(cast: Cast) -> None:
    mute_member(cast.ann, cast.den.pk, cast.bob.pk, later())
    assert mute_member(cast.mia, cast.den.pk, cast.bob.pk, None).muted_until is None


def test_the_desk_refuses_it_before_it_asks(
    cast: Cast, mod: User, boss: User, at_desk: Callable[[User], Client]
) -> None:
    ban_people(boss, [cast.bob.pk], "x")
    change_rooms(boss, [cast.square.pk], "lock")
    for where, act, pk in ((PEOPLE, "lift_ban", cast.bob.pk), (ROOMS, "unlock", cast.square.pk)):
        page = open_form(at_desk(mod), where, act, pk)
        assert "Somebody above you did this." in page
        assert 'name="apply"' not in page
