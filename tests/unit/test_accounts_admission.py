"""Who may come in, as administrators have set it."""

import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.actions import Newcomer, admit_guest, change_profile, create_account, delete_account, find_reset
from accounts.admin import AdmissionAdmin
from accounts.admission import admission
from accounts.errors import ChatError
from accounts.models import Admission, OneTimeLink, User
from chat.actions.invitations import create_invitation
from chat.models import InvitationUse, Membership
from moderation.actions.bots import make_reset_links
from tests.unit.cast import Cast, change

PASSWORD = "a good long password"


@pytest.fixture
def boss(cast: Cast) -> User:
    """Ann, who is made an administrator."""
    change(cast.ann, is_staff=True, is_superuser=True, is_guest=False)
    cast.ann.refresh_from_db()
    return cast.ann


def let_in(**policy: object) -> None:
    """Say who may come in."""
    Admission.objects.update_or_create(pk=1, defaults=policy)


def refused(code: str, action: object, *arguments: object) -> None:
    """Check that an action is refused with that code, and that nobody was stored."""
    before = User.objects.count()
    with pytest.raises(ChatError) as error:
        action(*arguments)  # type: ignore[operator]
    assert error.value.code == code
    assert User.objects.count() == before


def test_at_first_everyone_comes_in(cast: Cast) -> None:
    assert (admission().guests, admission().sign_up, admission().guest_days) == (True, "open", 30)
    assert admit_guest(Newcomer("nia")).is_guest
    account = create_account(Newcomer("noa"), PASSWORD)
    assert not account.is_guest
    assert account.check_password(PASSWORD)
    assert Membership.objects.filter(user=account, room__is_default=True).exists()


def test_without_the_row_it_is_as_at_first(cast: Cast) -> None:
    Admission.objects.all().delete()
    assert admit_guest(Newcomer("nia")).is_guest


def test_where_guests_are_off_nobody_comes_in_without_a_password(cast: Cast, boss: User) -> None:
    let_in(guests=False)
    refused("forbidden", admit_guest, Newcomer("nia"))
    code = create_invitation(boss, cast.den.pk).code
    refused("forbidden", admit_guest, Newcomer("nia", invitation=code))
    assert create_account(Newcomer("nia"), PASSWORD)


def test_where_sign_up_is_closed_no_invitation_helps(cast: Cast, boss: User) -> None:
    code = create_invitation(boss).code
    let_in(sign_up="closed")
    refused("forbidden", create_account, Newcomer("nia"), PASSWORD)
    refused("forbidden", create_account, Newcomer("nia", invitation=code), PASSWORD)
    guest = admit_guest(Newcomer("nia", invitation=code))
    refused("forbidden", change_profile, guest, {"password": PASSWORD})


def test_by_invitation_a_good_one_is_needed_and_used(cast: Cast, boss: User) -> None:
    let_in(sign_up="invitation")
    refused("forbidden", create_account, Newcomer("nia"), PASSWORD)
    refused("not_found", create_account, Newcomer("nia", invitation="nothing"), PASSWORD)
    invitation = create_invitation(boss, max_uses=1)
    refused("invalid", create_account, Newcomer("nia", invitation=invitation.code), "short")
    assert not InvitationUse.objects.exists()
    nia = create_account(Newcomer("nia", invitation=invitation.code), PASSWORD)
    assert InvitationUse.objects.get(user=nia).is_newcomer
    refused("not_found", create_account, Newcomer("noa", invitation=invitation.code), PASSWORD)


def test_by_invitation_only_a_guest_who_came_by_one_makes_an_account(cast: Cast, boss: User) -> None:
    let_in(sign_up="invitation")
    invited = admit_guest(Newcomer("nia", invitation=create_invitation(boss).code))
    refused("forbidden", change_profile, admit_guest(Newcomer("noa")), {"password": PASSWORD})
    assert not change_profile(invited, {"password": PASSWORD}).is_guest


def test_who_has_an_account_changes_the_password_whatever_the_policy(cast: Cast) -> None:
    nia = create_account(Newcomer("nia"), PASSWORD)
    let_in(sign_up="closed")
    assert change_profile(nia, {"password": "another good one"}).check_password("another good one")


def test_a_room_of_an_invitation_is_joined_with_the_default_ones(cast: Cast) -> None:
    nia = admit_guest(Newcomer("nia", invitation=create_invitation(cast.ann, cast.den.pk).code))
    assert Membership.objects.filter(user=nia, room=cast.den).exists()
    assert Membership.objects.filter(user=nia, room__is_default=True).exists()


def test_the_only_administrator_stays(boss: User, cast: Cast) -> None:
    refused("forbidden", delete_account, boss)
    change(cast.bob, is_superuser=True, is_active=False)
    refused("forbidden", delete_account, boss)
    change(cast.bob, is_active=True)
    delete_account(boss)
    boss.refresh_from_db()
    assert (boss.is_former, boss.is_superuser, boss.is_staff) == (True, False, False)


def asked_by(user: User) -> HttpRequest:
    """Return a request of someone."""
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def test_there_is_one_row_which_administrators_change(boss: User) -> None:
    desk = AdmissionAdmin(Admission, admin.site)
    assert desk.has_change_permission(asked_by(boss))
    assert not desk.has_add_permission(asked_by(boss))
    assert not desk.has_delete_permission(asked_by(boss))


def test_a_number_of_days_that_no_calendar_has_is_refused() -> None:
    with pytest.raises(ValidationError, match="3650"):
        Admission(guest_days=1_000_000_000).full_clean()


def test_staff_who_are_no_administrators_make_no_password_links(boss: User, cast: Cast) -> None:
    change(cast.mia, is_staff=True)
    cast.mia.refresh_from_db()
    refused("forbidden", make_reset_links, cast.mia, [cast.bob.pk])
    assert [user for user, _secret in make_reset_links(boss, [cast.bob.pk])] == [cast.bob]


# The desk itself.


@pytest.fixture
def desk(client: Client, settings: Settings, tmp_path: Path) -> Client:
    """A browser for the administration pages."""
    settings.STATIC_ROOT = tmp_path
    return client


def test_an_administrator_is_shown_a_link_for_each_one_chosen(boss: User, cast: Cast, desk: Client) -> None:
    desk.force_login(boss)
    ids = [cast.bob.pk, cast.gus.pk]
    chosen = {"action": "password_link", "index": "0", "apply": "1", "_selected_action": ids}
    page = desk.post("/admin/accounts/user/", chosen, follow=True).content.decode()
    secrets = re.findall(r"For (\w+), good once within a day: http://testserver/reset/([\w-]+)/", page)
    assert {name for name, _secret in secrets} == {"bob", "gus"}
    assert {find_reset(secret) for _name, secret in secrets} == {cast.bob, cast.gus}


def test_staff_are_not_shown_one(cast: Cast, desk: Client) -> None:
    change(cast.mia, is_staff=True)
    cast.mia.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    desk.force_login(cast.mia)
    chosen = {"action": "make_password_link", "_selected_action": [cast.bob.pk]}
    assert "/reset/" not in desk.post("/admin/accounts/user/", chosen, follow=True).content.decode()
    assert not OneTimeLink.objects.exists()


def test_an_administrator_says_who_may_come_in(boss: User, desk: Client) -> None:
    let_in(guests=True)
    desk.force_login(boss)
    assert desk.get("/admin/accounts/admission/1/change/").status_code == 200
    saved = desk.post("/admin/accounts/admission/1/change/", {"sign_up": "closed", "guest_days": "7"})
    assert saved.status_code == 302
    assert (admission().guests, admission().sign_up, admission().guest_days) == (False, "closed", 7)
    assert desk.get("/admin/accounts/admission/add/").status_code == 403
    assert desk.post("/admin/accounts/admission/1/delete/", {"post": "yes"}).status_code == 403
