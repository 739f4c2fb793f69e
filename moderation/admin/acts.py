"""What was done, to be taken back."""

from collections.abc import Sized
from copy import copy
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from chat.errors import ChatError, Invalid
from chat.models import Message, Room
from moderation.actions.acts import check_may_undo, undo_act
from moderation.actions.endings import How, ending_of, is_anything_left
from moderation.actions.lifting import still_banned
from moderation.actions.noting import ids_of, summary_of
from moderation.admin.asking import act
from moderation.admin.desk import Desk, actor_of
from moderation.admin.endings import ending_shown
from moderation.admin.forms import ReasonForm
from moderation.admin.links import NOTHING, act_kind, act_name, act_summary, person_link, room_link, shown_time
from moderation.admin.raids import raid_page
from moderation.models import Act, ActItem, ActKind, ItemKind
from moderation.sight import may, readable

SHOWN = 100
MAX_ACTS = 50
"""Acts taken back at once."""


@admin.register(Act)
class ActAdmin(Desk):
    """Acts, each of which can be taken back."""

    list_display = ["what", "about", "by", "at", "until", "reason", "ended"]
    list_select_related = ["by", "undone_by"]
    list_filter = ["kind", ("undone_at", admin.EmptyFieldListFilter)]
    search_fields = ["summary", "reason", "by__nickname"]
    ordering = ["-pk"]
    acts: ClassVar[list[str]] = ["take_back"]
    actions = [*acts]
    fields = ()

    def get_urls(self) -> list[URLPattern]:
        own = path("raid/", self.admin_site.admin_view(self.raid), name="moderation_act_raid")
        return [own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Act]:
        """Bring along what `act_kind` looks at."""
        rooms = Prefetch("items", ActItem.objects.filter(kind=ItemKind.ROOM), to_attr="changed_rooms")
        return super().get_queryset(request).prefetch_related(rooms)

    def has_right(self, request: HttpRequest, right: str) -> bool:
        """Let `take_back` itself look whether one may: it depends on the act."""
        return True if right == "any" else super().has_right(request, right)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Act], search_term: str
    ) -> tuple[QuerySet[Act], bool]:
        """Search no names of rooms for who may not know all of them."""
        if search_term and not may("chat.view_room"):
            queryset = queryset.exclude(kind=ActKind.ROOM).exclude(kind=ActKind.MUTE, summary__contains=" · #")
        return super().get_search_results(request, queryset, search_term)

    def action_checkbox(self, obj: Act) -> SafeString:
        """Name the act to who hears the page as the list does."""
        shown = copy(obj)
        shown.summary = act_summary(obj)
        return super().action_checkbox(shown)

    @admin.display(description=gettext_lazy("what"), ordering="kind")
    def what(self, act: Act) -> str:
        """Show what sort of act it was."""
        return act_kind(act)

    @admin.display(description=gettext_lazy("to whom or what"))
    def about(self, act: Act) -> str:
        """Show to whom or what it was done."""
        return act_summary(act)

    @admin.display(description=gettext_lazy("how it ended"))
    def ended(self, act: Act) -> SafeString | str:
        """Show whether it was taken back or lifted, or ran out, by whom and when."""
        return ending_shown(ending_of(act)) or NOTHING

    def offers(self, request: HttpRequest, thing: Act) -> list[str]:
        """Offer to take back what can be, and only to one who may."""
        return [] if self.why_not(request, thing) else ["take_back"]

    def why_not(self, request: HttpRequest, thing: Act) -> SafeString | str:
        """Say why it cannot be taken back."""
        return why_not_take_back(actor_of(request), thing)

    def check_chosen(self, actor: User, _name: str, chosen: QuerySet[Act]) -> None:
        """Refuse what none of can be taken back, and what who asks may not."""
        found = list(chosen[: MAX_ACTS + 1])
        _check_not_many(found)
        reasons = []
        for each in found:
            check_may_undo(actor, each)
            reasons.append(why_not_take_back(actor, each))
        if all(reasons):
            raise Invalid(strip_tags(reasons[0]))

    def named(self, thing: Act) -> SafeString:
        """Say what it was, by whom and when."""
        return format_html("{} · {} · <time>{}</time>", act_name(thing), thing.by.nickname, shown_time(thing.at))

    def dossier(self, _request: HttpRequest, thing: Act) -> dict[str, Any]:
        """Show all that the act changed."""
        counts = dict(thing.items.values_list("kind").annotate(Count("pk")))
        changed = [f"{ItemKind(kind).label}: {count}" for kind, count in counts.items()]
        ids = ids_of(thing, ItemKind.MESSAGE)[-SHOWN:]
        # What was in private chats is counted, and shown to nobody here.
        written = readable(Message.objects.filter(pk__in=ids))
        return {
            "subtitle": act_name(thing),
            "facts": [
                (_("what"), act_kind(thing)),
                (_("by"), person_link(thing.by)),
                (_("when"), thing.at),
                (_("why"), thing.reason or "–"),
                (_("until"), thing.until or "–"),
                (_("changed"), ", ".join(changed) or "–"),
                (_("people"), _people(ids_of(thing, ItemKind.PERSON))),
                (_("rooms"), _rooms(ids_of(thing, ItemKind.ROOM))),
                (_("how it ended"), ending_shown(ending_of(thing)) or NOTHING),
                *([(_("why it was taken back"), thing.undone_reason)] if thing.undone_reason else []),
            ],
            "written": written.select_related("room", "author").order_by("-pk"),
        }

    @act(gettext_lazy("Take back"), "any", ReasonForm)
    def take_back(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> str:
        """Take acts back, the last first."""
        if not ids:
            raise Invalid(_("Choose something first."))
        _check_not_many(ids)
        for pk in sorted(ids, reverse=True):
            undo_act(actor, pk, cleaned["reason"])
        if banned := still_banned(ids):
            names = summary_of(user.nickname for user in banned)
            return _("Taken back. Still banned, by another act: %(people)s.") % {"people": names}
        return _("Taken back: all is as it was, but for what somebody has changed again since.")

    def raid(self, request: HttpRequest) -> HttpResponse:
        """Show who came from somewhere and what they did; undo all of it as one act."""
        return raid_page(self, request)


def why_not_take_back(actor: User, act: Act) -> SafeString | str:
    """Return why `actor` cannot take an act back, as a sentence; "" if he or she can."""
    ending = ending_of(act)
    if ending is not None and (ending.how == How.UNDONE or not is_anything_left(act)):
        return ending_shown(ending)
    if not is_anything_left(act):
        return _("Nothing of it is left to be taken back: it has been changed again since.")
    try:
        check_may_undo(actor, act)
    except ChatError as error:
        return str(error.detail)
    return ""


def _check_not_many(chosen: Sized) -> None:
    if len(chosen) > MAX_ACTS:
        raise Invalid(_("At most 50 acts at once."))


def _people(ids: list[int]) -> SafeString | str:
    people = User.objects.filter(pk__in=ids[:SHOWN])
    return format_html_join(", ", "{}", ((person_link(user),) for user in people)) or "–"


def _rooms(ids: list[int]) -> SafeString | str:
    rooms = Room.objects.filter(pk__in=ids[:SHOWN])
    return format_html_join(", ", "{}", ((room_link(room),) for room in rooms)) or "–"
