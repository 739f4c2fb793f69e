"""The statements of posting in plain SQL, for SQLite and PostgreSQL alike.

Building them through the ORM takes ten times as long as running them, and all that time the interpreter's lock, which
fan-out needs too. Only what every message needs is here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Model

from accounts.frames import PERSON_FIELDS, Person
from accounts.models import User
from chat.frames import ATTACHMENT_FIELDS, AttachmentRow, MessageRow
from chat.models import Attachment, Membership, Message, Room

Row = tuple[Any, ...]


class Place(NamedTuple):
    """Where a message of an author and ref stands."""

    author_id: int
    ref: UUID
    id: int
    room_id: int
    seq: int
    change: int
    created_at: datetime


class Author(NamedTuple):
    """What posting must know of an author."""

    is_staff: bool
    is_active: bool
    muted_until: datetime | None
    person: Person


class Member(NamedTuple):
    """What posting must know of an author's membership."""

    id: int
    role: str
    muted_until: datetime | None
    is_hidden: bool
    wrote_at: datetime | None


@dataclass(slots=True)
class LockedRoom:
    """A room whose row is locked until the end of the transaction, and the last numbers it has given out."""

    id: int
    kind: str
    direct_key: str | None
    is_read_only: bool
    is_archived: bool
    last_seq: int
    last_change: int
    members_version: int
    slow_mode: int


class Upload(NamedTuple):
    """What posting must know of an attachment that a draft names."""

    uploader_id: int
    message_id: int | None
    is_held: bool
    row: AttachmentRow


_PLACE = "author_id, ref, id, room_id, seq, change, created_at"
_AUTHOR = f"is_staff, is_active, muted_until, {', '.join(PERSON_FIELDS)}"
_MEMBER = "room_id, user_id, id, role, muted_until, is_hidden, wrote_at"
_ROOM = "id, kind, direct_key, is_read_only, is_archived, last_seq, last_change, members_version, slow_mode"
_MESSAGE = "room_id, seq, change, kind, author_id, ref, body, html, reply_to_id, mentions_all, created_at"
_UPLOAD = f"uploader_id, message_id, is_held, {', '.join(ATTACHMENT_FIELDS)}"
_MESSAGE_TYPES = [
    "bigint",
    "bigint",
    "bigint",
    "text",
    "bigint",
    "uuid",
    "text",
    "text",
    "bigint",
    "boolean",
    "timestamptz",
]
"""PostgreSQL's types of `_MESSAGE`."""


def find_places(keys: Collection[tuple[int, UUID]]) -> list[Place]:
    """Return where the messages with these authors and refs stand."""
    pairs = [(author_id, _from_uuid(ref)) for author_id, ref in keys]
    rows = _select_pairs(_PLACE, Message, {"author_id": "bigint", "ref": "uuid"}, pairs)
    return [Place(row[0], _to_uuid(row[1]), row[2], row[3], row[4], row[5], _to_utc(row[6])) for row in rows]


def lock_rooms(room_ids: Collection[int]) -> dict[int, LockedRoom]:
    """Lock these rooms in the order of their ids and return them by id."""
    if not room_ids:
        return {}
    # SQLite's transaction holds the lock of the whole database already.
    lock = " FOR NO KEY UPDATE" if connection.features.has_select_for_update else ""
    where, values = _among("id", room_ids)
    statement = f"SELECT {_ROOM} FROM {_table(Room)} WHERE {where} ORDER BY id{lock}"  # noqa: S608
    return {row[0]: LockedRoom(*row) for row in _select(statement, values)}


def find_authors(user_ids: Collection[int]) -> dict[int, Author]:
    """Return these users by id."""
    where, values = _among("id", user_ids)
    rows = _select(f"SELECT {_AUTHOR} FROM {_table(User)} WHERE {where}", values)  # noqa: S608
    authors = [Author(row[0], row[1], _to_utc(row[2]), Person(*row[3:])) for row in rows]
    return {author.person.id: author for author in authors}


def find_members(keys: Collection[tuple[int, int]]) -> dict[tuple[int, int], Member]:
    """Return the memberships of these users in these rooms by (room, user)."""
    if not keys:
        return {}
    rows = _select_pairs(_MEMBER, Membership, {"room_id": "bigint", "user_id": "bigint"}, keys)
    return {(row[0], row[1]): Member(row[2], row[3], _to_utc(row[4]), row[5], _to_utc(row[6])) for row in rows}


def lock_uploads(attachment_ids: Collection[int]) -> dict[int, Upload]:
    """Lock these attachments in the order of their ids and return them by id. Only where a draft names any."""
    lock = " FOR NO KEY UPDATE" if connection.features.has_select_for_update else ""
    where, values = _among("id", attachment_ids)
    rows = _select(f"SELECT {_UPLOAD} FROM {_table(Attachment)} WHERE {where} ORDER BY id{lock}", values)  # noqa: S608
    return {row[3]: Upload(row[0], row[1], bool(row[2]), AttachmentRow(*row[3:])) for row in rows}


def attach(messages: Collection[tuple[MessageRow, Sequence[int]]]) -> None:
    """Give locked attachments, by their ids, to the messages that they are now a part of, in their order."""
    _execute_many(
        f"UPDATE {_table(Attachment)} SET message_id = %s, room_id = %s, seq = %s, position = %s, is_held = %s"  # noqa: S608
        " WHERE id = %s",
        [
            (row.id, row.room_id, row.seq, position, False, attachment_id)
            for row, attachment_ids in messages
            for position, attachment_id in enumerate(attachment_ids)
        ],
    )


def current_time() -> datetime:
    """Return the database's clock, which `wrote_at` is of too; SQLite's counts whole seconds."""
    # A select of nothing but the time comes back from SQLite as text.
    ((now,),) = _select("SELECT CURRENT_TIMESTAMP", [])
    return now if isinstance(now, datetime) else datetime.fromisoformat(now).replace(tzinfo=UTC)


def insert_messages(rows: Sequence[MessageRow]) -> list[MessageRow]:
    """Store new messages and return them with their ids."""
    source, values = _rows(_MESSAGE_TYPES, [_message_values(row) for row in rows])
    ids = _select(f"INSERT INTO {_table(Message)} ({_MESSAGE}) {source} RETURNING id", values)
    return [row._replace(id=found[0]) for row, found in zip(rows, ids, strict=True)]


def advance_rooms(rooms: Collection[LockedRoom]) -> None:
    """Store the last numbers of locked rooms, and that they were touched just now."""
    _update_each(
        Room,
        "last_seq = wanted.a, last_change = wanted.b, touched_at = CURRENT_TIMESTAMP, active_at = CURRENT_TIMESTAMP",
        {room.id: (room.last_seq, room.last_change) for room in rooms},
    )


def advance_marks(marks: dict[int, int]) -> None:
    """Store how far memberships, by their ids, have read with what their people wrote just now."""
    _update_each(
        Membership,
        f"last_read_seq = {_greatest()}(last_read_seq, wanted.a), wrote_at = CURRENT_TIMESTAMP",
        {membership_id: (seq, 0) for membership_id, seq in marks.items()},
    )


def _message_values(row: MessageRow) -> Row:
    created_at = connection.ops.adapt_datetimefield_value(row.created_at)
    return (
        row.room_id, row.seq, row.change, row.kind, row.author_id, _from_uuid(row.ref), row.body, row.html,
        row.reply_to_id, row.mentions_all, created_at,
    )  # fmt: skip


def _select(statement: str, values: list[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Row] = cursor.fetchall()
        return rows


def _select_pairs(fields: str, model: type[Model], columns: dict[str, str], pairs: Collection[Row]) -> list[Row]:
    """Return the rows whose two columns (names and PostgreSQL's types) are one of `pairs`, each found by itself in
    the index of both.

    "a IN … AND b IN …" would look for each of the one with each of the other: 4,096 times for 64 messages.
    """
    source, values = _rows(list(columns.values()), pairs)
    first, second = columns
    # In SQLite CROSS JOIN keeps the order of the two; it would otherwise read the whole table.
    joined = f"wanted CROSS JOIN {_table(model)} WHERE {first} = wanted.a AND {second} = wanted.b"
    return _select(f"WITH wanted (a, b) AS ({source}) SELECT {fields} FROM {joined}", values)  # noqa: S608


def _update_each(model: type[Model], changes: str, values: dict[int, tuple[int, int]]) -> None:
    """Update rows by their ids with what `changes` makes of the two numbers of each, `wanted.a` and `wanted.b`.

    They are locked in the order of their ids, as everywhere: two processes then do not wait for each other.
    """
    source, arguments = _rows(["bigint"] * 3, [(pk, *values[pk]) for pk in sorted(values)])
    table = _table(model)
    wanted = f"WITH wanted (id, a, b) AS ({source})"
    if connection.features.has_select_for_update:
        locked = f"SELECT {table}.id FROM wanted JOIN {table} USING (id) ORDER BY id FOR NO KEY UPDATE OF {table}"  # noqa: S608
        wanted, source = f"{wanted}, locked AS ({locked})", "wanted JOIN locked USING (id)"
    else:
        source = "wanted"
    with connection.cursor() as cursor:
        cursor.execute(f"{wanted} UPDATE {table} SET {changes} FROM {source} WHERE {table}.id = wanted.id", arguments)  # noqa: S608


def _greatest() -> str:
    return "GREATEST" if connection.vendor == "postgresql" else "MAX"


def _rows(types: Sequence[str], rows: Collection[Row]) -> tuple[str, list[Any]]:
    """Return a statement that yields `rows`, with its values.

    For PostgreSQL it is one text for any number of rows: taking a text with thousands of marks apart, which psycopg
    does anew for each, was a quarter of the interpreter's time there.
    """
    if _has_arrays():
        arrays = ", ".join(f"%s::{kind}[]" for kind in types)
        return f"SELECT * FROM unnest({arrays})", [list(column) for column in zip(*rows, strict=True)]  # noqa: S608
    mark = f"({', '.join(['%s'] * len(types))})"
    return f"VALUES {', '.join([mark] * len(rows))}", [value for row in rows for value in row]


def _among(column: str, numbers: Collection[int]) -> tuple[str, list[Any]]:
    """Return the condition that a column is one of `numbers`, with its values."""
    if _has_arrays():
        return f"{column} = ANY(%s)", [list(numbers)]
    return f"{column} IN ({', '.join(['%s'] * len(numbers))})", [*numbers]


def _has_arrays() -> bool:
    return connection.vendor == "postgresql"


def _execute_many(statement: str, values: list[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _from_uuid(ref: UUID) -> UUID | str:
    return ref if connection.features.has_native_uuid_field else ref.hex


def _to_uuid(stored: UUID | str) -> UUID:
    return stored if isinstance(stored, UUID) else UUID(stored)


def _to_utc(stored: Any) -> Any:
    """Return a stored time, or None, with its zone: SQLite keeps times without, in UTC."""
    return stored.replace(tzinfo=UTC) if isinstance(stored, datetime) and stored.tzinfo is None else stored
