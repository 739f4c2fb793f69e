"""Messages are found again: in all rooms that one may see, the newest first."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.nicknames import nickname_key
from chat.errors import Invalid
from chat.frames import MESSAGE_FIELDS, Frame, MessageRow, message_frames
from chat.history import number_since
from chat.models import Attachment, Membership, Message, Room, RoomKind
from chat.room_frames import shown_name
from chat.search_index import TABLE, Wanted, condition
from chat.search_terms import FILE, LINK, author_term, folded, kind_term, room_term, wanted_terms

MAX_LENGTH = 200
MAX_FOUND = 50
FEW_ROOMS = 30
"""Up to so many rooms are named in the question to the index; past that each hit is asked for its room."""
SLACK = timedelta(days=1)
"""How far the clocks of servers may be apart for a message to be found by its day."""
_FILTER = re.compile(r'\b(from|in|before|after|has):(?:"([^"]*)"|(\S+))')
_PHRASE = re.compile(r'"([^"]+)"')
_HAS = {"link": LINK, "file": FILE} | {kind: kind_term(kind) for kind in ("image", "audio", "video")}


@dataclass
class Query:
    """What is searched for: words, and what narrows it down."""

    words: str = ""
    phrases: list[str] = field(default_factory=list)
    author: str = ""
    room: str = ""
    before: date | None = None
    after: date | None = None
    has: list[str] = field(default_factory=list)


def parse_query(text: str) -> Query:
    """Take a text with from:, in:, before:, after:, has: and "phrases" apart. Raises Invalid."""
    if len(text) > MAX_LENGTH:
        raise Invalid(_("At most 200 characters."), "q")
    query = Query()
    for name, quoted, bare in _FILTER.findall(text):
        value = quoted or bare
        if name in ("before", "after"):
            setattr(query, name, _date(value))
        elif name == "has":
            if value not in (*_HAS, "pin", "reaction"):
                raise Invalid(_("has: takes file, image, audio, video, link, pin or reaction."), "q")
            query.has.append(value)
        else:
            setattr(query, "author" if name == "from" else "room", value.removeprefix("@").removeprefix("#"))
    rest = _FILTER.sub(" ", text)
    query.phrases = _PHRASE.findall(rest)
    query.words = rest.replace('"', " ").strip()
    return query


def search(user: User, text: str, *, before: int | None = None, limit: int = 20) -> dict[str, Any]:
    """Return `{results: [{message: MESSAGE, room, context: [MESSAGE]}], next}`, the newest first.

    `next` is the id to pass as `before` for more; None where there is no more. Raises Invalid.
    """
    query = parse_query(text)
    wanted = _wanted(user, query)
    if wanted is None:
        return {"results": [], "next": None}
    ids = _find(user, query, wanted, before, limit + 1)
    frames = _frames(user, ids[:limit])
    return {"results": frames, "next": ids[limit - 1] if len(ids) > limit else None}


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    # The days beside it are looked at too.
    if not date.min + 2 * SLACK <= day <= date.max - 2 * SLACK:
        raise Invalid(_("Dates are written like 2026-01-31."), "q")
    return day


def _wanted(user: User, query: Query) -> Wanted | None:
    """Return what the index is asked for; None if nothing can be found."""
    terms = wanted_terms(query.words)
    terms += [(_HAS[name], False) for name in query.has if name in _HAS]
    any_of: list[list[str]] = []
    if query.author:
        key = nickname_key(query.author)
        authors = User.objects.filter(nickname_key__startswith=key).order_by("nickname_key")[:20]
        any_of.append([author_term(author.pk) for author in authors])
    rooms = _rooms_named(user, query.room) if query.room else _few_rooms(user)
    if rooms is not None:
        any_of.append([room_term(room_id) for room_id in rooms])
    if not (terms or query.author or query.has) or not all(any_of):
        return None
    return Wanted(terms, any_of)


def _visible(user: User) -> Q:
    return Q(kind=RoomKind.PUBLIC) | Q(pk__in=Membership.objects.filter(user=user).values("room"))


def _few_rooms(user: User) -> list[int] | None:
    ids = list(Room.objects.filter(_visible(user)).values_list("pk", flat=True)[: FEW_ROOMS + 1])
    return ids if len(ids) <= FEW_ROOMS else None


def _rooms_named(user: User, name: str) -> list[int]:
    visible = Room.objects.filter(_visible(user)).exclude(kind=RoomKind.DIRECT)
    if name.isdecimal() and visible.filter(pk=int(name)).exists():
        return [int(name)]
    wanted = folded(name)
    found = [
        room.pk for room in visible.only("pk", "name", "is_default") if folded(shown_name(room)).startswith(wanted)
    ]
    return found[:FEW_ROOMS]


def _find(user: User, query: Query, wanted: Wanted, before: int | None, limit: int) -> list[int]:
    """Return the ids of messages that fit, the newest first."""
    matches, parameters = condition(wanted)
    conditions, values = [matches, "m.deleted_at IS NULL", _SEEN], [*parameters, RoomKind.PUBLIC.value, user.pk]
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for operator, moment, slack in (
        ("<", _start(query.before), SLACK),
        (">=", _start(query.after + timedelta(days=1)) if query.after else None, -SLACK),
    ):
        if moment is not None:
            # The index knows ids alone: without the second, all that was ever said of a word would be looked at.
            conditions += [f"m.created_at {operator} %s", f"s.rowid {operator} %s"]
            bound = number_since(Message.objects.all(), "id", moment + slack, newest)
            values += [connection.ops.adapt_datetimefield_value(moment), bound]
    if "pin" in query.has:
        conditions.append("m.pinned_at IS NOT NULL")
    if "reaction" in query.has:
        conditions.append("EXISTS (SELECT 1 FROM chat_reaction r WHERE r.message_id = m.id)")
    # Pairs of characters may stand apart, and phrases are more than their words.
    exact = [folded(phrase) for phrase in (*query.phrases, *_unspaced(query.words))]
    found: list[int] = []
    upper = before
    while len(found) < limit:
        rows = _rows(conditions, values, upper, limit if not exact else limit * 4)
        texts = _texts(rows) if exact else {}
        found += [pk for pk, _body in rows if all(part in texts[pk] for part in exact)]
        if len(rows) < (limit if not exact else limit * 4):
            break
        upper = rows[-1][0]
    return found[:limit]


_SEEN = """EXISTS (SELECT 1 FROM chat_room v WHERE v.id = m.room_id AND (v.kind = %s OR EXISTS
    (SELECT 1 FROM chat_membership h WHERE h.room_id = v.id AND h.user_id = %s)))"""


def _rows(conditions: list[str], values: list[Any], upper: int | None, limit: int) -> list[tuple[int, str]]:
    where = [*conditions, *(["s.rowid < %s"] if upper is not None else [])]
    statement = (
        f"SELECT m.id, m.body FROM {TABLE} s JOIN chat_message m ON m.id = s.rowid "  # noqa: S608 - constants
        f"WHERE {' AND '.join(where)} ORDER BY s.rowid DESC LIMIT {limit:d}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *([upper] if upper is not None else [])])
        return list(cursor.fetchall())


def _texts(rows: list[tuple[int, str]]) -> dict[int, str]:
    """Return the texts of messages with what their files are called, folded, by message."""
    texts = dict(rows)
    attached = Attachment.objects.filter(message__in=texts)
    for message_id, name in attached.values_list("message_id", "name"):
        texts[message_id or 0] += f"\n{name}"
    return {pk: folded(text) for pk, text in texts.items()}


def _start(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day is not None else None


def _unspaced(words: str) -> list[str]:
    return [part for part in words.split() if len(part) > 2 and not part.isascii()]  # noqa: PLR2004 - a pair is exact


def _frames(user: User, ids: list[int]) -> list[Frame]:
    rows = [MessageRow(*row) for row in Message.objects.filter(pk__in=ids).order_by("-pk").values_list(*MESSAGE_FIELDS)]
    near = Q(pk__in=())
    for row in rows:
        near |= Q(room=row.room_id, seq__in=[row.seq - 1, row.seq + 1])
    around = Message.objects.filter(near, deleted_at=None).order_by("seq").values_list(*MESSAGE_FIELDS) if rows else ()
    others = [MessageRow(*row) for row in around]
    shapes = {frame["id"]: frame for frame in message_frames([*rows, *others], user.pk)}
    rooms = Room.objects.in_bulk({row.room_id for row in rows})
    return [
        {
            "message": shapes[row.id],
            "room": _room_frame(rooms[row.room_id]),
            "context": [
                shapes[other.id] for other in others if other.room_id == row.room_id and abs(other.seq - row.seq) == 1
            ],
        }
        for row in rows
    ]


def _room_frame(room: Room) -> Frame:
    return {"id": room.pk, "kind": room.kind, "name": shown_name(room), "slug": room.slug}
