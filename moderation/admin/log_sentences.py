"""Entries of the log as sentences, in the language of who reads them."""

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.models import Entry, Verb
from moderation.admin.links import shown_time
from moderation.admin.log_links import actor_shown, is_known, room_shown, thing_shown

_PLAIN: dict[str, Any] = {
    Verb.SIGN_OUT: gettext_lazy("{who} signed {whom} out everywhere"),
    Verb.REMOVE: gettext_lazy("{who} removed {whom} from {room}"),
    Verb.STAFF: gettext_lazy("{who} made {whom} a moderator"),
    Verb.UNSTAFF: gettext_lazy("{who} took moderation from {whom}"),
    Verb.RESET: gettext_lazy("{who} made a link for a new password for {whom}"),
    Verb.BOT: gettext_lazy("{who} made the bot {whom}"),
    Verb.TOKEN: gettext_lazy("{who} issued a token for {whom}"),
    Verb.REVOKE_TOKEN: gettext_lazy("{who} revoked the tokens of {whom}"),
    Verb.RAID: gettext_lazy("{who} undid a raid of {whom}"),
    Verb.LOOK: gettext_lazy("{who} looked into the private room {whom}"),
    Verb.ADMISSION: gettext_lazy("{who} changed who may come in"),
    Verb.PURGE: gettext_lazy("{who} removed for good what was deleted before {before}"),
}
_ROOM: dict[tuple[str, Any], Any] = {
    ("change", "lock"): gettext_lazy("{who} locked {whom}: only moderators write"),
    ("change", "unlock"): gettext_lazy("{who} unlocked {whom}: every member writes"),
    ("change", "archive"): gettext_lazy("{who} archived {whom}"),
    ("change", "restore"): gettext_lazy("{who} restored {whom} from the archive"),
    ("read_only", True): gettext_lazy("{who} locked {whom}: only moderators write"),
    ("read_only", False): gettext_lazy("{who} unlocked {whom}: every member writes"),
    ("archived", True): gettext_lazy("{who} archived {whom}"),
    ("archived", False): gettext_lazy("{who} restored {whom} from the archive"),
    ("default", True): gettext_lazy("{who} put everyone into {whom}"),
    ("default", False): gettext_lazy("{who} put newcomers into {whom} no longer"),
    ("slow_mode", 0): gettext_lazy("{who} ended slow mode in {whom}"),
}
_ROOM_FIELDS: dict[str, Any] = {
    "name": gettext_lazy("{who} renamed {whom}"),
    "topic": gettext_lazy("{who} changed the topic of {whom}"),
    "slow_mode": gettext_lazy("{who} turned slow mode on in {whom}"),
    "picture": gettext_lazy("{who} changed the picture of {whom}"),
}
_ROLES: dict[str, Any] = {
    "owner": gettext_lazy("{who} handed {room} over to {whom}"),
    "moderator": gettext_lazy("{who} made {whom} a moderator of {room}"),
    "member": gettext_lazy("{who} made {whom} a member like others in {room}"),
}
_TAKEN: dict[tuple[bool, bool], Any] = {
    (True, True): gettext_lazy("{who} took nickname and picture away from {whom}"),
    (True, False): gettext_lazy("{who} took the nickname away from {whom}"),
    (False, True): gettext_lazy("{who} took the picture away from {whom}"),
}


def sentence_of(entry: Entry) -> SafeString:
    """Return who did what to whom, with links."""
    details = entry.details
    return format_html(
        str(_template(entry)),
        who=actor_shown(entry),
        whom=thing_shown(entry),
        room=room_shown(details.get("room")),
        was=_name_before(entry),
        until=_time(details.get("until")),
        before=_time(details.get("before")),
        verb=entry.get_verb_display(),
    )


def _template(entry: Entry) -> Any:
    """Return the sentence for what was done; {verb} for what there is none of."""
    if entry.details.get("taken_back"):
        return _("{who} took back: {whom}")
    if entry.verb in _PLAIN:
        return _PLAIN[entry.verb]
    make = _MAKERS.get(entry.verb)
    return (make(entry, entry.details) if make else None) or _("{who} {verb}: {whom}")


def _ban(_entry: Entry, details: dict[str, Any]) -> str:
    count = int(details.get("messages", 0))
    if not count:
        return _("{who} banned {whom} until {until}") if details.get("until") else _("{who} banned {whom}")
    if details.get("until"):
        return ngettext(
            "{who} banned {whom} until {until} and took %(count)d message down",
            "{who} banned {whom} until {until} and took %(count)d messages down",
            count,
        ) % {"count": count}
    return ngettext(
        "{who} banned {whom} and took %(count)d message down",
        "{who} banned {whom} and took %(count)d messages down",
        count,
    ) % {"count": count}


def _unban(entry: Entry, _details: dict[str, Any]) -> str:
    return _("The ban of {whom} ran out") if entry.actor_id is None else _("{who} lifted the ban of {whom}")


def _mute(_entry: Entry, details: dict[str, Any]) -> str:
    if details.get("room"):
        return _("{who} muted {whom} in {room} until {until}")
    return _("{who} muted {whom} everywhere until {until}")


def _unmute(_entry: Entry, details: dict[str, Any]) -> str:
    return _("{who} let {whom} write again in {room}") if details.get("room") else _("{who} let {whom} write again")


def _take_down(entry: Entry, details: dict[str, Any]) -> str:
    if entry.kind == "message":
        return _("{who} took down in {room}: {whom}")
    count = int(details.get("count", 0))
    return ngettext("{who} took %(count)d message down", "{who} took %(count)d messages down", count) % {"count": count}


def _restore(entry: Entry, details: dict[str, Any]) -> str:
    if entry.kind == "message":
        return _("{who} restored in {room}: {whom}")
    count = int(details.get("count", 0))
    return ngettext("{who} restored %(count)d message", "{who} restored %(count)d messages", count) % {"count": count}


def _name_before(entry: Entry) -> str:
    """Return what a room was called before it was renamed; "" if that was not written down or is not to be known."""
    was = entry.details.get("was")
    return f"#{was['name']}" if was and "name" in was and is_known(entry) else ""


def _room(entry: Entry, details: dict[str, Any]) -> Any:
    changed = {name: value for name, value in details.items() if name not in ("act", "rooms", "was")}
    if len(changed) != 1:
        return _("{who} changed {whom}")
    ((name, value),) = changed.items()
    if _name_before(entry):
        return _("{who} renamed {was} to {whom}")
    known = _ROOM.get((name, value)) if isinstance(value, str | int) else None
    return known or _ROOM_FIELDS.get(name) or _("{who} changed {whom}")


def _role(_entry: Entry, details: dict[str, Any]) -> Any:
    return _ROLES.get(details.get("role", ""))


def _rights(_entry: Entry, details: dict[str, Any]) -> Any:
    if "administrator" in details:
        made = details["administrator"]
        return _("{who} made {whom} an administrator") if made else _("{who} is no administrator any more")
    if details.get("removed"):
        return _("{who} removed the group {whom}")
    return _("{who} changed the rights of the group {whom}")


def _revoke_link(_entry: Entry, details: dict[str, Any]) -> str:
    if details.get("room"):
        return _("{who} revoked an invitation into {room}")
    return _("{who} revoked an invitation into the site")


def _report(_entry: Entry, details: dict[str, Any]) -> Any:
    if details.get("taken"):
        return _("{who} took the report about {whom}")
    if details.get("outcome") == "acted":
        return _("{who} closed the report about {whom}: something was done")
    return _("{who} closed the report about {whom}: nothing had to be done")


def _filter(_entry: Entry, details: dict[str, Any]) -> str:
    if details.get("removed"):
        return _("{who} removed the filter {whom}")
    return _("{who} saved the filter {whom}: on") if details.get("is_on") else _("{who} saved the filter {whom}: off")


def _held(_entry: Entry, details: dict[str, Any]) -> str:
    if details.get("approved"):
        return _("{who} let a held message through: {whom}")
    return _("{who} refused a held message: {whom}")


def _profile(_entry: Entry, details: dict[str, Any]) -> Any:
    return _TAKEN.get((bool(details.get("nickname")), bool(details.get("picture"))))


_MAKERS: dict[str, Any] = {
    Verb.BAN: _ban,
    Verb.UNBAN: _unban,
    Verb.MUTE: _mute,
    Verb.UNMUTE: _unmute,
    Verb.TAKE_DOWN: _take_down,
    Verb.RESTORE: _restore,
    Verb.ROOM: _room,
    Verb.ROLE: _role,
    Verb.RIGHTS: _rights,
    Verb.REVOKE_LINK: _revoke_link,
    Verb.REPORT: _report,
    Verb.FILTER: _filter,
    Verb.HELD: _held,
    Verb.PROFILE: _profile,
}


def _time(text: Any) -> str:
    moment = parse_datetime(text) if isinstance(text, str) else None
    return shown_time(moment) if moment else ""
