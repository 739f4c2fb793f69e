"""Messages: found by author, room, words and time; taken down and brought back; shown in their conversation."""

import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import F, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.nicknames import nickname_key
from chat.errors import Invalid
from chat.models import Message, Room, RoomKind
from database.desk import MAX_SEARCH
from moderation.actions.acts import check_authors
from moderation.actions.looks import note_looks_into
from moderation.actions.messages import (
    MAX_MESSAGES,
    deleted_before,
    restore_messages,
    take_down_messages,
    why_not_restore,
)
from moderation.actions.reports import open_cases_about
from moderation.admin.asking import Done, act
from moderation.admin.desk import Desk, actor_of
from moderation.admin.files import files_shown, text_or_files
from moderation.admin.forms import ReasonForm
from moderation.admin.links import NOTHING, person_link, room_link, room_name, shown_time
from moderation.admin.people_filters import ArrivalFilter
from moderation.models import Act, ActItem, Case, ItemKind
from moderation.sight import is_readable, nameable_rooms
from moderation.standing import visible_cases, why_not_on

AROUND = 10
_PART = re.compile(r'(from|in):(?:"([^"]+)"|(\S+))')


class StandingFilter(admin.SimpleListFilter):
    """Whether messages stand."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("standing", _("to be seen")),
            ("down", _("taken down by moderators")),
            ("deleted", _("deleted by their authors")),
            ("edited", _("edited")),
        ]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        own = Q(deleted_by=F("author"))
        conditions = {
            "standing": Q(deleted_at=None),
            "down": Q(deleted_at__isnull=False) & ~own,
            "deleted": Q(deleted_at__isnull=False) & own,
            "edited": Q(edited_at__isnull=False, deleted_at=None),
        }
        value = self.value()
        return queryset.filter(conditions[value]) if value in conditions else queryset


class WrittenFilter(ArrivalFilter):
    """When messages were written."""

    title = gettext_lazy("written")
    parameter_name = "written"


class NewcomerFilter(ArrivalFilter):
    """When the author came."""

    title = gettext_lazy("author first here")
    parameter_name = "author_came"
    field = "author__created_at"


class TakeDownForm(ReasonForm):
    """Why, and whether what was reported about it is dealt with by that."""

    close_reports = forms.BooleanField(required=False, initial=True)
    field_order = ["reason", "close_reports"]

    def prepare(self, actor: User, ids: list[int]) -> None:
        """Ask about reports only where some wait that one may close."""
        count = reports_waiting(actor, ids)
        if not count:
            del self.fields["close_reports"]
            return
        label = ngettext("Close the open report about it", "Close the %(count)d open reports about it", count)
        self.fields["close_reports"].label = label % {"count": count}
        self.fields["close_reports"].help_text = _("Who reported it is told that something was done about it.")


def reports_waiting(actor: User, ids: list[int]) -> int:
    """Return how many reports about messages wait that somebody may close."""
    return open_cases_about(actor, ids).aggregate(count=Sum("report_count"))["count"] or 0


@admin.register(Message)
class MessageAdmin(Desk):
    """What was said in public and private rooms. Private chats are their two people's."""

    list_display = ["text", "state", "by", "where", "created_at"]
    list_select_related = ["room", "author", "deleted_by"]
    list_filter = [StandingFilter, WrittenFilter, NewcomerFilter, "room__kind"]
    linked: ClassVar[list[str]] = ["author", "room"]
    search_fields = ["body"]
    search_help_text = gettext_lazy(
        "Words; from:nickname and in:room narrow it down (with quotes where there are spaces)"
    )
    ordering = ["-pk"]
    acts: ClassVar[list[str]] = ["take_down", "restore"]
    actions = [*acts]
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Leave out what was said in private chats."""
        messages: QuerySet[Message] = super().get_queryset(request)
        return messages.exclude(room__kind=RoomKind.DIRECT).prefetch_related("attachments")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """Take from:nickname and in:room out of what is searched for."""
        search_term = search_term[:MAX_SEARCH]
        for kind, quoted, bare in _PART.findall(search_term):
            wanted = quoted or bare
            if kind == "from":
                queryset = queryset.filter(author__nickname_key__startswith=nickname_key(wanted))
            else:
                queryset = queryset.filter(
                    room__in=nameable_rooms().filter(name__icontains=wanted.removeprefix("#")).order_by()
                )
        return super().get_search_results(request, queryset, _PART.sub("", search_term).strip())

    @admin.display(description=gettext_lazy("text"))
    def text(self, message: Message) -> str:
        """Show how it begins."""
        return text_or_files(message) or "–"

    @admin.display(description=gettext_lazy("state"))
    def state(self, message: Message) -> SafeString:
        """Show whether it stands."""
        return state_of(message)

    @admin.display(description=gettext_lazy("author"), ordering="author__nickname_key")
    def by(self, message: Message) -> SafeString | str:
        """Link to its author."""
        return person_link(message.author)

    @admin.display(description=gettext_lazy("room"))
    def where(self, message: Message) -> SafeString | str:
        """Link to its room."""
        return room_link(message.room)

    def offers(self, request: HttpRequest, thing: Message) -> list[str]:
        """Offer the one that makes sense, to who may."""
        if self.why_not(request, thing):
            return []
        return ["restore"] if thing.deleted_at else ["take_down"]

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Message], *arguments: Any, **options: Any
    ) -> HttpResponse | None:
        """Write down into which private rooms who asks looks with what was chosen, from whatever page that was."""
        chosen = [pk for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if pk.isdecimal()]
        is_all = request.POST.get("select_across") == "1"
        acted_on = queryset if is_all else queryset.filter(pk__in=chosen[:MAX_MESSAGES])
        note_looks_into(actor_of(request), Room.objects.filter(kind=RoomKind.PRIVATE, pk__in=acted_on.values("room")))
        return super().response_action(request, queryset, *arguments, **options)

    def why_not(self, request: HttpRequest, thing: Message) -> str:
        """Say why it can be neither taken down nor brought back."""
        actor = actor_of(request)
        if (reason := why_not_on(actor, thing.author)) or not thing.deleted_at:
            return reason
        return why_not_restore(actor, thing, deleted_before([thing.pk]))

    def check_chosen(self, actor: User, name: str, chosen: QuerySet[Message]) -> None:
        """Refuse messages of people whom one may not act on, and to bring back what one cannot."""
        some = list(chosen[: MAX_MESSAGES + 1])
        check_authors(actor, [message.pk for message in some])
        if name == "restore":
            own = deleted_before([message.pk for message in some])
            reasons = [why_not_restore(actor, message, own) if message.deleted_at else "" for message in some]
            if all(reasons):
                raise Invalid(reasons[0])

    def named(self, thing: Message) -> SafeString:
        """Say who wrote what, where and when."""
        text = text_or_files(thing) or "–"
        return format_html(
            '<span class="who">{} · {} · <time>{}</time> {}</span><span class="what" dir="auto">{}</span>',
            thing.author.nickname, room_name(thing.room), shown_time(thing.created_at), state_of(thing), text,
        )  # fmt: skip

    def dossier(self, request: HttpRequest, thing: Message) -> dict[str, Any]:
        """Show the message, what was said around it, and what was done about it."""
        acts = Act.objects.filter(
            pk__in=ActItem.objects.filter(kind=ItemKind.MESSAGE, object_id=thing.pk).values("act")
        )
        return {
            "subtitle": text_or_files(thing) or f"#{thing.pk}",
            "facts": [
                (_("author"), person_link(thing.author)),
                (_("room"), room_link(thing.room)),
                (_("written"), thing.created_at),
                (_("edited"), thing.edited_at or "–"),
                (_("state"), state_of(thing) or NOTHING),
                (_("taken down by"), person_link(thing.deleted_by) if thing.deleted_at else "–"),
                (_("files"), files_shown(thing.attachments.order_by("position")) or "–"),
                (_("in the chat"), format_html('<a href="/rooms/{}/{}/">{}</a>', thing.room_id, thing.seq, _("look"))),
            ],
            "versions": thing.versions.order_by("-pk"),
            "conversation": conversation(thing),
            "marked": thing.pk,
            "acts": acts.select_related("by", "undone_by").order_by("-pk"),
            "cases": _cases(actor_of(request), thing),
        }

    @act(gettext_lazy("Take down"), "take_down_messages", TakeDownForm, danger=True)
    def take_down(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act | Done:
        """Take messages down, and close what was reported about them."""
        if not cleaned.get("close_reports"):
            return take_down_messages(actor, ids, cleaned["reason"])
        count = reports_waiting(actor, ids)
        act = take_down_messages(actor, ids, cleaned["reason"], close_reports=True)
        sentence = ngettext(
            "%(count)d report closed; who reported it has been told.",
            "%(count)d reports closed; who reported them has been told.",
            count,
        )
        return Done(act, sentence % {"count": count})

    @act(gettext_lazy("Restore"), "take_down_messages", ReasonForm)
    def restore(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> str:
        """Bring messages back."""
        count = len(restore_messages(actor, ids, cleaned["reason"]))
        return ngettext("%(count)d message is back.", "%(count)d messages are back.", count) % {"count": count}


def _cases(actor: User, message: Message) -> QuerySet[Case]:
    cases = visible_cases(Case.objects.filter(message=message), actor)
    return cases.select_related("person", "taken_by").order_by("-pk")


def conversation(message: Message) -> list[Message]:
    """Return what was said around a message; the message alone in a private chat, and where who reads may not read."""
    if not is_readable(message.room):
        return [message]
    around = Message.objects.filter(room=message.room).select_related("author", "room", "deleted_by")
    around = around.prefetch_related("attachments")
    return list(around.filter(seq__gte=message.seq - AROUND, seq__lte=message.seq + AROUND).order_by("seq"))


def state_of(message: Message) -> SafeString:
    """Return whether a message stands, as a badge."""
    if message.is_purged:
        name, text = "former", _("removed for good")
    elif message.deleted_at and message.deleted_by_id == message.author_id:
        name, text = "guest", _("deleted")
    elif message.deleted_at:
        name, text = "banned", _("taken down")
    elif message.edited_at:
        name, text = "plain", _("edited")
    else:
        return format_html("{}", "")
    return format_html('<span class="badge badge-{}">{}</span>', name, text)
