"""Private chats: one for each pair, told of before the first message, hidden and found again."""

import pytest

from chat.actions.direct import open_direct_room
from chat.actions.memberships import join_room, leave_room
from chat.actions.messages import delete_message, pin_message, react_to_message
from chat.errors import ChatError
from chat.models import Membership, Message, Room
from chat.room_frames import room_frames
from tests.unit.cast import Cast, change, code_of, draft_of, events_of, membership_of, post, say
from tests.unit.conftest import Announced


def chats_of(user: object) -> list[int]:
    """Return the private chats that someone is shown."""
    return [frame["id"] for frame in room_frames(user) if frame["kind"] == "direct"]  # type: ignore[arg-type]


def test_a_pair_has_one_private_chat_whoever_writes(cast: Cast) -> None:
    results = post(
        draft_of(cast.ann, to=cast.bob.pk), draft_of(cast.bob, to=cast.ann.pk), draft_of(cast.ann, to=cast.gus.pk)
    )
    assert [code_of(result) for result in results] == ["ok"] * 3
    (again,) = post(draft_of(cast.bob, to=cast.ann.pk))
    first, second, other = results
    assert first.room == second.room == again.room != other.room
    assert [first.seq, second.seq, again.seq] == [1, 2, 3]
    assert open_direct_room(cast.ann, cast.bob.pk).pk == open_direct_room(cast.bob, cast.ann.pk).pk == first.room
    assert Membership.objects.filter(room_id=first.room).count() == 2


def test_nobody_else_sees_a_private_chat(cast: Cast) -> None:
    change(cast.eve, is_staff=True)
    room = open_direct_room(cast.ann, cast.bob.pk)
    message = say(cast.ann, room)
    assert [code_of(post(draft_of(user, room))[0]) for user in (cast.eve, cast.gus)] == ["not_found"] * 2
    for act in (delete_message, pin_message, lambda user, pk: react_to_message(user, pk, "👍")):
        with pytest.raises(ChatError) as refused:
            act(cast.eve.pk, message.pk)
        assert refused.value.code == "not_found"
    with pytest.raises(ChatError) as refused:
        join_room(cast.eve, room.pk)
    assert refused.value.code == "not_found"


def test_in_a_private_chat_nobody_moderates(cast: Cast) -> None:
    change(cast.ann, is_staff=True)
    message = say(cast.bob, open_direct_room(cast.ann, cast.bob.pk))
    with pytest.raises(ChatError) as refused:
        delete_message(cast.ann.pk, message.pk)
    assert refused.value.code == "forbidden"


def test_a_chat_that_is_opened_is_shown_to_the_other_from_the_first_message_on(cast: Cast) -> None:
    room = open_direct_room(cast.ann, cast.bob.pk)
    assert (chats_of(cast.ann), chats_of(cast.bob)) == ([room.pk], [])
    say(cast.ann, room)
    assert (chats_of(cast.ann), chats_of(cast.bob)) == ([room.pk], [room.pk])


def test_a_new_chat_is_told_of_before_its_first_message(cast: Cast, announced: Announced) -> None:
    told = events_of(announced(post, draft_of(cast.ann, to=cast.bob.pk), draft_of(cast.ann, to=cast.bob.pk)))
    for user, partner in ((cast.ann, "bob"), (cast.bob, "ann")):
        own = [event for group, event in told if group == f"user.{user.pk}"]
        assert [event["type"] for event in own] == ["room.joined", "message.created", "message.created"]
        room = own[0]["room"]
        assert (room["with"]["nickname"], room["head"], room["unread"], room["read_seq"]) == (
            partner, {"seq": 0, "change": 0}, 0, 0
        )  # fmt: skip
        assert [event["change"] for event in own[1:]] == [1, 2]
    assert len(told) == 6


def test_a_chat_that_was_left_is_hidden_until_its_next_message(cast: Cast, announced: Announced) -> None:
    room = open_direct_room(cast.ann, cast.bob.pk)
    say(cast.ann, room, "@bob hi")
    leave_room(cast.bob, room.pk)
    assert chats_of(cast.bob) == []
    assert membership_of(cast.bob, room).is_hidden
    told = events_of(announced(say, cast.ann, room, "@bob again"))
    own = [event for group, event in told if group == f"user.{cast.bob.pk}"]
    assert [event["type"] for event in own] == ["room.joined", "message.created"]
    shown = own[0]["room"]
    assert (shown["head"]["seq"], shown["unread"], shown["mentions"], shown["read_seq"]) == (1, 1, 1, 0)
    assert chats_of(cast.bob) == [room.pk]
    assert [event["type"] for group, event in told if group == f"user.{cast.ann.pk}"] == ["message.created"]


def test_a_chat_that_was_left_is_found_again_by_joining_or_opening(cast: Cast) -> None:
    room = open_direct_room(cast.ann, cast.bob.pk)
    for find in (lambda: join_room(cast.ann, room.pk), lambda: open_direct_room(cast.ann, cast.bob.pk)):
        leave_room(cast.ann, room.pk)
        assert chats_of(cast.ann) == []
        find()
        assert chats_of(cast.ann) == [room.pk]


def test_a_refused_first_message_leaves_no_chat(cast: Cast) -> None:
    results = post(
        draft_of(cast.ann, to=cast.bob.pk, reply_to=10**9), draft_of(cast.ann, to=10**9),
        draft_of(cast.ann, to=cast.ann.pk), draft_of(cast.ann, body=" ", to=cast.bob.pk),
    )  # fmt: skip
    assert [code_of(result) for result in results] == ["not_found", "not_found", "invalid", "invalid"]
    assert not Room.objects.filter(kind="direct").exists()


def test_a_chat_with_oneself_nobody_or_someone_gone_cannot_be_opened(cast: Cast) -> None:
    change(cast.gus, is_former=True)
    for other, code in ((cast.ann.pk, "invalid"), (10**9, "not_found"), (cast.gus.pk, "not_found")):
        with pytest.raises(ChatError) as refused:
            open_direct_room(cast.ann, other)
        assert refused.value.code == code


def test_in_a_private_chat_the_other_can_be_mentioned(cast: Cast) -> None:
    (place,) = post(draft_of(cast.ann, to=cast.bob.pk, body="@bob @gus @all"))
    row = Message.objects.get(pk=place.id)
    assert list(row.mentions.values_list("user_id", flat=True)) == [cast.bob.pk]
