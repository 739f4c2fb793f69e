"""What filters hold back."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from chat.errors import ChatError
from chat.models import Message
from chat.texts import excerpt
from moderation.actions.held import approve_held, refuse_held
from moderation.admin.asking import act
from moderation.admin.desk import Desk
from moderation.admin.files import files_shown
from moderation.admin.forms import ActForm, NothingForm
from moderation.admin.links import NOTHING, linked, person_link, room_link, room_name, shown_time
from moderation.admin.messages import AROUND
from moderation.admin.people_facts import state_of
from moderation.models import HeldMessage
from moderation.sight import readable


class TellForm(ActForm):
    """What the author is told."""

    reason = forms.CharField(
        label=gettext_lazy("What the author is told"), max_length=200, required=False,
        help_text=gettext_lazy("Empty for a general sentence."),
    )  # fmt: skip


class DecidedFilter(admin.SimpleListFilter):
    """What waits, unless something else is chosen."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("decided", _("decided"))]

    def choices(self, changelist: Any) -> Any:
        for value, text in ((None, _("waiting")), ("decided", _("decided"))):
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(
                    {self.parameter_name: value} if value else None, [] if value else [self.parameter_name]
                ),
                "display": text,
            }

    def queryset(self, _request: HttpRequest, queryset: QuerySet[HeldMessage]) -> QuerySet[HeldMessage]:
        return queryset.filter(decided_at__isnull=self.value() != "decided")


@admin.register(HeldMessage)
class HeldMessageAdmin(Desk):
    """Messages that wait for a moderator."""

    list_display = ["text", "by", "where", "filter", "at", "files"]
    list_select_related = ["author", "room", "filter", "decided_by"]
    list_filter = [DecidedFilter, "filter"]
    search_fields = ["body", "author__nickname"]
    ordering = ["pk"]
    acts: ClassVar[list[str]] = ["approve", "refuse"]
    common: ClassVar[list[str]] = [*acts]
    row_acts: ClassVar[list[str]] = [*acts]
    actions = [*acts]
    fields = ()

    @admin.display(description=gettext_lazy("text"))
    def text(self, held: HeldMessage) -> str:
        """Show how it begins."""
        return excerpt(held.body) or excerpt(", ".join(file.name for file in held.files())) or "–"

    @admin.display(description=gettext_lazy("files"))
    def files(self, held: HeldMessage) -> SafeString:
        """Show its files."""
        return files_shown(held.files())

    @admin.display(description=gettext_lazy("author"))
    def by(self, held: HeldMessage) -> SafeString | str:
        """Link to the author."""
        return person_link(held.author)

    @admin.display(description=gettext_lazy("room"))
    def where(self, held: HeldMessage) -> SafeString | str:
        """Link to the room."""
        return room_link(held.room)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Show in each row how it was decided, or buttons to decide it."""

        @admin.display(description=gettext_lazy("decision"))
        def decision(held: HeldMessage) -> SafeString:
            return self.row_buttons(request, held.pk) if held.decided_at is None else _decided(held)

        # Near the text: on a phone the others are beyond the edge.
        text, *others = self.list_display
        return [text, decision, *others]

    def offers(self, _request: HttpRequest, thing: HeldMessage) -> list[str]:
        """Offer both while it waits."""
        return [] if thing.decided_at else self.acts

    def named(self, thing: HeldMessage) -> SafeString:
        """Say who wrote what, where and when."""
        return format_html(
            '<span class="who">{} · {} · <time>{}</time></span><span class="what" dir="auto">{}</span>',
            thing.author.nickname, room_name(thing.room), shown_time(thing.at), self.text(thing),
        )  # fmt: skip

    def dossier(self, _request: HttpRequest, thing: HeldMessage) -> dict[str, Any]:
        """Show what is held, who wrote it, and what was said around it."""
        facts = [
            (_("author"), format_html("{} {}", person_link(thing.author), state_of(thing.author))),
            (_("room"), room_link(thing.room)),
            (_("when"), thing.at),
            (_("filter"), _filter_link(thing)),
        ]
        if thing.decided_at:
            facts.append((_("decision"), format_html("{} · {}", _decided(thing), shown_time(thing.decided_at))))
        return {
            "subtitle": self.text(thing),
            "facts": facts,
            "conversation": conversation_around(thing),
            "held": thing,
        }

    @act(gettext_lazy("Let through"), "change_heldmessage", NothingForm)
    def approve(self, actor: User, ids: list[int], _cleaned: dict[str, Any]) -> str:
        """Post what was held."""
        count, why = 0, ""
        for pk in ids:
            try:
                approve_held(actor, pk)
            except ChatError as error:
                # Its author may have been banned meanwhile, or the room archived: the others go through.
                why = str(error.detail)
            else:
                count += 1
        if not count:
            raise ChatError("invalid", why or _("Choose a message first."), 400)
        return ngettext("%(count)d message let through.", "%(count)d messages let through.", count) % {"count": count}

    @act(gettext_lazy("Refuse"), "change_heldmessage", TellForm, danger=True)
    def refuse(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> str:
        """Refuse what was held."""
        for pk in ids:
            refuse_held(actor, pk, cleaned["reason"])
        return ngettext("%(count)d message refused.", "%(count)d messages refused.", len(ids)) % {"count": len(ids)}


def conversation_around(held: HeldMessage) -> list[Message | HeldMessage]:
    """Return what who reads may see of what was said in a room before and after a message was held, with it."""
    said = readable(Message.objects.filter(room=held.room)).select_related("author", "room", "deleted_by")
    said = said.prefetch_related("attachments")
    before = list(said.filter(created_at__lte=held.at).order_by("-seq")[:AROUND])
    after = list(said.filter(created_at__gt=held.at).order_by("seq")[:AROUND])
    return [*reversed(before), held, *after]


def _decided(held: HeldMessage) -> SafeString:
    text = _("let through by {who}") if held.is_approved else _("refused by {who}")
    return format_html(text, who=person_link(held.decided_by))


def _filter_link(held: HeldMessage) -> SafeString | str:
    if held.filter is None:
        return NOTHING
    return linked("moderation_filter", held.filter.pk, held.filter.name)
