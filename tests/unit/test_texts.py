"""What a message's text and a room's name may be."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import Invalid
from chat.texts import EXCERPT_LENGTH, MAX_LENGTH, clean_body, clean_line, excerpt


@pytest.mark.parametrize(
    "body", ["", " ", "\n\t", "\u200b", "\u3000\u200d\ufe0f", "\x00\x07", "\u2800", "\u3164", "\ud800"]
)
def test_a_text_of_which_nothing_shows_is_refused(body: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_body(body)
    assert refused.value.fields is not None
    assert list(refused.value.fields) == ["body"]


def test_four_thousand_characters_are_a_message_and_one_more_is_none() -> None:
    assert clean_body("你" * MAX_LENGTH) == "你" * 4000
    with pytest.raises(Invalid):
        clean_body("你" * (MAX_LENGTH + 1))


@pytest.mark.parametrize(
    ("body", "cleaned"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x00b\x1b[0m\x9fc", "ab[0mc"),
        ("\tcode  ", "\tcode  "),
        ("❤️👨\u200d👩", "❤️👨\u200d👩"),
        ("a\ud800b", "ab"),
    ],
)
def test_a_text_keeps_all_but_controls(body: str, cleaned: str) -> None:
    assert clean_body(body) == cleaned


@given(st.text(max_size=200))
def test_a_clean_text_stays_as_it_is_and_can_be_stored(body: str) -> None:
    try:
        cleaned = clean_body(body)
    except Invalid:
        return
    assert clean_body(cleaned) == cleaned
    assert "\x00" not in cleaned
    assert cleaned.encode()


def test_an_excerpt_is_one_line() -> None:
    assert excerpt("  a\n\nb\tc ") == "a b c"
    long = excerpt("word " * 100)
    assert len(long) == EXCERPT_LENGTH
    assert long.endswith("…")


@given(st.text(max_size=100))
def test_a_line_is_one_line_of_what_shows(text: str) -> None:
    line = clean_line(f"x{text}"[:64], "name", 64)
    assert 1 <= len(line) <= 64
    assert line == clean_line(line, "name", 64) == line.strip()
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in line)


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "x" * 65])
def test_a_line_that_is_too_short_or_too_long_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_line(text, "name", 64)
    assert "name" in (refused.value.fields or {})


def test_a_topic_may_be_empty() -> None:
    assert clean_line(" ", "topic", 250, 0) == ""


def test_an_excerpt_of_a_rendered_text_has_no_markup() -> None:
    assert excerpt("**big** <x>", "<p><strong>big</strong> &lt;x&gt;</p>") == "big <x>"
