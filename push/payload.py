"""What a device is told: a line of whom and where, the beginning of the text, and where a press leads."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db.models import Count, F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from chat.models import AttachmentKind, Membership, Message, Notify, Room
from chat.room_frames import COUNTED_UP_TO, shown_name
from chat.telling import Why
from chat.texts import excerpt

DAY, HOURS = 24 * 3600, 4 * 3600
LONGEST = 180
"""Characters of a text: what a push service takes is 4 KB, encrypted."""


def topic_of(room_id: int) -> str:
    """Return under what a device, and its push service, keep only the last of a room."""
    return f"room-{room_id}"


def ttl_of(why: str) -> int:
    """Return for how many seconds a push service may keep it for a device that is off."""
    return HOURS if why == Why.ALL else DAY


def urgency_of(why: str) -> str:
    """Return how soon a device that saves power is woken (RFC 8030, 5.3)."""
    return "normal" if why == Why.ALL else "high"


def payload(message: Message, why: str, others: int, unread: int, language: str) -> bytes:
    """Return the JSON for one device. `others`: how many more of the room it stands for."""
    with override(language):
        body = excerpt(message.body, message.html)[:LONGEST] or _file_line(message)
        if others:
            body += "\n" + ngettext("and %(count)d more", "and %(count)d more", others) % {"count": others}
        content: dict[str, Any] = {
            "title": _title(message.author.nickname, message.room),
            "body": body,
            "url": reverse("room-at", args=[message.room_id, message.seq]),
            "room": message.room_id,
            "seq": message.seq,
            "message": message.pk,
            "tag": topic_of(message.room_id),
            "why": why,
            "at": message.created_at,
            "unread": unread,
        }
    return msgspec.json.encode(content)


def unread_of(user_ids: Sequence[int]) -> dict[int, int]:
    """Return how much there is to read for these people, in rooms that are not muted."""
    own = Membership.objects.filter(user_id__in=user_ids, is_hidden=False).exclude(notify=Notify.NONE).order_by()
    rows = own.values_list("user_id").annotate(unread=Sum(F("room__last_seq") - F("last_read_seq")))
    in_these = {
        "room__memberships__in": own.filter(room__last_seq__lte=F("last_read_seq") + COUNTED_UP_TO),
        "seq__gt": F("room__memberships__last_read_seq"),
    }
    deleted = Message.objects.filter(deleted_at__isnull=False, **in_these).values_list("room__memberships__user_id")
    gone = dict(deleted.annotate(count=Count("pk")))
    return {user: max(0, (unread or 0) - gone.get(user, 0)) for user, unread in rows}


def _file_line(message: Message) -> str:
    """Return what stands for a message without a text: what its first file is called, or that it is a picture."""
    first = message.attachments.order_by("position").values_list("kind", "name").first()
    if first is None:
        return ""
    kind, name = first
    return _("Photo") if kind == AttachmentKind.IMAGE else excerpt(name)


def _title(author: str, room: Room) -> str:
    if room.is_direct:
        return author
    return _("%(person)s in %(room)s") % {"person": author, "room": shown_name(room)}
