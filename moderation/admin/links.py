"""Times, and links between people, messages and rooms, as the pages of the desk show them to who reads."""

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
from moderation.actions.noting import ids_of, summary_of
from moderation.admin.files import text_or_files
from moderation.models import Act, ActKind, ItemKind
from moderation.sight import is_named, may, may_open

NOTHING = "–"


def shown_time(moment: datetime) -> str:
    """Return a time as lists show it."""
    return date_format(localtime(moment), "DATETIME_FORMAT")


def linked(page: str, pk: int | str, text: Any, css: str = "") -> SafeString:
    """Return a link to a thing's page, such as one of "chat_message"; only the text for who may not open it."""
    if not may_open(page):
        return format_html('<span class="{}">{}</span>' if css else "{1}", css, text)
    url = reverse(f"admin:{page}_change", args=[pk])
    return format_html('<a class="{}" href="{}">{}</a>' if css else '<a href="{1}">{2}</a>', css, url, text)


def person_link(user: User | None) -> SafeString | str:
    """Return a link to a person's page."""
    if user is None:
        return NOTHING
    return linked("accounts_user", user.pk, user.nickname)


def room_name(room: Room) -> str:
    """Return a room's name; only that it is private where that is all who reads may know."""
    if room.is_direct:
        return _("private chat")
    return f"#{shown_name(room)}" if is_named(room) else _("private room")


def room_link(room: Room) -> SafeString | str:
    """Return a link to a room's page, of which who reads may know the name."""
    return linked("chat_room", room.pk, room_name(room)) if is_named(room) else room_name(room)


def act_summary(act: Act) -> str:
    """Return to whom or what an act was done, without names of rooms that who reads may not know."""
    if may("chat.view_room"):
        return act.summary
    if act.kind == ActKind.ROOM:
        return summary_of(room_name(room) for room in Room.objects.filter(pk__in=ids_of(act, ItemKind.ROOM)))
    # Of a mute in a room the name of that comes last.
    return act.summary.partition(" · #")[0] if act.kind == ActKind.MUTE else act.summary


def act_name(act: Act) -> str:
    """Return what an act was and to whom or what it was done."""
    return _("%(act)s: %(whom)s") % {"act": act_kind(act), "whom": act_summary(act)}


def act_kind(act: Act) -> str:
    """Return what sort of act it was; of a room that was changed, how."""
    rooms = getattr(act, "changed_rooms", None)
    if rooms is None and act.kind == ActKind.ROOM:
        rooms = act.items.filter(kind=ItemKind.ROOM)[:1]
    changes = [change for item in (rooms or [])[:1] for change in item.before["after"].items()]
    return ", ".join(_CHANGES[change]() for change in changes if change in _CHANGES) or act.get_kind_display()


_CHANGES = {
    ("is_read_only", True): lambda: _("locking"),
    ("is_read_only", False): lambda: _("unlocking"),
    ("is_archived", True): lambda: _("archiving"),
    ("is_archived", False): lambda: _("bringing back from the archive"),
}


def message_link(message: Message, length: int = 80) -> SafeString | str:
    """Return a link to a message's page that shows how it begins."""
    text = text_or_files(message)[:length] or NOTHING
    return linked("chat_message", message.pk, text)


def act_link(act: Act) -> SafeString:
    """Return a link to an act's page."""
    return linked("moderation_act", act.pk, act_name(act))


def list_link(name: str, text: Any, **query: Any) -> SafeString:
    """Return a link to a list of the admin, filtered; only the text for who may not open it."""
    if not may_open(name):
        return format_html("{}", text)
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:{name}_changelist"), urlencode(query), text)
