"""Rooms are made with people in them, and changed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions.blocks import block_user
from chat.actions.rooms import create_group, create_room, edit_room, set_room_picture
from chat.errors import ChatError
from chat.models import Membership, Room
from chat.room_frames import room_frame_for
from tests.unit.cast import Cast, change, code_of, draft_of, events_of, post
from tests.unit.conftest import Announced


def refusal(act: object, *arguments: object) -> str:
    with pytest.raises(ChatError) as refused:
        act(*arguments)  # type: ignore[operator]
    return refused.value.code


def test_a_room_is_made_with_its_people(cast: Cast) -> None:
    room = create_room(cast.ann, "Plans", "private", people=[cast.bob.pk, cast.eve.pk, cast.bob.pk, cast.ann.pk])
    names = Membership.objects.filter(room=room).values_list("user__nickname", "role")
    assert set(names) == {("ann", "owner"), ("bob", "member"), ("eve", "member")}
    assert Room.objects.get(pk=room.pk).member_count == 3


def test_a_room_with_someone_who_does_not_want_it_is_not_made_at_all(cast: Cast) -> None:
    block_user(cast.bob, cast.ann.pk)
    before = Room.objects.count()
    with pytest.raises(ChatError) as refused:
        create_room(cast.ann, "Plans", "private", people=[cast.eve.pk, cast.bob.pk])
    assert refused.value.code == "forbidden"
    assert Room.objects.count() == before


def test_a_group_is_named_after_its_people(cast: Cast) -> None:
    group = create_group(cast.ann, [cast.bob.pk, cast.eve.pk])
    assert (group.name, group.kind, group.is_group) == ("ann, bob, eve", "private", True)
    assert create_group(cast.ann, [cast.bob.pk, cast.eve.pk], "Trip").name == "Trip"


def test_a_group_takes_three(cast: Cast) -> None:
    assert refusal(create_group, cast.ann, [cast.bob.pk]) == "invalid"
    assert refusal(create_group, cast.ann, [cast.bob.pk, cast.ann.pk]) == "invalid"


def test_members_of_a_group_may_rename_it_and_bring_others(cast: Cast) -> None:
    group = create_group(cast.ann, [cast.bob.pk, cast.eve.pk])
    assert room_frame_for(cast.bob, group)["abilities"] == ["invite", "edit"]
    assert edit_room(cast.bob, group.pk, {"name": "Trip to the sea"}).name == "Trip to the sea"


def test_what_moderators_change_is_told_to_the_room_at_once(cast: Cast, announced: Announced) -> None:
    changes = {"name": "Tea  house", "topic": "green", "read_only": True, "slow_mode": 30}
    (told,) = events_of(announced(edit_room, cast.mia, cast.den.pk, changes))
    assert told[0] == f"room.{cast.den.pk}"
    update = told[1]["room"]
    expected = {"name": "Tea house", "slug": "tea-house", "topic": "green", "read_only": True, "slow_mode": 30}
    assert {name: update[name] for name in expected} == expected
    assert update["writable"] is False


def test_who_may_change_what(cast: Cast) -> None:
    assert refusal(edit_room, cast.bob, cast.square.pk, {"name": "x"}) == "forbidden"
    assert refusal(edit_room, cast.eve, cast.square.pk, {"name": "x"}) == "forbidden"
    assert refusal(edit_room, cast.eve, cast.den.pk, {"name": "x"}) == "not_found"
    assert refusal(edit_room, cast.mia, cast.den.pk, {"archived": True}) == "forbidden"
    assert refusal(edit_room, cast.mia, cast.den.pk, {"name": "x", "archived": True}) == "forbidden"
    assert refusal(edit_room, cast.ann, cast.square.pk, {"default": True}) == "forbidden"
    assert refusal(edit_room, cast.ann, 10**9, {"name": "x"}) == "not_found"


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"name": "x" * 65}, {"topic": "x" * 251}, {"slow_mode": -1}, {"slow_mode": 21601}]
)
def test_what_a_room_cannot_be(cast: Cast, changes: dict[str, object]) -> None:
    assert refusal(edit_room, cast.ann, cast.den.pk, changes) == "invalid"


def test_in_an_archived_room_nobody_writes_until_it_is_brought_back(cast: Cast) -> None:
    edit_room(cast.ann, cast.den.pk, {"archived": True})
    assert [code_of(result) for result in post(draft_of(cast.ann, cast.den))] == ["read_only"]
    assert room_frame_for(cast.ann, Room.objects.get(pk=cast.den.pk))["writable"] is False
    edit_room(cast.ann, cast.den.pk, {"archived": False})
    assert [code_of(result) for result in post(draft_of(cast.ann, cast.den))] == ["ok"]


def test_only_the_administrator_makes_a_room_everyones(cast: Cast) -> None:
    change(cast.eve, is_staff=True, is_superuser=True)
    cast.eve.refresh_from_db()
    assert edit_room(cast.eve, cast.square.pk, {"default": True}).is_default


def test_a_picture_is_given_and_taken_away(cast: Cast) -> None:
    assert set_room_picture(cast.mia, cast.den.pk, "token").picture == "token"
    assert room_frame_for(cast.bob, Room.objects.get(pk=cast.den.pk))["picture_url"].endswith("token.webp")
    assert refusal(set_room_picture, cast.bob, cast.den.pk, "") == "forbidden"
    set_room_picture(cast.mia, cast.den.pk, "")
    assert room_frame_for(cast.bob, Room.objects.get(pk=cast.den.pk))["picture_url"] is None


def test_who_is_muted_everywhere_names_no_rooms_and_brings_nobody_together(cast: Cast) -> None:
    change(cast.ann, muted_until=timezone.now() + timedelta(hours=1))
    assert refusal(create_room, cast.ann, "Read this", "public") == "muted"
    assert refusal(create_group, cast.ann, [cast.bob.pk, cast.mia.pk]) == "muted"
    for changes in ({"name": "Read this"}, {"topic": "Read this"}):
        assert refusal(edit_room, cast.ann, cast.square.pk, changes) == "muted"
    change(cast.ann, muted_until=timezone.now() - timedelta(hours=1))
    assert create_room(cast.ann, "Read this", "public")
