"""People keep others away."""

import pytest

from chat.actions.blocks import block_user, unblock_user
from chat.actions.direct import open_direct_room
from chat.actions.messages import delete_message, edit_message, react_to_message
from chat.errors import ChatError
from chat.models import Room
from chat.permissions import blocked_by
from chat.room_frames import room_frame_for
from tests.unit.cast import Cast, code_of, draft_of, events_of, membership_of, post, say
from tests.unit.conftest import Announced


def refusal(act: object, *arguments: object) -> str:
    with pytest.raises(ChatError) as refused:
        act(*arguments)  # type: ignore[operator]
    return refused.value.code


def test_no_private_chat_is_opened_either_way(cast: Cast) -> None:
    block_user(cast.ann, cast.bob.pk)
    assert refusal(open_direct_room, cast.bob, cast.ann.pk) == "forbidden"
    assert refusal(open_direct_room, cast.ann, cast.bob.pk) == "forbidden"
    unblock_user(cast.ann, cast.bob.pk)
    open_direct_room(cast.bob, cast.ann.pk)


def test_nothing_is_sent_in_the_one_there_is_and_none_is_left_behind(cast: Cast) -> None:
    chat = open_direct_room(cast.bob, cast.ann.pk)
    said = say(cast.bob, chat)
    block_user(cast.ann, cast.bob.pk)
    before = Room.objects.count()
    drafts = [draft_of(cast.bob, chat), draft_of(cast.bob, to=cast.ann.pk), draft_of(cast.ann, chat)]
    assert [code_of(result) for result in post(*drafts)] == ["forbidden"] * 3
    block_user(cast.eve, cast.bob.pk)
    assert [code_of(result) for result in post(draft_of(cast.bob, to=cast.eve.pk))] == ["forbidden"]
    assert Room.objects.count() == before
    assert refusal(edit_message, cast.bob.pk, said.pk, "more") == "forbidden"
    assert refusal(react_to_message, cast.bob.pk, said.pk, "👍") == "forbidden"
    delete_message(cast.bob.pk, said.pk)


def test_in_rooms_they_still_meet(cast: Cast) -> None:
    block_user(cast.ann, cast.bob.pk)
    say(cast.bob, cast.den)


def test_a_mention_by_someone_blocked_does_not_count(cast: Cast) -> None:
    block_user(cast.ann, cast.bob.pk)
    say(cast.bob, cast.den, "@ann look")
    assert room_frame_for(cast.ann, cast.den)["mentions"] == 0
    say(cast.mia, cast.den, "@ann look")
    assert room_frame_for(cast.ann, cast.den)["mentions"] == 1
    assert membership_of(cast.ann, cast.den).last_read_seq == 0


def test_ones_own_sockets_are_told(cast: Cast, announced: Announced) -> None:
    told = events_of(announced(block_user, cast.ann, cast.bob.pk))
    assert told == [(f"user.{cast.ann.pk}", {"type": "blocks.updated", "blocked": [cast.bob.pk]})]
    assert announced(unblock_user, cast.ann, cast.eve.pk) == []
    assert blocked_by(cast.ann.pk) == [cast.bob.pk]


def test_oneself_and_nobody_cannot_be_blocked(cast: Cast) -> None:
    assert refusal(block_user, cast.ann, cast.ann.pk) == "invalid"
    assert refusal(block_user, cast.ann, 10**9) == "not_found"
