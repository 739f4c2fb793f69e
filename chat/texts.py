"""What a message's text may be."""

import html
import re

from django.utils.translation import gettext_lazy as _

from accounts.nicknames import is_invisible
from chat.errors import Invalid

MAX_LENGTH = 4000
EXCERPT_LENGTH = 120
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_TAG = re.compile(r"<[^>]*>")
_NEWLINES = re.compile(r"\r\n?")


def clean_body(body: str, *, may_be_empty: bool = False) -> str:
    """Return `body` with line ends as \\n and without control characters.

    Raises Invalid if it has more than 4,000 characters, or none that shows; with `may_be_empty` that comes as "".
    """
    if len(body) > MAX_LENGTH:
        raise Invalid(_("A message has at most 4,000 characters."), "body")
    cleaned = _CONTROLS.sub("", _NEWLINES.sub("\n", body))
    if all(character.isspace() or is_invisible(character) for character in cleaned):
        if may_be_empty:
            return ""
        raise Invalid(_("A message cannot be empty."), "body")
    return cleaned


def excerpt(body: str, rendered: str = "") -> str:
    """Return the beginning of a text on one line, as a reply quotes it: without markup where it was `rendered`."""
    plain = html.unescape(_TAG.sub("", rendered)) if rendered else body
    line = " ".join(plain.split())
    return line if len(line) <= EXCERPT_LENGTH else line[: EXCERPT_LENGTH - 1] + "…"


def visible(text: str) -> str:
    """Return `text` without control characters and those that do not show, as those that turn round what follows."""
    return "".join(character for character in _CONTROLS.sub("", text) if not is_invisible(character)).strip()


def clean_line(text: str, field: str, longest: int, shortest: int = 1) -> str:
    """Return `text` on one line without invisible characters.

    Raises Invalid unless it then has `shortest` to `longest` characters.
    """
    line = " ".join(visible(_CONTROLS.sub(" ", " ".join(text.split()))).split())
    if not shortest <= len(line) <= longest:
        raise Invalid(_("This must have %(shortest)d to %(longest)d characters.") % {
            "shortest": shortest, "longest": longest}, field)  # fmt: skip
    return line
