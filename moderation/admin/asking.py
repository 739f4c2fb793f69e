"""Acts that show what they are about and ask why before they are done."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from chat.errors import ChatError
from moderation.actions.noting import NothingLeft
from moderation.admin.desk import Desk, actor_of
from moderation.admin.forms import ActForm, NothingForm, ReasonForm
from moderation.admin.links import linked
from moderation.models import Act
from moderation.sight import may

SHOWN = 20
"""How many of those to be acted on are named."""
MANY = 5_000


class Done(NamedTuple):
    """An act, and a sentence about what was done besides."""

    act: Act
    besides: str


Perform = Callable[[User, list[int], dict[str, Any]], Act | Done | str | SafeString | None]


def act(
    description: Any, right: str, form: type[ActForm] = ReasonForm, *, danger: bool = False
) -> Callable[[Callable[..., Any]], Any]:
    """Make a method `(self, actor, ids, cleaned)` an admin action that shows a page with `form` before it is done.

    It returns an Act, which the page offers to take back, or a sentence, or both. `cleaned` also has `absolute`, which
    makes a whole URL of a path. `right`: as in `Desk.has_right`. What the desk refuses beforehand (`Desk.check_chosen`)
    is refused before the page is shown.
    """

    def decorate(perform: Callable[..., Any]) -> Any:
        @admin.action(description=description)
        def action(self: Desk, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse | None:
            chosen, actor = queryset.order_by("pk"), actor_of(request)
            ids = [int(pk) for pk in chosen.values_list("pk", flat=True)[: MANY + 1]]
            is_sent = "apply" in request.POST or (form is NothingForm and len(ids) == 1)
            filled = form(request.POST if is_sent else None)
            filled.prepare(actor, ids)
            if not is_sent:
                try:
                    self.check_chosen(actor, perform.__name__, chosen)
                except ChatError as error:
                    messages.error(request, str(error.detail))
                    return HttpResponseRedirect(_next(request))
            elif filled.is_valid():
                try:
                    cleaned = filled.cleaned_data | {"absolute": request.build_absolute_uri}
                    result = perform(self, actor, ids, cleaned)
                except NothingLeft as error:
                    messages.info(request, str(error.detail))
                    return HttpResponseRedirect(_next(request))
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
                "things": [self.named(thing) for thing in chosen[:SHOWN]],
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
    besides = ""
    if isinstance(result, Done):
        result, besides = result
    if isinstance(result, Act):
        link = (
            linked("moderation_act", result.pk, _("Look at it, or take it back")) if may("moderation.view_act") else ""
        )
        sentence = format_html("{}: {}. {}", description, result.summary, link)
        messages.success(request, sentence)
    else:
        messages.success(request, result or description)
    if besides:
        messages.success(request, besides)


def _next(request: HttpRequest) -> str:
    """Return where to go afterwards: to the page that the act was started from, else to the list."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and is_ours else request.get_full_path()
