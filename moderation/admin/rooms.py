"""Rooms: looked at, locked and archived. Private chats are not here."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from chat.models import Membership, Message, Role, Room, RoomKind
from chat.room_frames import shown_name
from moderation.actions.lifting import check_may_open
from moderation.actions.rooms import CHANGES, change_rooms, check_not_archived_default
from moderation.admin.asking import act
from moderation.admin.desk import Desk
from moderation.admin.forms import ReasonForm
from moderation.admin.links import list_link, person_link
from moderation.models import Act, ActItem, ItemKind
from moderation.sight import readable

LATEST = 20


@admin.register(Room)
class RoomAdmin(Desk):
    """The public and private rooms."""

    list_display = ["room", "kind", "state", "members", "written", "activity", "created_at"]
    list_filter = ["kind", "is_archived", "is_read_only", "is_default", "is_group"]
    search_fields = ["name", "topic"]
    search_help_text = gettext_lazy("A part of the name or topic")
    ordering = ["-active_at"]
    acts: ClassVar[list[str]] = ["lock", "unlock", "archive", "restore"]
    actions = [*acts]
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        """Leave out private chats: who talks with whom is nobody else's business."""
        rooms: QuerySet[Room] = super().get_queryset(request)
        return rooms.exclude(kind=RoomKind.DIRECT)

    @admin.display(description=gettext_lazy("room"), ordering="name")
    def room(self, room: Room) -> str:
        """Show its name."""
        return f"#{shown_name(room)}"

    @admin.display(description=gettext_lazy("state"))
    def state(self, room: Room) -> SafeString:
        """Show what it is, as badges."""
        return state_of(room)

    @admin.display(description=gettext_lazy("members"), ordering="member_count")
    def members(self, room: Room) -> int:
        """Show how many are in it."""
        return room.member_count

    @admin.display(description=gettext_lazy("messages"), ordering="last_seq")
    def written(self, room: Room) -> SafeString:
        """Show how much was said, with a link to it."""
        return list_link("chat_message", room.last_seq, room__id__exact=room.pk)

    @admin.display(description=gettext_lazy("last activity"), ordering="active_at")
    def activity(self, room: Room) -> datetime:
        """Show when something was last said."""
        return room.active_at

    def offers(self, _request: HttpRequest, thing: Room) -> list[str]:
        """Offer what would change something."""
        return [
            "unlock" if thing.is_read_only else "lock",
            *(["restore"] if thing.is_archived else [] if thing.is_default else ["archive"]),
        ]

    def check_chosen(self, actor: User, name: str, chosen: QuerySet[Room]) -> None:
        """Refuse to archive what everyone is in, and to open what somebody above closed."""
        for room in chosen:
            check_may_open(actor, room, CHANGES[name])
            check_not_archived_default(CHANGES[name].get("is_archived", False), room.is_default)

    def named(self, thing: Room) -> str:
        """Show its name as it is shown elsewhere."""
        return f"#{shown_name(thing)}"

    def dossier(self, _request: HttpRequest, thing: Room) -> dict[str, Any]:
        """Show what the room is, who leads it, what was said last, and what was done about it."""
        leaders = Membership.objects.filter(room=thing).exclude(role=Role.MEMBER).select_related("user").order_by("pk")
        named = ((person_link(each.user), each.get_role_display()) for each in leaders[:50])
        acts = Act.objects.filter(pk__in=ActItem.objects.filter(kind=ItemKind.ROOM, object_id=thing.pk).values("act"))
        return {
            "subtitle": f"#{shown_name(thing)}",
            "facts": [
                (_("kind"), thing.get_kind_display()),
                (_("state"), state_of(thing)),
                (_("topic"), thing.topic or "–"),
                (_("members"), thing.member_count),
                (_("led by"), format_html_join(", ", "{} ({})", named) or "–"),
                (_("messages"), list_link("chat_message", thing.last_seq, room__id__exact=thing.pk)),
                (_("created"), thing.created_at),
                (_("last activity"), thing.active_at),
            ],
            "written": (
                readable(Message.objects.filter(room=thing))
                .select_related("room", "author")
                .prefetch_related("attachments")
                .order_by("-seq")[:LATEST]
            ),
            "acts": acts.select_related("by", "undone_by").order_by("-pk")[:LATEST],
        }

    @act(gettext_lazy("Lock: only moderators write"), "change_rooms", ReasonForm)
    def lock(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act:
        """Have only moderators write."""
        return change_rooms(actor, ids, "lock", cleaned["reason"])

    @act(gettext_lazy("Unlock"), "change_rooms", ReasonForm)
    def unlock(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act:
        """Have every member write."""
        return change_rooms(actor, ids, "unlock", cleaned["reason"])

    @act(gettext_lazy("Archive"), "change_rooms", ReasonForm, danger=True)
    def archive(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act:
        """Have nobody write or come in."""
        return change_rooms(actor, ids, "archive", cleaned["reason"])

    @act(gettext_lazy("Restore from the archive"), "change_rooms", ReasonForm)
    def restore(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act:
        """Open it again."""
        return change_rooms(actor, ids, "restore", cleaned["reason"])


def state_of(room: Room) -> SafeString:
    """Return what a room is, as badges."""
    states = [
        ("banned", _("archived"), room.is_archived),
        ("muted", _("only moderators write"), room.is_read_only),
        ("bot", _("everyone is in it"), room.is_default),
        ("guest", _("slow mode"), bool(room.slow_mode)),
    ]
    shown = [(name, text) for name, text, is_so in states if is_so]
    return format_html_join(" ", '<span class="badge badge-{}">{}</span>', shown) or format_html("{}", "–")
