"""What somebody above decided is not lifted from below, by whatever button."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from chat.actions.memberships import join_room, leave_room, mute_member
from chat.actions.messages import delete_message, restore_message
from chat.actions.rooms import edit_room
from chat.errors import ChatError, Forbidden, Invalid
from chat.models import Membership
from moderation.actions.acts import undo_act
from moderation.actions.bans import ban_people, lift_bans
from moderation.actions.endings import How, ending_of, is_anything_left
from moderation.actions.messages import restore_messages, take_down_messages
from moderation.actions.mutes import mute_people
from moderation.actions.noting import NothingLeft
from moderation.actions.raids import undo_raid
from moderation.actions.rooms import change_rooms
from moderation.actions.staff import unmake_moderators
from moderation.models import Act, ActKind
from tests.unit.cast import Cast, change, say
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


def test_what_a_moderator_of_the_site_does_in_the_room_is_an_act(cast: Cast, mod: User) -> None:
    change(cast.square, name="Square")
    room, until = cast.square, later()
    mute_member(mod, room.pk, cast.bob.pk, until, "shouting")
    edit_room(mod, room.pk, {"read_only": True, "topic": "Quiet now"})
    mute, lock = Act.objects.exclude(kind=ActKind.STAFF).order_by("pk")
    assert (mute.kind, mute.until, mute.reason, mute.by) == (ActKind.MUTE, until, "shouting", mod)
    assert (mute.summary, lock.summary) == ("bob · #Square", "#Square")
    noted = [entry.details.get("act") for entry in Entry.objects.order_by("number")]
    assert noted[-2:] == [mute.pk, lock.pk]
    undo_act(mod, mute.pk)
    undo_act(mod, lock.pk)
    room.refresh_from_db()
    assert (room.is_read_only, room.topic) == (False, "Quiet now")
    assert Membership.objects.get(room=room, user=cast.bob).muted_until is None


def test_what_is_done_by_a_role_is_no_act_and_nothing_is_done_twice(cast: Cast, mod: User) -> None:
    edit_room(cast.ann, cast.square.pk, {"read_only": True})
    mute_member(cast.ann, cast.square.pk, cast.bob.pk, until := later())
    acts = Act.objects.exclude(kind=ActKind.STAFF)
    assert not acts.exists()
    for _again in range(2):
        edit_room(mod, cast.square.pk, {"read_only": True, "name": "Plaza"})
        mute_member(mod, cast.square.pk, cast.bob.pk, until)
        assert acts.count() == 2


@pytest.mark.parametrize("is_at_desk", [True, False])
def test_who_stands_above_takes_over_what_was_so_already(cast: Cast, mod: User, boss: User, is_at_desk: bool) -> None:
    room, until = cast.square.pk, later(24)
    mute_member(cast.mia, room, cast.bob.pk, until)
    edit_room(cast.ann, room, {"read_only": True})
    for above in (mod, boss):
        if is_at_desk:
            mute_people(above, [cast.bob.pk], until, room_id=room)
            change_rooms(above, [room], "lock")
        else:
            mute_member(above, room, cast.bob.pk, until)
            edit_room(above, room, {"read_only": True})
        for below in (cast.ann, *([mod] if above == boss else [])):
            with pytest.raises(Forbidden, match="Somebody above you"):
                mute_member(below, room, cast.bob.pk, None)
            with pytest.raises(Forbidden, match="Somebody above you"):
                edit_room(below, room, {"read_only": False})


def test_an_old_mute_taken_back_leaves_one_of_the_same_end_from_above(cast: Cast, mod: User, boss: User) -> None:
    for room_id in (None, cast.square.pk):
        until = later()
        old = mute_people(mod, [cast.bob.pk], until, room_id=room_id)
        mute_people(mod, [cast.bob.pk], None, room_id=room_id)
        mute_people(boss, [cast.bob.pk], until, room_id=room_id)
        assert not is_anything_left(old)
        undo_act(mod, old.pk)
        with pytest.raises(Forbidden):
            mute_people(mod, [cast.bob.pk], None, room_id=room_id)
    cast.bob.refresh_from_db()
    assert cast.bob.muted_until
    assert Membership.objects.get(room=cast.square, user=cast.bob).muted_until


def test_what_a_moderator_did_binds_when_he_is_none_any_more(cast: Cast, mod: User, boss: User) -> None:
    edit_room(mod, cast.square.pk, {"read_only": True})
    mute_member(mod, cast.square.pk, cast.bob.pk, later())
    unmake_moderators(boss, [mod.pk])
    with pytest.raises(Forbidden, match="Somebody above you"):
        edit_room(cast.ann, cast.square.pk, {"read_only": False})
    with pytest.raises(Forbidden, match="Somebody above you"):
        mute_member(cast.ann, cast.square.pk, cast.bob.pk, None)


@pytest.mark.parametrize("changes", [{"archived": True, "default": True}, {"archived": True}, {"default": True}])
def test_a_room_that_everyone_is_in_is_not_archived(cast: Cast, boss: User, changes: dict[str, bool]) -> None:
    change(cast.square, is_default="archived" in changes, is_archived="archived" not in changes)
    with pytest.raises(Invalid, match="cannot be archived"):
        edit_room(boss, cast.square.pk, changes)
    edit_room(boss, cast.square.pk, {"archived": True, "default": False})


def test_taking_back_does_not_archive_a_room_that_everyone_was_put_into(cast: Cast, mod: User, boss: User) -> None:
    change_rooms(mod, [cast.square.pk], "archive")
    restored = change_rooms(mod, [cast.square.pk], "restore")
    edit_room(boss, cast.square.pk, {"default": True})
    undo_act(mod, restored.pk)
    cast.square.refresh_from_db()
    assert (cast.square.is_default, cast.square.is_archived) == (True, False)


ROOM_DEEDS: dict[str, tuple[Deed, Deed]] = {
    "a lock": (
        lambda actor, cast: edit_room(actor, cast.square.pk, {"read_only": True}),
        lambda actor, cast: edit_room(actor, cast.square.pk, {"read_only": False}),
    ),
    "an archived room": (
        lambda actor, cast: edit_room(actor, cast.square.pk, {"archived": True}),
        lambda actor, cast: edit_room(actor, cast.square.pk, {"archived": False}),
    ),
    "a mute": (
        lambda actor, cast: mute_member(actor, cast.square.pk, cast.bob.pk, later()),
        lambda actor, cast: mute_member(actor, cast.square.pk, cast.bob.pk, None),
    ),
}


@pytest.mark.parametrize("name", ROOM_DEEDS)
def test_what_an_administrator_did_in_the_room_its_owner_does_not_lift(cast: Cast, boss: User, name: str) -> None:
    close, lift = ROOM_DEEDS[name]
    close(boss, cast)
    with pytest.raises(Forbidden, match="Somebody above you"):
        lift(cast.ann, cast)
    lift(boss, cast)
    # What was opened above binds nobody any more.
    close(cast.ann, cast)
    lift(cast.ann, cast)


def test_two_mutes_taken_back_in_the_order_of_their_making_leave_none(cast: Cast, mod: User) -> None:
    for room_id in (None, cast.square.pk):
        acts = [mute_people(mod, [cast.bob.pk], later(hours), room_id=room_id) for hours in (1, 2, 3)]
        for act in acts:
            undo_act(mod, act.pk)
    cast.bob.refresh_from_db()
    assert cast.bob.muted_until is None
    assert Membership.objects.get(room=cast.square, user=cast.bob).muted_until is None


def test_the_last_of_two_mutes_taken_back_leaves_the_first(cast: Cast, mod: User) -> None:
    first = room_mute(mod, cast)
    second = mute_people(mod, [cast.bob.pk], later(5), room_id=cast.square.pk)
    undo_act(mod, second.pk)
    assert Membership.objects.get(room=cast.square, user=cast.bob).muted_until == first.until


@pytest.mark.parametrize("is_taken_back", [True, False])
def test_who_left_a_room_muted_writes_there_again_once_that_is_over(cast: Cast, mod: User, is_taken_back: bool) -> None:
    act = room_mute(mod, cast)
    leave_room(cast.bob, cast.square.pk)
    assert is_anything_left(act)
    if is_taken_back:
        undo_act(mod, act.pk)
    else:
        mute_people(mod, [cast.bob.pk], None, room_id=cast.square.pk)
    join_room(cast.bob, cast.square.pk)
    assert Membership.objects.get(room=cast.square, user=cast.bob).muted_until is None


def test_a_ban_with_messages_is_taken_back_by_who_may_restore_messages(cast: Cast, mod: User) -> None:
    say(cast.bob, cast.square, "spam")
    act = ban_people(mod, [cast.bob.pk], "x", hours=1)
    group = mod.groups.get()
    group.permissions.remove(Permission.objects.get(codename="take_down_messages"))
    lesser = User.objects.get(pk=mod.pk)
    with pytest.raises(Forbidden, match="do not have the right"):
        undo_act(lesser, act.pk)
    assert lift_bans(lesser, [cast.bob.pk]).people == 1


def test_a_ban_is_taken_over_from_above(cast: Cast, mod: User, boss: User) -> None:
    ban_people(mod, [cast.bob.pk], "spam")
    ban_people(boss, [cast.bob.pk], "spam")
    with pytest.raises(Forbidden, match="Somebody above you"):
        lift_bans(mod, [cast.bob.pk])


def test_who_was_banned_before_a_raid_stays_out_with_it(cast: Cast, mod: User, boss: User) -> None:
    ban = ban_people(mod, [cast.bob.pk], "spam")
    undo_raid(boss, [cast.bob.pk, cast.gus.pk], "raid")
    undo_act(mod, ban.pk)
    cast.bob.refresh_from_db()
    assert not cast.bob.is_active
    with pytest.raises(NothingLeft):
        undo_raid(boss, [cast.bob.pk, cast.gus.pk], "raid")


def test_what_somebody_below_took_down_is_taken_down_from_above(cast: Cast, mod: User, boss: User) -> None:
    message = say(cast.bob, cast.square)
    delete_message(cast.ann.pk, message.pk)
    act = take_down_messages(mod, [message.pk])
    with pytest.raises(ChatError):
        restore_message(cast.ann.pk, message.pk)
    over = take_down_messages(boss, [message.pk])
    with pytest.raises(ChatError):
        restore_messages(mod, [message.pk])
    for each in (over, act):
        assert is_anything_left(each)
        undo_act(boss, each.pk)
    restore_message(cast.ann.pk, message.pk)
    message.refresh_from_db()
    assert message.deleted_at is None


@pytest.mark.parametrize("is_ban", [True, False])
def test_what_is_taken_down_from_above_does_not_come_back_with_the_act_below(
    cast: Cast, mod: User, boss: User, is_ban: bool
) -> None:
    message = say(cast.bob, cast.square)
    below = ban_people(mod, [cast.bob.pk], "x", hours=1) if is_ban else take_down_messages(mod, [message.pk])
    take_down_messages(boss, [message.pk])
    if is_ban:
        assert lift_bans(mod, [cast.bob.pk], bring_back=True).back == 0
    else:
        assert not is_anything_left(below)
        undo_act(mod, below.pk)
    message.refresh_from_db()
    assert message.deleted_by == boss


def test_what_was_given_back_to_its_author_is_no_longer_kept_down(cast: Cast, mod: User) -> None:
    message = say(cast.bob, cast.square)
    delete_message(cast.bob.pk, message.pk)
    ban = ban_people(mod, [cast.bob.pk], "x", hours=1)
    lift_bans(mod, [cast.bob.pk], bring_back=True)
    restore_message(cast.bob.pk, message.pk)
    take_down_messages(mod, [message.pk])
    assert not is_anything_left(ban)
    undo_act(mod, ban.pk)
    with pytest.raises(ChatError):
        restore_message(cast.bob.pk, message.pk)
    assert restore_messages(mod, [message.pk]) == [message.pk]


def test_each_mute_in_the_room_is_an_act_however_little_it_changes(cast: Cast, mod: User) -> None:
    until = later()
    for moved in (timedelta(0), timedelta(seconds=20)):
        mute_member(mod, cast.square.pk, cast.bob.pk, until + moved)
    first, second = Act.objects.exclude(kind=ActKind.STAFF).order_by("pk")
    for act in (second, first):
        undo_act(mod, act.pk)
    assert Membership.objects.get(room=cast.square, user=cast.bob).muted_until is None


def test_an_old_lock_taken_back_leaves_a_later_one(cast: Cast, mod: User) -> None:
    old = change_rooms(mod, [cast.square.pk], "lock")
    change_rooms(mod, [cast.square.pk], "unlock")
    change_rooms(mod, [cast.square.pk], "lock")
    assert not is_anything_left(old)
    undo_act(mod, old.pk)
    cast.square.refresh_from_db()
    assert cast.square.is_read_only


def test_what_was_opened_by_a_role_binds_nobody_any_more(cast: Cast, mod: User) -> None:
    change_rooms(mod, [cast.square.pk], "lock")
    change(cast.ann, is_staff=True)
    edit_room(User.objects.get(pk=cast.ann.pk), cast.square.pk, {"read_only": False})
    change(cast.ann, is_staff=False)
    edit_room(cast.mia, cast.square.pk, {"read_only": True})
    assert not edit_room(cast.mia, cast.square.pk, {"read_only": False}).is_read_only
