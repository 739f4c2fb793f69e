"""How acts ended, in words."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from moderation.actions.endings import Ending, How
from moderation.admin.links import person_link, shown_time


def ending_shown(ending: Ending | None) -> SafeString | str:
    """Return how an act ended, by whom and when; "" for one that has not."""
    if ending is None:
        return ""
    at = shown_time(ending.at) if ending.at else ""
    if ending.how == How.OVER:
        return _("ran out, %(when)s") % {"when": at}
    if ending.by is None:
        return _("lifted")
    text = _("taken back by {who}, {when}") if ending.how == How.UNDONE else _("lifted by {who}, {when}")
    return format_html(text, who=person_link(ending.by), when=at)
