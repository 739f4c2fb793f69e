"""Who comes, goes and is what in a room."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from chat.actions.blocks import block_user
from chat.actions.memberships import (
    add_member,
    change_role,
    expel_member,
    join_room,
    leave_every_room,
    leave_room,
    mute_member,
)
from chat.errors import ChatError
from chat.models import Membership, Restraint, Role, Room
from chat.permissions import role_of
from chat.standing import abilities
from database.transactions import write_transaction
from tests.unit.cast import Cast, change, code_of, draft_of, events_of, membership_of, post, say
from tests.unit.conftest import Announced

HOUR = timedelta(hours=1)


def refusal(act: object, *arguments: object) -> str:
    with pytest.raises(ChatError) as refused:
        act(*arguments)  # type: ignore[operator]
    return refused.value.code


def roles(room: Room) -> dict[str, str]:
    return {str(m.user): m.role for m in Membership.objects.filter(room=room).select_related("user")}


def count_is_right(room: Room) -> bool:
    return Room.objects.get(pk=room.pk).member_count == Membership.objects.filter(room=room).count()


def test_who_is_brought_in_is_a_member_and_bringing_in_again_changes_nothing(cast: Cast) -> None:
    membership, is_new = add_member(cast.mia, cast.den.pk, cast.eve.pk)
    assert (membership.role, is_new) == ("member", True)
    assert add_member(cast.mia, cast.den.pk, cast.eve.pk) == (membership, False)
    assert count_is_right(cast.den)


def test_a_private_room_is_opened_by_its_moderators_alone(cast: Cast) -> None:
    assert refusal(add_member, cast.bob, cast.den.pk, cast.eve.pk) == "forbidden"
    assert refusal(add_member, cast.eve, cast.den.pk, cast.eve.pk) == "not_found"
    add_member(cast.bob, cast.square.pk, cast.eve.pk)


def test_nobody_is_brought_in_by_someone_he_blocked(cast: Cast) -> None:
    block_user(cast.eve, cast.ann.pk)
    assert refusal(add_member, cast.ann, cast.den.pk, cast.eve.pk) == "forbidden"


def test_former_and_banned_people_cannot_be_brought_in(cast: Cast) -> None:
    change(cast.eve, is_former=True)
    assert refusal(add_member, cast.ann, cast.den.pk, cast.eve.pk) == "not_found"
    change(cast.eve, is_former=False, is_active=False)
    assert refusal(add_member, cast.ann, cast.den.pk, cast.eve.pk) == "not_found"


def test_nobody_acts_on_one_at_or_above_his_own_standing(cast: Cast) -> None:
    change(membership_of(cast.gus, cast.den), role=Role.MODERATOR)
    for act in (expel_member, mute_member):
        more = (timezone.now() + HOUR,) if act is mute_member else ()
        assert refusal(act, cast.mia, cast.den.pk, cast.ann.pk, *more) == "forbidden"
        assert refusal(act, cast.mia, cast.den.pk, cast.gus.pk, *more) == "forbidden"
        assert refusal(act, cast.bob, cast.den.pk, cast.rex.pk, *more) == "forbidden"
        assert refusal(act, cast.eve, cast.den.pk, cast.bob.pk, *more) == "not_found"
        assert refusal(act, cast.ann, cast.den.pk, cast.eve.pk, *more) == "not_found"
    mute_member(cast.mia, cast.den.pk, cast.bob.pk, timezone.now() + HOUR)
    expel_member(cast.ann, cast.den.pk, cast.mia.pk)


def test_administrators_stand_above_owners_in_public_rooms_and_nowhere_in_private_ones(cast: Cast) -> None:
    change(cast.eve, is_superuser=True, is_staff=True)
    cast.eve.refresh_from_db()
    assert refusal(expel_member, cast.eve, cast.den.pk, cast.bob.pk) == "not_found"
    expel_member(cast.eve, cast.square.pk, cast.ann.pk)
    assert role_of(cast.ann.pk, cast.square.pk) is None


def test_the_owner_makes_moderators_and_hands_the_room_over(cast: Cast) -> None:
    change_role(cast.ann, cast.den.pk, cast.bob.pk, Role.MODERATOR)
    assert roles(cast.den)["bob"] == "moderator"
    change_role(cast.ann, cast.den.pk, cast.bob.pk, Role.OWNER)
    assert {name for name, role in roles(cast.den).items() if role == "owner"} == {"bob"}
    assert roles(cast.den)["ann"] == "moderator"
    assert refusal(change_role, cast.ann, cast.den.pk, cast.mia.pk, Role.MEMBER) == "forbidden"


def test_an_owner_is_not_made_less_but_by_handing_over(cast: Cast) -> None:
    change(cast.eve, is_superuser=True, is_staff=True)
    cast.eve.refresh_from_db()
    assert refusal(change_role, cast.ann, cast.square.pk, cast.ann.pk, Role.MEMBER) == "forbidden"
    assert refusal(change_role, cast.eve, cast.square.pk, cast.ann.pk, Role.MEMBER) == "forbidden"
    change_role(cast.eve, cast.square.pk, cast.bob.pk, Role.OWNER)
    assert roles(cast.square)["ann"] == "moderator"


def test_where_the_owner_leaves_the_moderator_longest_there_is_next_then_the_member(cast: Cast) -> None:
    change(membership_of(cast.gus, cast.den), joined_at=timezone.now() - 2 * HOUR)
    leave_room(cast.ann, cast.den.pk)
    assert roles(cast.den)["mia"] == "owner"
    leave_room(cast.mia, cast.den.pk)
    assert roles(cast.den)["gus"] == "owner"
    assert count_is_right(cast.den)


def test_an_owner_whose_account_ends_is_followed_too_and_not_by_someone_banned(cast: Cast) -> None:
    change(cast.mia, is_active=False)
    with write_transaction():
        leave_every_room(cast.ann)
    assert "owner" in {roles(cast.den)["bob"], roles(cast.den)["gus"], roles(cast.den)["rex"]}


def test_the_last_one_leaves_an_empty_room(cast: Cast) -> None:
    for person in (cast.ann, cast.mia, cast.bob, cast.gus, cast.rex):
        leave_room(person, cast.den.pk)
    assert (roles(cast.den), Room.objects.get(pk=cast.den.pk).member_count) == ({}, 0)


def test_leaving_and_coming_back_is_no_way_around_being_muted(cast: Cast) -> None:
    mute_member(cast.mia, cast.square.pk, cast.bob.pk, timezone.now() + HOUR)
    leave_room(cast.bob, cast.square.pk)
    join_room(cast.bob, cast.square.pk)
    assert [code_of(result) for result in post(draft_of(cast.bob, cast.square))] == ["muted"]
    assert not Restraint.objects.exists()
    mute_member(cast.mia, cast.square.pk, cast.bob.pk, None)
    say(cast.bob, cast.square)


def test_leaving_and_coming_back_is_no_way_around_slow_mode(cast: Cast) -> None:
    change(cast.square, slow_mode=60)
    say(cast.bob, cast.square)
    leave_room(cast.bob, cast.square.pk)
    join_room(cast.bob, cast.square.pk)
    assert [code_of(result) for result in post(draft_of(cast.bob, cast.square))] == ["rate_limited"]


def test_slow_mode_holds_members_and_not_moderators_even_within_a_batch(cast: Cast) -> None:
    change(cast.den, slow_mode=60)
    results = post(*(draft_of(person, cast.den) for person in (cast.bob, cast.mia, cast.bob, cast.mia, cast.gus)))
    assert [code_of(result) for result in results] == ["ok", "ok", "rate_limited", "ok", "ok"]
    assert 58 <= results[2].retry_after <= 60  # type: ignore[union-attr]


def test_after_its_time_slow_mode_lets_one_write_again(cast: Cast) -> None:
    change(cast.den, slow_mode=5)
    say(cast.bob, cast.den)
    change(membership_of(cast.bob, cast.den), wrote_at=timezone.now() - timedelta(seconds=7))
    say(cast.bob, cast.den)


def test_a_repeat_is_no_haste(cast: Cast) -> None:
    change(cast.den, slow_mode=60)
    draft = draft_of(cast.bob, cast.den)
    assert [code_of(result) for result in post(draft)] == ["ok"]
    assert [code_of(result) for result in post(draft)] == ["duplicate"]


def test_a_new_role_is_told_to_the_person_and_to_the_room(cast: Cast, announced: Announced) -> None:
    told = events_of(announced(change_role, cast.ann, cast.den.pk, cast.bob.pk, "moderator"))
    own = [event for group, event in told if group == f"user.{cast.bob.pk}"]
    assert [(event["type"], event["role"]) for event in own] == [("membership.updated", "moderator")]
    assert "moderate" in own[0]["abilities"]
    common = [event for group, event in told if group == f"room.{cast.den.pk}"]
    assert common == [{"type": "member.updated", "room": cast.den.pk, "user": cast.bob.pk, "role": "moderator"}]


def test_a_mute_is_told_to_the_person_alone(cast: Cast, announced: Announced) -> None:
    told = events_of(announced(mute_member, cast.mia, cast.den.pk, cast.bob.pk, timezone.now() + HOUR))
    assert {group for group, _event in told} == {f"user.{cast.bob.pk}"}
    events = {event["type"]: event for _group, event in told}
    assert events.keys() == {"moderated", "membership.updated"}
    assert events["membership.updated"]["muted_until"]


@pytest.mark.parametrize("name", ["bob", "gus", "rex", "mia", "ann"])
def test_everyone_has_what_his_standing_gives(cast: Cast, name: str) -> None:
    user: User = getattr(cast, name)
    of_moderators = ["take_down", "mute", "remove", "versions", "links", "speak"]
    expected = {
        "ann": ["invite", "edit", "moderate", "roles", "archive", "transfer", *of_moderators],
        "mia": ["invite", "edit", "moderate", *of_moderators],
    }.get(name, [])
    assert abilities(user, cast.den, role_of(user.pk, cast.den.pk)) == expected
