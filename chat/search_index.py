"""The full-text index of messages: FTS5 in SQLite, a tsvector in PostgreSQL, with the same terms in both."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from chat.search_terms import FILE, LINK, author_term, kind_term, room_term, stem, terms_of

TABLE = "chat_search"
"""Made by a migration; its rows are messages, by their ids."""


class Entry(NamedTuple):
    """What is indexed of a message."""

    id: int
    room_id: int
    author_id: int
    body: str
    html: str
    files: Sequence[tuple[str, str]] = ()
    """Kind and name of each of its files."""


class Wanted(NamedTuple):
    """What a message must have: all `terms` (each with whether its beginning will do), and one of each of `any_of`."""

    terms: Sequence[tuple[str, bool]]
    any_of: Sequence[Sequence[str]] = ()


def store(entries: Iterable[Entry], gone: Iterable[int]) -> None:
    """Index messages anew, and forget those in `gone`; within a transaction."""
    entries = list(entries)
    forget = [(pk,) for pk in (*(entry.id for entry in entries), *gone)]
    vector = "%s" if connection.vendor == "sqlite" else "array_to_tsvector(string_to_array(%s, ' '))"
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", forget)  # noqa: S608 - a constant
        cursor.executemany(
            f"INSERT INTO {TABLE} (rowid, terms) VALUES (%s, {vector})",  # noqa: S608
            [(entry.id, " ".join(_terms(entry))) for entry in entries],
        )


def condition(wanted: Wanted) -> tuple[str, list[Any]]:
    """Return SQL that is true for what is found, of a query that joins the index as `s`, and its parameters."""
    if connection.vendor == "sqlite":
        return f"s.{TABLE} MATCH %s", [_fts5(wanted)]
    return "s.terms @@ %s::tsquery", [_tsquery(wanted)]


def _terms(entry: Entry) -> list[str]:
    has_link = [LINK] if "<a href" in entry.html or "://" in entry.body else []
    has_file = [FILE, *{kind_term(kind) for kind, _name in entry.files}] if entry.files else []
    words = terms_of("\n".join([entry.body, *(name for _kind, name in entry.files)]))
    return [*words, room_term(entry.room_id), author_term(entry.author_id), *has_link, *has_file]


def _fts5(wanted: Wanted) -> str:
    parts = [f'("{term}" * OR "{stem(term)}")' if begins else f'"{term}"' for term, begins in wanted.terms]
    parts += ["(" + " OR ".join(f'"{term}"' for term in terms) + ")" for terms in wanted.any_of]
    return " AND ".join(parts)


def _tsquery(wanted: Wanted) -> str:
    parts = [f"('{term}':* | '{stem(term)}')" if begins else f"'{term}'" for term, begins in wanted.terms]
    parts += ["(" + " | ".join(f"'{term}'" for term in terms) + ")" for terms in wanted.any_of]
    return " & ".join(parts)
