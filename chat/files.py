"""What a room has besides its talk: the files that were sent there, and what is pinned."""

from typing import Any

from chat.frames import (
    ATTACHMENT_FIELDS,
    MESSAGE_FIELDS,
    AttachmentRow,
    Frame,
    MessageRow,
    attachment_frame,
    message_frames,
    people_frames,
)
from chat.models import Attachment, AttachmentKind, Message
from chat.permissions import get_room_for

MAX_PINS = 100
OTHER = "other"
"""The kind of all files but pictures."""
_COLUMNS = ("message_id", "seq", "message__author_id", "message__created_at")


def page_of_files(
    user_id: int, room_id: int, *, before: int | None = None, kind: str | None = None, limit: int = 50
) -> dict[str, Any]:
    """Return `{files: [ATTACHMENT and message, seq, author, created_at], more}`: a room's files, the newest first.

    `before` is a seq, of the last file of the page before. A page has about `limit` files: those of one message are
    never on two. Raises NotFound.
    """
    get_room_for(user_id, room_id)
    found = Attachment.objects.filter(room=room_id, message__deleted_at=None)
    if before is not None:
        found = found.filter(seq__lt=before)
    if kind == OTHER:
        found = found.exclude(kind=AttachmentKind.IMAGE)
    elif kind is not None:
        found = found.filter(kind=kind)
    rows = list(found.order_by("-seq", "position").values_list(*_COLUMNS, *ATTACHMENT_FIELDS)[: limit + 1])
    more = len(rows) > limit
    if more:
        last = rows[limit - 1][1]
        rows = rows[:limit]
        whole = found.filter(seq=last).order_by("position").values_list(*_COLUMNS, *ATTACHMENT_FIELDS)
        rows = [row for row in rows if row[1] != last] + list(whole)
        more = found.filter(seq__lt=last).exists()
    people = people_frames({author_id for _message, _seq, author_id, *_rest in rows})
    files = [
        attachment_frame(AttachmentRow._make(columns))
        | {"message": message_id, "seq": seq, "author": people[author_id], "created_at": created_at}
        for message_id, seq, author_id, created_at, *columns in rows
    ]
    return {"files": files, "more": more}


def pinned_messages(user_id: int, room_id: int) -> list[Frame]:
    """Return what is pinned in a room as MESSAGE, what was pinned last first; at most 100. Raises NotFound."""
    get_room_for(user_id, room_id)
    pinned = Message.objects.filter(room=room_id, pinned_at__isnull=False, deleted_at=None).order_by(
        "-pinned_at", "-seq"
    )
    return message_frames([MessageRow(*row) for row in pinned.values_list(*MESSAGE_FIELDS)[:MAX_PINS]], user_id)
