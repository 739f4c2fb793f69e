"""Where someone is signed in, and how a lost password is set anew."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from accounts.actions import (
    change_profile,
    create_reset_link,
    create_token,
    delete_account,
    end_account,
    end_session,
    find_reset,
    issue_ticket,
    issue_token,
    live_sessions,
    live_tokens,
    reset_password,
    resets,
    revoke_own_token,
    session_id,
    sign_out_everywhere,
)
from accounts.browsers import browser_name
from accounts.credentials import Credential, look_up, redeem_ticket, sign_in_bearer
from accounts.errors import ChatError, Unauthenticated
from accounts.models import AccessToken, OneTimeLink, Session, User
from accounts.sessions import NOTE_EVERY, extend_session
from accounts.signing_in import start_session
from moderation.actions.bots import create_bot
from moderation.actions.staff import make_administrator, make_moderators
from tests.unit.cast import Cast, change

PASSWORD = "a good long password"
DAY = timedelta(days=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def signed_in(user: User, agent: str = FIREFOX) -> HttpRequest:
    """Return a request of a browser in which someone has just signed in."""
    request = RequestFactory().post("/", headers={"User-Agent": agent})
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    start_session(request, user)
    request.session.save()
    return request


def code_of(action: Any, *arguments: Any) -> str:
    """Return the code with which an action is refused."""
    with pytest.raises(ChatError) as refused:
        action(*arguments)
    return refused.value.code


# Sessions.


def test_a_session_says_which_browser_it_is_and_goes_on_saying_so(cast: Cast) -> None:
    request = signed_in(cast.ann, FIREFOX + "x" * 500)
    session = live_sessions(cast.ann).get()
    assert (len(session.user_agent), session.user_agent[:80]) == (200, (FIREFOX + "x" * 500)[:80])
    change(session, last_used_at=timezone.now() - DAY)
    request.session["anything"] = 1
    request.session.save()
    assert live_sessions(cast.ann).get().created_at == session.created_at
    request.session.cycle_key()
    request.session.save()
    again = live_sessions(cast.ann).get()
    assert (again.user_agent, again.created_at) == (session.user_agent, session.created_at)
    assert again.session_key != session.session_key


def test_its_use_is_noted_once_an_hour(cast: Cast) -> None:
    key = signed_in(cast.ann).session.session_key or ""
    for ago, is_noted in ((NOTE_EVERY * 2, True), (NOTE_EVERY / 2, False)):
        then = timezone.now() - ago
        Session.objects.update(last_used_at=then)
        look_up(Credential(session_key=key))
        assert (Session.objects.get().last_used_at != then) is is_noted
    Session.objects.update(last_used_at=timezone.now() - DAY)
    extend_session(key)
    assert timezone.now() - Session.objects.get().last_used_at < NOTE_EVERY


def test_what_it_is_called_tells_nothing_of_its_key() -> None:
    key = "abcdefghijklmnopqrstuvwxyz012345"
    assert key not in session_id(key)
    assert session_id(key) == session_id(key) != session_id(key[::-1])


def test_one_is_ended_and_the_others_stay(cast: Cast) -> None:
    first, second = (signed_in(cast.ann).session.session_key or "" for _ in range(2))
    end_session(cast.ann, session_id(first))
    with pytest.raises(Unauthenticated):
        look_up(Credential(session_key=first))
    assert look_up(Credential(session_key=second)).user == cast.ann


def test_nobody_ends_the_session_or_token_of_another(cast: Cast) -> None:
    key = signed_in(cast.ann).session.session_key or ""
    token, _secret = create_token(cast.ann, "mine", DAY)
    assert code_of(end_session, cast.eve, session_id(key)) == "not_found"
    assert code_of(end_session, cast.ann, key) == "not_found"
    assert code_of(revoke_own_token, cast.eve, token.pk) == "not_found"
    assert live_tokens(cast.ann).get() == token


def test_signing_out_everywhere_leaves_nothing_to_come_back_with(cast: Cast) -> None:
    signed_in(cast.ann)
    _token, secret = create_token(cast.ann, "bot", DAY)
    ticket = issue_ticket(sign_in_bearer(f"Bearer {secret}"))
    others = signed_in(cast.bob).session.session_key or ""
    before = cast.ann.access_version
    sign_out_everywhere(cast.ann)
    assert not live_sessions(cast.ann).exists()
    assert not live_tokens(cast.ann).exists()
    assert code_of(sign_in_bearer, f"Bearer {secret}") == "unauthenticated"
    assert code_of(redeem_ticket, ticket) == "unauthenticated"
    cast.ann.refresh_from_db()
    assert cast.ann.access_version > before
    assert look_up(Credential(session_key=others)).user == cast.bob


# Tokens.


def test_expired_and_revoked_tokens_are_not_listed_and_do_not_count(cast: Cast) -> None:
    for number in range(50):
        create_token(cast.ann, str(number), DAY)
    assert code_of(create_token, cast.ann, "one too many", DAY) == "invalid"
    oldest, newest = live_tokens(cast.ann).last(), live_tokens(cast.ann).first()
    assert oldest
    assert newest
    revoke_own_token(cast.ann, oldest.pk)
    change(newest, expires_at=timezone.now())
    assert live_tokens(cast.ann).count() == 48
    assert code_of(revoke_own_token, cast.ann, oldest.pk) == "not_found"
    create_token(cast.ann, "another", DAY)


def test_its_secret_is_not_kept(cast: Cast) -> None:
    _token, secret = create_token(cast.ann, "bot", DAY)
    assert secret not in str(AccessToken.objects.filter(user=cast.ann).values())


# A lost password.


def test_a_link_sets_a_password_once_and_ends_every_sign_in(cast: Cast) -> None:
    key, token = signed_in(cast.gus).session.session_key or "", issue_token(cast.gus)
    secret, expires_at = create_reset_link(cast.gus.pk)
    assert timedelta(hours=23) < expires_at - timezone.now() <= DAY
    assert find_reset(secret) == cast.gus
    gus = reset_password(secret, PASSWORD)
    assert gus.check_password(PASSWORD)
    assert not User.objects.get(pk=gus.pk).is_guest
    assert code_of(look_up, Credential(session_key=key)) == "unauthenticated"
    assert code_of(sign_in_bearer, f"Bearer {token}") == "unauthenticated"
    assert find_reset(secret) is None
    assert code_of(reset_password, secret, "another good one") == "not_found"


def test_of_two_who_use_a_link_at_once_one_does(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _expires_at = create_reset_link(cast.gus.pk)
    monkeypatch.setattr(resets, "find_reset", lambda _secret: cast.gus)
    reset_password(secret, PASSWORD)
    assert code_of(reset_password, secret, "another good one") == "not_found"
    assert User.objects.get(pk=cast.gus.pk).check_password(PASSWORD)


def test_a_password_that_is_too_weak_leaves_the_link_good(cast: Cast) -> None:
    secret, _expires_at = create_reset_link(cast.gus.pk)
    for weak in ("short", "password", "12345678"):
        assert code_of(reset_password, secret, weak) == "invalid"
    assert reset_password(secret, PASSWORD)


def test_a_link_is_kept_as_a_digest_and_ends_with_a_newer_one_or_after_a_day(cast: Cast) -> None:
    older, _expires_at = create_reset_link(cast.gus.pk)
    others, _expires_at = create_reset_link(cast.bob.pk)
    newer, _expires_at = create_reset_link(cast.gus.pk)
    assert [find_reset(secret) for secret in (older, newer, others)] == [None, cast.gus, cast.bob]
    assert newer not in str(OneTimeLink.objects.values())
    OneTimeLink.objects.update(expires_at=timezone.now())
    assert find_reset(newer) is None
    assert code_of(reset_password, newer, PASSWORD) == "not_found"


def test_there_is_none_for_a_former_person_and_none_outlives_an_account(cast: Cast) -> None:
    secret, _expires_at = create_reset_link(cast.gus.pk)
    end_account(cast.gus)
    assert find_reset(secret) is None
    assert code_of(reset_password, secret, PASSWORD) == "not_found"
    assert code_of(create_reset_link, cast.gus.pk) == "not_found"
    assert code_of(create_reset_link, 10**12) == "not_found"


def test_the_link_for_the_first_administrator_is_no_such_link(cast: Cast) -> None:
    OneTimeLink.objects.create(digest="x", expires_at=timezone.now() + DAY)
    create_reset_link(cast.gus.pk)
    assert OneTimeLink.objects.filter(user=None).exists()


def test_a_new_password_ends_all_sign_ins_but_the_one_it_was_set_by(cast: Cast) -> None:
    here, elsewhere = (signed_in(cast.ann).session.session_key or "" for _ in range(2))
    change_profile(cast.ann, {"password": PASSWORD}, Credential(session_key=here))
    assert [session.session_key for session in live_sessions(cast.ann)] == [here]
    assert elsewhere != here


# Browsers.


CHROME = "Chrome/139.0.0.0 Safari/537.36"
WINDOWS, ANDROID = "Windows NT 10.0; Win64; x64", "Linux; Android 15; SM-S921B"
MAC, IPHONE = "Macintosh; Intel Mac OS X 10_15_7", "iPhone; CPU iPhone OS 18_5 like Mac OS X"


@pytest.mark.parametrize(
    ("system", "programs", "name"),
    [
        (WINDOWS, CHROME, "Chrome · Windows"),
        (WINDOWS, f"{CHROME} Edg/139.0.0.0", "Edge · Windows"),
        (WINDOWS, f"{CHROME} OPR/120.0.0.0", "Opera · Windows"),
        (MAC, "Version/18.5 Safari/605.1.15", "Safari · macOS"),
        (IPHONE, "Version/18.5 Mobile/15E148 Safari/604.1", "Safari · iPhone"),
        (IPHONE, "CriOS/139.0 Mobile/15E148 Safari/604.1", "Chrome · iPhone"),
        (IPHONE, "FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox · iPhone"),
        (ANDROID, CHROME, "Chrome · Android"),
        (ANDROID, f"SamsungBrowser/28.0 {CHROME}", "Samsung Internet · Android"),
        (ANDROID, f"Version/4.0 {CHROME} MicroMessenger/8.0.50", "WeChat · Android"),
        ("X11; CrOS x86_64 14541.0.0", CHROME, "Chrome · ChromeOS"),
    ],
)
def test_what_a_browser_is_called(system: str, programs: str, name: str) -> None:
    assert browser_name(f"Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko) {programs}") == name


def test_what_is_not_known_is_not_guessed() -> None:
    assert browser_name(FIREFOX) == "Firefox · Linux"
    assert browser_name("curl/8.5.0") == browser_name("") == ""


def test_a_link_ends_as_somebody_comes_to_stand_higher(cast: Cast, boss: User) -> None:
    change(cast.bob, is_guest=False)
    older, _expires_at = create_reset_link(cast.bob.pk)
    make_moderators(boss, [cast.bob.pk])
    assert find_reset(older) is None
    newer, _expires_at = create_reset_link(cast.bob.pk)
    make_administrator(boss, cast.bob.pk)
    assert find_reset(newer) is None


# Bots.


def test_a_bot_comes_in_with_its_tokens_alone(boss: User) -> None:
    bot, _secret = create_bot(boss, "robot")
    assert code_of(change_profile, bot, {"password": PASSWORD}) == "forbidden"
    assert code_of(create_reset_link, bot.pk) == "not_found"
    assert code_of(delete_account, bot) == "forbidden"
    # One that was given a password by an earlier version.
    bot.set_password(PASSWORD)
    bot.save()
    assert authenticate(None, username="robot", password=PASSWORD) is None
    change(bot, is_bot=False)
    assert authenticate(None, username="robot", password=PASSWORD) == bot
