"""What was done, to be taken back; and raids."""

from typing import Any, ClassVar, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.frames import user_frame
from accounts.models import User
from chat.errors import ChatError
from chat.models import Invitation, Message, Room, RoomKind
from moderation.actions.acts import ids_of, may_undo, undo_act
from moderation.actions.raids import Origin, find_raiders, undo_raid
from moderation.admin.desk import Desk, ReasonForm, act, actor_of, person_link, room_link, shown_time
from moderation.admin.files import text_or_files
from moderation.admin.people import state_of
from moderation.models import Act, ItemKind

SHOWN = 100
MAX_DIGITS = 16


class OriginForm(forms.Form):
    """Where a raid came from."""

    invitation = forms.ModelChoiceField(
        label=gettext_lazy("Everyone who came by this invitation"), queryset=Invitation.objects.none(), required=False
    )
    since = forms.DateTimeField(
        label=gettext_lazy("Came after (UTC)"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    until = forms.DateTimeField(
        label=gettext_lazy("and before (UTC)"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
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


def _describe(invitation: Invitation) -> str:
    """Return how an invitation is called in the list of them."""
    return _("%(by)s, %(when)s, into %(where)s, used %(uses)d times") % {
        "by": invitation.by.nickname,
        "when": shown_time(invitation.created_at),
        "where": f"#{invitation.room}" if invitation.room else _("the site"),
        "uses": invitation.uses,
    }


@admin.register(Act)
class ActAdmin(Desk):
    """Acts, each of which can be taken back."""

    list_display = ["kind", "summary", "by", "at", "until", "reason", "undone_at"]
    list_select_related = ["by"]
    list_filter = ["kind", ("undone_at", admin.EmptyFieldListFilter)]
    search_fields = ["summary", "reason", "by__nickname"]
    ordering = ["-pk"]
    acts: ClassVar[list[str]] = ["take_back"]
    actions = [*acts]
    fields = ()

    def get_urls(self) -> list[URLPattern]:
        own = path("raid/", self.admin_site.admin_view(self.raid), name="moderation_act_raid")
        return [own, *super().get_urls()]

    def has_right(self, request: HttpRequest, right: str) -> bool:
        """Let `take_back` itself look whether one may: it depends on the act."""
        return True if right == "any" else super().has_right(request, right)

    def offers(self, request: HttpRequest, thing: Act) -> list[str]:
        """Offer to take back what was not, and only to one who may."""
        return ["take_back"] if thing.undone_at is None and may_undo(actor_of(request), thing) else []

    def dossier(self, _request: HttpRequest, thing: Act) -> dict[str, Any]:
        """Show all that the act changed."""
        counts = dict(thing.items.values_list("kind").annotate(Count("pk")))
        changed = [f"{ItemKind(kind).label}: {count}" for kind, count in counts.items()]
        ids = ids_of(thing, ItemKind.MESSAGE)[-SHOWN:]
        # What was in private chats is counted, and shown to nobody here.
        written = Message.objects.filter(pk__in=ids).exclude(room__kind=RoomKind.DIRECT)
        return {
            "subtitle": str(thing),
            "facts": [
                (_("what"), thing.get_kind_display()),
                (_("by"), person_link(thing.by)),
                (_("when"), thing.at),
                (_("why"), thing.reason or "–"),
                (_("until"), thing.until or "–"),
                (_("changed"), ", ".join(changed) or "–"),
                (_("people"), _people(ids_of(thing, ItemKind.PERSON))),
                (_("rooms"), _rooms(ids_of(thing, ItemKind.ROOM))),
                (_("taken back"), thing.undone_at or "–"),
                (_("taken back by"), person_link(thing.undone_by)),
            ],
            "written": written.select_related("room", "author").order_by("-pk"),
        }

    @act(gettext_lazy("Take back"), "any", ReasonForm)
    def take_back(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> str:
        """Take acts back, the last first."""
        for pk in sorted(ids, reverse=True):
            undo_act(actor, pk, cleaned["reason"])
        return _("Taken back: all is as it was, but for what somebody has changed again since.")

    def raid(self, request: HttpRequest) -> HttpResponse:
        """Show who came from somewhere and what they did; undo all of it as one act."""
        if not self.has_right(request, "undo_raids"):
            return HttpResponseRedirect(reverse("admin:index"))
        form = OriginForm(request.GET or None)
        raiders: Any = None
        if request.GET and form.is_valid():
            try:
                raiders = find_raiders(form.origin())
            except ChatError as error:
                for name, sentences in (error.fields or {"": [str(error.detail)]}).items():
                    form.add_error(name if name in form.fields else None, [str(each) for each in sentences])
        if request.method == "POST":
            chosen = [int(pk) for pk in request.POST.getlist("people") if pk.isdecimal() and len(pk) < MAX_DIGITS]
            invitation = request.GET.get("invitation", "")
            try:
                done = undo_raid(
                    actor_of(request),
                    chosen,
                    request.POST.get("reason", "")[:1000],
                    invitation=int(invitation) if invitation.isdecimal() and len(invitation) < MAX_DIGITS else None,
                )
            except ChatError as error:
                messages.error(request, str(error.detail))
            else:
                messages.success(request, _("Done as one act. Below it can be taken back as one."))
                return HttpResponseRedirect(reverse("admin:moderation_act_change", args=[done.pk]))
        context = self.admin_site.each_context(request) | {
            "title": _("Undo a raid"),
            "opts": self.opts,
            "form": form,
            "raiders": raiders and [_raider(user, form.cleaned_data.get("invitation")) for user in raiders],
            "written": sum(user.standing_count for user in raiders or []),
        }
        return TemplateResponse(request, "admin/moderation/raid.html", context)


class Raider(NamedTuple):
    """Somebody found, and how he or she is shown."""

    user: User
    avatar_url: str
    state: SafeString
    latest: list[tuple[str, bool]]
    """How the latest messages begin, and whether they stand."""
    was_here: bool
    """Whether the account is older than the invitation that is asked for."""
    is_chosen: bool


def _raider(user: User, invitation: Invitation | None) -> Raider:
    """Choose who came new by the invitation; of other origins, which innocent people share, only who wrote."""
    messages_of = getattr(user, "latest", [])
    latest = [(text_or_files(message) or "–", message.deleted_at is None) for message in messages_of]
    was_here = invitation is not None and user.created_at < invitation.created_at
    is_chosen = not was_here if invitation else bool(getattr(user, "message_count", 0))
    return Raider(user, user_frame(user)["avatar_url"], state_of(user), latest, was_here, is_chosen)


def _people(ids: list[int]) -> SafeString | str:
    people = User.objects.filter(pk__in=ids[:SHOWN])
    return format_html_join(", ", "{}", ((person_link(user),) for user in people)) or "–"


def _rooms(ids: list[int]) -> SafeString | str:
    rooms = Room.objects.filter(pk__in=ids[:SHOWN])
    return format_html_join(", ", "{}", ((room_link(room),) for room in rooms)) or "–"
