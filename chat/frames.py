"""From what is stored to the shapes of the wire (PROTOCOL, "Shapes"): the only place that makes them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from accounts.frames import PERSON_FIELDS, Person, person_frame
from accounts.models import User
from chat.models import Mention, Message, MessageKind, Reaction
from chat.texts import excerpt
from live.envelope import Event

Frame = dict[str, Any]
MAX_REACTORS = 100


class MessageRow(NamedTuple):
    """The columns of a message that its shape is made of, in the order of `MESSAGE_FIELDS`."""

    id: int
    room_id: int
    seq: int
    change: int
    kind: str
    author_id: int
    body: str
    html: str
    ref: UUID
    reply_to_id: int | None
    mentions_all: bool
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    pinned_at: datetime | None


MESSAGE_FIELDS = MessageRow._fields


class Surroundings(NamedTuple):
    """What messages need besides their own columns, by id."""

    people: Mapping[int, Frame]
    replies: Mapping[int, Frame]
    reactions: Mapping[int, list[Frame]]
    mentions: Mapping[int, list[int]]


def message_frames(rows: Sequence[MessageRow], reader_id: int | None = None) -> list[Frame]:
    """Return MESSAGE for each row, with what belongs to it looked up.

    For one reader his or her own reactions are always among those named.
    """
    around = surroundings(rows, reader_id)
    return [message_frame(row, around) for row in rows]


def message_frame(row: MessageRow, around: Surroundings) -> Frame:
    """Return MESSAGE; what is null, false or empty is left out."""
    frame: Frame = {
        "id": row.id,
        "room": row.room_id,
        "seq": row.seq,
        "change": row.change,
        "kind": MessageKind.SYSTEM.value if row.kind == MessageKind.SYSTEM else MessageKind.TEXT.value,
        "author": around.people[row.author_id],
        "ref": str(row.ref),
        "created_at": row.created_at,
    }
    if row.deleted_at:
        frame["deleted_at"] = row.deleted_at
        return frame
    frame["body"] = row.body
    optional = {
        "action": row.kind == MessageKind.ACTION,
        "html": row.html,
        "reply_to": around.replies.get(row.reply_to_id or 0),
        "reactions": around.reactions.get(row.id),
        "mentions": around.mentions.get(row.id),
        "mentions_all": row.mentions_all,
        "edited_at": row.edited_at,
        "pinned_at": row.pinned_at,
    }
    frame.update((name, value) for name, value in optional.items() if value)
    return frame


def surroundings(rows: Sequence[MessageRow], reader_id: int | None = None) -> Surroundings:
    """Look up what `rows` need: people, quoted messages, reactions, mentions."""
    ids = [row.id for row in rows]
    people = people_frames({row.author_id for row in rows})
    return Surroundings(people, reply_frames(rows), _reactions(ids, reader_id), _mentions(ids))


def reply_frames(rows: Sequence[MessageRow]) -> dict[int, Frame]:
    """Return by id how the messages that `rows` reply to are quoted."""
    ids = {row.reply_to_id for row in rows if row.reply_to_id}
    if not ids:
        return {}
    columns = ("id", "seq", "author_id", "body", "html", "deleted_at")
    quoted = list(Message.objects.filter(pk__in=ids).values_list(*columns))
    people = people_frames({author_id for _id, _seq, author_id, _body, _html, _deleted in quoted})
    return {
        pk: {"id": pk, "seq": seq, "author": people[author_id], "excerpt": "" if deleted else excerpt(body, html)}
        for pk, seq, author_id, body, html, deleted in quoted
    }


def people_frames(user_ids: Iterable[int]) -> dict[int, Frame]:
    """Return USER by id."""
    people = map(Person._make, User.objects.filter(pk__in=user_ids).values_list(*PERSON_FIELDS))
    return {person.id: person_frame(person) for person in people}


def message_event(frame: Frame, kind: str) -> Event:
    """Return the event `kind` (message.created, message.updated, message.deleted) of a MESSAGE."""
    return {"type": kind, "room": frame["room"], "change": frame["change"], "message": frame}


def _reactions(message_ids: Sequence[int], reader_id: int | None) -> dict[int, list[Frame]]:
    found: dict[int, dict[str, Frame]] = {}
    reactions = Reaction.objects.filter(message_id__in=message_ids).order_by("pk")
    for message_id, emoji, user_id in reactions.values_list("message_id", "emoji", "user_id"):
        frame = found.setdefault(message_id, {}).setdefault(emoji, {"emoji": emoji, "count": 0, "by": []})
        frame["count"] += 1
        if len(frame["by"]) < MAX_REACTORS:
            frame["by"].append(user_id)
        elif user_id == reader_id:
            frame["by"][-1] = user_id
    return {message_id: list(kinds.values()) for message_id, kinds in found.items()}


def _mentions(message_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    mentions = Mention.objects.filter(message_id__in=message_ids, user__isnull=False).order_by("pk")
    for message_id, user_id in mentions.values_list("message_id", "user_id"):
        if user_id is not None:
            found.setdefault(message_id, []).append(user_id)
    return found
