"""The queue of reports."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from chat.errors import Invalid
from chat.models import Message
from chat.texts import excerpt
from moderation.actions.reports import close_case, take_case
from moderation.admin.asking import act
from moderation.admin.desk import Desk, Offer, actor_of, offer
from moderation.admin.forms import ActForm, NothingForm
from moderation.admin.links import message_link, person_link, room_link
from moderation.admin.messages import conversation
from moderation.admin.people_facts import state_of
from moderation.models import Case, Outcome, Status
from moderation.standing import may_act_on, visible_cases, why_not_on


class NoteForm(ActForm):
    """A note for the others."""

    note = forms.CharField(
        label=gettext_lazy("Note for other moderators"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class StatusFilter(admin.SimpleListFilter):
    """What waits, unless something else is chosen."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("waiting")), *Status.choices, ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        chosen = self.value() or "waiting"
        for value, text in self.lookup_choices:
            yield {
                "selected": chosen == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": text,
            }

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        value = self.value() or "waiting"
        if value == "all":
            return queryset
        return queryset.exclude(status=Status.CLOSED) if value == "waiting" else queryset.filter(status=value)


@admin.register(Case)
class CaseAdmin(Desk):
    """Reports, those about the same gathered."""

    list_display = ["about", "whom", "report_count", "reasons", "status", "taken_by", "reported_at"]
    list_select_related = ["person", "message__room", "taken_by"]
    list_filter = [StatusFilter, "reports__reason", "outcome"]
    search_fields = ["person__nickname", "reports__text", "reports__quote"]
    ordering = ["-reported_at"]
    acts: ClassVar[list[str]] = ["take", "act_done", "dismiss"]
    actions = [*acts]
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        """Leave out the reports that one may not know of, above all those about oneself."""
        return visible_cases(super().get_queryset(request), actor_of(request)).prefetch_related("reports")

    @admin.display(description=gettext_lazy("about"))
    def about(self, case: Case) -> str:
        """Show what was reported."""
        return excerpt(_quote(case)) or _("the person")

    @admin.display(description=gettext_lazy("person"))
    def whom(self, case: Case) -> SafeString | str:
        """Link to the person."""
        return person_link(case.person)

    @admin.display(description=gettext_lazy("reasons"))
    def reasons(self, case: Case) -> str:
        """Show what it was reported for."""
        return ", ".join(sorted({report.get_reason_display() for report in case.reports.all()}))

    def why_not(self, request: HttpRequest, thing: Case) -> str:
        """Say why nothing but closing it can be done about a report."""
        return "" if thing.person.is_former else why_not_on(actor_of(request), thing.person)

    def offers(self, _request: HttpRequest, thing: Case) -> list[str]:
        """Offer nothing for what is closed."""
        return [] if thing.status == Status.CLOSED else list(self.acts)

    def dossier(self, request: HttpRequest, thing: Case) -> dict[str, Any]:
        """Show what was reported, by whom, and what was said around it."""
        message: Message | None = thing.message
        facts = [
            (_("person"), format_html("{} {}", person_link(thing.person), state_of(thing.person))),
            (_("status"), thing.get_status_display()),
            (_("taken by"), person_link(thing.taken_by)),
            (_("outcome"), thing.get_outcome_display() or "–"),
            (_("note"), thing.note or "–"),
        ]
        if message is not None:
            where = room_link(message.room)
            facts.insert(1, (_("message"), _("in a private chat") if message.room.is_direct else message_link(message)))
            facts.insert(2, (_("room"), where))
        others = (
            visible_cases(Case.objects.all(), actor_of(request))
            .filter(person=thing.person)
            .exclude(pk=thing.pk)
            .select_related("message", "taken_by")
        )
        return {
            "subtitle": thing.person.nickname,
            "facts": facts,
            "reports": thing.reports.select_related("by").order_by("pk"),
            "conversation": conversation(message) if message is not None else [],
            "marked": message and message.pk,
            "cases": others.order_by("-pk")[:20],
            "quick": self._quick(request, thing),
        }

    def _quick(self, request: HttpRequest, case: Case) -> list[Offer]:
        """Return what is often done about a report, as far as who asks has the right to."""
        message, person = case.message, case.person
        if not may_act_on(actor_of(request), person):
            return []
        found = []
        if message is not None and not message.deleted_at and not message.room.is_direct:
            take_down = offer("chat_message", "take_down", message.pk, _("Take the message down"), "danger")
            found.append(("take_down_messages", take_down))
        if not person.is_former:
            found.append(("mute_people", offer("accounts_user", "mute", person.pk, _("Mute the person"))))
            found.append(("ban_people", offer("accounts_user", "ban", person.pk, _("Ban the person"), "danger")))
        return [shown for right, shown in found if self.has_right(request, right)]

    @act(gettext_lazy("Take"), "change_case", NothingForm)
    def take(self, actor: User, ids: list[int], _cleaned: dict[str, Any]) -> str:
        """Have others know that one is at it."""
        for pk in _chosen(ids):
            take_case(actor, pk)
        return _("Taken.")

    @act(gettext_lazy("Close: something was done"), "change_case", NoteForm)
    def act_done(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> str:
        """Close, and tell the reporters so."""
        for pk in _chosen(ids):
            close_case(actor, pk, Outcome.ACTED, cleaned["note"])
        return _("Closed; who reported it has been told.")

    @act(gettext_lazy("Close: nothing had to be done"), "change_case", NoteForm)
    def dismiss(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> str:
        """Close, and tell the reporters so."""
        for pk in _chosen(ids):
            close_case(actor, pk, Outcome.DISMISSED, cleaned["note"])
        return _("Closed; who reported it has been told.")


def _chosen(ids: list[int]) -> list[int]:
    if not ids:
        raise Invalid(_("Choose something first."))
    return ids


def _quote(case: Case) -> str:
    return next((report.quote for report in case.reports.all()), "")
