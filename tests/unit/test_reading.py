"""How far someone has read: forward only, but for "mark unread", and how many unread messages name someone."""

import random

import pytest

from accounts.models import User
from chat.actions.memberships import join_room
from chat.actions.messages import delete_message, edit_message, restore_message
from chat.actions.reading import ReadMark, mark_unread, store_read_marks
from chat.errors import ChatError
from chat.history import last_read
from chat.models import Membership, Mention, Message, Room
from chat.room_frames import room_frames, unread_mentions
from moderation.actions.acts import undo_act
from moderation.actions.messages import take_down_messages
from moderation.models import Act
from tests.unit.cast import Cast, events_of, membership_of, say, say_many
from tests.unit.conftest import Announced


def mark(user: User, room: Room, seq: int, version: int | None = None) -> None:
    """Store one mark."""
    store_read_marks([ReadMark(user.pk, room.pk, seq, version)])


def read_up_to(user: User, room: Room) -> tuple[int, int]:
    """Return someone's mark and its version."""
    membership = membership_of(user, room)
    return membership.last_read_seq, membership.read_version


def test_a_mark_moves_forward_only(cast: Cast) -> None:
    say_many(cast.ann, cast.den, 5)
    for seq, expected in ((3, 3), (2, 3), (0, 3), (4, 4)):
        mark(cast.bob, cast.den, seq)
        assert read_up_to(cast.bob, cast.den) == (expected, 0)


def test_a_mark_stops_at_the_head(cast: Cast) -> None:
    say_many(cast.ann, cast.den, 2)
    mark(cast.bob, cast.den, 99)
    assert read_up_to(cast.bob, cast.den) == (2, 0)


def test_a_mark_of_an_older_version_is_ignored(cast: Cast) -> None:
    say_many(cast.ann, cast.den, 5)
    mark(cast.bob, cast.den, 5, 0)
    mark_unread(cast.bob.pk, cast.den.pk, 3)
    assert read_up_to(cast.bob, cast.den) == (2, 1)
    mark(cast.bob, cast.den, 5, 0)
    assert read_up_to(cast.bob, cast.den) == (2, 1)
    mark(cast.bob, cast.den, 4, 1)
    assert read_up_to(cast.bob, cast.den) == (4, 1)


def test_what_is_marked_unread_is_counted_from_that_message_on(cast: Cast) -> None:
    say_many(cast.ann, cast.den, 5)
    mark_unread(cast.bob.pk, cast.den.pk, 2)
    (frame,) = room_frames(cast.bob, [cast.den.pk])
    assert (frame["read_seq"], frame["unread"], frame["version"]) == (1, 4, 1)
    mark_unread(cast.bob.pk, cast.den.pk, 99)
    assert read_up_to(cast.bob, cast.den) == (5, 2)


def test_who_is_not_in_the_room_has_no_mark(cast: Cast, announced: Announced) -> None:
    say_many(cast.ann, cast.den, 2)
    for room, code in ((cast.den, "not_found"), (cast.square, "forbidden")):
        with pytest.raises(ChatError) as refused:
            mark_unread(cast.eve.pk, room.pk, 1)
        assert refused.value.code == code
    assert announced(mark, cast.eve, cast.den, 1) == []


def test_a_mark_is_told_to_its_owner_alone(cast: Cast, announced: Announced) -> None:
    say_many(cast.ann, cast.den, 3)
    (found,) = announced(mark, cast.bob, cast.den, 2)
    assert (found["group"], found["events"]) == (f"user.{cast.bob.pk}", "")
    event = {"type": "read.updated", "room": cast.den.pk, "seq": 2, "unread": 1, "mentions": 0, "version": 0}
    event["change"] = 3
    assert found["signal"] == {"type": "read", "event": event}


def test_marks_of_many_are_stored_together(cast: Cast) -> None:
    say_many(cast.ann, cast.den, 3)
    store_read_marks([ReadMark(user.pk, cast.den.pk, 3) for user in (cast.bob, cast.gus, cast.mia, cast.eve)])
    stored = dict(Membership.objects.filter(room=cast.den).values_list("user__nickname", "last_read_seq"))
    assert stored == {"ann": 3, "bob": 3, "gus": 3, "mia": 3, "rex": 0}


# What is deleted among it.


def deleted_of(user: User, room: Room) -> tuple[int, int | None]:
    """Return what someone's ROOM says: how much is unread, and how much of that is deleted."""
    (frame,) = room_frames(user, [room.pk])
    return frame["unread"], frame.get("unread_deleted")


def test_of_what_is_unread_it_is_told_how_much_is_deleted(cast: Cast, announced: Announced) -> None:
    messages = say_many(cast.ann, cast.den, 4)
    say(cast.ann, cast.square, "elsewhere")
    delete_message(cast.ann.pk, messages[0].pk)
    delete_message(cast.ann.pk, messages[3].pk)
    assert deleted_of(cast.bob, cast.den) == (4, 2)
    assert deleted_of(cast.ann, cast.den) == (0, None)
    (found,) = announced(mark, cast.bob, cast.den, 2)
    assert (found["signal"]["event"]["unread"], found["signal"]["event"]["unread_deleted"]) == (2, 1)
    restore_message(cast.ann.pk, messages[3].pk)
    assert deleted_of(cast.bob, cast.den) == (2, None)


def test_it_is_said_which_event_makes_a_message_deleted_and_which_brings_it_back(
    cast: Cast, mod: User, announced: Announced
) -> None:
    message = say(cast.bob, cast.den)
    said = []
    for act, *arguments in (
        (delete_message, cast.bob.pk, message.pk), (take_down_messages, mod, [message.pk]),
    ):  # fmt: skip
        said += [event for _group, event in events_of(announced(act, *arguments))]
    said += [event for _group, event in events_of(announced(undo_act, mod, Act.objects.latest("pk").pk))]
    said += [event for _group, event in events_of(announced(restore_message, cast.bob.pk, message.pk))]
    told = [(event["type"], event.get("again"), event.get("restored")) for event in said if "message" in event]
    deleted, again = ("message.deleted", None, None), ("message.deleted", True, None)
    assert told == [deleted, again, again, ("message.updated", None, True)]


def test_where_very_much_is_unread_what_is_deleted_is_not_counted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = say_many(cast.ann, cast.den, 4)
    delete_message(cast.ann.pk, messages[3].pk)
    monkeypatch.setattr("chat.room_frames.COUNTED_UP_TO", 3)
    assert deleted_of(cast.bob, cast.den) == (4, None)
    mark(cast.bob, cast.den, 1)
    assert deleted_of(cast.bob, cast.den) == (3, 1)


def test_a_room_in_which_all_that_is_unread_is_deleted_opens_as_if_it_were_read(cast: Cast) -> None:
    messages = say_many(cast.ann, cast.den, 3)
    mark(cast.bob, cast.den, 1)
    assert last_read(cast.bob.pk, Room.objects.get(pk=cast.den.pk)) == 1
    for message in messages[1:]:
        delete_message(cast.ann.pk, message.pk)
    assert last_read(cast.bob.pk, Room.objects.get(pk=cast.den.pk)) == 3
    assert last_read(cast.eve.pk, Room.objects.get(pk=cast.den.pk)) == 3


# Unread mentions.


def brute_force(user: User, room: Room) -> int:
    """Count unread messages that name someone, one by one."""
    read = membership_of(user, room).last_read_seq
    return sum(
        message.seq > read
        and message.deleted_at is None
        and message.author_id != user.pk
        and any(mention.user_id in (user.pk, None) for mention in Mention.objects.filter(message=message))
        for message in Message.objects.filter(room=room)
    )


def mentions_of(user: User) -> dict[int, int]:
    """Return the unread mentions of someone by room, as the site counts them."""
    memberships = dict(Membership.objects.filter(user=user).values_list("pk", "room_id"))
    return {memberships[pk]: count for pk, count in unread_mentions(memberships).items()}


BODIES = ["plain", "@ann", "@bob", "@ann @bob @ann", "@all", "@all @ann", "`@ann`", "@gus @mia"]


def stir(cast: Cast, chance: random.Random) -> None:
    """Do any one thing that may change how many unread mentions someone has."""
    room = chance.choice([cast.den, cast.square])
    people = [cast.ann, cast.bob, cast.mia, cast.gus]
    messages = list(Message.objects.filter(room=room))
    kind = chance.choice(["say", "say", "read", "unread", "delete", "restore", "edit"])
    if kind == "say" or not messages:
        say(chance.choice(people), room, chance.choice(BODIES))
    elif kind == "read":
        mark(chance.choice(people), room, chance.randint(1, len(messages)))
    elif kind == "unread":
        mark_unread(chance.choice(people).pk, room.pk, chance.randint(1, len(messages)))
    else:
        message = chance.choice(messages)
        if kind == "delete":
            delete_message(cast.ann.pk, message.pk)
        elif kind == "restore":
            restore_message(cast.ann.pk, message.pk)
        elif not message.deleted_at:
            edit_message(message.author_id, message.pk, chance.choice(BODIES))


@pytest.mark.parametrize("seed", range(4))
def test_unread_mentions_are_what_counting_one_by_one_gives(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    seen: set[int] = set()
    for _round in range(12):
        for _step in range(4):
            stir(cast, chance)
        for user in (cast.ann, cast.bob, cast.gus, cast.rex):
            expected = {room.pk: count for room in (cast.den, cast.square) if (count := brute_force(user, room))}
            assert mentions_of(user) == expected
            seen |= set(expected.values())
    assert len(seen) > 1, "the random acts brought about too little"


def test_an_outsider_has_no_mentions(cast: Cast) -> None:
    say(cast.ann, cast.square, "@all @eve")
    assert mentions_of(cast.eve) == {}


def test_counting_notices_a_deleted_mention_that_still_counts(cast: Cast) -> None:
    message = say(cast.bob, cast.den, "@ann")
    delete_message(cast.bob.pk, message.pk)
    Mention.objects.filter(message=message).update(is_deleted=False)
    assert mentions_of(cast.ann) == {cast.den.pk: 1}
    assert brute_force(cast.ann, cast.den) == 0


def test_joining_reads_everything(cast: Cast) -> None:
    say_many(cast.ann, cast.square, 3)
    join_room(cast.eve, cast.square.pk)
    assert read_up_to(cast.eve, cast.square) == (3, 0)
