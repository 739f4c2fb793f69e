"""What the pages of the desk have in common: lists that change nothing, and acts that ask why before they are done."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from chat.errors import ChatError
from chat.models import Message, Room
from chat.room_frames import shown_name
from moderation.admin.files import text_or_files
from moderation.models import Act

SHOWN = 20
"""How many of those to be acted on are named."""
MANY = 5_000
NOTHING = "–"


def actor_of(request: HttpRequest) -> User:
    """Return the moderator who asks."""
    return cast(User, request.user)


class ReasonForm(forms.Form):
    """Asks why."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Other moderators read it in the log."),
    )


class RequiredReasonForm(ReasonForm):
    """Asks why, and takes no silence."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["reason"].required = True


class Offer(NamedTuple):
    """A button on a thing's own page that starts an act. `look`: CSS classes."""

    url: str
    act: str
    pk: int
    text: Any
    look: str = ""


def offer(model: str, act: str, pk: int, text: Any, look: str = "") -> Offer:
    """Return an offer of an act on a thing of `model`, such as "chat_message"."""
    return Offer(reverse(f"admin:{model}_changelist"), act, pk, text, look)


class Desk(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs alone
    """A list and pages to look at. What can be done are acts (`act`)."""

    acts: ClassVar[list[str]] = []
    """The acts offered on a thing's own page, by the names of their methods."""
    common: ClassVar[list[str]] = []
    """Those of them that stand out there, the others under "More"; empty where all are alike."""
    list_per_page = 50
    show_full_result_count = False
    actions_selection_counter = True
    change_form_template = "admin/moderation/thing.html"

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_right(self, request: HttpRequest, right: str) -> bool:
        """Tell whether who asks has the right `moderation.<right>`; "" for administrators alone."""
        user = actor_of(request)
        return user.has_perm(f"moderation.{right}") if right else user.is_superuser

    def get_actions(self, request: HttpRequest) -> Any:
        """Offer the acts that who asks has the right to."""
        found = super().get_actions(request)
        return {
            name: row for name, row in found.items() if row and self.has_right(request, getattr(row[0], "right", ""))
        }

    def dossier(self, _request: HttpRequest, _thing: Any) -> dict[str, Any]:
        """Return what a thing's own page shows besides its fields."""
        return {}

    def offers(self, _request: HttpRequest, _thing: Any) -> list[str]:
        """Return the names of the acts that make sense for a thing."""
        return self.acts

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        thing = self.get_object(request, object_id)
        context: dict[str, Any] = extra_context or {}
        if thing is not None and self.has_view_permission(request, thing):
            actions = self.get_actions(request)
            names = [name for name in self.offers(request, thing) if name in actions]
            meta = self.opts
            context |= self.dossier(request, thing) | {
                **self._buttons(actions, names, thing.pk),
                "act_url": reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"),
                "thing": thing,
                "here": request.get_full_path(),
            }
        return super().change_view(request, object_id, form_url, context)

    def _buttons(self, actions: Any, names: list[str], pk: int) -> dict[str, list[Offer]]:
        """Return the offers of a thing's page: those in sight, and those under "More", the dangerous ones last."""
        model = f"{self.opts.app_label}_{self.opts.model_name}"
        is_dangerous = {name: getattr(actions[name][0], "danger", False) for name in names}
        in_sight = [name for name in names if name in self.common]
        rest = (
            sorted((name for name in names if name not in in_sight), key=is_dangerous.__getitem__) if in_sight else []
        )

        def button(name: str) -> Offer:
            looks = ["default"] * (name in in_sight) + ["danger"] * is_dangerous[name]
            return offer(model, name, pk, actions[name][2], " ".join(looks))

        return {"offered": [button(name) for name in in_sight or names], "more": [button(name) for name in rest]}


Perform = Callable[[User, list[int], dict[str, Any]], Act | str | SafeString | None]


def act(
    description: Any, right: str, form: type[forms.Form] = ReasonForm, *, danger: bool = False
) -> Callable[[Callable[..., Any]], Any]:
    """Make a method `(self, actor, ids, cleaned)` an admin action that shows a page with `form` before it is done.

    It returns an Act, which the page offers to take back, or a sentence. `cleaned` also has `absolute`, which makes a
    whole URL of a path. `right`: as in `Desk.has_right`.
    """

    def decorate(perform: Callable[..., Any]) -> Any:
        @admin.action(description=description)
        def action(self: Desk, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse | None:
            ids = [int(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True)[: MANY + 1]]
            filled = form(request.POST if "apply" in request.POST else None)
            if "apply" in request.POST and filled.is_valid():
                try:
                    cleaned = filled.cleaned_data | {"absolute": request.build_absolute_uri}
                    result = perform(self, actor_of(request), ids, cleaned)
                except ChatError as error:
                    for name, sentences in (error.fields or {"": [str(error.detail)]}).items():
                        filled.add_error(name if name in filled.fields else None, [str(each) for each in sentences])
                else:
                    _tell(request, description, result)
                    return HttpResponseRedirect(_next(request))
            context = self.admin_site.each_context(request) | {
                "title": description,
                "opts": self.opts,
                "list_url": request.get_full_path(),
                "form": filled,
                "action": action.__name__,
                "danger": danger,
                "count": len(ids),
                "things": list(queryset.order_by("pk")[:SHOWN]),
                "more": max(0, len(ids) - SHOWN),
                "ids": [] if request.POST.get("select_across") == "1" else ids,
                "first": ids[0] if ids else "",
                "checkbox": ACTION_CHECKBOX_NAME,
                "select_across": request.POST.get("select_across", "0"),
                "next": request.POST.get("next", ""),
                "back": _next(request),
            }
            return TemplateResponse(request, "admin/moderation/act.html", context)

        action.__name__ = perform.__name__
        action.__doc__ = perform.__doc__
        action.right = right  # type: ignore[attr-defined]
        action.danger = danger  # type: ignore[attr-defined]
        return action

    return decorate


def _tell(request: HttpRequest, description: Any, result: Any) -> None:
    if isinstance(result, Act):
        url = reverse("admin:moderation_act_change", args=[result.pk])
        sentence = format_html(
            '{}: {}. <a href="{}">{}</a>', description, result.summary, url, _("Look at it, or take it back")
        )
        messages.success(request, sentence)
    else:
        messages.success(request, result or description)


def _next(request: HttpRequest) -> str:
    """Return where to go afterwards: to the page that the act was started from, else to the list."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and is_ours else request.get_full_path()


def shown_time(moment: datetime) -> str:
    """Return a time as lists show it."""
    return date_format(localtime(moment), "DATETIME_FORMAT")


# Links between people, messages and rooms.


def person_link(user: User | None) -> SafeString | str:
    """Return a link to a person's page."""
    if user is None:
        return NOTHING
    return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[user.pk]), user.nickname)


def room_link(room: Room) -> SafeString | str:
    """Return a link to a room's page; of a private chat only that it is one."""
    if room.is_direct:
        return _("private chat")
    return format_html('<a href="{}">#{}</a>', reverse("admin:chat_room_change", args=[room.pk]), shown_name(room))


def message_link(message: Message, length: int = 80) -> SafeString | str:
    """Return a link to a message's page that shows how it begins."""
    text = text_or_files(message)[:length] or NOTHING
    return format_html('<a href="{}">{}</a>', reverse("admin:chat_message_change", args=[message.pk]), text)


def list_link(name: str, text: Any, **query: Any) -> SafeString:
    """Return a link to a list of the admin, filtered."""
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:{name}_changelist"), urlencode(query), text)
