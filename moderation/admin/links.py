"""Times, and links between people, messages and rooms, as the pages of the desk show them."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import User
from chat.models import Message, Room
from chat.room_frames import shown_name
from moderation.admin.files import text_or_files

NOTHING = "–"


def shown_time(moment: datetime) -> str:
    """Return a time as lists show it."""
    return date_format(localtime(moment), "DATETIME_FORMAT")


def person_link(user: User | None) -> SafeString | str:
    """Return a link to a person's page."""
    if user is None:
        return NOTHING
    return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[user.pk]), user.nickname)


def room_link(room: Room) -> SafeString | str:
    """Return a link to a room's page; of a private chat only that it is one."""
    if room.is_direct:
        return _("private chat")
    return format_html('<a href="{}">#{}</a>', reverse("admin:chat_room_change", args=[room.pk]), shown_name(room))


def message_link(message: Message, length: int = 80) -> SafeString | str:
    """Return a link to a message's page that shows how it begins."""
    text = text_or_files(message)[:length] or NOTHING
    return format_html('<a href="{}">{}</a>', reverse("admin:chat_message_change", args=[message.pk]), text)


def list_link(name: str, text: Any, **query: Any) -> SafeString:
    """Return a link to a list of the admin, filtered."""
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:{name}_changelist"), urlencode(query), text)
