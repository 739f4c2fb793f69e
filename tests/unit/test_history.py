"""What was said: pages of a room, and what moved since a client last looked."""

import json
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from chat import history
from chat.actions.messages import delete_message, edit_message, react_to_message
from chat.errors import ChatError
from chat.frames import MESSAGE_FIELDS, MessageRow, message_frames
from chat.history import MAX_BEHIND, MAX_SYNC_BYTES, MAX_SYNC_ROWS, page_of_messages, sync_room
from chat.models import Message, Room
from chat.room_frames import room_frames
from tests.unit.cast import Cast, make_room, say, say_many


def sync(cast: Cast, since: int, **options: Any) -> dict[str, Any]:
    """Return what ann is told of the den."""
    return sync_room(cast.ann, Room.objects.get(pk=cast.den.pk), since, **options)


def changes(event: dict[str, Any]) -> list[int]:
    """Return the changes in a `room.synced`."""
    return [message["change"] for message in event["messages"]]


def follow(cast: Cast, since: int) -> tuple[list[int], int]:
    """Ask again while there is more, as a client does; return all changes and the number of answers."""
    seen, answers = [], 0
    while True:
        event, answers = sync(cast, since), answers + 1
        assert not event["reset"]
        assert event["since"] == since
        seen += changes(event)
        if not event["more"]:
            assert event["upto"] == event["head"]["change"]
            return seen, answers
        assert event["upto"] == seen[-1] > since
        since = event["upto"]


def test_who_has_everything_is_sent_nothing(cast: Cast) -> None:
    say_many(cast.ann, cast.den, 3)
    assert sync(cast, 3) == {
        "type": "room.synced", "room": cast.den.pk, "since": 3, "upto": 3, "head": {"seq": 3, "change": 3},
        "messages": [], "more": False, "reset": False,
    }  # fmt: skip


def test_an_empty_room_is_in_step(cast: Cast) -> None:
    assert (sync(cast, 0)["upto"], sync(cast, 0)["reset"]) == (0, False)


def test_what_changed_is_sent_once_each_as_it_now_is(cast: Cast) -> None:
    first, second, *_rest = say_many(cast.ann, cast.den, 4)
    edit_message(cast.ann.pk, first.pk, "edited")
    delete_message(cast.ann.pk, second.pk)
    event = sync(cast, 2)
    assert changes(event) == [3, 4, 5, 6]
    assert [message["seq"] for message in event["messages"]] == [3, 4, 1, 2]
    assert event["messages"][2]["body"] == "edited"
    assert "body" not in event["messages"][3]
    assert event["upto"] == 6


def test_more_than_a_hundred_come_in_several_answers(cast: Cast) -> None:
    for _part in range(5):
        say_many(cast.ann, cast.den, 50)
    assert changes(sync(cast, 0)) == list(range(1, MAX_SYNC_ROWS + 1))
    assert follow(cast, 0) == (list(range(1, 251)), 3)
    assert follow(cast, 150) == (list(range(151, 251)), 1)


def test_an_answer_is_at_most_256_kb_or_one_message(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    say_many(cast.ann, cast.den, 40, "\u4f60" * 3900)
    event = sync(cast, 0)
    assert event["more"]
    assert len(msgspec.json.encode(event["messages"])) <= MAX_SYNC_BYTES + 200
    assert follow(cast, 0)[0] == list(range(1, 41))
    monkeypatch.setattr(history, "MAX_SYNC_BYTES", 10)
    assert follow(cast, 30) == (list(range(31, 41)), 10)


@pytest.mark.parametrize("since", [7, 10**9])
def test_who_is_ahead_of_the_head_starts_over(cast: Cast, since: int) -> None:
    say_many(cast.ann, cast.den, 6)
    event = sync(cast, since)
    assert (event["reset"], event["messages"], event["more"], event["upto"]) == (True, [], False, 6)


def test_who_is_too_far_behind_starts_over(cast: Cast) -> None:
    Room.objects.filter(pk=cast.den.pk).update(last_seq=MAX_BEHIND + 1, last_change=MAX_BEHIND + 1)
    assert sync(cast, 0)["reset"]
    assert not sync(cast, 1)["reset"]


def test_who_is_of_another_epoch_starts_over(cast: Cast) -> None:
    say_many(cast.ann, cast.den, 3)
    assert sync(cast, 3, same_epoch=False)["reset"]


def test_only_an_answer_to_one_reader_always_names_him_among_many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.frames.MAX_REACTORS", 2)
    message = say(cast.ann, cast.den)
    for user in (cast.bob, cast.gus, cast.mia, cast.ann):
        react_to_message(user.pk, message.pk, "👍")
    assert sync(cast, 0)["messages"][0]["reactions"] == [{"emoji": "👍", "count": 4, "by": [cast.bob.pk, cast.ann.pk]}]
    everyone = sync_room(None, Room.objects.get(pk=cast.den.pk), 0)
    assert everyone["messages"][0]["reactions"][0]["by"] == [cast.bob.pk, cast.gus.pk]


# Pages.


@pytest.fixture
def den(cast: Cast) -> Room:
    """A room with thirty messages."""
    say_many(cast.ann, cast.den, 30)
    return cast.den


@pytest.mark.parametrize(
    ("edges", "first", "last"),
    [
        ({}, 21, 30), ({"before": 21}, 11, 20), ({"before": 5}, 1, 4), ({"before": 1}, 1, 0), ({"before": 99}, 21, 30),
        ({"after": 0}, 1, 10), ({"after": 25}, 26, 30), ({"after": 30}, 31, 30), ({"around": 15}, 10, 19),
        ({"around": 2}, 1, 6), ({"around": 30}, 25, 30), ({"around": 99}, 26, 30), ({"around": 0}, 1, 5),
    ],
)  # fmt: skip
def test_pages_are_in_order_and_where_they_were_asked_for(
    cast: Cast, den: Room, edges: dict[str, int], first: int, last: int
) -> None:
    page = page_of_messages(cast.bob.pk, den.pk, limit=10, **edges)
    assert [message["seq"] for message in page["messages"]] == list(range(first, last + 1))
    assert page["head"] == {"seq": 30, "change": 30}


@pytest.mark.parametrize(("limit", "count"), [(0, 1), (-5, 1), (1, 1), (500, 30)])
def test_a_page_has_between_one_and_a_hundred_messages(cast: Cast, den: Room, limit: int, count: int) -> None:
    assert len(page_of_messages(cast.bob.pk, den.pk, limit=limit)["messages"]) == count
    assert history.MAX_PAGE == 100


def test_a_page_around_a_message_has_it_even_if_it_is_alone(cast: Cast, den: Room) -> None:
    (message,) = page_of_messages(cast.bob.pk, den.pk, around=7, limit=1)["messages"]
    assert message["seq"] == 7


def test_pages_walked_backward_and_forward_leave_nothing_out(cast: Cast, den: Room) -> None:
    backward, edge = [], 31
    while page := page_of_messages(cast.bob.pk, den.pk, before=edge, limit=7)["messages"]:
        backward = [message["seq"] for message in page] + backward
        edge = backward[0]
    forward, edge = [], 0
    while page := page_of_messages(cast.bob.pk, den.pk, after=edge, limit=7)["messages"]:
        forward += [message["seq"] for message in page]
        edge = forward[-1]
    assert backward == forward == list(range(1, 31))


def test_only_one_edge_is_given(cast: Cast, den: Room) -> None:
    with pytest.raises(ChatError) as refused:
        page_of_messages(cast.bob.pk, den.pk, before=3, after=1)
    assert refused.value.code == "invalid"


def test_an_outsider_reads_public_rooms_only(cast: Cast, den: Room) -> None:
    say(cast.ann, cast.square)
    assert len(page_of_messages(cast.eve.pk, cast.square.pk)["messages"]) == 1
    with pytest.raises(ChatError) as refused:
        page_of_messages(cast.eve.pk, den.pk)
    assert refused.value.code == "not_found"


# How many queries.


def rows_of(room: Room) -> list[MessageRow]:
    """Return a room's messages."""
    return [MessageRow(*row) for row in Message.objects.filter(room=room).order_by("seq").values_list(*MESSAGE_FIELDS)]


def test_a_hundred_messages_take_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for part in range(2):
        say_many((cast.ann, cast.bob)[part], cast.den, 50, "@mia @gus *hello*")
    first, second = Message.objects.order_by("pk")[:2]
    Message.objects.filter(room=cast.den).exclude(pk=first.pk).update(reply_to=first)
    react_to_message(cast.mia.pk, second.pk, "👍")
    rows = rows_of(cast.den)
    with django_assert_max_num_queries(6):
        frames = message_frames(rows, cast.ann.pk)
    assert len(frames) == 100
    assert all(sorted(frame["mentions"]) == sorted([cast.mia.pk, cast.gus.pk]) for frame in frames)
    assert frames[5]["reply_to"]["author"]["nickname"] == "ann"
    assert frames[1]["reactions"] == [{"emoji": "👍", "count": 1, "by": [cast.mia.pk]}]


def test_fifty_rooms_take_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    rooms = [make_room("private", cast.ann, cast.bob, name=f"room {number}") for number in range(50)]
    say(cast.bob, rooms[7], "@ann")
    with django_assert_max_num_queries(5):
        frames = room_frames(cast.ann)
    assert len(frames) == 52
    by_id = {frame["id"]: frame for frame in frames}
    assert (by_id[rooms[7].pk]["unread"], by_id[rooms[7].pk]["mentions"]) == (1, 1)


def test_what_is_null_false_or_empty_is_left_out(cast: Cast) -> None:
    say(cast.ann, cast.den)
    (frame,) = message_frames(rows_of(cast.den))
    assert frame.keys() == {"id", "room", "seq", "change", "kind", "author", "ref", "created_at", "body"}
    assert json.loads(msgspec.json.encode(frame))["created_at"].endswith("Z")


def test_rooms_come_default_first_then_by_last_activity(cast: Cast) -> None:
    lobby = Room.objects.get(is_default=True)
    lobby.memberships.create(user=cast.ann)
    say(cast.ann, cast.den)
    frames = room_frames(cast.ann)
    assert frames[0]["id"] == lobby.pk
    touched = [Room.objects.get(pk=frame["id"]).touched_at for frame in frames[1:]]
    assert all(newer >= older for newer, older in pairwise(touched))
