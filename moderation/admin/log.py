"""The log: read here, written by nobody here."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.chain import digest_of
from audit.models import Entry, Verb
from moderation.admin.desk import Desk, actor_of
from moderation.admin.links import NOTHING
from moderation.admin.log_details import details_shown
from moderation.admin.log_links import actor_shown, thing_shown
from moderation.admin.log_sentences import sentence_of
from moderation.models import Case
from moderation.sight import may
from moderation.standing import withheld_from


@admin.register(Entry)
class EntryAdmin(Desk):
    """Every act of moderators and administrators."""

    list_display = ["number", "what", "at", "why"]
    list_filter = ["verb", "kind"]
    search_fields = ["actor", "label", "reason"]
    search_help_text = gettext_lazy("Who, to whom or what, why")
    date_hierarchy = "at"
    ordering = ["-number"]
    actions = None
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        """Leave out what was done about reports that one may not know of, above all those about oneself."""
        hidden = Case.objects.filter(withheld_from(actor_of(request)))
        keys = [str(pk) for pk in hidden.values_list("pk", flat=True)]
        return super().get_queryset(request).exclude(kind="case", object_id__in=keys)

    def get_actions(self, _request: HttpRequest) -> Any:
        return {}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"heading": _("Log")} | (extra_context or {}))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        """Search no texts and no names of rooms for who may not know all of them."""
        if search_term and not may("chat.view_message"):
            queryset = queryset.exclude(kind__in=["message", "heldmessage"])
        if search_term and not may("chat.view_room"):
            about_rooms = Q(verb__in=[Verb.ROOM, Verb.LOOK, Verb.REVOKE_LINK]) | Q(label__contains=" · #")
            queryset = queryset.exclude(about_rooms)
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=gettext_lazy("what was done"))
    def what(self, entry: Entry) -> SafeString:
        """Say it as a sentence."""
        return sentence_of(entry)

    @admin.display(description=gettext_lazy("why"))
    def why(self, entry: Entry) -> str:
        """Show the reason."""
        return _reason(entry)

    def dossier(self, _request: HttpRequest, thing: Entry) -> dict[str, Any]:
        """Show all that was written down."""
        return {
            "heading": _("Log"),
            "subtitle": strip_tags(sentence_of(thing)),
            "facts": [
                (_("number"), thing.number),
                (_("when"), thing.at),
                (_("who"), actor_shown(thing)),
                (_("what"), sentence_of(thing)),
                (_("to whom or what"), thing_shown(thing)),
                (_("why"), _reason(thing)),
                (_("details"), details_shown(thing)),
                # It covers what is not shown to everybody, a short name perhaps, which could be guessed by it.
                *([(_("digest"), format_html("<code>{}</code>", thing.digest))] if may("administer") else []),
                (
                    _("as it was written"),
                    _("yes") if digest_of(thing) == thing.digest else _("NO: it was tampered with"),
                ),
            ],
        }


def _reason(entry: Entry) -> str:
    """Return why; what the site itself said, in the language of who reads."""
    if not entry.reason:
        return NOTHING
    return entry.reason if entry.actor_id is not None else _(entry.reason)
