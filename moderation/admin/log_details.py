"""The details of an entry of the log as a list that people read. What is stored stays as it is."""

from collections.abc import Callable
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import SignUp
from audit.models import Entry
from chat.models import Role, RoomKind
from moderation.admin.links import NOTHING, shown_time
from moderation.admin.log_links import act_shown, is_known, messages_shown, people_shown, room_shown, rooms_shown
from moderation.admin.rights import RIGHTS
from moderation.models import FilterKind, Outcome, Response

_LABELS: dict[str, Any] = {
    "act": gettext_lazy("act"),
    "addresses": gettext_lazy("addresses"),
    "administrator": gettext_lazy("administrator"),
    "approved": gettext_lazy("let through"),
    "archived": gettext_lazy("archived"),
    "before": gettext_lazy("before"),
    "change": gettext_lazy("change"),
    "count": gettext_lazy("how many"),
    "default": gettext_lazy("everyone is in it"),
    "files": gettext_lazy("files"),
    "groups": gettext_lazy("groups"),
    "guest_days": gettext_lazy("days until an unused guest is let go"),
    "guests": gettext_lazy("guests"),
    "held": gettext_lazy("held messages"),
    "invitations": gettext_lazy("invitations"),
    "is_on": gettext_lazy("on"),
    "kind": gettext_lazy("kind"),
    "messages": gettext_lazy("messages"),
    "name": gettext_lazy("name"),
    "newer_than": gettext_lazy("only accounts newer than this many hours"),
    "nickname": gettext_lazy("nickname"),
    "only_guests": gettext_lazy("only guests"),
    "outcome": gettext_lazy("outcome"),
    "people": gettext_lazy("people"),
    "picture": gettext_lazy("picture"),
    "quotes": gettext_lazy("what reports quote"),
    "reactions": gettext_lazy("reactions"),
    "read_only": gettext_lazy("only moderators write"),
    "removed": gettext_lazy("removed"),
    "reports": gettext_lazy("reports"),
    "response": gettext_lazy("what happens"),
    "rights": gettext_lazy("rights"),
    "role": gettext_lazy("role"),
    "room": gettext_lazy("room"),
    "room_id": gettext_lazy("only in this room"),
    "rooms": gettext_lazy("rooms"),
    "sign_up": gettext_lazy("who may make an account with a password"),
    "slow_mode": gettext_lazy("slow mode, in seconds"),
    "spelled_apart": gettext_lazy("also when spelled with signs in between"),
    "taken": gettext_lazy("taken"),
    "taken_back": gettext_lazy("taken back"),
    "terms": gettext_lazy("words, allowed sites or pattern"),
    "token": gettext_lazy("token"),
    "tokens": gettext_lazy("tokens"),
    "topic": gettext_lazy("topic"),
    "until": gettext_lazy("until"),
    "was": gettext_lazy("before that"),
}
_CHANGES: dict[str, Any] = {
    "lock": gettext_lazy("Lock: only moderators write"),
    "unlock": gettext_lazy("Unlock"),
    "archive": gettext_lazy("Archive"),
    "restore": gettext_lazy("Restore from the archive"),
}
_RIGHTS = {code.partition(".")[2]: name for code, name in RIGHTS.items()}
_LISTS: dict[str, Callable[[list[int]], Any]] = {
    "people": people_shown, "messages": messages_shown, "rooms": rooms_shown,
}  # fmt: skip


def details_shown(entry: Entry) -> SafeString | str:
    """Return what was written down besides, each with its name; a dash if that is nothing."""
    # What a room was called, or is about, stands there too.
    hidden = () if is_known(entry) else ("name", "topic", "was")
    details = {name: value for name, value in entry.details.items() if name not in hidden}
    rows = [(_LABELS.get(name, name), _value(name, value)) for name, value in details.items()]
    listed = format_html_join("", "<li><span>{}</span> {}</li>", rows)
    return SafeString(f'<ul class="details">{listed}</ul>') if rows else NOTHING


def _value(name: str, value: Any) -> Any:
    """Return a value as people read it: names for ids and codes, times for times."""
    if value is None or value in ("", []):
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return ", ".join(str(each) for each in value.values()) or NOTHING
    if isinstance(value, list):
        return (
            _LISTS[name](value) if name in _LISTS else ", ".join(str(_called(name).get(each, each)) for each in value)
        )
    if name in _SINGLE:
        return _SINGLE[name](value)
    return _called(name).get(value, value) if isinstance(value, str) else value


def _time(text: Any) -> Any:
    moment = parse_datetime(str(text))
    return shown_time(moment) if moment else text


_SINGLE: dict[str, Callable[[Any], Any]] = {
    "act": act_shown, "before": _time, "room": room_shown, "room_id": room_shown, "until": _time,
}  # fmt: skip


def _called(name: str) -> dict[str, Any]:
    """Return what the codes of a detail are called."""
    return {
        "change": _CHANGES,
        "kind": dict(RoomKind.choices) | dict(FilterKind.choices),
        "outcome": dict(Outcome.choices),
        "response": dict(Response.choices),
        "rights": _RIGHTS,
        "role": dict(Role.choices),
        "sign_up": dict(SignUp.choices),
    }.get(name, {})
