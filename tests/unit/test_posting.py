"""Messages are posted: numbered without holes, one row a ref, each draft with a result of its own."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from chat.actions import drafts, posting
from chat.actions.posting import Draft, Posted, post_messages
from chat.models import Mention, Message, Room
from tests.unit.cast import (
    Cast,
    change,
    code_of,
    draft_of,
    events_of,
    make_room,
    make_site_moderator,
    make_staff,
    membership_of,
    numbering_faults,
    post,
    rolled_back,
    say,
)
from tests.unit.conftest import Announced


def test_a_message_takes_the_next_numbers_of_its_room(cast: Cast) -> None:
    first, second = post(draft_of(cast.ann, cast.den, "one"), draft_of(cast.bob, cast.den, "two"))
    (third,) = post(draft_of(cast.ann, cast.square, "elsewhere"))
    assert [(place.seq, place.change, place.room) for place in (first, second, third)] == [
        (1, 1, cast.den.pk), (2, 2, cast.den.pk), (1, 1, cast.square.pk)
    ]  # fmt: skip
    assert numbering_faults() == []


def test_what_is_answered_is_what_is_stored(cast: Cast) -> None:
    draft = draft_of(cast.ann, cast.den, "*so*\r\nit is")
    (place,) = post(draft)
    row = Message.objects.get(ref=draft.ref)
    assert place == Posted(row.pk, row.room_id, row.seq, row.change, row.created_at, duplicate=False)
    assert (row.body, row.author_id, row.kind) == ("*so*\nit is", cast.ann.pk, "text")
    assert row.html == "<p><em>so</em><br>\nit is</p>"


def test_a_repeat_is_answered_with_the_first_place(cast: Cast) -> None:
    draft = draft_of(cast.ann, cast.den, "once")
    (place,) = post(draft)
    again = post(
        draft_of(cast.ann, cast.square, "another text and room", ref=draft.ref),
        draft_of(cast.bob, cast.den, "another author", ref=draft.ref),
    )
    assert again[0] == place._replace(duplicate=True)
    assert code_of(again[1]) == "ok"
    assert Message.objects.filter(ref=draft.ref).count() == 2


def test_a_repeat_within_a_batch_is_answered_with_the_first_place(cast: Cast) -> None:
    ref = uuid.uuid4()
    first, repeat, third = post(
        draft_of(cast.ann, cast.den, "one", ref=ref),
        draft_of(cast.ann, cast.square, "one again", ref=ref),
        draft_of(cast.ann, cast.den, "two"),
    )
    assert repeat == first._replace(duplicate=True)
    assert third.seq == 2
    assert numbering_faults() == []


def test_a_repeat_is_recognised_before_any_other_check(cast: Cast) -> None:
    """Someone muted since then, in a room that is gone for him, with a text that is empty, still learns of it."""
    draft = draft_of(cast.bob, cast.den)
    (place,) = post(draft)
    membership_of(cast.bob, cast.den).delete()
    change(cast.bob, is_active=False)
    for body in ("", "x" * 5000, "fine"):
        assert post(draft_of(cast.bob, cast.den, body, ref=draft.ref)) == [place._replace(duplicate=True)]


def test_a_refused_draft_does_not_use_up_its_ref(cast: Cast) -> None:
    ref = uuid.uuid4()
    refused, taken = post(draft_of(cast.ann, cast.den, " ", ref=ref), draft_of(cast.ann, cast.den, "@bob now", ref=ref))
    assert (code_of(refused), code_of(taken)) == ("invalid", "ok")
    row = Message.objects.get(ref=ref)
    assert "mention" in row.html
    assert list(row.mentions.values_list("user_id", flat=True)) == [cast.bob.pk]


# Who may.


def refuse(cast: Cast, author: User, room: Room, **fields: Any) -> str:
    """Return the code with which a lone draft is refused; nothing may have been stored."""
    (result,) = post(draft_of(author, room, **fields))
    assert not Message.objects.filter(author=author, room=room).exists()
    return code_of(result)


def test_an_outsider_does_not_learn_that_a_private_room_exists(cast: Cast) -> None:
    assert refuse(cast, cast.eve, cast.den) == "not_found"
    assert refuse(cast, cast.eve, Room(pk=10**6)) == "not_found"


def test_an_outsider_is_told_to_join_a_public_room(cast: Cast) -> None:
    assert refuse(cast, cast.eve, cast.square) == "forbidden"


def test_someone_muted_is_refused_until_the_time_is_over(cast: Cast) -> None:
    for muted in (cast.bob, membership_of(cast.bob, cast.den)):
        change(muted, muted_until=timezone.now() + timedelta(minutes=1))
        assert refuse(cast, cast.bob, cast.den) == "muted"
        change(muted, muted_until=timezone.now() - timedelta(seconds=1))
    assert say(cast.bob, cast.den)


def test_in_a_read_only_room_moderators_write(cast: Cast) -> None:
    change(cast.den, is_read_only=True)
    assert refuse(cast, cast.bob, cast.den) == "read_only"
    assert say(cast.mia, cast.den)
    assert say(cast.ann, cast.den)


def test_moderators_of_the_site_write_in_read_only_public_rooms_by_right(cast: Cast) -> None:
    make_staff(cast.gus)
    for room in (cast.den, cast.square):
        change(room, is_read_only=True)
    assert [refuse(cast, cast.gus, room) for room in (cast.den, cast.square)] == ["read_only"] * 2
    make_staff(cast.gus, "moderation.change_rooms")
    assert refuse(cast, cast.gus, cast.den) == "read_only"
    assert say(cast.gus, cast.square)


def test_slow_mode_holds_staff_without_the_right_and_nobody_else_of_the_site(cast: Cast) -> None:
    change(cast.square, slow_mode=60)
    make_staff(cast.gus)
    make_site_moderator(cast.bob)
    results = post(*(draft_of(person, cast.square) for person in (cast.gus, cast.bob, cast.gus, cast.bob)))
    assert [code_of(result) for result in results] == ["ok", "ok", "rate_limited", "ok"]


def test_what_moderators_of_the_site_say_in_ordinary_rooms_takes_no_more_statements(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as of_a_member:
        say(cast.bob, cast.square, "hello @ann")
    make_staff(cast.bob)
    with CaptureQueriesContext(connection) as of_staff:
        say(cast.bob, cast.square, "hello @ann")
    assert len(of_staff) <= len(of_a_member)


def test_nobody_writes_in_an_archived_room(cast: Cast) -> None:
    change(cast.den, is_archived=True)
    assert [refuse(cast, author, cast.den) for author in (cast.ann, cast.mia, cast.bob)] == ["read_only"] * 3


@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_former": True}])
def test_who_is_banned_or_gone_writes_nowhere(cast: Cast, fields: dict[str, bool]) -> None:
    change(cast.bob, **fields)
    assert refuse(cast, cast.bob, cast.den) == "not_found"


def test_a_reply_is_to_a_message_of_the_same_room(cast: Cast) -> None:
    here, elsewhere = say(cast.ann, cast.den), say(cast.ann, cast.square)
    assert say(cast.bob, cast.den, reply_to=here.pk).reply_to_id == here.pk
    assert refuse(cast, cast.gus, cast.den, reply_to=elsewhere.pk) == "not_found"
    assert refuse(cast, cast.gus, cast.den, reply_to=10**9) == "not_found"


def test_one_refused_draft_leaves_no_hole(cast: Cast) -> None:
    results = post(
        draft_of(cast.ann, cast.den), draft_of(cast.eve, cast.den), draft_of(cast.bob, cast.den, "x" * 4001),
        draft_of(cast.gus, cast.den),
    )  # fmt: skip
    assert [code_of(result) for result in results] == ["ok", "not_found", "invalid", "ok"]
    assert numbering_faults() == []


# What else a message brings about.


def test_ones_own_message_is_read(cast: Cast) -> None:
    say(cast.bob, cast.den)
    say(cast.ann, cast.den)
    assert membership_of(cast.ann, cast.den).last_read_seq == 2
    assert membership_of(cast.bob, cast.den).last_read_seq == 1
    assert membership_of(cast.gus, cast.den).last_read_seq == 0


def test_a_message_is_announced_after_the_commit_with_its_numbers(cast: Cast, announced: Announced) -> None:
    envelopes = announced(post, draft_of(cast.ann, cast.den, "one"), draft_of(cast.bob, cast.den, "two"))
    (envelope,) = envelopes
    assert (envelope["group"], envelope["span"]) == (f"room.{cast.den.pk}", (f"changes.{cast.den.pk}", 1, 2))
    assert envelope["fence"] == (1, 1)
    events = [event for _group, event in events_of(envelopes)]
    assert [(event["type"], event["change"], event["message"]["body"]) for event in events] == [
        ("message.created", 1, "one"), ("message.created", 2, "two")
    ]  # fmt: skip


def test_nothing_is_announced_of_repeats_and_refusals(cast: Cast, announced: Announced) -> None:
    draft = draft_of(cast.ann, cast.den)
    assert len(announced(post, draft)) == 1
    assert announced(post, draft_of(cast.ann, cast.den, ref=draft.ref), draft_of(cast.eve, cast.den)) == []


def test_a_batch_is_announced_in_pieces_that_fit_a_frame(cast: Cast, announced: Announced) -> None:
    """64 long texts are far over 256 KiB: the hub must not have to send them as one frame."""
    drafts = [draft_of(cast.ann, cast.den, "\u4f60\\" * 2000) for _ in range(64)]
    envelopes = announced(post, *drafts)
    longest = max(len(str(event)) for _group, event in events_of(envelopes))
    assert max(len(envelope["events"]) for envelope in envelopes) <= 256 * 1024 + 2 * longest
    spans = [envelope["span"][1:] for envelope in envelopes]  # type: ignore[index]
    assert [number for first, last in spans for number in range(first, last + 1)] == list(range(1, 65))


def test_a_refused_text_is_not_rendered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Markdown of 60,000 characters takes up to 20 s, on the thread that writes everyone's messages."""
    rendered: list[str] = []
    monkeypatch.setattr(drafts, "render", lambda body, *_a, **_k: rendered.append(body) or drafts.Rendered())
    monkeypatch.setattr(drafts, "mention_candidates", lambda body: rendered.append(body) or set())
    post(draft_of(cast.ann, cast.den, "@" * 4001), draft_of(cast.ann, cast.den, "@bob"))
    assert set(rendered) == {"@bob"}


# How many queries.


def test_fifty_messages_take_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    drafts = [draft_of(cast.bob, cast.den, f"plain {number}") for number in range(50)]
    with django_assert_max_num_queries(14):
        post(*drafts)


def test_messages_of_many_rooms_take_no_more_queries_than_those_of_one(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    rooms = [make_room("private", cast.ann, cast.bob) for _ in range(20)]
    with django_assert_max_num_queries(14):
        post(*(draft_of(cast.bob, room) for room in rooms))


# Everything at once.

AUTHORS = ("ann", "bob", "eve")
PLACES = ("den", "square", "nowhere", "gus", "self", "nobody")
BODIES = ("plain", "@bob and @ann", "", "x" * 4001, "*bold*")
_batches = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(AUTHORS), st.integers(0, 4), st.sampled_from(PLACES), st.sampled_from(BODIES)
        ),
        min_size=1, max_size=8,
    ),
    min_size=1, max_size=4,
)  # fmt: skip
Move = tuple[str, int, str, str]


class Model:
    """What ought to come of drafts, one by one."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.refs = [uuid.uuid4() for _ in range(5)]
        self.first: dict[tuple[str, int], Posted] = {}
        self.bodies: dict[tuple[str, int], str] = {}

    def draft(self, move: Move) -> Draft:
        """Return the draft of a move."""
        author, ref, place, body = move
        person = getattr(self.cast, author)
        targets: dict[str, dict[str, Any]] = {
            "den": {"room": self.cast.den.pk}, "square": {"room": self.cast.square.pk}, "nowhere": {"room": 10**6},
            "gus": {"to": self.cast.gus.pk}, "self": {"to": person.pk}, "nobody": {"to": 10**6},
        }  # fmt: skip
        return Draft(author_id=person.pk, ref=self.refs[ref], body=body, **targets[place])

    def expected(self, move: Move) -> str:
        """Return the code that a move is answered with."""
        author, ref, place, body = move
        if (author, ref) in self.first:
            return "duplicate"
        if body in ("", "x" * 4001) or place == "self":
            return "invalid"
        if place in ("nowhere", "nobody") or (author == "eve" and place == "den"):
            return "not_found"
        return "forbidden" if author == "eve" and place == "square" else "ok"

    def check(self, move: Move, result: Any) -> None:
        """Compare a result with what it should be, and remember the first place of each ref."""
        expected = self.expected(move)
        assert code_of(result) == expected, move
        if expected == "ok":
            self.first[move[:2]] = result
            self.bodies[move[:2]] = move[3]
        elif expected == "duplicate":
            assert result == self.first[move[:2]]._replace(duplicate=True)

    def check_rows(self) -> None:
        """Compare what is stored with what was answered."""
        assert Message.objects.count() == len(self.first)
        for key, place in self.first.items():
            row = Message.objects.get(pk=place.id)
            assert (row.room_id, row.seq, row.change, row.created_at) == place[1:5]
            assert (row.author_id, row.ref) == (getattr(self.cast, key[0]).pk, self.refs[key[1]])
            assert row.body == self.bodies[key]
            named = {person.pk for person in (self.cast.ann, self.cast.bob) if f"@{person.nickname}" in row.body}
            members = set(row.room.memberships.values_list("user_id", flat=True))
            assert set(Mention.objects.filter(message=row).values_list("user_id", flat=True)) == named & members


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(batches=_batches)
def test_any_batches_leave_every_number_once_and_every_draft_with_its_answer(
    cast: Cast, batches: list[list[Move]]
) -> None:
    with rolled_back():
        model = Model(cast)
        for batch in batches:
            for move, result in zip(batch, post(*map(model.draft, batch)), strict=True):
                model.check(move, result)
        model.check_rows()
        assert numbering_faults() == []


# The checkers, checked.


def test_two_batches_that_do_not_know_of_each_other_cannot_store_a_ref_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a race of two processes: neither sees the other's message. The constraint does."""
    draft = draft_of(cast.ann, cast.den)
    post(draft)
    monkeypatch.setattr(posting._Batch, "_find_repeats", lambda _batch: {})
    with pytest.raises(IntegrityError), rolled_back():
        post_messages([draft_of(cast.ann, cast.den, ref=draft.ref)])
    assert numbering_faults() == []


def test_the_check_of_numbers_notices_a_hole_and_a_head_that_stayed(cast: Cast) -> None:
    say(cast.ann, cast.den)
    say(cast.ann, cast.den)
    assert numbering_faults() == []
    change(cast.den, last_seq=3)
    assert len(numbering_faults()) == 1
    Message.objects.filter(room=cast.den, seq=2).update(seq=3, change=3)
    assert len(numbering_faults()) == 2
