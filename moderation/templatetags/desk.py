"""What the first page of the desk shows."""

from typing import Any, NamedTuple

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.models import Message
from moderation.actions.endings import ending_of
from moderation.admin.endings import ending_shown
from moderation.admin.files import files_shown
from moderation.admin.links import act_link, linked, room_link
from moderation.inspection import may_look_at
from moderation.models import Act, Case, HeldMessage, Status
from moderation.sight import may_open
from moderation.standing import visible_cases

register = template.Library()
register.simple_tag(linked)
register.simple_tag(act_link)
register.simple_tag(may_open)
register.simple_tag(room_link)


class Queue(NamedTuple):
    """Something that waits for moderators."""

    name: str
    waiting: int
    url: str


class Place(NamedTuple):
    """Where moderators can go."""

    name: str
    about: str
    url: str
    is_here: bool


@register.simple_tag(takes_context=True)
def queues(context: Context) -> list[Queue]:
    """Return what waits, as far as who asks may see it."""
    user = context["request"].user
    found = []
    if user.has_perm("moderation.view_case"):
        count = visible_cases(Case.objects.all(), user).exclude(status=Status.CLOSED).count()
        found.append(
            Queue(ngettext("report waits", "reports wait", count), count, reverse("admin:moderation_case_changelist"))
        )
    if user.has_perm("moderation.view_heldmessage"):
        count = HeldMessage.objects.filter(decided_at=None).count()
        found.append(
            Queue(
                ngettext("message is held", "messages are held", count),
                count,
                reverse("admin:moderation_heldmessage_changelist"),
            )
        )
    return found


@register.simple_tag(takes_context=True)
def places(context: Context) -> list[Place]:
    """Return where who asks may go."""
    user: Any = context["request"].user
    chats, ours = "chat_{}_changelist", "moderation_{}_changelist"
    shown = [
        ("accounts.view_user", capfirst(_("people")), _("Everybody who has been here"), "accounts_user_changelist"),
        ("chat.view_message", _("Messages"), _("What is said in rooms"), chats.format("message")),
        ("chat.view_room", _("Rooms"), _("All but private chats"), chats.format("room")),
        ("moderation.view_case", _("Reports"), _("What people reported"), ours.format("case")),
        ("moderation.undo_raids", _("Undo a raid"), _("Many accounts of one origin, at once"), "moderation_act_raid"),
        ("moderation.view_act", _("Acts"), _("What was done, to be taken back"), ours.format("act")),
        ("moderation.view_filter", _("Filters"), _("Rules for what people say"), ours.format("filter")),
        ("moderation.view_heldmessage", _("Held messages"), _("What filters hold back"), ours.format("heldmessage")),
        ("audit.view_entry", _("Log"), _("Who did what, when and why"), "audit_entry_changelist"),
        ("accounts.change_admission", _("Who may come in"), _("Guests, accounts"), "accounts_admission_changelist"),
        ("administrator", _("Bots"), _("Bots and their tokens"), "accounts_user_bots"),
        ("auth.view_group", _("Groups of moderators"), _("Which rights moderators have"), "auth_group_changelist"),
    ]
    allowed = [
        (name, about, reverse(f"admin:{url}"))
        for right, name, about, url in shown
        if (user.is_superuser if right == "administrator" else user.has_perm(right))
    ]
    path: str = context["request"].path
    here = max((url for _name, _about, url in allowed if path.startswith(url)), key=len, default="")
    return [Place(name, about, url, is_here=url == here) for name, about, url in allowed]


@register.simple_tag(takes_context=True)
def files_of(context: Context, message: Message) -> SafeString:
    """Return links to the files of a message; only their names for who may not open them."""
    files = message.attachments.all()
    return files_shown(files, are_links=bool(files) and may_look_at(context["request"].user, message))


@register.simple_tag
def files_held(held: HeldMessage) -> SafeString:
    """Return links to the files of a held message."""
    return files_shown(held.files())


@register.simple_tag
def ending(act: Act, person: int | None = None) -> SafeString | str:
    """Return how an act ended (for one person, if given by id), by whom and when; "" for one that has not."""
    return ending_shown(ending_of(act, person or None))
