"""Links that let people in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from chat.actions.invitations import (
    came_by_invitation,
    create_invitation,
    find_invitation,
    invitations_for,
    is_good,
    redeem_invitation,
    revoke_invitation,
)
from chat.actions.memberships import leave_room
from chat.actions.newcomers import welcome_newcomer
from chat.errors import ChatError
from chat.invitations import invitation_preview, qr_code
from chat.models import Invitation, Membership
from chat.permissions import role_of
from database.transactions import write_transaction
from tests.unit.cast import Cast, change, membership_of


def refusal(act: object, *arguments: object) -> str:
    with pytest.raises(ChatError) as refused:
        act(*arguments)  # type: ignore[operator]
    return refused.value.code


def test_a_link_lets_a_stranger_into_a_private_room(cast: Cast) -> None:
    link = create_invitation(cast.mia, cast.den.pk)
    room = redeem_invitation(cast.eve, link.code)
    assert room == cast.den
    assert role_of(cast.eve.pk, cast.den.pk) == "member"
    assert find_invitation(link.code).uses == 1


def test_a_member_who_follows_it_uses_nothing_up(cast: Cast) -> None:
    link = create_invitation(cast.mia, cast.den.pk, max_uses=1)
    redeem_invitation(cast.bob, link.code)
    redeem_invitation(cast.eve, link.code)
    redeem_invitation(cast.eve, link.code)
    assert find_invitation(link.code).uses == 1


def test_it_is_good_as_often_and_as_long_as_it_says(cast: Cast) -> None:
    once = create_invitation(cast.mia, cast.den.pk, max_uses=1)
    redeem_invitation(cast.eve, once.code)
    newcomer = User.objects.create_user("nia")
    assert refusal(redeem_invitation, newcomer, once.code) == "not_found"
    brief = create_invitation(cast.mia, cast.den.pk, days=1)
    assert is_good(brief)
    change(brief, expires_at=timezone.now() - timedelta(seconds=1))
    assert refusal(redeem_invitation, newcomer, brief.code) == "not_found"


def test_one_that_was_revoked_is_not_good_and_says_nothing_of_its_room(cast: Cast) -> None:
    link = create_invitation(cast.mia, cast.den.pk)
    assert invitation_preview(link)["room"]["id"] == cast.den.pk
    revoke_invitation(cast.mia, link.code)
    assert refusal(redeem_invitation, cast.eve, link.code) == "not_found"
    assert invitation_preview(find_invitation(link.code))["room"] is None


def test_it_dies_with_what_its_maker_may(cast: Cast) -> None:
    link = create_invitation(cast.mia, cast.den.pk)
    change(membership_of(cast.mia, cast.den), role="member")
    assert refusal(redeem_invitation, cast.eve, link.code) == "not_found"
    change(membership_of(cast.mia, cast.den), role="moderator")
    change(cast.mia, is_active=False)
    assert refusal(redeem_invitation, cast.eve, link.code) == "not_found"


def test_nobody_comes_into_an_archived_room(cast: Cast) -> None:
    link = create_invitation(cast.mia, cast.den.pk)
    change(cast.den, is_archived=True)
    assert refusal(redeem_invitation, cast.eve, link.code) == "not_found"


def test_who_may_make_revoke_and_see_them(cast: Cast) -> None:
    assert refusal(create_invitation, cast.bob, cast.den.pk) == "forbidden"
    assert refusal(create_invitation, cast.eve, cast.den.pk) == "not_found"
    assert refusal(create_invitation, cast.eve, cast.square.pk) == "forbidden"
    of_bob = create_invitation(cast.bob, cast.square.pk)
    of_mia = create_invitation(cast.mia, cast.square.pk)
    assert list(invitations_for(cast.bob, cast.square.pk)) == [of_bob]
    assert list(invitations_for(cast.mia, cast.square.pk)) == [of_mia, of_bob]
    assert refusal(revoke_invitation, cast.bob, of_mia.code) == "not_found"
    revoke_invitation(cast.mia, of_bob.code)


def test_into_the_site_invite_people_with_a_password(cast: Cast) -> None:
    assert refusal(create_invitation, cast.gus) == "forbidden"
    change(cast.bob, is_guest=False)
    cast.bob.refresh_from_db()
    link = create_invitation(cast.bob)
    assert redeem_invitation(cast.eve, link.code) is None
    assert list(invitations_for(cast.bob)) == [link]


def test_a_newcomer_joins_the_default_rooms_and_the_room_invited_to(cast: Cast) -> None:
    link = create_invitation(cast.mia, cast.den.pk)
    with write_transaction():
        newcomer = User.objects.create_user("nia")
        welcome_newcomer(newcomer, link.code)
    names = set(Membership.objects.filter(user=newcomer).values_list("room__name", flat=True))
    assert names == {"Lobby", cast.den.name}
    assert link.used_by.get().is_newcomer
    assert came_by_invitation(newcomer)


def test_an_unknown_link_is_told_from_no_other(cast: Cast) -> None:
    assert refusal(redeem_invitation, cast.eve, "nothing") == "not_found"
    assert refusal(find_invitation, "nothing") == "not_found"


def test_who_left_may_come_back_by_the_same_link(cast: Cast) -> None:
    link = create_invitation(cast.mia, cast.den.pk, max_uses=2)
    redeem_invitation(cast.eve, link.code)
    leave_room(cast.eve, cast.den.pk)
    redeem_invitation(cast.eve, link.code)
    assert Invitation.objects.get(pk=link.pk).uses == 1


def test_the_qr_code_is_a_picture() -> None:
    assert qr_code("http://testserver/invite/abc/").startswith(b"<svg")
