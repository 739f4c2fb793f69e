"""The log: read here, written by nobody here."""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.chain import digest_of
from audit.models import Entry
from moderation.admin.desk import Desk

_PAGES = {
    "person": "accounts_user", "room": "chat_room", "message": "chat_message", "act": "moderation_act",
    "case": "moderation_case", "filter": "moderation_filter",
}  # fmt: skip


@admin.register(Entry)
class EntryAdmin(Desk):
    """Every act of moderators and administrators."""

    list_display = ["number", "at", "actor", "verb", "what", "reason"]
    list_filter = ["verb", "kind"]
    search_fields = ["actor", "label", "reason"]
    search_help_text = gettext_lazy("Who, to whom or what, why")
    date_hierarchy = "at"
    ordering = ["-number"]
    actions = None
    fields = ()

    def get_actions(self, _request: HttpRequest) -> Any:
        return {}

    @admin.display(description=gettext_lazy("to whom or what"))
    def what(self, entry: Entry) -> SafeString | str:
        """Link to what it was done to."""
        return _link(entry)

    def dossier(self, _request: HttpRequest, thing: Entry) -> dict[str, Any]:
        """Show all that was written down."""
        return {
            "subtitle": f"{thing.actor or _('the site')} {thing.get_verb_display()}",
            "facts": [
                (_("number"), thing.number),
                (_("when"), thing.at),
                (_("who"), thing.actor or _("the site")),
                (_("what"), thing.get_verb_display()),
                (_("to whom or what"), _link(thing)),
                (_("why"), thing.reason or "–"),
                (_("details"), format_html("<pre>{}</pre>", json.dumps(thing.details, indent=2, ensure_ascii=False))),
                (_("digest"), format_html("<code>{}</code>", thing.digest)),
                (
                    _("as it was written"),
                    _("yes") if digest_of(thing) == thing.digest else _("NO: it was tampered with"),
                ),
            ],
        }


def _link(entry: Entry) -> SafeString | str:
    page = _PAGES.get(entry.kind)
    if not page or not entry.object_id:
        return entry.label or "–"
    try:
        url = reverse(f"admin:{page}_change", args=[entry.object_id])
    except NoReverseMatch:
        return entry.label
    return format_html('<a href="{}">{}</a>', url, entry.label or entry.object_id)
