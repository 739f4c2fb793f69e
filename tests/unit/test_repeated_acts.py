"""What is done already makes no second act, and taking back says what it does not take back."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from chat.actions.messages import delete_message, restore_message
from chat.errors import ChatError
from moderation.actions.acts import undo_act
from moderation.actions.bans import ban_people, lift_bans
from moderation.actions.bots import create_bot, revoke_bot_tokens
from moderation.actions.messages import restore_messages, take_down_messages
from moderation.actions.mutes import mute_people
from moderation.actions.noting import NothingLeft
from moderation.actions.profiles import reset_profiles
from moderation.actions.raids import Origin, undo_raid
from moderation.actions.rooms import change_rooms
from moderation.actions.staff import make_administrator, make_moderators, unmake_moderators
from moderation.models import Act, ActKind
from tests.unit.cast import Cast, say
from tests.unit.test_desk import ACTS, MESSAGES, PEOPLE, open_form


def soon() -> Any:
    """Return when it is an hour later."""
    return timezone.now() + timedelta(hours=1)


DEEDS: dict[str, Callable[[Cast, User], Any]] = {
    "ban for good": lambda cast, boss: ban_people(boss, [cast.bob.pk], "spam"),
    "ban for an hour": lambda cast, boss: ban_people(boss, [cast.bob.pk], "spam", until=soon()),
    "ban and take down": lambda cast, boss: ban_people(boss, [cast.bob.pk], "spam", hours=1),
    "mute": lambda cast, boss: mute_people(boss, [cast.bob.pk], soon()),
    "mute in a room": lambda cast, boss: mute_people(boss, [cast.bob.pk], soon(), room_id=cast.square.pk),
    "undo a raid": lambda cast, boss: undo_raid(boss, [cast.bob.pk], "raid", Origin(since=cast.ann.created_at)),
    "lock a room": lambda cast, boss: change_rooms(boss, [cast.square.pk], "lock"),
    "make a moderator": lambda cast, boss: make_moderators(boss, [cast.bob.pk]),
    "take a profile away": lambda cast, boss: reset_profiles(boss, [cast.bob.pk], "x", nickname=True, picture=True),
}


@pytest.mark.parametrize("name", DEEDS)
def test_what_is_sent_twice_is_done_once(cast: Cast, boss: User, name: str) -> None:
    cast.bob.is_guest = False
    cast.bob.save()
    say(cast.bob, cast.square)
    DEEDS[name](cast, boss)
    before = Act.objects.count(), Entry.objects.count()
    with pytest.raises(ChatError, match="othing"):
        DEEDS[name](cast, boss)
    assert (Act.objects.count(), Entry.objects.count()) == before == (1, 1)


def test_what_changes_nothing_is_no_act(cast: Cast, boss: User) -> None:
    bot, _secret = create_bot(boss, "robot")
    revoke_bot_tokens(boss, [bot.pk])
    deleted = say(cast.bob, cast.square)
    delete_message(cast.bob.pk, deleted.pk)
    take_down_messages(boss, [deleted.pk])
    before = Act.objects.count(), Entry.objects.count()
    for deed in (
        lambda: revoke_bot_tokens(boss, [bot.pk]),
        lambda: unmake_moderators(boss, [cast.bob.pk]),
        lambda: lift_bans(boss, [cast.bob.pk]),
        lambda: take_down_messages(boss, [deleted.pk]),
        lambda: restore_messages(boss, [deleted.pk]),
        lambda: change_rooms(boss, [cast.square.pk], "unlock"),
    ):
        with pytest.raises(NothingLeft):
            deed()
    assert (Act.objects.count(), Entry.objects.count()) == before


def test_of_several_only_who_is_not_banned_so_already_is_in_the_act(cast: Cast, mod: User) -> None:
    first = ban_people(mod, [cast.bob.pk], "spam")
    second = ban_people(mod, [cast.bob.pk, cast.gus.pk], "spam")
    assert [set(act.items.values_list("object_id", flat=True)) for act in (first, second)] == [
        {cast.bob.pk}, {cast.gus.pk},
    ]  # fmt: skip
    ban_people(mod, [cast.bob.pk], "another reason")
    ban_people(mod, [cast.bob.pk], "another reason", until=soon())


def test_of_four_who_ban_at_once_one_does(real_cast: Cast) -> None:
    boss = User.objects.create_user("boss", "a good long password", is_staff=True, is_superuser=True)
    together, outcomes = threading.Barrier(4), []

    def ban() -> None:
        together.wait()
        try:
            ban_people(boss, [real_cast.bob.pk], "spam")
            outcomes.append("done")
        except NothingLeft:
            outcomes.append("nothing")
        connection.close()

    threads = [threading.Thread(target=ban) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "nothing", "nothing", "nothing"]
    assert (Act.objects.count(), Entry.objects.count()) == (1, 1)


def test_the_desk_says_that_nothing_was_left_to_do(cast: Cast, mod: User, at_desk: Callable[[User], Client]) -> None:
    desk, deleted = at_desk(mod), say(cast.bob, cast.square)
    delete_message(cast.bob.pk, deleted.pk)
    assert "take it back" in open_form(desk, MESSAGES, "take_down", deleted.pk, apply="1", reason="ads")
    told = open_form(desk, MESSAGES, "take_down", deleted.pk, apply="1", reason="ads")
    assert "Nothing was left to do" in told
    assert "Take down: 0" not in told
    for expected in ("take it back", "Nothing was left to do"):
        assert expected in open_form(desk, PEOPLE, "ban", cast.bob.pk, apply="1", hours="0", take_away="0", reason="x")
    told = open_form(desk, MESSAGES, "restore", deleted.pk, apply="1")
    assert "Its author deleted it" in told
    assert "messages are back" not in told


def test_taking_back_says_who_is_still_banned_by_another_act(
    cast: Cast, mod: User, at_desk: Callable[[User], Client]
) -> None:
    desk = at_desk(mod)
    first, second = (ban_people(mod, [cast.bob.pk], reason) for reason in ("spam", "worse"))
    told = open_form(desk, ACTS, "take_back", second.pk, apply="1")
    assert "Still banned, by another act: bob." in told
    assert "all is as it was" not in told
    assert "all is as it was" in open_form(desk, ACTS, "take_back", first.pk, apply="1")


def test_only_so_many_acts_are_taken_back_at_once(
    cast: Cast, mod: User, at_desk: Callable[[User], Client], django_assert_max_num_queries: Any
) -> None:
    Act.objects.bulk_create(Act(kind=ActKind.ROOM, by=mod, summary="#x") for _ in range(60))
    chosen = {"action": "take_back", "select_across": "1", "_selected_action": [Act.objects.first().pk]}
    desk = at_desk(mod)
    with django_assert_max_num_queries(60):
        page = desk.post(ACTS, chosen, follow=True).content.decode()
    assert "At most 50 acts at once." in page
    page = desk.post(ACTS, chosen | {"apply": "1"}).content.decode()
    assert "At most 50 acts at once." in page
    assert not Act.objects.exclude(undone_at=None).exists()


def test_profiles_are_taken_of_a_thousand_at_most(mod: User) -> None:
    with pytest.raises(ChatError, match="At most 1,000"):
        reset_profiles(mod, range(1001), "x", nickname=True, picture=True)


@pytest.mark.parametrize("name", ["take_down", "ban", "raid"])
def test_what_its_author_deleted_stays_down_once_a_moderator_says_so(cast: Cast, mod: User, name: str) -> None:
    message = say(cast.bob, cast.square, "horrible")
    delete_message(cast.bob.pk, message.pk)
    acts: dict[str, Callable[[], Act]] = {
        "take_down": lambda: take_down_messages(mod, [message.pk]),
        "ban": lambda: ban_people(mod, [cast.bob.pk], "x", hours=1),
        "raid": lambda: undo_raid(mod, [cast.bob.pk], "x"),
    }
    act = acts[name]()
    cast.bob.refresh_from_db()
    for actor in (cast.bob, mod):
        with pytest.raises(ChatError) as error:
            restore_message(actor.pk, message.pk)
        assert error.value.code == "forbidden"
    with pytest.raises(NothingLeft, match="Its author deleted it"):
        restore_messages(mod, [message.pk])
    undo_act(mod, act.pk)
    message.refresh_from_db()
    assert message.deleted_at
    assert message.deleted_by == cast.bob
    restore_message(cast.bob.pk, message.pk)
    message.refresh_from_db()
    assert message.deleted_at is None


def test_a_raid_takes_those_too_who_would_come_back_soon(cast: Cast, mod: User) -> None:
    ban_people(mod, [cast.bob.pk], "tmp", until=soon())
    act = undo_raid(mod, [cast.bob.pk, cast.gus.pk], "raid")
    cast.bob.refresh_from_db()
    assert (cast.bob.is_active, cast.bob.banned_until, cast.bob.ban_reason) == (False, None, "raid")
    undo_act(mod, act.pk)
    cast.bob.refresh_from_db()
    assert (cast.bob.is_active, cast.bob.ban_reason) == (False, "tmp")


def test_of_two_bans_the_longer_is_told(cast: Cast, mod: User) -> None:
    ban_people(mod, [cast.bob.pk], "for good")
    ban_people(mod, [cast.bob.pk], "an hour", until=soon())
    cast.bob.refresh_from_db()
    assert (cast.bob.banned_until, cast.bob.ban_reason) == (None, "for good")


def test_who_is_an_administrator_is_not_made_one_again(boss: User, mod: User) -> None:
    make_administrator(boss, mod.pk)
    before = Entry.objects.count()
    with pytest.raises(NothingLeft):
        make_administrator(boss, mod.pk)
    assert Entry.objects.count() == before
