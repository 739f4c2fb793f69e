"""What entries of the log name, with links to where it is looked at."""

from collections.abc import Iterable

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from audit.models import Entry, Verb
from chat.models import Message, Room
from moderation.admin.links import NOTHING, act_link, linked, person_link, room_link
from moderation.models import Act, HeldMessage
from moderation.sight import is_named, is_readable, may

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
    if not is_known(entry):
        return _unnamed(entry)
    name = f"#{entry.label.removeprefix('#')}" if entry.kind == "room" else entry.label
    if entry.verb in (Verb.MUTE, Verb.UNMUTE):
        # The room, which the summary of such an act ends with, is named apart.
        name = name.partition(" · #")[0]
    if entry.kind not in PAGES or not entry.object_id:
        return name or NOTHING
    return _link(entry.kind, entry.object_id, name or entry.object_id)


def is_known(entry: Entry) -> bool:
    """Tell whether who reads may know what the entry calls that to which something was done: messages by their texts,
    rooms and what invites into them by names.
    """
    if entry.kind in ("message", "heldmessage"):
        return _is_text_known(entry)
    if entry.verb not in (Verb.ROOM, Verb.LOOK, Verb.REVOKE_LINK) or may("chat.view_room"):
        return True
    return all(is_named(room) for room in Room.objects.filter(pk__in=_rooms_of(entry)))


def _is_text_known(entry: Entry) -> bool:
    if may("chat.view_message") or (entry.kind == "heldmessage" and may("moderation.view_heldmessage")):
        return True
    kinds: dict[str, type[Message | HeldMessage]] = {"message": Message, "heldmessage": HeldMessage}
    found = kinds[entry.kind].objects.filter(pk=entry.object_id).select_related("room").first()
    return found is not None and is_readable(found.room)


def _rooms_of(entry: Entry) -> list[int]:
    """Return the ids of the rooms that an entry is about."""
    single = entry.object_id if entry.kind == "room" else entry.details.get("room")
    return [int(pk) for pk in (single, *entry.details.get("rooms", ())) if pk]


def _unnamed(entry: Entry) -> Shown:
    """Return what is said of that which who reads may not know."""
    return _("a message") if entry.kind in ("message", "heldmessage") else rooms_shown(sorted({*_rooms_of(entry)}))


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
    return act_link(act) if act is not None else NOTHING


def _link(kind: str, pk: int | str, name: str) -> Shown:
    return linked(PAGES[kind], pk, name)
