"""Moderators of rooms act with a reason, and people are told; so is who may bring back what was taken down."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import Entry, Verb
from chat.actions.direct import open_direct_room
from chat.actions.memberships import expel_member, leave_room, mute_member
from chat.actions.messages import delete_message, restore_message
from chat.errors import ChatError
from chat.history import page_of_messages
from chat.models import Message
from chat.views import as_painted
from live.envelope import Envelope
from moderation.actions.messages import take_down_messages
from moderation.actions.staff import make_moderators, unmake_moderators
from tests.unit.cast import Cast, change, events_of, say, say_many
from tests.unit.conftest import Announced

REASON = "not in this kitchen"


def reason_of(verb: Verb) -> str:
    """Return the reason in the newest entry of the log of that kind."""
    return Entry.objects.filter(verb=verb).latest("number").reason


def to(group: str, kind: str, *envelopes: list[Envelope]) -> list[dict[str, Any]]:
    """Return the events of a kind that were published to a group."""
    events = [pair for part in envelopes for pair in events_of(part)]
    return [event for where, event in events if where == group and event["type"] == kind]


def told(person: User, *envelopes: list[Envelope]) -> list[dict[str, Any]]:
    """Return what was told to one person of moderators' acts."""
    return to(f"user.{person.pk}", "moderated", *envelopes)


def deleted_by(reader: User, message: Message) -> str | None:
    """Return what the page of the message's room says of who took it down."""
    page = page_of_messages(reader.pk, message.room_id)
    return next(one.get("deleted_by") for one in page["messages"] if one["id"] == message.pk)


def test_reasons_go_into_the_log_and_to_the_person(cast: Cast, announced: Announced) -> None:
    message = say(cast.bob, cast.den)
    until = timezone.now() + timedelta(minutes=5)
    envelopes = [
        announced(delete_message, cast.mia.pk, message.pk, REASON),
        announced(mute_member, cast.mia, cast.den.pk, cast.bob.pk, until, REASON),
        announced(expel_member, cast.mia, cast.den.pk, cast.bob.pk, REASON),
    ]
    assert [reason_of(verb) for verb in (Verb.TAKE_DOWN, Verb.MUTE, Verb.REMOVE)] == [REASON] * 3
    events = told(cast.bob, *envelopes)
    assert [event["act"] for event in events] == ["taken_down", "muted", "removed"]
    assert events[0]["message"] == message.pk
    assert all(event["room"] == cast.den.pk and event["detail"].endswith(f"Reason: {REASON}") for event in events)


def test_they_are_told_in_their_own_language(cast: Cast, announced: Announced) -> None:
    change(cast.bob, language="zh-hans")
    (event,) = told(cast.bob, announced(delete_message, cast.mia.pk, say(cast.bob, cast.den).pk, REASON))
    assert event["detail"].startswith("管理员撤下了你在")
    assert event["detail"].endswith(f"原因：{REASON}")


def test_who_wrote_what_the_desk_takes_down_is_told_once_a_room(cast: Cast, mod: User, announced: Announced) -> None:
    mine = [message.pk for message in say_many(cast.bob, cast.square, 3)]
    only, private = say(cast.bob, cast.den), say(cast.bob, open_direct_room(cast.bob, cast.ann.pk))
    gone, hers = say(cast.bob, cast.den, "oops"), say(cast.ann, cast.den)
    delete_message(cast.bob.pk, gone.pk)
    ids = [*mine, only.pk, private.pk, gone.pk, hers.pk]
    envelopes = announced(take_down_messages, mod, ids, REASON)
    events = {event["room"]: event for event in told(cast.bob, envelopes)}
    assert len(events) == 3
    assert events[cast.square.pk]["messages"] == mine
    assert events[cast.square.pk]["detail"].startswith("A moderator took down 3 messages of yours in")
    assert "message" not in events[cast.square.pk]
    assert events[cast.den.pk]["message"] == only.pk
    assert "“private chat”" in events[private.room_id]["detail"]
    assert all(event["detail"].endswith(f"Reason: {REASON}") for event in events.values())
    assert [event["message"] for event in told(cast.ann, envelopes)] == [hers.pk]


def test_what_one_deletes_oneself_is_told_to_nobody_and_not_logged(cast: Cast, announced: Announced) -> None:
    assert told(cast.bob, announced(delete_message, cast.bob.pk, say(cast.bob, cast.den).pk)) == []
    assert not Entry.objects.filter(verb=Verb.TAKE_DOWN).exists()


def test_the_end_of_a_mute_and_a_removal_without_a_reason_need_no_words(cast: Cast, announced: Announced) -> None:
    assert told(cast.bob, announced(mute_member, cast.mia, cast.den.pk, cast.bob.pk, None)) == []
    assert told(cast.bob, announced(expel_member, cast.mia, cast.den.pk, cast.bob.pk)) == []


def test_who_goes_or_is_removed_is_told_of_to_the_room(cast: Cast, announced: Announced) -> None:
    envelopes = [
        announced(expel_member, cast.mia, cast.den.pk, cast.bob.pk),
        announced(leave_room, cast.gus, cast.den.pk),
    ]
    events = to(f"room.{cast.den.pk}", "member.updated", *envelopes)
    assert [(event["user"], event["role"]) for event in events] == [(cast.bob.pk, None), (cast.gus.pk, None)]


def test_a_deleted_message_says_who_may_bring_it_back(cast: Cast) -> None:
    own, taken, above = [say(cast.bob, cast.square) for _ in range(3)]
    delete_message(cast.bob.pk, own.pk)
    delete_message(cast.mia.pk, taken.pk)
    change(cast.ann, is_staff=True)
    delete_message(cast.ann.pk, above.pk)
    assert [deleted_by(cast.eve, one) for one in (own, taken, above)] == ["author", "moderator", "staff"]
    change(cast.ann, is_superuser=True)
    assert deleted_by(cast.eve, above) == "administrator"
    change(taken, is_purged=True)
    assert deleted_by(cast.eve, taken) is None


@pytest.mark.parametrize("rank", [{}, {"is_staff": True}, {"is_staff": True, "is_superuser": True}])
def test_what_an_author_deleted_is_restored_by_author_and_moderators_whoever_the_author_is(
    cast: Cast, rank: dict[str, bool]
) -> None:
    change(cast.bob, **rank)
    for person in (cast.bob, cast.mia):
        message = say(cast.bob, cast.square)
        delete_message(cast.bob.pk, message.pk)
        restore_message(person.pk, message.pk)


def test_who_moderates_no_more_does_not_bring_back_what_he_took_down(cast: Cast) -> None:
    message = say(cast.bob, cast.den)
    delete_message(cast.mia.pk, message.pk)
    cast.mia.memberships.filter(room=cast.den).update(role="member")
    with pytest.raises(ChatError) as error:
        restore_message(cast.mia.pk, message.pk)
    assert error.value.code == "forbidden"


def test_a_new_moderator_of_the_site_is_told_so(cast: Cast, announced: Announced) -> None:
    change(cast.ann, is_staff=True, is_superuser=True)
    change(cast.bob, is_guest=False)
    boss = User.objects.get(pk=cast.ann.pk)
    envelopes = [announced(make_moderators, boss, [cast.bob.pk]), announced(unmake_moderators, boss, [cast.bob.pk])]
    events = to(f"user.{cast.bob.pk}", "rights.updated", *envelopes)
    assert [(event["is_staff"], event["is_admin"]) for event in events] == [(True, False), (False, False)]


def test_the_page_is_painted_with_runs_of_deleted_messages_folded() -> None:
    def row(letters: str) -> list[dict[str, Any]]:
        deleted = ["x" if letter == "d" else None for letter in letters]
        return [{"kind": "text", "deleted_at": at, "seq": seq} for seq, at in enumerate(deleted)]

    painted = as_painted(row("ddadddad"), None, 99)
    assert [one.get("run", "-") for one in painted] == ["-", "-", "-", 3, 0, 0, "-", "-"]
    assert [bool(one.get("folded")) for one in painted] == [one in (3, 4, 5) for one in range(8)]


@pytest.mark.parametrize(
    ("at", "read", "new", "opens"), [(None, 3, 4, 4), (2, 3, 4, 2), (2, 9, None, 2), (None, 9, None, None)]
)
def test_the_page_is_painted_open_at_the_first_unread(
    at: int | None, read: int, new: int | None, opens: int | None
) -> None:
    rows = [{"kind": "text", "deleted_at": None, "seq": seq} for seq in range(1, 8)]
    painted = as_painted(rows, at, read)
    assert [one["seq"] for one in painted if one["new"]] == [new][: new is not None]
    assert [one["seq"] for one in painted if one["opens"]] == [opens][: opens is not None]


def test_a_line_is_painted_only_where_the_unread_begin_and_no_fold_lies_across_it() -> None:
    rows = [{"kind": "text", "deleted_at": "x" if 2 <= seq <= 5 else None, "seq": seq} for seq in range(1, 9)]
    painted = as_painted(rows, None, 3)
    assert [one["seq"] for one in painted if one["new"]] == [4]
    assert not any(one.get("folded") for one in painted)
    assert not any(one["new"] for one in as_painted(rows[4:], 6, 3))
