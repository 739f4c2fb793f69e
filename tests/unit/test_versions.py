"""What a message said before it was edited: kept, bounded, and shown to the moderators of its room."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.profile import end_account
from accounts.models import User
from chat.actions import versions
from chat.actions.direct import open_direct_room
from chat.actions.messages import delete_message, edit_message, restore_message
from chat.actions.versions import versions_for
from chat.errors import ChatError
from chat.models import Message, MessageVersion, Room
from moderation.actions.purge import purge
from tests.unit.cast import Cast, make_staff, rolled_back, say


def texts(user: User, message: Message) -> list[str]:
    """Return the earlier texts that `user` is shown."""
    return [version.body for version in versions_for(user, message.pk)]


def refusal(user: User, message: Message) -> str:
    """Return the code with which `user` is refused them."""
    with pytest.raises(ChatError) as refused:
        versions_for(user, message.pk)
    return str(refused.value.code)


def test_each_earlier_text_is_kept_with_its_times(cast: Cast) -> None:
    message = say(cast.bob, cast.den, "one")
    edit_message(cast.bob.pk, message.pk, "two")
    edit_message(cast.bob.pk, message.pk, "three")
    assert texts(cast.mia, message) == ["two", "one"]
    second, first = versions_for(cast.mia, message.pk)
    assert first.written_at == message.created_at
    assert first.written_at <= first.replaced_at == second.written_at <= second.replaced_at
    message.refresh_from_db()
    assert second.replaced_at == message.edited_at


def test_an_edit_to_the_same_text_keeps_nothing(cast: Cast) -> None:
    message = say(cast.bob, cast.den, "one")
    edit_message(cast.bob.pk, message.pk, "one")
    assert texts(cast.mia, message) == []


def test_an_edit_that_fails_keeps_nothing(cast: Cast) -> None:
    message = say(cast.bob, cast.den, "one")
    with rolled_back():
        edit_message(cast.bob.pk, message.pk, "two")
    assert not MessageVersion.objects.exists()


def test_past_the_bound_the_first_and_the_latest_stay(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MAX_VERSIONS", 3)
    message = say(cast.bob, cast.den, "text 0")
    for number in range(1, 7):
        edit_message(cast.bob.pk, message.pk, f"text {number}")
    assert texts(cast.mia, message) == ["text 5", "text 4", "text 0"]


@pytest.mark.parametrize("place", ["den", "square"])
def test_moderators_and_owners_see_them_and_nobody_else(cast: Cast, place: str) -> None:
    room: Room = getattr(cast, place)
    message = say(cast.bob, room, "one")
    edit_message(cast.bob.pk, message.pk, "two")
    for user in (cast.ann, cast.mia):
        assert texts(user, message) == ["one"]
    for user in (cast.bob, cast.gus, cast.rex):
        assert refusal(user, message) == "forbidden"
    assert refusal(cast.eve, message) == ("not_found" if place == "den" else "forbidden")


def test_moderators_of_the_site_see_them_by_right_and_in_public_rooms_alone(cast: Cast) -> None:
    without, eve = make_staff(cast.gus), make_staff(cast.eve, "chat.view_message")
    there, here = say(cast.bob, cast.den, "one"), say(cast.bob, cast.square, "one")
    for message in (there, here):
        edit_message(cast.bob.pk, message.pk, "two")
    assert refusal(eve, there) == "not_found"
    assert texts(eve, here) == ["one"]
    assert refusal(without, here) == "forbidden"


def test_of_private_chats_nothing_is_kept_or_shown(cast: Cast) -> None:
    chat = open_direct_room(cast.ann, cast.bob.pk)
    message = say(cast.bob, chat, "one")
    edit_message(cast.bob.pk, message.pk, "two")
    assert not MessageVersion.objects.exists()
    assert refusal(cast.ann, message) == refusal(cast.bob, message) == "forbidden"
    assert refusal(cast.mia, message) == "not_found"


def test_of_a_deleted_message_nothing_is_shown_until_it_is_back(cast: Cast) -> None:
    message = say(cast.bob, cast.den, "one")
    edit_message(cast.bob.pk, message.pk, "two")
    delete_message(cast.bob.pk, message.pk)
    assert refusal(cast.mia, message) == "not_found"
    restore_message(cast.bob.pk, message.pk)
    assert texts(cast.mia, message) == ["one"]


def test_they_are_purged_with_the_message(cast: Cast) -> None:
    gone, stays = say(cast.bob, cast.den, "one"), say(cast.bob, cast.den, "one")
    for message in (gone, stays):
        edit_message(cast.bob.pk, message.pk, "two")
    delete_message(cast.bob.pk, gone.pk)
    purge(timezone.now() + timedelta(minutes=1), really=True)
    assert list(MessageVersion.objects.values_list("message", flat=True)) == [stays.pk]


def test_they_go_with_the_account_and_what_stands_stays(cast: Cast) -> None:
    bobs, gus = say(cast.bob, cast.den, "one"), say(cast.gus, cast.den, "one")
    edit_message(cast.bob.pk, bobs.pk, "two")
    edit_message(cast.gus.pk, gus.pk, "two")
    end_account(cast.bob)
    bobs.refresh_from_db()
    assert (bobs.body, texts(cast.mia, bobs)) == ("two", [])
    assert texts(cast.mia, gus) == ["one"]
