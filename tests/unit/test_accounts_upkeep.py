"""What nobody needs any more is let go: unused guests and what has expired."""

from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.actions import create_reset_link, issue_token, upkeep
from accounts.actions.last_seen import note_seen
from accounts.actions.upkeep import release_unused_guests, tidy
from accounts.models import AccessToken, Admission, OneTimeLink, Session, SocketTicket, User
from chat.models import Membership
from tests.unit.cast import Cast, change, say

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def ago(days: float) -> datetime:
    """Return the time so many days ago."""
    return timezone.now() - days * DAY


def last_here(user: User, days: float | None, *, came: float = 100, **fields: object) -> None:
    """Let someone have come, and been here last, so many days ago; None: never seen."""
    change(user, created_at=ago(came), last_seen_at=None if days is None else ago(days), **fields)


def is_former(user: User) -> bool:
    """Tell whether someone has been let go."""
    return User.objects.get(pk=user.pk).is_former


def test_a_guest_who_has_been_away_for_long_is_let_go(cast: Cast) -> None:
    message = say(cast.gus, cast.den, "I was here")
    secret = issue_token(cast.gus)
    last_here(cast.gus, 31)
    assert release_unused_guests() == 1
    gus = User.objects.get(pk=cast.gus.pk)
    assert (gus.is_former, gus.nickname_key) == (True, None)
    assert not Membership.objects.filter(user=gus).exists()
    assert not AccessToken.objects.filter(user=gus, revoked_at=None).exists()
    assert secret
    message.refresh_from_db()
    assert (message.author_id, message.body) == (gus.pk, "I was here")
    assert User.objects.create_user("gus")
    assert release_unused_guests() == 0


def test_who_was_never_seen_counts_from_when_he_or_she_came(cast: Cast) -> None:
    last_here(cast.gus, None, came=31)
    last_here(cast.bob, None, came=29)
    release_unused_guests()
    assert (is_former(cast.gus), is_former(cast.bob)) == (True, False)


def test_accounts_bots_and_staff_stay_and_so_do_guests_who_were_here(cast: Cast) -> None:
    last_here(cast.ann, 400, is_guest=False)
    last_here(cast.rex, 400)
    last_here(cast.mia, 400, is_staff=True)
    last_here(cast.bob, 29)
    assert release_unused_guests() == 0


def test_the_number_of_days_is_set_and_nought_is_never(cast: Cast) -> None:
    last_here(cast.gus, 8)
    for days, released in ((0, 0), (9, 0), (7, 1)):
        Admission.objects.update_or_create(pk=1, defaults={"guest_days": days})
        assert release_unused_guests() == released


def test_who_comes_back_while_others_are_let_go_stays(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sorted((cast.gus, cast.bob), key=lambda user: user.pk)
    last_here(first, 31)
    last_here(second, 31)
    end_account = upkeep.end_account

    def end_and_see_the_other(user: User) -> None:
        end_account(user)
        note_seen([second.pk])

    monkeypatch.setattr(upkeep, "end_account", end_and_see_the_other)
    assert release_unused_guests() == 1
    assert (is_former(first), is_former(second)) == (True, False)


def test_who_is_here_is_noted_and_nobody_else(cast: Cast) -> None:
    note_seen({cast.ann.pk, cast.bob.pk})
    note_seen([])
    seen = User.objects.exclude(last_seen_at=None)
    assert set(seen) == {cast.ann, cast.bob}
    assert all(user.last_seen_at and timezone.now() - user.last_seen_at < DAY for user in seen)


def test_what_has_expired_is_removed_and_what_is_good_is_kept(cast: Cast) -> None:
    for expires in (ago(1), ago(-1)):
        key = str(expires)
        Session.objects.create(session_key=key[:40], user=cast.ann, expire_date=expires)
        SocketTicket.objects.create(digest=key, user=cast.ann, expires_at=expires)
    create_reset_link(cast.bob.pk)
    OneTimeLink.objects.create(digest="old", user=cast.ann, expires_at=ago(1))
    AccessToken.objects.create(user=cast.ann, digest="good", expires_at=ago(-1))
    AccessToken.objects.create(user=cast.ann, digest="ended lately", expires_at=ago(29), revoked_at=ago(29))
    AccessToken.objects.create(user=cast.ann, digest="ended", expires_at=ago(31))
    AccessToken.objects.create(user=cast.ann, digest="revoked", expires_at=ago(-31), revoked_at=ago(31))
    assert tidy().credentials == 5
    assert (Session.objects.count(), SocketTicket.objects.count(), OneTimeLink.objects.count()) == (1, 1, 1)
    assert set(AccessToken.objects.values_list("digest", flat=True)) == {"good", "ended lately"}
    assert tidy() == (0, 0, 0, 0)


def test_the_command_says_what_it_did(cast: Cast) -> None:
    last_here(cast.gus, 31)
    said = StringIO()
    call_command("tidy", stdout=said)
    assert said.getvalue() == "Unused guests: 1. Expired sign-ins: 0. Pictures: 0. Files: 0.\n"
