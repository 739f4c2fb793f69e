"""A nickname that moderators took away is kept from everybody for a while, and who lost it is told why."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.actions import change_profile, create_guest, suggest_nickname
from accounts.api.account import me_frame
from accounts.errors import ChatError
from accounts.models import User
from moderation.actions.acts import undo_act
from moderation.actions.former_profiles import taken_from
from moderation.actions.profiles import reset_profiles
from moderation.models import Act
from tests.unit.cast import Cast, change


def why_not(user: User, nickname: str) -> str:
    """Return why someone cannot choose a nickname."""
    with pytest.raises(ChatError) as caught:
        change_profile(user, {"nickname": nickname})
    assert caught.value.fields
    return str(caught.value.fields["nickname"][0])


def fresh(user: User) -> User:
    """Return someone as stored now."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def act(cast: Cast, mod: User) -> Act:
    """The act by which Bob lost his nickname."""
    change(cast.bob, nickname="Rude Bob", nickname_key="rude bob")
    return reset_profiles(mod, [cast.bob.pk], "rude", nickname=True, picture=False)


def test_nobody_chooses_a_nickname_that_was_taken_away(cast: Cast, act: Act) -> None:
    for user, nickname in ((cast.bob, "Rude Bob"), (cast.bob, "ＲＵＤＥ  bob"), (cast.eve, "rude bob")):
        assert "A moderator took this nickname away" in why_not(fresh(user), nickname)
    with pytest.raises(ChatError):
        create_guest("Rude Bob")
    change_profile(fresh(cast.bob), {"nickname": "Kind Bob"})
    # What stays as it is is not looked at again.
    change_profile(fresh(cast.eve), {"nickname": cast.eve.nickname})


def test_it_is_free_again_once_it_cannot_be_given_back_any_more(cast: Cast, act: Act) -> None:
    change(act, at=timezone.now() - timedelta(days=settings.KEEP_DAYS, minutes=1))
    change_profile(fresh(cast.eve), {"nickname": "Rude Bob"})


def test_taken_back_it_is_his_again_and_nothing_is_told(cast: Cast, mod: User, act: Act) -> None:
    undo_act(mod, act.pk)
    assert fresh(cast.bob).nickname == "Rude Bob"
    assert taken_from(fresh(cast.bob)) is None


def test_what_is_offered_instead_is_none_that_was_taken_away(cast: Cast, mod: User) -> None:
    change(cast.bob, nickname="Somebody2", nickname_key="somebody2")
    reset_profiles(mod, [cast.bob.pk], "odd", nickname=True, picture=False)
    assert fresh(cast.bob).nickname == "Somebody3"
    assert suggest_nickname("Somebody") == "Somebody4"


def test_who_lost_it_is_told_why_until_another_is_chosen(cast: Cast, act: Act) -> None:
    told = me_frame(fresh(cast.bob))["taken_away"]
    assert told == {"nickname": "Rude Bob", "picture": False, "reason": "rude", "at": act.at}
    assert me_frame(fresh(cast.eve))["taken_away"] is None
    change_profile(fresh(cast.bob), {"nickname": "Kind Bob"})
    assert me_frame(fresh(cast.bob))["taken_away"] is None


def test_who_lost_a_picture_is_told_until_another_is_chosen(cast: Cast, mod: User) -> None:
    change(cast.bob, picture="p" * 20)
    reset_profiles(mod, [cast.bob.pk], "rude", nickname=False, picture=True)
    told = taken_from(fresh(cast.bob))
    assert told
    assert (told["nickname"], told["picture"]) == (None, True)
    change(cast.bob, picture="q" * 20)
    assert taken_from(fresh(cast.bob)) is None
