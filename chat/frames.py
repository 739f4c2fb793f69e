"""From what is stored to the shapes of the wire (PROTOCOL, "Shapes"): the only place that makes them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import UUID

from accounts.frames import PERSON_FIELDS, Person, person_frame
from accounts.models import User
from chat.models import Attachment, AttachmentKind, Mention, Message, MessageKind, Reaction
from chat.texts import excerpt
from live.envelope import Event

Frame = dict[str, Any]
REMOVERS = ("author", "moderator", "staff", "administrator")
"""Who takes a message down, the lowest first: it is restored by its author if that was he or she, and by those who
moderate its room and stand no lower (MESSAGE, `deleted_by`).
"""
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
    deleted_by_id: int | None = None
    is_purged: bool = False


MESSAGE_FIELDS = MessageRow._fields


class AttachmentRow(NamedTuple):
    """The columns of an attachment that its shape is made of, in the order of `ATTACHMENT_FIELDS`."""

    id: int
    token: str
    name: str
    kind: str
    type: str
    size: int
    width: int | None
    height: int | None
    is_animated: bool
    thumb_size: int


ATTACHMENT_FIELDS = AttachmentRow._fields
FILES, THUMBS = "/media/files/", "/media/thumbs/"


class Surroundings(NamedTuple):
    """What messages need besides their own columns, by id."""

    people: Mapping[int, Frame]
    replies: Mapping[int, Frame]
    reactions: Mapping[int, list[Frame]]
    mentions: Mapping[int, list[int]]
    attachments: Mapping[int, list[Frame]]
    removers: Mapping[int, str]


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
        if row.id in around.removers:
            frame["deleted_by"] = around.removers[row.id]
        return frame
    frame["body"] = row.body
    optional = {
        "action": row.kind == MessageKind.ACTION,
        "html": row.html,
        "reply_to": around.replies.get(row.reply_to_id or 0),
        "attachments": around.attachments.get(row.id),
        "reactions": around.reactions.get(row.id),
        "mentions": around.mentions.get(row.id),
        "mentions_all": row.mentions_all,
        "edited_at": row.edited_at,
        "pinned_at": row.pinned_at,
    }
    frame.update((name, value) for name, value in optional.items() if value)
    return frame


def surroundings(rows: Sequence[MessageRow], reader_id: int | None = None) -> Surroundings:
    """Look up what `rows` need: people, quoted messages, reactions, mentions, files."""
    ids = [row.id for row in rows]
    people = people_frames({row.author_id for row in rows})
    return Surroundings(
        people,
        reply_frames(rows),
        _reactions(ids, reader_id),
        _mentions(ids),
        attachment_frames(ids),
        _removers(rows),
    )


def remover_of(author_id: int, remover: User | None) -> str:
    """Return which of REMOVERS somebody is who takes down a message of that author; None is one who is gone."""
    if remover is not None and remover.pk == author_id:
        return "author"
    return rank_of(remover) if remover is not None else "moderator"


def rank_of(user: User) -> str:
    """Return which of REMOVERS somebody is who moderates where another wrote."""
    return "administrator" if user.is_superuser else "staff" if user.is_staff else "moderator"


def _removers(rows: Sequence[MessageRow]) -> dict[int, str]:
    """Return by whom each of the messages was taken down that can be restored."""
    deleted = [row for row in rows if row.deleted_at and not row.is_purged]
    by = {row.deleted_by_id for row in deleted if row.deleted_by_id}
    people = User.objects.only("is_superuser", "is_staff").in_bulk(by) if by else {}
    return {row.id: remover_of(row.author_id, people.get(row.deleted_by_id or 0)) for row in deleted}


def reply_frames(rows: Sequence[MessageRow]) -> dict[int, Frame]:
    """Return by id how the messages that `rows` reply to are quoted."""
    ids = {row.reply_to_id for row in rows if row.reply_to_id}
    if not ids:
        return {}
    columns = ("id", "seq", "author_id", "body", "html", "deleted_at")
    quoted = list(Message.objects.filter(pk__in=ids).values_list(*columns))
    people = people_frames({author_id for _id, _seq, author_id, _body, _html, _deleted in quoted})
    names = _first_names([pk for pk, _seq, _author_id, body, _html, deleted in quoted if not (body or deleted)])
    return {
        pk: {
            "id": pk,
            "seq": seq,
            "author": people[author_id],
            "excerpt": "" if deleted else excerpt(body, html) or names.get(pk, ""),
        }
        for pk, seq, author_id, body, html, deleted in quoted
    }


def people_frames(user_ids: Iterable[int]) -> dict[int, Frame]:
    """Return USER by id."""
    people = map(Person._make, User.objects.filter(pk__in=user_ids).values_list(*PERSON_FIELDS))
    return {person.id: person_frame(person) for person in people}


def attachment_frame(row: AttachmentRow, *, files: str = FILES, thumbs: str = THUMBS) -> Frame:
    """Return ATTACHMENT; what is null or false is left out. `files` and `thumbs`: below which paths it is shown."""
    url = f"{files}{row.id}/{row.token}/{quote(row.name, safe='')}"
    small = f"{thumbs}{row.id}/{row.token}.webp" if row.thumb_size else url
    frame: Frame = {"id": row.id, "name": row.name, "kind": row.kind, "type": row.type, "size": row.size, "url": url}
    optional = {
        "width": row.width,
        "height": row.height,
        "thumb_url": small if row.kind == AttachmentKind.IMAGE else None,
        "animated": bool(row.is_animated),
    }
    frame.update((name, value) for name, value in optional.items() if value)
    return frame


def attachment_frames(message_ids: Sequence[int]) -> dict[int, list[Frame]]:
    """Return the attachments of messages as ATTACHMENT, by message, in their order."""
    found: dict[int, list[Frame]] = {}
    attached = Attachment.objects.filter(message__in=message_ids).order_by("message", "position")
    for message_id, *columns in attached.values_list("message_id", *ATTACHMENT_FIELDS):
        found.setdefault(message_id or 0, []).append(attachment_frame(AttachmentRow._make(columns)))
    return found


def _first_names(message_ids: Sequence[int]) -> dict[int, str]:
    """Return what the first file of each message is called; of those without a text, which have one."""
    if not message_ids:
        return {}
    attached = Attachment.objects.filter(message__in=message_ids, position=0)
    return {pk: excerpt(name) for pk, name in attached.values_list("message_id", "name") if pk is not None}


def message_event(frame: Frame, kind: str) -> Event:
    """Return the event `kind` (message.created, message.updated, message.deleted) of a MESSAGE."""
    return {"type": kind, "room": frame["room"], "change": frame["change"], "message": frame}


def _reactions(message_ids: Sequence[int], reader_id: int | None) -> dict[int, list[Frame]]:
    found: dict[int, dict[str, Frame]] = {}
    reactions = Reaction.objects.filter(message_id__in=message_ids, is_hidden=False).order_by("pk")
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
