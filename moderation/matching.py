"""What a filter finds in a text. No expression runs away: each search has a time limit."""

import functools
import html
import logging
import math
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import regex
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from linkify_it import LinkifyIt

from accounts.nicknames import is_invisible
from moderation.models import Filter, FilterKind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

logger = logging.getLogger(__name__)

SEARCH_SECONDS = 0.02
"""What one search may take; what takes longer counts as not found. A pattern searches a text in up to three readings,
and in none after one that took too long: 60 ms at most."""
REPEATS_WITHIN = timedelta(minutes=10)
MAX_TERMS = 20_000
_WORST = ["a" * 4000, "a" * 2000 + "!", "ab" * 2000, " " * 4000, "1" * 3999 + "x", "<" * 4000, "你好" * 2000]
"""Texts that bad expressions take for ever on."""
_linkify = LinkifyIt()
MAX_FOLDED = 80_000
"""A message has 4,000 characters, of which one may become 18."""
WORD_SECONDS = 0.05
MAX_PATTERN = 500
MAX_EXPANDED = 100_000
"""Characters that an expression may have with its counts written out; memory goes with them."""
MAX_PROBED = 16
LATE_FOR = 10.0
"""Seconds for which an expression that took too long is refused without trying it again."""
MAX_LATE = 100
_late_at: dict[str, float] = {}
_COSTLY = re.compile(r"\(\?(R|[+-]?\d|[a-z-]*x[a-z-]*[:)]|&|P>|V|[a-z]*-?[a-z]*V)|\{\d*,?\d{4,}|\{\d{4,}")
"""What calls itself, chooses another engine, may have spaces in its counts, or counts to thousands."""
_COUNT = re.compile(r"\{(\d*)(?:,(\d*))?\}")
_DIACRITICS = re.compile("[\u0300-\u036f]")
_TIMES = re.compile(r"100|[1-9]\d?")
_MARKS = re.compile(r"[*_~`\\\[\]]")
_MAX_PARENTHESES = 32
"""Within each other, in where a link goes: as CommonMark is read here."""
# Three single letters and more with signs between them, or with spaces; and Chinese characters with signs between them
# that end no clause, since a clause that ends and one that begins make many a word.
_LETTERS_APART = regex.compile(r"(?<![^\W_])[^\W_](?:[^\w\s]{1,3}[^\W_]|_{1,3}[^\W_]){2,}(?![^\W_])")
_LETTERS_SPACED = regex.compile(r"(?<![^\W_])[^\W_](?:\s{1,3}[^\W_]){2,}(?![^\W_])")
_CHARACTERS_APART = regex.compile(r"(?<=\p{Lo})[.*~^|/\\+=·•・#@$%&_-]{1,3}(?=\p{Lo})")
_BETWEEN = re.compile(r"[\W_]+")
_INLINE_LINK = re.compile(r"\]\(\s*<?\s*([^)\s>]+)")


def _destinations() -> re.Pattern[str]:
    """Return what finds where a link goes, plain or within <>, with its title. It never goes back over what it read."""
    plain = sign = r"[^\x00-\x20\x7f()\\]|\\[^ ]"
    for _depth in range(_MAX_PARENTHESES):
        plain = rf"{sign}|\((?:{plain})*+\)"
    goal = rf"<(?:[^<>\\\n]|\\.)*+>|(?!<)(?:{plain})*+"
    title = r"""(?:"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|\((?:[^()\\]|\\.)*+\))"""
    return re.compile(rf"\]\([ \t\n]*+(?>{goal})(?:[ \t\n]++{title})?+[ \t\n]*+\)", re.DOTALL)


_DESTINATIONS = _destinations()

Matcher = Callable[[str], bool]
Late = Callable[[], None]
"""Called where a search was given up, which found nothing."""


def folded(text: str) -> str:
    """Return what is the same for texts that differ in case, width or invisible characters alone."""
    return legible(text).casefold()


def legible(text: str) -> str:
    """Return what is the same for texts that differ in width or invisible characters alone."""
    seen = "".join(character for character in text if character.isspace() or not is_invisible(character))
    return unicodedata.normalize("NFKC", seen)


def as_repeated(text: str) -> str:
    """Return what is the same for texts that differ in what `folded` leaves out, white space, or marks of bold alone.

    A text of nothing but marks keeps them.
    """
    plain = folded(text)
    return _on_one_line(_MARKS.sub("", plain)) or _on_one_line(plain)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def matcher_of(rule: Filter, late: Late = lambda: None) -> Matcher:
    """Return what tells whether a rule finds something in a text. For `repeats` and `everything` it always does."""
    if rule.kind == FilterKind.WORDS:
        return _words(rule.terms, late, is_apart_too=rule.spelled_apart)
    if rule.kind == FilterKind.PATTERN:
        return _pattern(rule.terms, late)
    return _links(rule.terms) if rule.kind == FilterKind.LINKS else lambda _text: True


def repeats_allowed(rule: Filter) -> int:
    """Return how often the same may be said within ten minutes."""
    return int(rule.terms.strip() or 3)


def check_terms(kind: str, terms: str) -> None:
    """Raise ValidationError for terms that a filter of that kind cannot work with."""
    if len(terms) > MAX_TERMS:
        raise ValidationError(_("At most 20,000 characters."))
    if kind == FilterKind.WORDS and not any(folded(line).strip() for line in terms.splitlines()):
        raise ValidationError(_("Say at least one word."))
    if kind == FilterKind.REPEATS and not _TIMES.fullmatch(terms.strip() or "3"):
        raise ValidationError(_("Say how often, 1 to 100 times."))
    if kind == FilterKind.PATTERN:
        _check_pattern(terms)


def _check_pattern(terms: str) -> None:
    late = ValidationError(_("This expression takes too long on some texts. Make it simpler."))
    if time.monotonic() - _late_at.get(terms, -LATE_FOR) < LATE_FOR:
        raise late
    try:
        flaw, what = _flaw_of(terms)
    except TimeoutError:
        if len(_late_at) >= MAX_LATE:
            _late_at.clear()
        _late_at[terms] = time.monotonic()
        raise late from None
    if flaw:
        raise ValidationError(str(flaw) % {"error": what})


@functools.lru_cache(maxsize=256)
def _flaw_of(terms: str) -> tuple["str | _StrPromise", str]:
    """Return what is wrong with an expression, and what the compiler says of it; "" if nothing is.

    It may take two seconds, and is remembered, so that it can be asked for before the writers' turn. Raises
    TimeoutError for one that takes too long, which is not: the machine may have been busy.
    """
    if len(terms) > MAX_PATTERN or _COSTLY.search(terms) or _expanded(terms) > MAX_EXPANDED:
        return gettext_lazy("This expression is too long, calls itself, or counts too far."), ""
    try:
        pattern = _compiled(terms)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's expression does to the compiler
        return gettext_lazy("This is no regular expression: %(error)s"), str(error)
    if pattern.search("", timeout=SEARCH_SECONDS) is not None:
        return gettext_lazy("This finds something in everything."), ""
    for text in (*_WORST, *_tempting(terms)):
        pattern.search(text, timeout=SEARCH_SECONDS * 2.5, concurrent=True)
    return "", ""


def _expanded(terms: str) -> int:
    """Return at most how long an expression is with its counts written out, were each within the other."""
    return len(terms) * math.prod(max(int(bound or 1) for bound in count) or 1 for count in _COUNT.findall(terms))


def _tempting(terms: str) -> list[str]:
    """Return texts of what an expression itself looks for, again and again, which it does not quite find."""
    letters = list(dict.fromkeys(character for character in terms if character.isalnum()))[:MAX_PROBED]
    return [*(letter * 4000 for letter in letters), *(f"{letter * 2000}\0" for letter in letters)]


@functools.lru_cache(maxsize=256)
def _compiled(terms: str) -> "regex.Pattern[str]":
    return regex.compile(terms.strip(), regex.IGNORECASE | regex.VERSION1)


def _pattern(terms: str, late: Late) -> Matcher:
    pattern = _compiled(terms)

    def finds(text: str) -> bool:
        try:
            return any(pattern.search(each, timeout=SEARCH_SECONDS, concurrent=True) for each in _readings(text))
        except TimeoutError:
            logger.warning("A pattern took too long on a text of %s characters", len(text))
            late()
            return False

    return finds


def _readings(text: str) -> Iterator[str]:
    """Yield a text as it was written, as `legible`, and as it is read; what equals one before is left out."""
    yield text
    plain = legible(text)[:MAX_FOLDED]
    if plain != text:
        yield plain
    shown = _as_read(text, legible)
    if shown not in {text, plain}:
        yield shown


def _as_read(text: str, normal: Callable[[str], str]) -> str:
    """Return what `normal` makes of a text without where links go and the marks that make it bold or a link."""
    return _MARKS.sub("", normal(_DESTINATIONS.sub("", text))[:MAX_FOLDED])


def joined(text: str) -> list[str]:
    """Return a folded text as it reads where letters that stand apart are joined: d.a.r.n as darn, d a r n too."""

    def join(match: "regex.Match[str]") -> str:
        return _BETWEEN.sub("", match[0])

    plain = _CHARACTERS_APART.sub("", text)
    return [_LETTERS_APART.sub(join, plain), _LETTERS_SPACED.sub(join, plain)]


def _words(terms: str, late: Late, *, is_apart_too: bool = False) -> Matcher:
    words = sorted({folded(line).strip() for line in terms.splitlines()} - {""})
    # Chinese and its like are written without spaces: there a word is found within others.
    # An underscore is no letter: it stands for a space in what files are called.
    parts = [
        regex.escape(word) if _is_unspaced(word) else rf"(?<![^\W_]){regex.escape(word)}(?![^\W_])" for word in words
    ]
    pattern = regex.compile("|".join(parts) or r"(?!)")

    def finds(text: str) -> bool:
        plain = folded(text)[:MAX_FOLDED]
        shown = _as_read(text, folded)
        # Accents are put over letters to hide them too.
        bare = [_DIACRITICS.sub("", unicodedata.normalize("NFD", each)) for each in (plain, shown)]
        readings = dict.fromkeys([plain, shown, *bare, *(joined(plain) if is_apart_too else ())])
        try:
            return any(pattern.search(each, timeout=WORD_SECONDS, concurrent=True) for each in readings)
        except TimeoutError:
            logger.warning("A list of words took too long on a text of %s characters", len(text))
            late()
            return False

    return finds


def _is_unspaced(word: str) -> bool:
    return any(unicodedata.category(character) == "Lo" for character in word)


def _links(terms: str) -> Matcher:
    allowed = [folded(line.strip()).removeprefix("www.") for line in terms.splitlines() if line.strip()]

    def finds(text: str) -> bool:
        plain = html.unescape(text)
        urls = [link.url for link in _linkify.match(plain) or []]
        urls += [url for url in _INLINE_LINK.findall(plain) if not url.startswith(("/", "#"))]
        return any(not _is_allowed(url, allowed) for url in urls)

    return finds


def _is_allowed(url: str, allowed: list[str]) -> bool:
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return False
    return any(host == name or host.endswith(f".{name}") for name in allowed)
