"""What a nickname may be, and when two are the same."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, example, given
from hypothesis import strategies as st

from accounts.models import User
from accounts.nicknames import MAX_LENGTH, clean_nickname, is_invisible, nickname_key

_PIECES = "eAaßİı小ﬁﷺ¨ａ \u0301\ufe0f\u3000\u2028\u1100\u1161\u0345"
_texts = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))


def clean(text: str) -> str:
    """Return the nickname, and skip what is none."""
    try:
        return clean_nickname(text)
    except ValidationError:
        assume(False)
        raise


@example("e\ufe0f\u0301")
@given(_texts)
def test_a_clean_nickname_stays_as_it_is(text: str) -> None:
    nickname = clean(text)
    assert clean_nickname(nickname) == nickname
    assert 1 <= len(nickname) <= MAX_LENGTH
    assert nickname == nickname.strip()
    assert not any(is_invisible(character) for character in nickname)


@example("e\ufe0f\u0301")
@given(_texts)
def test_a_key_is_the_same_for_every_case_and_width(text: str) -> None:
    nickname = clean(text)
    key = nickname_key(nickname)
    assert len(key) <= 3 * MAX_LENGTH
    assert nickname_key(nickname.casefold()) == key


@example("e\ufe0f\u0301")
@given(_texts)
def test_what_someone_types_to_sign_in_finds_the_name_that_was_made_of_it(text: str) -> None:
    nickname = clean(text)
    assume(len(text.split()) == 1)
    assert nickname_key(text) == nickname_key(nickname)


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20))
def test_latin_letters_are_the_same_in_every_case_and_width(text: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in text)
    assert nickname_key(text) == nickname_key(text.upper()) == nickname_key(text.swapcase()) == nickname_key(wide)
    assert clean_nickname(wide) == clean_nickname(text)


@pytest.mark.parametrize(
    ("text", "nickname"),
    [
        ("  Ann   Lee ", "Ann Lee"),
        ("小明", "小明"),
        ("Ａｎｎ", "Ann"),
        ("❤️", "❤"),
        ("e\u0301", "é"),
        ("Zoë\u2028x", "Zoë x"),
        ("🦊", "🦊"),
    ],
)
def test_what_becomes_of_a_nickname(text: str, nickname: str) -> None:
    assert clean_nickname(text) == nickname


INVISIBLE = [
    0x200B,
    0x200D,
    0x202E,
    0x2066,
    0xFEFF,
    0x00AD,
    0x3164,
    0x2800,
    0x115F,
    0x034F,
    0xE0001,
    0xE0100,
    0xFE00,
    0x180E,
]


@pytest.mark.parametrize("code", INVISIBLE, ids=hex)
def test_invisible_characters_are_refused(code: int) -> None:
    for text in (f"a{chr(code)}b", f"{chr(code)}ab", chr(code)):
        with pytest.raises(ValidationError):
            clean_nickname(text)


@pytest.mark.parametrize(
    "text", ["", "   ", "\u3000", "\ufe0f", "x" * 33, "ﷺﷺ", "a\x00", "a\nb", "a\x85b", "\ud800", "\ue000", "\uffff"]
)
def test_what_is_no_nickname_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        clean_nickname(text)


@pytest.mark.parametrize(
    "text", ["Z\u0300\u0301\u0302\u0303\u0304algo", "\u0301", "\u0301\u0302", "ệ\u0301\u0302\u0303", "a" + "\u0e49" * 5]
)
def test_towers_of_marks_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        clean_nickname(text)


@pytest.mark.parametrize("text", ["Nguyễn", "नमस्ते", "กี่", "Ṩ\u0323"])
def test_the_marks_of_living_scripts_are_welcome(text: str) -> None:
    assert clean_nickname(text)


def test_names_that_look_the_same_are_one_persons(db: None) -> None:
    ann = User.objects.create_user("Ann Lee")
    for text in ("ann lee", "ＡＮＮ　ＬＥＥ", "ANN LEE"):
        assert User.objects.get_by_natural_key(text) == ann
