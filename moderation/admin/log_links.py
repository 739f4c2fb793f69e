"""What entries of the log name, with links to where it is looked at."""

from collections.abc import Iterable

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from audit.models import Entry, Verb
from chat.models import Room
from moderation.admin.links import NOTHING, person_link, room_link
from moderation.models import Act

PAGES = {
    "person": "accounts_user", "room": "chat_room", "message": "chat_message", "act": "moderation_act",
    "case": "moderation_case", "filter": "moderation_filter", "heldmessage": "moderation_heldmessage",
    "group": "auth_group",
}  # fmt: skip
Shown = SafeString | str


def actor_shown(entry: Entry) -> Shown:
    """Return who did it, by the name of that time."""
    if entry.actor_id is None:
        return _("the site")
    return _link("person", entry.actor_id, entry.actor)


def thing_shown(entry: Entry) -> Shown:
    """Return to whom or what it was done, by the name of that time; an act in the language of who reads."""
    if entry.kind == "act" and "taken_back" in entry.details:
        return act_shown(entry.details.get("act"))
    name = f"#{entry.label.removeprefix('#')}" if entry.kind == "room" else entry.label
    if entry.verb in (Verb.MUTE, Verb.UNMUTE):
        # The room, which the summary of such an act ends with, is named apart.
        name = name.partition(" · #")[0]
    if entry.kind not in PAGES or not entry.object_id:
        return name or NOTHING
    return _link(entry.kind, entry.object_id, name or entry.object_id)


def people_shown(ids: Iterable[int]) -> Shown:
    """Return links to people."""
    people = User.objects.filter(pk__in=list(ids)).order_by("pk")
    return format_html_join(", ", "{}", ((person_link(user),) for user in people)) or NOTHING


def messages_shown(ids: Iterable[int]) -> Shown:
    """Return links to messages, by their ids."""
    return format_html_join(", ", "{}", ((_link("message", pk, str(pk)),) for pk in ids)) or NOTHING


def rooms_shown(ids: Iterable[int]) -> Shown:
    """Return links to rooms."""
    return format_html_join(", ", "{}", ((room_shown(pk),) for pk in ids)) or NOTHING


def room_shown(room_id: int | None) -> Shown:
    """Return a link to a room."""
    room = Room.objects.filter(pk=room_id).first() if room_id else None
    return room_link(room) if room is not None else NOTHING


def act_shown(act_id: int | None) -> Shown:
    """Return a link to an act."""
    act = Act.objects.filter(pk=act_id).first() if act_id else None
    return _link("act", act.pk, str(act)) if act is not None else NOTHING


def _link(kind: str, pk: int | str, name: str) -> Shown:
    try:
        url = reverse(f"admin:{PAGES[kind]}_change", args=[pk])
    except NoReverseMatch:
        return name
    return format_html('<a href="{}">{}</a>', url, name)
