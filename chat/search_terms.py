"""What a text is found by. The same for texts and for what is searched for, and for SQLite and PostgreSQL.

Words are found by their beginning and by their stem; Chinese and its like, written without spaces, by each two
characters that follow each other.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer

MAX_TERMS = 600
"""Terms kept of one text: the rest of a very long one is not found."""
_UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PARTS = re.compile(rf"([{_UNSPACED}]+)|([^\W_{_UNSPACED}]+)")
_stemmer = snowballstemmer.stemmer("english")


def folded(text: str) -> str:
    """Return what is the same for texts that differ in case, width or accents alone."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return unicodedata.normalize("NFKC", bare)


def terms_of(text: str) -> list[str]:
    """Return the terms that a text is found by, each once."""
    found: dict[str, None] = {}
    for unspaced, word in _PARTS.findall(folded(text)):
        found.update(dict.fromkeys(_pieces(unspaced) if unspaced else (word, stem(word))))
        if len(found) > MAX_TERMS:
            break
    return list(found)[:MAX_TERMS]


def wanted_terms(text: str) -> list[tuple[str, bool]]:
    """Return the terms that must all be in a text that is searched for; with each whether its beginning will do."""
    wanted: dict[tuple[str, bool], None] = {}
    for unspaced, word in _PARTS.findall(folded(text)):
        if not unspaced:
            wanted[word, True] = None
        elif len(unspaced) == 1:
            wanted[unspaced, False] = None
        else:
            wanted.update(dict.fromkeys((pair, False) for pair in _pairs(unspaced)))
    return list(wanted)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the stem of an English word; other words come as they are."""
    return str(_stemmer.stemWord(word)) if word.isascii() and word.isalpha() else word


def room_term(room_id: int) -> str:
    """Return the term that every message of a room has."""
    return f"zzr{room_id}"


def author_term(user_id: int) -> str:
    """Return the term that everything has that somebody wrote."""
    return f"zza{user_id}"


LINK = "zzlink"
"""The term of messages with a link."""
FILE = "zzfile"
"""The term of messages with a file of whatever kind."""


def kind_term(kind: str) -> str:
    """Return the term of messages with a file of a kind: image, audio, video or file."""
    return f"zzkind{kind}"


def _pieces(unspaced: str) -> Iterable[str]:
    yield from unspaced
    yield from _pairs(unspaced)


def _pairs(unspaced: str) -> Iterable[str]:
    return (unspaced[at : at + 2] for at in range(len(unspaced) - 1))
