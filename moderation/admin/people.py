"""People: looked up, and acted on."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actions import live_tokens
from accounts.frames import user_frame
from accounts.models import User
from chat.errors import ChatError
from chat.models import InvitationUse, Membership, Message, RoomKind
from moderation.actions.access import sign_out_people
from moderation.actions.bans import ban_people, lift_bans
from moderation.actions.bots import create_bot, issue_bot_token, make_reset_links, revoke_bot_tokens
from moderation.actions.lifting import bans_in_force, check_may_lift
from moderation.actions.mutes import mute_people
from moderation.actions.noting import MAX_PEOPLE
from moderation.actions.profiles import reset_profiles
from moderation.actions.staff import check_fit, make_administrator, make_moderators, step_down, unmake_moderators
from moderation.admin.asking import act
from moderation.admin.desk import Desk, actor_of
from moderation.admin.forms import ReasonForm, RequiredReasonForm
from moderation.admin.links import list_link, room_link
from moderation.admin.log_sentences import sentence_of
from moderation.admin.people_facts import address_of, ban_of, done_in_rooms, invitation_shown, sign_ins_of, state_of
from moderation.admin.people_filters import ArrivalFilter, StateFilter
from moderation.admin.people_forms import BanForm, BotForm, LiftForm, MuteForm, ProfileForm, RightsForm, UnmuteForm
from moderation.models import Act, ActItem, Case, ItemKind, Status
from moderation.sight import is_named, readable
from moderation.standing import check_may_act_on, may_act_on, visible_cases, why_not_on

LATEST = 20


@admin.register(User)
class PersonAdmin(Desk):
    """People are looked up here, and acted on."""

    list_display = ["person", "state", "created_at", "last_seen_at", "written", "open_cases"]
    list_filter = [StateFilter, ArrivalFilter]
    search_fields = ["nickname", "nickname_key"]
    search_help_text = gettext_lazy("A part of the nickname")
    ordering = ["-pk"]
    acts: ClassVar[list[str]] = [
        "ban", "lift_ban", "mute", "unmute", "reset_profile", "sign_out", "make_moderator", "unmake_moderator",
        "make_admin", "step_down", "password_link", "issue_token", "revoke_tokens",
    ]  # fmt: skip
    common: ClassVar[list[str]] = ["ban", "lift_ban", "mute", "unmute"]
    actions = [*acts]
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people: QuerySet[User] = super().get_queryset(request)
        cases = visible_cases(Case.objects.filter(person=OuterRef("pk")), actor_of(request))
        return people.annotate(
            # Counted for the people of a page alone; joined to everybody's messages it would be all there are.
            written_count=_count_of(Message.objects.filter(author=OuterRef("pk")).exclude(room__kind=RoomKind.DIRECT)),
            open_count=_count_of(cases.exclude(status=Status.CLOSED)),
        )

    def get_urls(self) -> list[URLPattern]:
        own = path("bots/", self.admin_site.admin_view(self.bots), name="accounts_user_bots")
        return [own, *super().get_urls()]

    @admin.display(description=gettext_lazy("person"), ordering="nickname_key")
    def person(self, user: User) -> SafeString:
        """Show avatar and nickname."""
        return format_html(
            '<span class="person-cell"><img class="avatar" src="{}" alt="" width="24" height="24"> {}</span>',
            user_frame(user)["avatar_url"],
            user.nickname,
        )

    @admin.display(description=gettext_lazy("state"))
    def state(self, user: User) -> SafeString:
        """Show what he or she is, as badges."""
        return state_of(user)

    @admin.display(description=gettext_lazy("messages"))
    def written(self, user: User) -> SafeString:
        """Show how much he or she wrote, with a link to it."""
        return list_link("chat_message", getattr(user, "written_count", 0), author__id__exact=user.pk)

    @admin.display(description=gettext_lazy("open reports"))
    def open_cases(self, user: User) -> int | str:
        """Show how many reports about him or her wait."""
        return getattr(user, "open_count", 0) or ""

    def offers(self, request: HttpRequest, thing: User) -> list[str]:
        """Leave out what makes no sense for this person, or is not for who asks to do."""
        actor = actor_of(request)
        if thing.is_former:
            return []
        fit = not (thing.is_guest or thing.is_bot) and thing.is_active
        sensible = {
            "ban": True,
            "lift_ban": not thing.is_active,
            "mute": True,
            "unmute": _is_muted(thing),
            "reset_profile": True,
            "sign_out": True,
            "make_moderator": fit and not thing.is_superuser,
            "unmake_moderator": thing.is_staff and not thing.is_superuser,
            "make_admin": fit and not thing.is_superuser,
            "password_link": not thing.is_bot,
            "issue_token": thing.is_bot,
            "revoke_tokens": thing.is_bot,
        }
        names = [name for name, is_so in sensible.items() if is_so]
        if thing.pk == actor.pk:
            return ["step_down"] if actor.is_superuser else []
        return names if may_act_on(actor, thing) else []

    def named(self, thing: User) -> SafeString:
        """Show nickname and state."""
        return format_html("{} {}", thing.nickname, state_of(thing))

    def why_not(self, request: HttpRequest, thing: User) -> str:
        """Say why nothing can be done about someone."""
        return "" if thing.is_former else why_not_on(actor_of(request), thing)

    def check_chosen(self, actor: User, name: str, chosen: QuerySet[User]) -> None:
        """Refuse people whom one may not act on, and acts that do not fit them."""
        people = list(chosen[: MAX_PEOPLE + 1])
        if name == "step_down":
            _check_is_self(actor, [user.pk for user in people])
            return
        # One's own password is one's own matter.
        check_may_act_on(actor, [user for user in people if name != "password_link" or user.pk != actor.pk])
        if name == "lift_ban":
            check_may_lift(actor, bans_in_force([user.pk for user in people]))
        if name in ("make_moderator", "make_admin"):
            check_fit(people)

    def dossier(self, request: HttpRequest, thing: User) -> dict[str, Any]:
        """Show who this is, what he or she wrote, where, how he or she came, and what was done about it."""
        public = Message.objects.filter(author=thing).exclude(room__kind=RoomKind.DIRECT)
        rooms = Membership.objects.filter(user=thing).exclude(room__kind=RoomKind.DIRECT).select_related("room")
        named = [each.room for each in rooms if is_named(each.room)]
        came_by = InvitationUse.objects.filter(user=thing, is_newcomer=True).select_related("invitation__by").first()
        acts = Act.objects.filter(
            pk__in=ActItem.objects.filter(kind=ItemKind.PERSON, object_id=thing.pk).values("act")
        ).select_related("by", "undone_by")
        facts = [
            (_("state"), state_of(thing)),
            (_("first here"), thing.created_at),
            (_("last seen"), thing.last_seen_at or "–"),
            (_("came from"), address_of(thing)),
            (_("came by"), invitation_shown(came_by)),
            (_("messages"), list_link("chat_message", public.count(), author__id__exact=thing.pk)),
            (_("signed in"), sign_ins_of(thing)),
            (_("rooms"), format_html_join(", ", "{}", ((room_link(room),) for room in named[:50])) or "–"),
        ]
        if not thing.is_active and not thing.is_former:
            facts.insert(1, (_("banned"), ban_of(thing)))
        return {
            "subtitle": thing.nickname,
            "avatar_url": user_frame(thing)["avatar_url"],
            "facts": facts,
            "written": readable(Message.objects.filter(author=thing))
            .select_related("room", "author")
            .prefetch_related("attachments")
            .order_by("-pk")[:LATEST],
            "acts": acts.order_by("-pk")[:LATEST],
            "person": thing.pk,
            "in_rooms": [(entry.at, sentence_of(entry), entry.reason) for entry in done_in_rooms(thing)],
            "cases": _cases(actor_of(request), thing)[:LATEST],
        }

    @act(gettext_lazy("Ban"), "ban_people", BanForm, danger=True)
    def ban(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act:
        """Shut people out."""
        return ban_people(actor, ids, cleaned["reason"], until=cleaned["until"], hours=cleaned.get("take_away", 0))

    @act(gettext_lazy("Lift the ban"), "ban_people", LiftForm)
    def lift_ban(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> str:
        """Let people in again, and bring back what was taken down with the ban."""
        lifted = lift_bans(actor, ids, cleaned["reason"], bring_back=cleaned.get("bring_back", False))
        said = [
            (ngettext("%(count)d ban lifted.", "%(count)d bans lifted.", lifted.people), lifted.people),
            (ngettext("%(count)d message is back.", "%(count)d messages are back.", lifted.back), lifted.back),
            (
                ngettext(
                    "%(count)d message that was taken down with the ban stays down.",
                    "%(count)d messages that were taken down with the ban stay down.",
                    lifted.down,
                ),
                lifted.down,
            ),
        ]
        return " ".join(sentence % {"count": count} for sentence, count in said if count)

    @act(gettext_lazy("Mute"), "mute_people", MuteForm)
    def mute(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act:
        """Keep people from writing."""
        return mute_people(actor, ids, cleaned["until"], cleaned["reason"], room_id=_room_of(cleaned))

    @act(gettext_lazy("Let write again"), "mute_people", UnmuteForm)
    def unmute(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act:
        """End mutes."""
        return mute_people(actor, ids, None, cleaned["reason"], room_id=_room_of(cleaned))

    @act(gettext_lazy("Take away nickname or picture"), "reset_profiles", ProfileForm)
    def reset_profile(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act:
        """Give people another nickname, or none of their pictures."""
        return reset_profiles(actor, ids, cleaned["reason"], nickname=cleaned["nickname"], picture=cleaned["picture"])

    @act(gettext_lazy("Sign out everywhere"), "sign_out_people")
    def sign_out(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> str:
        """End sign-ins."""
        count = sign_out_people(actor, ids, cleaned["reason"])
        return ngettext("%(count)d person signed out.", "%(count)d people signed out.", count) % {"count": count}

    @act(gettext_lazy("Make a moderator"), "", RightsForm)
    def make_moderator(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act:
        """Give the rights of moderators."""
        return make_moderators(actor, ids, cleaned["reason"], list(cleaned["groups"]))

    @act(gettext_lazy("Take moderation away"), "", ReasonForm)
    def unmake_moderator(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act:
        """Take the rights of moderators away."""
        return unmake_moderators(actor, ids, cleaned["reason"])

    @act(gettext_lazy("Make an administrator"), "", RequiredReasonForm, danger=True)
    def make_admin(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> str:
        """Give all rights to one person."""
        user = make_administrator(actor, _one(ids), cleaned["reason"])
        return _("%(nickname)s is an administrator now.") % {"nickname": user.nickname}

    @act(gettext_lazy("Be no administrator any more"), "", ReasonForm, danger=True)
    def step_down(self, actor: User, ids: list[int], _cleaned: dict[str, Any]) -> str:
        """Step down oneself."""
        _check_is_self(actor, ids)
        step_down(actor)
        return _("You are no administrator any more.")

    @act(gettext_lazy("Make a one-time link for a new password"), "")
    def password_link(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> SafeString:
        """Show a link for each, to be handed to that person."""
        links = make_reset_links(actor, ids, cleaned["reason"])
        sentence = _("For {}, good once within a day: {}")
        shown = ((user.nickname, cleaned["absolute"](reverse("reset", args=[secret]))) for user, secret in links)
        return format_html_join(SafeString("<br>"), sentence, shown)

    @act(gettext_lazy("Issue a token"), "")
    def issue_token(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> SafeString:
        """Show a new token of a bot, once."""
        secret = issue_bot_token(actor, _one(ids), cleaned["reason"])
        return format_html(_("The token, which is shown this once: {}"), format_html("<code>{}</code>", secret))

    @act(gettext_lazy("Revoke all tokens"), "")
    def revoke_tokens(self, actor: User, ids: list[int], cleaned: dict[str, Any]) -> Act:
        """Revoke the tokens of bots."""
        return revoke_bot_tokens(actor, ids, cleaned["reason"])

    def bots(self, request: HttpRequest) -> HttpResponse:
        """Show the bots, and make one."""
        if not actor_of(request).is_superuser:
            return HttpResponseRedirect(reverse("admin:index"))
        form = BotForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                bot, secret = create_bot(actor_of(request), form.cleaned_data["nickname"])
            except ChatError as error:
                form.add_error(None, str(error.detail))
            else:
                sentence = _("{} is there. Its token, which is shown this once: {}")
                self.message_user(request, format_html(sentence, bot.nickname, format_html("<code>{}</code>", secret)))
                return HttpResponseRedirect(reverse("admin:accounts_user_bots"))
        bots = [(bot, live_tokens(bot).count()) for bot in User.objects.filter(is_bot=True, is_former=False)]
        context = self.admin_site.each_context(request) | {
            "title": _("Bots"),
            "opts": self.opts,
            "form": form,
            "bots": bots,
        }
        return TemplateResponse(request, "admin/moderation/bots.html", context)


def _count_of(things: QuerySet[Any]) -> Coalesce:
    """Return how many there are, as a column."""
    counted = things.order_by().annotate(everything=Value(1)).values("everything").annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count")), 0)


def _one(ids: list[int]) -> int:
    if len(ids) != 1:
        raise ChatError("invalid", _("Choose one person."), 400)
    return ids[0]


def _is_muted(user: User) -> bool:
    now = timezone.now()
    in_a_room = Membership.objects.filter(user=user, muted_until__gt=now)
    return bool(user.muted_until and user.muted_until > now) or in_a_room.exists()


def _room_of(cleaned: dict[str, Any]) -> int | None:
    return cleaned["room"].pk if cleaned["room"] else None


def _cases(actor: User, user: User) -> QuerySet[Case]:
    cases = visible_cases(Case.objects.filter(person=user), actor)
    return cases.select_related("message", "taken_by").order_by("-pk")


def _check_is_self(actor: User, ids: list[int]) -> None:
    if ids != [actor.pk]:
        raise ChatError("forbidden", _("That is for everybody to decide alone."), 403)
