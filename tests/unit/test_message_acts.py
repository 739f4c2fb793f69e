"""What is done to a message that stands: who may, what number it takes, and what is told of it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from chat.actions.messages import (
    Changed,
    delete_message,
    edit_message,
    pin_message,
    react_to_message,
    restore_message,
    unpin_message,
    unreact_to_message,
)
from chat.errors import ChatError
from chat.models import Mention, Message, Reaction, Room
from chat.models.reaction import MAX_KINDS
from tests.unit.cast import Cast, change, events_of, make_site_moderator, make_staff, membership_of, say
from tests.unit.conftest import Announced

Act = Callable[[int, int], Changed]

edit = partial(edit_message, body="another text")
react = partial(react_to_message, emoji="👍")
unreact = partial(unreact_to_message, emoji="👍")

# An act, what must have been done before it has anything to do, and by whom it is done.
ACTS: dict[str, tuple[Act, list[Act]]] = {
    "edit": (edit, []),
    "delete": (delete_message, []),
    "restore": (restore_message, [delete_message]),
    "pin": (pin_message, []),
    "unpin": (unpin_message, [pin_message]),
    "react": (react, []),
    "unreact": (unreact, [react]),
}
OF_THE_AUTHOR = ["edit"]
OF_AUTHOR_AND_MODERATORS = ["delete", "restore"]
OF_EVERY_WRITER = ["pin", "unpin", "react"]
NEEDS_THE_RIGHT_TO_WRITE = ["edit", "restore", "pin", "unpin", "react"]


def prepare(name: str, author: User, room: Room) -> tuple[Act, Message]:
    """Return an act and a message of `author` that it has something to do on."""
    act, before = ACTS[name]
    message = say(author, room, "text")
    for earlier in before:
        earlier(author.pk, message.pk)
    message.refresh_from_db()
    return act, message


def refusal(act: Act, user: User, message: Message) -> str:
    """Return the code with which an act is refused, "" if it is not; a refused one may have changed nothing."""
    head = Room.objects.get(pk=message.room_id).last_change
    try:
        act(user.pk, message.pk)
    except ChatError as error:
        assert Room.objects.get(pk=message.room_id).last_change == head
        return error.code
    return ""


@pytest.mark.parametrize("name", ACTS)
def test_an_act_takes_the_next_change_and_a_second_one_changes_nothing(
    cast: Cast, announced: Announced, name: str
) -> None:
    act, message = prepare(name, cast.bob, cast.den)
    other = say(cast.ann, cast.den)
    changed: list[Changed] = []
    envelopes = announced(lambda: changed.append(act(cast.bob.pk, message.pk)))
    assert changed == [(message.pk, cast.den.pk, other.change + 1)]
    assert len(events_of(envelopes)) == 1
    head = Room.objects.get(pk=cast.den.pk)
    assert (head.last_change, head.last_seq) == (other.change + 1, 2)
    message.refresh_from_db()
    assert (message.change, message.seq) == (other.change + 1, 1)
    if name != "unreact":
        again = announced(lambda: changed.append(act(cast.bob.pk, message.pk)))
        assert (changed[1], again) == (changed[0], [])
    assert Room.objects.get(pk=cast.den.pk).last_change == other.change + 1


@pytest.mark.parametrize("name", ACTS)
def test_what_is_announced_is_the_message_as_it_is_now(cast: Cast, announced: Announced, name: str) -> None:
    act, message = prepare(name, cast.bob, cast.den)
    (envelope,) = announced(act, cast.bob.pk, message.pk)
    ((group, event),) = events_of([envelope])
    assert group == f"room.{cast.den.pk}"
    assert event["type"] == ("message.deleted" if name == "delete" else "message.updated")
    assert envelope["span"] == (f"changes.{cast.den.pk}", event["change"], event["change"])
    shown = event["message"]
    assert (shown["id"], shown["change"]) == (message.pk, event["change"])
    expected: dict[str, Any] = {
        "edit": ("body", "another text"), "delete": ("body", None), "restore": ("deleted_at", None),
        "unpin": ("pinned_at", None), "unreact": ("reactions", None),
        "react": ("reactions", [{"emoji": "👍", "count": 1, "by": [cast.bob.pk]}]),
        "pin": ("pinned_at", shown.get("pinned_at", "missing")),
    }  # fmt: skip
    field, value = expected[name]
    assert shown.get(field) == value
    if name == "edit":
        assert shown["edited_at"]


@pytest.mark.parametrize("name", ACTS)
def test_an_outsider_does_nothing(cast: Cast, name: str) -> None:
    for room, code in ((cast.den, "not_found"), (cast.square, "forbidden")):
        act, message = prepare(name, cast.bob, room)
        assert refusal(act, cast.eve, message) == code
    assert refusal(act, cast.bob, Message(pk=10**9, room=cast.den)) == "not_found"


@pytest.mark.parametrize("name", OF_THE_AUTHOR)
def test_nobody_but_the_author_edits(cast: Cast, name: str) -> None:
    act, message = prepare(name, cast.bob, cast.den)
    assert [refusal(act, user, message) for user in (cast.gus, cast.mia, cast.ann)] == ["forbidden"] * 3
    assert refusal(act, cast.bob, message) == ""


@pytest.mark.parametrize("name", OF_AUTHOR_AND_MODERATORS)
def test_the_author_and_moderators_delete_and_restore(cast: Cast, name: str) -> None:
    for user, expected in ((cast.gus, "forbidden"), (cast.mia, ""), (cast.ann, ""), (cast.bob, "")):
        act, message = prepare(name, cast.bob, cast.den)
        assert refusal(act, user, message) == expected


@pytest.mark.parametrize("name", OF_EVERY_WRITER)
def test_every_writer_pins_and_reacts(cast: Cast, name: str) -> None:
    act, message = prepare(name, cast.bob, cast.den)
    assert refusal(act, cast.gus, message) == ""


def test_moderators_of_the_site_delete_in_public_rooms_only(cast: Cast) -> None:
    make_site_moderator(cast.gus)
    assert refusal(delete_message, cast.gus, say(cast.bob, cast.square)) == ""
    assert refusal(delete_message, cast.gus, say(cast.bob, cast.den)) == "forbidden"


def test_the_author_does_not_restore_what_a_moderator_deleted(cast: Cast) -> None:
    message = say(cast.bob, cast.den)
    delete_message(cast.mia.pk, message.pk)
    assert refusal(restore_message, cast.bob, message) == "forbidden"
    assert refusal(restore_message, cast.mia, message) == ""


@pytest.mark.parametrize("name", NEEDS_THE_RIGHT_TO_WRITE)
def test_who_may_not_write_changes_nothing_that_is_shown(cast: Cast, name: str) -> None:
    act, message = prepare(name, cast.bob, cast.den)
    change(membership_of(cast.bob, cast.den), muted_until=timezone.now() + timedelta(minutes=5))
    assert refusal(act, cast.bob, message) == "muted"
    change(membership_of(cast.bob, cast.den), muted_until=None)
    change(cast.den, is_read_only=True)
    assert refusal(act, cast.bob, message) == "read_only"
    change(cast.den, is_read_only=False, is_archived=True)
    assert refusal(act, cast.bob, message) == "read_only"


def test_someone_muted_may_still_take_down_what_he_wrote(cast: Cast) -> None:
    message = say(cast.bob, cast.den)
    change(cast.bob, muted_until=timezone.now() + timedelta(minutes=5))
    assert refusal(delete_message, cast.bob, message) == ""


@pytest.mark.parametrize("name", ["edit", "pin", "unpin", "react", "unreact"])
def test_a_deleted_message_is_not_there_to_be_changed(cast: Cast, name: str) -> None:
    act, message = prepare(name, cast.bob, cast.den)
    delete_message(cast.bob.pk, message.pk)
    assert refusal(act, cast.bob, message) == "not_found"


@pytest.mark.parametrize(("body", "code"), [("", "invalid"), ("\u200b", "invalid"), ("x" * 4001, "invalid")])
def test_a_text_that_could_not_be_posted_cannot_be_edited_in(cast: Cast, body: str, code: str) -> None:
    message = say(cast.bob, cast.den)
    assert refusal(partial(edit_message, body=body), cast.bob, message) == code


def test_system_messages_are_nobodys_to_edit(cast: Cast) -> None:
    message = say(cast.bob, cast.den)
    change(message, kind="system")
    assert refusal(edit, cast.bob, message) == "forbidden"


# Reactions.

EMOJI = "😀😁😂🤣😃😄😅😆😉😊😋😎😍😘🥰😗😙🙂🤗🤩🤔"


@pytest.mark.parametrize("emoji", ["", "a", "👍👍", "<b>", "👍 ", ":thumbs_up:", "1"])
def test_a_reaction_is_one_emoji(cast: Cast, emoji: str) -> None:
    message = say(cast.bob, cast.den)
    assert refusal(partial(react_to_message, emoji=emoji), cast.bob, message) == "invalid"


@pytest.mark.parametrize("emoji", ["👍🏽", "👨\u200d👩\u200d👧", "🇨🇳", "❤️"])
def test_an_emoji_may_be_of_several_characters(cast: Cast, emoji: str) -> None:
    message = say(cast.bob, cast.den)
    react_to_message(cast.gus.pk, message.pk, emoji)
    assert Reaction.objects.get().emoji == emoji


def test_a_message_takes_twenty_kinds_of_reaction_and_any_number_of_each(cast: Cast) -> None:
    message = say(cast.bob, cast.den)
    for emoji in EMOJI[:MAX_KINDS]:
        react_to_message(cast.gus.pk, message.pk, emoji)
    assert refusal(partial(react_to_message, emoji=EMOJI[MAX_KINDS]), cast.ann, message) == "invalid"
    assert refusal(partial(react_to_message, emoji=EMOJI[0]), cast.ann, message) == ""
    unreact_to_message(cast.gus.pk, message.pk, EMOJI[1])
    assert refusal(partial(react_to_message, emoji=EMOJI[MAX_KINDS]), cast.ann, message) == ""
    assert Reaction.objects.values("emoji").distinct().count() == MAX_KINDS


def test_one_takes_away_only_ones_own_reaction(cast: Cast) -> None:
    message = say(cast.bob, cast.den)
    react(cast.gus.pk, message.pk)
    head = Room.objects.get(pk=cast.den.pk).last_change
    assert unreact(cast.bob.pk, message.pk).change == head
    assert Reaction.objects.count() == 1


# Mentions.


def named(message: Message) -> set[int | None]:
    """Return whom the live mentions of a message name; None is everyone."""
    return set(Mention.objects.filter(message=message, is_deleted=False).values_list("user_id", flat=True))


def test_an_edit_names_those_whom_the_new_text_names(cast: Cast) -> None:
    message = say(cast.bob, cast.den, "@ann and @gus")
    assert named(message) == {cast.ann.pk, cast.gus.pk}
    edit_message(cast.bob.pk, message.pk, "@gus and @mia, not @eve, not @all")
    assert named(message) == {cast.gus.pk, cast.mia.pk}
    message.refresh_from_db()
    assert message.html.count("mention") == 2
    edit_message(cast.bob.pk, message.pk, "nobody")
    assert named(message) == set()


def test_only_moderators_name_everyone(cast: Cast) -> None:
    for author, expected in ((cast.bob, set()), (cast.mia, {None}), (cast.ann, {None})):
        message = say(author, cast.den, "@all @所有人")
        assert named(message) == expected
        assert message.mentions_all is bool(expected)
        edited = say(author, cast.den, "hello")
        edit_message(author.pk, edited.pk, "@all")
        assert named(edited) == expected


@pytest.mark.parametrize(("rights", "expected"), [((), set()), (("moderation.change_rooms",), {None})])
def test_staff_names_everyone_by_right_in_public_rooms_when_writing_as_when_editing(
    cast: Cast, rights: tuple[str, ...], expected: set[None]
) -> None:
    make_staff(cast.gus, *rights)
    for room, there in ((cast.den, set()), (cast.square, expected)):
        written, edited = say(cast.gus, room, "@all"), say(cast.gus, room, "hello")
        edit_message(cast.gus.pk, edited.pk, "@all")
        assert named(written) == named(edited) == there


def test_a_deleted_message_names_nobody_until_it_is_restored(cast: Cast) -> None:
    message = say(cast.bob, cast.den, "@ann")
    delete_message(cast.bob.pk, message.pk)
    assert named(message) == set()
    restore_message(cast.bob.pk, message.pk)
    assert named(message) == {cast.ann.pk}


def test_a_deleted_message_loses_neither_text_nor_number(cast: Cast) -> None:
    message = say(cast.bob, cast.den, "*text*")
    delete_message(cast.mia.pk, message.pk)
    row = Message.objects.get(pk=message.pk)
    assert (row.body, row.html, row.seq, row.deleted_by_id) == ("*text*", message.html, 1, cast.mia.pk)
    restore_message(cast.mia.pk, message.pk)
    row.refresh_from_db()
    assert (row.deleted_at, row.deleted_by_id) == (None, None)
