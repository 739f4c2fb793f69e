"""What is found, by whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from chat.actions.direct import open_direct_room
from chat.actions.indexing import index_some
from chat.actions.messages import delete_message, edit_message, pin_message, react_to_message, restore_message
from chat.errors import Invalid
from chat.models import Message
from chat.search import parse_query, search
from chat.search_terms import terms_of, wanted_terms
from tests.unit.cast import Cast, change, say


def index() -> None:
    """Index all that is not yet."""
    while index_some(everywhere=True):
        pass


def found(user: User, text: str, **options: Any) -> list[str]:
    """Return the bodies of what somebody finds, the newest first."""
    return [hit["message"]["body"] for hit in search(user, text, **options)["results"]]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Running late today", "run"),
        ("Running late today", "running"),
        ("I run each day", "running"),
        ("Running late today", "TODAY late"),
        ("Café déjà vu", "cafe deja"),
        ("我们明天去看电影", "电影"),
        ("我们明天去看电影", "明天去"),
        ("我们明天去看电影", "看"),
        ("Meeting 会议 at 8", "会议 meet"),
        ("ＦＵＬＬ width", "full"),
        ("version 2.5.1 is out", "2.5.1"),
        ("snake_case_name", "case"),
        ('say "hello" to her', '"hello" her'),
    ],
)
def test_what_is_found(cast: Cast, text: str, query: str) -> None:
    say(cast.ann, cast.square, "something else altogether")
    say(cast.ann, cast.square, text)
    index()
    assert found(cast.bob, query) == [text]


@pytest.mark.parametrize("query", ["电视", "影看", "runs away", "unning", "来电影", '"late running"', "zzz"])
def test_what_is_not_found(cast: Cast, query: str) -> None:
    say(cast.ann, cast.square, "Running late today")
    say(cast.ann, cast.square, "我们明天去看电影")
    index()
    assert found(cast.bob, query) == []


def test_only_what_one_may_see_is_found(cast: Cast) -> None:
    chat = open_direct_room(cast.ann, cast.bob.pk)
    for room, text in ((cast.den, "secret in the den"), (cast.square, "secret in the square"), (chat, "secret of two")):
        say(cast.ann, room, text)
    index()
    assert found(cast.bob, "secret") == ["secret of two", "secret in the square", "secret in the den"]
    assert found(cast.gus, "secret") == ["secret in the square", "secret in the den"]
    assert found(cast.eve, "secret") == ["secret in the square"]


def test_who_is_in_many_rooms_finds_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.search.FEW_ROOMS", 0)
    test_only_what_one_may_see_is_found(cast)


def test_what_is_deleted_is_not_found_at_once_and_what_is_restored_or_edited_is(cast: Cast) -> None:
    message = say(cast.bob, cast.square, "the old text")
    index()
    delete_message(cast.bob.pk, message.pk)
    assert found(cast.ann, "old") == []
    index()
    restore_message(cast.bob.pk, message.pk)
    index()
    assert found(cast.ann, "old") == ["the old text"]
    edit_message(cast.bob.pk, message.pk, "a new text")
    index()
    assert found(cast.ann, "old") == []
    assert found(cast.ann, "new") == ["a new text"]


def test_narrowed_down(cast: Cast) -> None:
    change(cast.square, name="Tea house")
    first = say(cast.ann, cast.square, "green tea")
    change(first, created_at=datetime(2026, 1, 31, 12, tzinfo=UTC))
    second = say(cast.bob, cast.den, "black tea https://tea.example/")
    pin_message(cast.bob.pk, second.pk)
    react_to_message(cast.ann.pk, second.pk, "👍")
    index()
    assert found(cast.ann, "tea from:ann") == ["green tea"]
    assert found(cast.ann, "from:bob") == ["black tea https://tea.example/"]
    assert found(cast.ann, 'tea in:"tea house"') == ["green tea"]
    assert found(cast.ann, "tea in:#tea") == ["green tea"]
    assert found(cast.ann, f"tea in:{cast.den.pk}") == ["black tea https://tea.example/"]
    assert found(cast.ann, "tea before:2026-02-01") == ["green tea"]
    assert found(cast.ann, "tea before:2026-01-31") == []
    assert found(cast.ann, "tea after:2026-01-31") == ["black tea https://tea.example/"]
    for has in ("link", "pin", "reaction"):
        assert found(cast.ann, f"has:{has}") == ["black tea https://tea.example/"]
    assert found(cast.ann, "tea from:nobody") == []
    assert found(cast.eve, f"tea in:{cast.den.pk}") == []
    for bad in ("after:yesterday", "before:0001-01-01", "after:9999-12-31", "has:everything", "x" * 201):
        with pytest.raises(Invalid):
            parse_query(bad)


def test_days_are_found_among_many_that_have_gaps_and_clocks_that_differ(cast: Cast) -> None:
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for number in range(30):
        message = say(cast.ann, cast.square, f"tea {number}")
        # Each third is from a server whose clock is ten minutes behind.
        change(message, created_at=start + timedelta(hours=6 * number, minutes=-10 * (number % 3 == 2)))
        if number % 4 == 1:
            Message.objects.filter(pk=message.pk).delete()
    index()
    there = dict(Message.objects.values_list("body", "created_at"))
    for day in range(1, 12):
        until = datetime(2026, 3, day, tzinfo=UTC)
        asked = f"tea before:{until:%Y-%m-%d} after:{until - timedelta(days=3):%Y-%m-%d}"
        expected = {body for body, at in there.items() if until - timedelta(days=2) <= at < until}
        assert set(found(cast.ann, asked)) == expected


def test_pages_follow_each_other_without_gap_or_double(cast: Cast) -> None:
    for number in range(25):
        say(cast.ann, cast.square, f"tea {number}")
        say(cast.ann, cast.square, f"我们去看电影 {number}")
    index()
    for query in ("tea", "看电影"):
        seen: list[str] = []
        before = None
        while True:
            page = search(cast.bob, query, before=before, limit=7)
            seen += [hit["message"]["body"] for hit in page["results"]]
            before = page["next"]
            if before is None:
                break
        assert len(seen) == len(set(seen)) == 25


def test_a_hit_comes_with_what_was_said_around_it(cast: Cast) -> None:
    for text in ("before", "the needle", "after", "later"):
        say(cast.ann, cast.square, text)
    say(cast.ann, cast.den, "elsewhere")
    index()
    (hit,) = search(cast.bob, "needle")["results"]
    assert [message["body"] for message in hit["context"]] == ["before", "after"]
    assert hit["room"]["id"] == cast.square.pk


def test_more_than_one_batch_is_indexed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.actions.indexing.BATCH", 3)
    for number in range(10):
        say(cast.ann, cast.square, f"number{number}")
    index()
    assert all(found(cast.bob, f"number{number}") for number in range(10))


@given(st.text(max_size=60))
def test_any_text_is_a_question_and_finds_itself(text: str) -> None:
    wanted = wanted_terms(text)
    terms = terms_of(text)
    assert all(any(term == want or (begins and term.startswith(want)) for term in terms) for want, begins in wanted)


@pytest.mark.parametrize("query", ["'", '"', "*", "a' OR 1=1 --", "NEAR(a b)", "-x", "col:x", "\\", "%", "a\0b", "(("])
def test_no_question_is_more_than_its_words(cast: Cast, query: str) -> None:
    say(cast.ann, cast.square, "harmless")
    index()
    assert found(cast.bob, query) == []
