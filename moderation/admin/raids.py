"""A raid: who came from one place, and the undoing of what they did."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.frames import user_frame
from accounts.models import User
from chat.errors import ChatError, Invalid
from chat.models import Invitation
from moderation.actions.raids import Extent, Origin, extent_of, find_raiders, undo_raid
from moderation.admin.desk import Desk, actor_of, is_id
from moderation.admin.files import text_or_files
from moderation.admin.forms import ReasonForm
from moderation.admin.links import room_name, shown_time
from moderation.admin.people_facts import state_of

SHOWN = 100
"""How many of those chosen are named."""


class OriginForm(forms.Form):
    """Where a raid came from."""

    invitation = forms.ModelChoiceField(
        label=gettext_lazy("Everyone who came by this invitation"), queryset=Invitation.objects.none(), required=False
    )
    since = forms.DateTimeField(
        label=gettext_lazy("Came after (UTC)"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"),
    )  # fmt: skip
    until = forms.DateTimeField(
        label=gettext_lazy("and before (UTC)"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"),
    )  # fmt: skip
    addresses = forms.CharField(
        label=gettext_lazy("From the address, or range of addresses"), required=False, max_length=50,
        help_text=gettext_lazy("Such as 203.0.113.7 or 203.0.113.0/24"),
    )  # fmt: skip

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        choice: Any = self.fields["invitation"]
        used = Invitation.objects.filter(uses__gt=0).select_related("by", "room").order_by("-pk")
        choice.queryset = used
        choice.empty_label = (
            _("any invitation, or none") if used.exists() else _("Nobody has come by an invitation yet")
        )
        choice.label_from_instance = _describe

    def origin(self) -> Origin:
        """Return what was chosen."""
        cleaned = self.cleaned_data
        invitation = cleaned["invitation"]
        return Origin(
            invitation.pk if invitation else None, cleaned["since"], cleaned["until"], cleaned["addresses"].strip()
        )


class WhyForm(ReasonForm):
    """Why a raid is undone."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["reason"].help_text = _("Who is banned reads it too.")


def _describe(invitation: Invitation) -> str:
    """Return how an invitation is called in the list of them."""
    return _("%(by)s, %(when)s, into %(where)s, used %(uses)d times") % {
        "by": invitation.by.nickname,
        "when": shown_time(invitation.created_at),
        "where": room_name(invitation.room) if invitation.room else _("the site"),
        "uses": invitation.uses,
    }


def raid_page(desk: Desk, request: HttpRequest) -> HttpResponse:
    """Show who came from somewhere and what they did; ask about those chosen; undo all of it as one act."""
    if not desk.has_right(request, "undo_raids"):
        return HttpResponseRedirect(reverse("admin:index"))
    form = OriginForm(request.GET or None)
    raiders: Any = None
    if request.GET and form.is_valid():
        try:
            raiders = find_raiders(form.origin())
        except ChatError as error:
            for name, sentences in (error.fields or {"": [str(error.detail)]}).items():
                form.add_error(name if name in form.fields else None, [str(each) for each in sentences])
    if request.method == "POST" and raiders is not None:
        try:
            return _answer(desk, request, form.origin())
        except ChatError as error:
            messages.error(request, str(error.detail))
    context = desk.admin_site.each_context(request) | {
        "title": _("Undo a raid"),
        "opts": desk.opts,
        "form": form,
        # Those with a password first: of them some may be no raiders.
        "raiders": raiders
        and [
            _raider(user, form.cleaned_data.get("invitation"), request.GET.get("choose", ""))
            for user in sorted(raiders, key=lambda user: bool(user.is_guest))
        ],
        "written": sum(user.raid_count for user in raiders or []),
    }
    return TemplateResponse(request, "admin/moderation/raid.html", context)


def _answer(desk: Desk, request: HttpRequest, origin: Origin) -> HttpResponse:
    """Ask about those who were chosen, or do it. Raises whatever it is refused with."""
    chosen = [int(pk) for pk in request.POST.getlist("people") if is_id(pk)]
    if not chosen:
        raise Invalid(_("Choose somebody first."))
    form = WhyForm(request.POST if "apply" in request.POST else None)
    if not form.is_valid():
        return _ask(desk, request, chosen, origin, form)
    done = undo_raid(actor_of(request), chosen, form.cleaned_data["reason"], origin)
    messages.success(request, _("Done as one act. Below it can be taken back as one."))
    return HttpResponseRedirect(reverse("admin:moderation_act_change", args=[done.pk]))


def _ask(desk: Desk, request: HttpRequest, chosen: list[int], origin: Origin, form: WhyForm) -> HttpResponse:
    """Say in numbers what would be done, and ask why."""
    people = User.objects.filter(pk__in=chosen, is_former=False).order_by("is_guest", "-pk")
    context = desk.admin_site.each_context(request) | {
        "title": _("Undo a raid"),
        "opts": desk.opts,
        "here": request.get_full_path(),
        "people": people,
        "more": max(0, len(people) - SHOWN),
        "form": form,
        "deeds": _deeds(extent_of(actor_of(request), chosen, origin), origin),
    }
    return TemplateResponse(request, "admin/moderation/raid_ask.html", context)


def _deeds(extent: Extent, origin: Origin) -> list[str]:
    """Return sentences that say what the undoing of a raid does, each with its number."""
    if origin.invitation:
        down = ngettext(
            "%(count)d message is taken down: what they wrote since they came by this invitation.",
            "%(count)d messages are taken down: what they wrote since they came by this invitation.",
            extent.messages,
        )
    elif origin.since:
        down = ngettext(
            "%(count)d message is taken down: what they wrote since that time began.",
            "%(count)d messages are taken down: what they wrote since that time began.",
            extent.messages,
        )
    else:
        down = ngettext(
            "%(count)d message is taken down: what they wrote since they came from there.",
            "%(count)d messages are taken down: what they wrote since they came from there.",
            extent.messages,
        )
    said = [
        (
            ngettext(
                "%(count)d message stays: it was written before.",
                "%(count)d messages stay: they were written before.",
                extent.earlier,
            ),
            extent.earlier,
        ),
        (
            ngettext("%(count)d reaction is taken away.", "%(count)d reactions are taken away.", extent.reactions),
            extent.reactions,
        ),
        (
            ngettext("%(count)d invitation is revoked.", "%(count)d invitations are revoked.", extent.invitations),
            extent.invitations,
        ),
        (ngettext("%(count)d token is revoked.", "%(count)d tokens are revoked.", extent.tokens), extent.tokens),
    ]
    banned = ngettext("%(count)d person is banned.", "%(count)d people are banned.", extent.people)
    # The first two are what it is about, also where they are none.
    about = [banned % {"count": extent.people}, down % {"count": extent.messages}]
    return about + [text % {"count": count} for text, count in said if count]


class Raider(NamedTuple):
    """Somebody found, and how he or she is shown."""

    user: User
    avatar_url: str
    state: SafeString
    latest: list[tuple[str, bool]]
    """How the latest messages begin, and whether they stand."""
    earlier: int
    """How many of the standing messages are older than the coming by that origin."""
    down: int
    """How many messages were taken down or deleted already."""
    was_here: bool
    """Whether the account is older than the invitation that is asked for."""
    is_chosen: bool


def _raider(user: User, invitation: Invitation | None, choose: str = "") -> Raider:
    """Choose who came new by the invitation; of other origins, which innocent people share, only who wrote.

    Unless the page is asked to `choose` "all" or "none".
    """
    messages_of = getattr(user, "latest", [])
    latest = [(text_or_files(message) or "–", message.deleted_at is None) for message in messages_of]
    was_here = invitation is not None and user.created_at < invitation.created_at
    is_chosen = not was_here if invitation else bool(getattr(user, "message_count", 0))
    is_chosen = {"all": True, "none": False}.get(choose, is_chosen)
    standing, since = getattr(user, "standing_count", 0), getattr(user, "raid_count", 0)
    down = getattr(user, "message_count", 0) - standing
    avatar_url = user_frame(user)["avatar_url"]
    return Raider(user, avatar_url, state_of(user), latest, standing - since, down, was_here, is_chosen)
