"""What moderators of the site may do in rooms, right by right, and who stands above whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from chat.actions.invitations import create_invitation, invitations_for, revoke_invitation
from chat.actions.memberships import change_role, expel_member, mute_member
from chat.actions.messages import delete_message, restore_message
from chat.actions.moderating import tell_memberships
from chat.actions.rooms import edit_room, set_room_picture
from chat.actions.versions import versions_for
from chat.errors import ChatError
from chat.models import Role, Room
from chat.permissions import role_of
from chat.standing import abilities, abilities_about, standings_to_members
from moderation.admin.rights import RIGHTS
from moderation.apps import RIGHTS as OF_MODERATORS
from tests.unit.cast import (
    Cast,
    change,
    events_of,
    make_site_moderator,
    make_staff,
    membership_of,
    say,
)
from tests.unit.conftest import Announced

SOON = timezone.now() + timedelta(hours=1)


def outcome(act: Any, *arguments: Any) -> str:
    """Return "ok", or the code with which a call is refused."""
    try:
        act(*arguments)
    except ChatError as refused:
        return refused.code
    return "ok"


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def link_of(user: User, room: Room) -> str:
    return create_invitation(user, room.pk).code


ACTS: dict[str, tuple[str, Any]] = {
    "take down": ("moderation.take_down_messages", lambda cast, user: delete_message(user.pk, said(cast).pk)),
    "restore": ("moderation.take_down_messages", lambda cast, user: restore_message(user.pk, taken_down(cast).pk)),
    "mute": ("moderation.mute_people", lambda cast, user: mute_member(user, cast.square.pk, cast.bob.pk, SOON)),
    "unmute": ("moderation.mute_people", lambda cast, user: mute_member(user, cast.square.pk, cast.bob.pk, None)),
    "remove": ("moderation.ban_people", lambda cast, user: expel_member(user, cast.square.pk, cast.bob.pk)),
    "see earlier texts": ("chat.view_message", lambda cast, user: versions_for(user, said(cast).pk)),
    "lock": ("moderation.change_rooms", lambda cast, user: edit_room(user, cast.square.pk, {"read_only": True})),
    "slow down": ("moderation.change_rooms", lambda cast, user: edit_room(user, cast.square.pk, {"slow_mode": 5})),
    "rename": ("moderation.change_rooms", lambda cast, user: edit_room(user, cast.square.pk, {"name": "other"})),
    "take the picture away": ("moderation.change_rooms", lambda cast, user: set_room_picture(user, cast.square.pk, "")),
    "take back a link": (
        "moderation.change_rooms",
        lambda cast, user: revoke_invitation(user, link_of(cast.bob, cast.square)),
    ),
}


def said(cast: Cast) -> Any:
    return say(cast.bob, cast.square)


def taken_down(cast: Cast) -> Any:
    message = said(cast)
    delete_message(cast.mia.pk, message.pk)
    return message


@pytest.mark.parametrize("name", ACTS)
def test_each_act_in_a_public_room_takes_the_right_of_the_desk(cast: Cast, name: str) -> None:
    right, act = ACTS[name]
    others = set(settings.RIGHTS_IN_ROOMS.values()) - {right}
    gus = make_staff(cast.gus, *others)
    refused = outcome(act, cast, gus)
    assert refused == ("not_found" if name == "take back a link" else "forbidden")
    gus.user_permissions.clear()
    assert outcome(act, cast, make_staff(gus, right)) == "ok"


@pytest.mark.parametrize("name", ACTS)
def test_the_group_of_moderators_has_what_they_all_take(cast: Cast, name: str) -> None:
    assert outcome(ACTS[name][1], cast, make_site_moderator(cast.gus)) == "ok"


def test_the_rights_are_those_of_the_desk() -> None:
    used = set(settings.RIGHTS_IN_ROOMS.values())
    assert used <= set(RIGHTS)
    assert used <= set(OF_MODERATORS)


def test_without_rights_staff_are_in_rooms_what_their_role_is(cast: Cast) -> None:
    staff = make_staff(cast.gus)
    for room in (cast.den, cast.square):
        for role in (None, Role.MEMBER, Role.MODERATOR, Role.OWNER):
            assert abilities(staff, room, role) == abilities(cast.bob, room, role)


def test_moderate_is_all_of_taking_down_muting_and_removing(cast: Cast) -> None:
    two = make_staff(cast.gus, "moderation.take_down_messages", "moderation.mute_people")
    assert abilities(two, cast.square, None) == ["take_down", "mute"]
    three = make_staff(cast.gus, "moderation.ban_people")
    assert abilities(three, cast.square, None) == ["moderate", "take_down", "mute", "remove"]


def test_in_private_rooms_rights_give_nothing(cast: Cast) -> None:
    moderator = make_site_moderator(cast.gus)
    assert abilities(moderator, cast.den, Role.MEMBER) == []
    assert outcome(mute_member, moderator, cast.den.pk, cast.bob.pk, SOON) == "forbidden"
    assert outcome(mute_member, make_site_moderator(cast.eve), cast.den.pk, cast.bob.pk, SOON) == "not_found"


ON_SOMEBODY: dict[str, Any] = {
    "mute": lambda actor, person, room: mute_member(actor, room.pk, person.pk, SOON),
    "remove": lambda actor, person, room: expel_member(actor, room.pk, person.pk),
    "take down": lambda actor, person, room: delete_message(actor.pk, say(person, room).pk),
}
OF_OWNERS: dict[str, Any] = {
    "change the role": lambda actor, person, room: change_role(actor, room.pk, person.pk, Role.MODERATOR),
    "hand over": lambda actor, person, room: change_role(actor, room.pk, person.pk, Role.OWNER),
}


@pytest.mark.parametrize("name", [*ON_SOMEBODY, *OF_OWNERS])
def test_a_rooms_owner_acts_on_no_moderator_of_the_site_in_public_and_as_on_anybody_in_private(
    cast: Cast, name: str
) -> None:
    act = (ON_SOMEBODY | OF_OWNERS)[name]
    make_staff(cast.gus)
    assert outcome(act, cast.ann, cast.gus, cast.square) == "forbidden"
    assert outcome(act, cast.ann, cast.gus, cast.den) == "ok"


@pytest.mark.parametrize("name", ON_SOMEBODY)
def test_a_moderator_of_the_site_stands_above_owners_and_below_administrators(cast: Cast, name: str) -> None:
    act = ON_SOMEBODY[name]
    moderator = make_site_moderator(cast.gus)
    make_site_moderator(cast.rex)
    assert outcome(act, moderator, cast.rex, cast.square) == "forbidden"
    change(cast.rex, is_superuser=True)
    assert outcome(act, moderator, cast.rex, cast.square) == "forbidden"
    assert outcome(act, fresh(cast.rex), moderator, cast.square) == "ok"
    assert outcome(act, make_site_moderator(cast.mia), cast.ann, cast.square) == "ok"


@pytest.mark.parametrize("name", ON_SOMEBODY)
def test_what_the_role_alone_gives_to_staff_reaches_no_higher_than_the_role(cast: Cast, name: str) -> None:
    change(membership_of(cast.gus, cast.square), role=Role.MODERATOR)
    staff = make_staff(cast.gus)
    assert outcome(ON_SOMEBODY[name], staff, cast.ann, cast.square) == "forbidden"
    assert outcome(ON_SOMEBODY[name], staff, cast.mia, cast.square) == "forbidden"
    assert outcome(ON_SOMEBODY[name], staff, cast.bob, cast.square) == "ok"


def test_what_a_moderator_of_the_site_took_down_is_brought_back_by_none_below(cast: Cast) -> None:
    change(membership_of(cast.rex, cast.square), role=Role.MODERATOR)
    moderator, staff = make_site_moderator(cast.gus), make_staff(cast.rex)
    message = say(cast.bob, cast.square)
    delete_message(moderator.pk, message.pk)
    for person in (cast.bob, cast.mia, cast.ann, staff):
        assert outcome(restore_message, person.pk, message.pk) == "forbidden"
    assert outcome(restore_message, moderator.pk, message.pk) == "ok"


def test_links_are_shown_to_those_who_have_the_right(cast: Cast) -> None:
    link_of(cast.bob, cast.square)
    assert invitations_for(make_staff(cast.gus), cast.square.pk).count() == 0
    assert invitations_for(make_staff(cast.gus, "moderation.change_rooms"), cast.square.pk).count() == 1


def test_what_one_may_do_about_each_member_is_what_is_done(cast: Cast) -> None:
    make_staff(cast.rex)
    make_staff(cast.gus, "moderation.mute_people")
    people = {user.nickname: fresh(user) for user in (cast.ann, cast.mia, cast.bob, cast.gus, cast.rex)}
    about: dict[str, dict[str, list[str]]] = {}
    for name, actor in people.items():
        ranks = standings_to_members(actor, cast.square, role_of(actor.pk, cast.square.pk))
        about[name] = {
            other: abilities_about(person, cast.square, role_of(person.pk, cast.square.pk), ranks)
            for other, person in people.items()
        }
    everything = ["mute", "remove", "roles", "transfer"]
    assert about["ann"] == {"ann": [], "mia": everything, "bob": everything, "gus": [], "rex": []}
    assert about["mia"] == {"ann": [], "mia": [], "bob": ["mute", "remove"], "gus": [], "rex": []}
    assert about["gus"] == {"ann": ["mute"], "mia": ["mute"], "bob": ["mute"], "gus": [], "rex": []}
    nothing: dict[str, list[str]] = {name: [] for name in people}
    assert about["rex"] == about["bob"] == nothing


def test_of_an_owner_nobody_is_offered_to_change_the_role(cast: Cast) -> None:
    change(cast.eve, is_staff=True, is_superuser=True)
    ranks = standings_to_members(fresh(cast.eve), cast.square, None)
    assert abilities_about(cast.ann, cast.square, Role.OWNER, ranks) == ["mute", "remove"]
    assert outcome(change_role, fresh(cast.eve), cast.square.pk, cast.ann.pk, Role.MEMBER) == "forbidden"


def test_new_rights_are_told_in_every_room_with_one_look_at_them(
    cast: Cast, announced: Announced, django_assert_max_num_queries: Any
) -> None:
    make_site_moderator(cast.gus)
    with django_assert_max_num_queries(8):
        told = events_of(announced(tell_memberships, cast.gus.pk))
    by_room = {event["room"]: event["abilities"] for _group, event in told}
    assert by_room[cast.den.pk] == []
    assert "take_down" in by_room[cast.square.pk]


def test_who_has_no_right_to_a_link_of_the_room_makes_none_from_outside(cast: Cast) -> None:
    assert outcome(create_invitation, make_staff(cast.eve), cast.square.pk) == "forbidden"
    assert outcome(create_invitation, make_site_moderator(cast.eve), cast.square.pk) == "ok"
