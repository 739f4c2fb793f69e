"""What the desk shows of a person."""

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions import live_sessions, live_tokens
from accounts.models import User
from audit.models import Entry, Verb
from chat.models import InvitationUse, Message
from moderation.actions.lifting import ban_in_force
from moderation.admin.links import person_link, shown_time
from moderation.sight import may

SHOWN = 20
MESSAGES_LOOKED_AT = 200
_IN_ROOMS = [Verb.REMOVE, Verb.MUTE, Verb.UNMUTE, Verb.ROLE]


def state_of(user: User) -> SafeString:
    """Return what someone is, as badges."""
    now = timezone.now()
    states = [
        ("former", _("former"), user.is_former),
        ("banned", _("banned"), not user.is_active and not user.is_former),
        ("muted", _("muted"), bool(user.muted_until and user.muted_until > now)),
        ("staff", _("administrator"), user.is_superuser),
        ("staff", _("moderator"), user.is_staff and not user.is_superuser),
        ("bot", _("bot"), user.is_bot),
        ("guest", _("guest"), user.is_guest and not user.is_bot and not user.is_former),
        ("plain", _("account"), not (user.is_guest or user.is_bot or user.is_former or user.is_staff)),
    ]
    shown = [(name, text) for name, text, is_so in states if is_so]
    return format_html_join(" ", '<span class="badge badge-{}">{}</span>', shown)


def address_of(user: User) -> SafeString | str:
    """Return where someone came from, with a link to all who came from there."""
    if not user.arrived_from or not may("moderation.undo_raids"):
        return user.arrived_from or "–"
    url = f"{reverse('admin:moderation_act_raid')}?addresses={user.arrived_from}"
    return format_html('<a href="{}">{}</a>', url, user.arrived_from)


def ban_of(user: User) -> SafeString:
    """Return by whom, until when and why someone is banned."""
    act = ban_in_force(user.pk)
    by = person_link(act.by) if act else "–"
    until = shown_time(user.banned_until) if user.banned_until else _("until somebody lifts it")
    return format_html("{} · {} · {}", by, until, user.ban_reason or "–")


def invitation_shown(use: InvitationUse | None) -> SafeString | str:
    """Return whose invitation someone came by."""
    if use is None:
        return "–"
    return format_html("{} {}", person_link(use.invitation.by), shown_time(use.invitation.created_at))


def sign_ins_of(user: User) -> str:
    """Return where someone is signed in."""
    sessions, tokens = live_sessions(user).count(), live_tokens(user).count()
    browsers = ngettext("%(count)d browser", "%(count)d browsers", sessions) % {"count": sessions}
    return f"{browsers} · " + ngettext("%(count)d token", "%(count)d tokens", tokens) % {"count": tokens}


def done_in_rooms(user: User) -> list[Entry]:
    """Return what moderators of rooms did about someone, and about what he or she wrote there, the newest first."""
    about_person = Q(kind="person", object_id=str(user.pk), verb__in=_IN_ROOMS)
    written = Message.objects.filter(author=user, deleted_at__isnull=False).exclude(deleted_by=user)
    ids = [str(pk) for pk in written.order_by("-deleted_at").values_list("pk", flat=True)[:MESSAGES_LOOKED_AT]]
    found = Entry.objects.filter(about_person | Q(kind="message", object_id__in=ids)).order_by("-number")
    # What was done at the desk is among its acts.
    return [entry for entry in found[: 5 * SHOWN] if entry.details.get("room") and "act" not in entry.details][:SHOWN]
