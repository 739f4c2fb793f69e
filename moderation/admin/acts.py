"""What was done, to be taken back."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from chat.models import Message, Room, RoomKind
from moderation.actions.acts import ids_of, may_undo, undo_act
from moderation.admin.desk import Desk, ReasonForm, act, actor_of, person_link, room_link
from moderation.admin.raids import raid_page
from moderation.models import Act, ItemKind

SHOWN = 100


@admin.register(Act)
class ActAdmin(Desk):
    """Acts, each of which can be taken back."""

    list_display = ["kind", "summary", "by", "at", "until", "reason", "undone_at"]
    list_select_related = ["by"]
    list_filter = ["kind", ("undone_at", admin.EmptyFieldListFilter)]
    search_fields = ["summary", "reason", "by__nickname"]
    ordering = ["-pk"]
    acts: ClassVar[list[str]] = ["take_back"]
    actions = [*acts]
    fields = ()

    def get_urls(self) -> list[URLPattern]:
        own = path("raid/", self.admin_site.admin_view(self.raid), name="moderation_act_raid")
        return [own, *super().get_urls()]

    def has_right(self, request: HttpRequest, right: str) -> bool:
        """Let `take_back` itself look whether one may: it depends on the act."""
        return True if right == "any" else super().has_right(request, right)

    def offers(self, request: HttpRequest, thing: Act) -> list[str]:
        """Offer to take back what was not, and only to one who may."""
        return ["take_back"] if thing.undone_at is None and may_undo(actor_of(request), thing) else []

    def dossier(self, _request: HttpRequest, thing: Act) -> dict[str, Any]:
        """Show all that the act changed."""
        counts = dict(thing.items.values_list("kind").annotate(Count("pk")))
        changed = [f"{ItemKind(kind).label}: {count}" for kind, count in counts.items()]
        ids = ids_of(thing, ItemKind.MESSAGE)[-SHOWN:]
        # What was in private chats is counted, and shown to nobody here.
        written = Message.objects.filter(pk__in=ids).exclude(room__kind=RoomKind.DIRECT)
        return {
            "subtitle": str(thing),
            "facts": [
                (_("what"), thing.get_kind_display()),
                (_("by"), person_link(thing.by)),
                (_("when"), thing.at),
                (_("why"), thing.reason or "–"),
                (_("until"), thing.until or "–"),
                (_("changed"), ", ".join(changed) or "–"),
                (_("people"), _people(ids_of(thing, ItemKind.PERSON))),
                (_("rooms"), _rooms(ids_of(thing, ItemKind.ROOM))),
                (_("taken back"), thing.undone_at or "–"),
                (_("taken back by"), person_link(thing.undone_by)),
            ],
            "written": written.select_related("room", "author").order_by("-pk"),
        }

    @act(gettext_lazy("Take back"), "any", ReasonForm)
    def take_back(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> str:
        """Take acts back, the last first."""
        for pk in sorted(ids, reverse=True):
            undo_act(actor, pk, cleaned["reason"])
        return _("Taken back: all is as it was, but for what somebody has changed again since.")

    def raid(self, request: HttpRequest) -> HttpResponse:
        """Show who came from somewhere and what they did; undo all of it as one act."""
        return raid_page(self, request)


def _people(ids: list[int]) -> SafeString | str:
    people = User.objects.filter(pk__in=ids[:SHOWN])
    return format_html_join(", ", "{}", ((person_link(user),) for user in people)) or "–"


def _rooms(ids: list[int]) -> SafeString | str:
    rooms = Room.objects.filter(pk__in=ids[:SHOWN])
    return format_html_join(", ", "{}", ((room_link(room),) for room in rooms)) or "–"
