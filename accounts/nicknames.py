"""What a nickname may be, and when two are the same."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 32
EVERYONE = frozenset({"all", "所有人"})
"""Names that mean everyone in a room when they are mentioned; nobody's nickname."""
_MAX_MARKS = 3
_SPACES = re.compile(r"\s+")
# Letters and symbols that show nothing though their category does not say so: Hangul fillers, the blank Braille
# pattern, and the ignorable code points of Unicode's DerivedCoreProperties that are not of category Cf.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc\U0001d159"
) | frozenset(chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_EMOJI_STYLE = "\ufe0f"


def clean_nickname(text: str) -> str:
    """Return `text` as a nickname: NFKC-normalised (Unicode Annex 15), runs of white space as one space.

    Raises ValidationError unless it then has 1 to 32 characters, none of them a control or invisible character, no
    more than three combining marks in a row, and at least one that is not a mark.
    """
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValidationError(_("A nickname cannot contain control characters."), code="invalid")
    nickname = _SPACES.sub(" ", unicodedata.normalize("NFKC", text.replace(_EMOJI_STYLE, ""))).strip()
    if not nickname:
        raise ValidationError(_("Please choose a nickname."), code="required")
    if len(nickname) > MAX_LENGTH:
        raise ValidationError(_("A nickname has at most 32 characters."), code="max_length")
    if any(is_invisible(character) for character in nickname):
        raise ValidationError(_("A nickname cannot contain invisible characters."), code="invalid")
    if _longest_run_of_marks(nickname) > _MAX_MARKS or all(_is_mark(character) for character in nickname):
        raise ValidationError(_("A nickname cannot contain that many combining marks."), code="invalid")
    if nickname_key(nickname) in EVERYONE:
        raise ValidationError(_("This nickname means everyone. Please choose another."), code="invalid")
    return nickname


def nickname_key(nickname: str) -> str:
    """Return what is the same for nicknames that differ in case or width alone (Unicode 3.13, D145 and D146)."""
    if nickname.isascii():
        return nickname.casefold().strip()
    folded = unicodedata.normalize("NFKC", nickname.replace(_EMOJI_STYLE, "")).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def is_invisible(character: str) -> bool:
    """Tell whether `character` shows nothing or controls how others are shown. A plain space is visible enough."""
    return character in _BLANK or unicodedata.category(character) in _REFUSED_CATEGORIES


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for character in unicodedata.normalize("NFD", text):
        run = run + 1 if _is_mark(character) else 0
        longest = max(longest, run)
    return longest
