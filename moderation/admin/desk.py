"""What the pages of the desk have in common: lists that change nothing, and what is offered on a thing's own page."""

from typing import Any, ClassVar, NamedTuple, cast

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from accounts.models import User
from database.desk import Narrowed

MAX_DIGITS = 18
"""Of an id: more than a database takes would be an error there."""


def is_id(text: str) -> bool:
    """Tell whether a form's text is an id that a database takes."""
    return text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS


def actor_of(request: HttpRequest) -> User:
    """Return the moderator who asks."""
    return cast(User, request.user)


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


class Desk(Narrowed, admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs alone
    """A list and pages to look at. What can be done are acts (`act`)."""

    acts: ClassVar[list[str]] = []
    """The acts offered on a thing's own page, by the names of their methods."""
    common: ClassVar[list[str]] = []
    """Those of them that stand out there, the others under "More"; empty where all are alike."""
    row_acts: ClassVar[list[str]] = []
    """Those of them that have a button in each row of the list (`row_buttons`)."""
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

    def why_not(self, _request: HttpRequest, _thing: Any) -> str:
        """Return why acts are missing that one would look for on a thing's own page; "" if none is."""
        return ""

    def check_chosen(self, _actor: User, _name: str, _chosen: QuerySet[Any]) -> None:
        """Raise ChatError if the act of that name cannot be done to what was chosen, whatever its form says."""

    def named(self, thing: Any) -> SafeString | str:
        """Return how a thing is named where one is asked about it."""
        return str(thing)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not all(map(is_id, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest
        actions = self.get_actions(request)
        context: dict[str, Any] = {
            "title": capfirst(self.opts.verbose_name_plural),
            "row_acts": [name for name in self.row_acts if name in actions],
            "here": request.get_full_path(),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def row_buttons(self, request: HttpRequest, pk: int) -> SafeString:
        """Return buttons for the acts on one thing of a list. Their forms stand beside that of the list, once each."""
        acts = [
            (name, action)
            for name in self.row_acts
            if self.has_right(request, (action := getattr(type(self), name)).right)
        ]
        buttons = (
            (name, pk, "danger" if action.danger else "default", action.short_description) for name, action in acts
        )
        shown = format_html_join(
            "", '<button type="submit" form="row-{}" name="{}" value="{}" class="button {}">{}</button>',
            ((name, ACTION_CHECKBOX_NAME, *rest) for name, *rest in buttons),
        )  # fmt: skip
        return format_html('<span class="row-acts">{}</span>', shown)

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
                "why_not": self.why_not(request, thing),
                "here": request.get_full_path(),
            }
        return super().change_view(request, object_id, form_url, context)

    def history_view(self, *_arguments: Any, **_options: Any) -> HttpResponse:
        """Show none of Django's own: nothing is changed here by its forms."""
        raise Http404

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
