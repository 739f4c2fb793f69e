"""What filters hold back."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from chat.errors import ChatError
from moderation.actions.held import approve_held, refuse_held
from moderation.admin.asking import act
from moderation.admin.desk import Desk
from moderation.admin.files import files_shown
from moderation.admin.forms import ActForm, NothingForm
from moderation.admin.links import person_link, room_link
from moderation.models import HeldMessage


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

    list_display = ["body", "files", "by", "where", "filter", "at", "decided_by", "is_approved"]
    list_display_links = None
    list_select_related = ["author", "room", "filter", "decided_by"]
    list_filter = [DecidedFilter, "filter"]
    search_fields = ["body", "author__nickname"]
    ordering = ["pk"]
    actions = ["approve", "refuse"]

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
