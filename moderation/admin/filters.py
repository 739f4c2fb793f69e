"""Filters: made, rehearsed and turned on."""

from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log import record
from audit.models import Verb
from database.desk import Narrowed, OneWriter
from database.transactions import write_transaction
from moderation.admin.desk import actor_of
from moderation.admin.links import room_name
from moderation.matching import MAX_PATTERN, check_terms
from moderation.models import Filter
from moderation.rehearsal import rehearse
from moderation.sight import is_named, nameable_rooms

# The words of Django's own titles, which it translates.
_ADD, _CHANGE = "Add %s", "Change %s"
_LOGGED = ("name", "kind", "terms", "spelled_apart", "response", "only_guests", "newer_than", "room_id", "is_on")


class FilterForm(forms.ModelForm):  # type: ignore[type-arg]
    """A filter whose terms make sense."""

    class Meta:
        model = Filter
        fields = (
            "name", "kind", "terms", "spelled_apart", "response", "explanation", "only_guests", "newer_than", "room",
            "is_on",
        )  # fmt: skip

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if "room" in self.fields:
            choice: Any = self.fields["room"]
            choice.queryset = nameable_rooms(besides=self.instance.room_id)
            choice.label_from_instance = room_name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "kind" in cleaned and "terms" in cleaned:
            try:
                check_terms(cleaned["kind"], cleaned["terms"])
            except ValidationError as error:
                self.add_error("terms", error)
        if cleaned.get("kind") == "everything" and not (
            cleaned.get("newer_than") or cleaned.get("only_guests") or cleaned.get("room")
        ):
            self.add_error(
                "kind", _("Every message of everyone everywhere? Narrow it down to newcomers, guests or a room.")
            )
        return cleaned


@admin.register(Filter)
class FilterAdmin(OneWriter, Narrowed, admin.ModelAdmin):  # type: ignore[type-arg]
    """Rules for what people say."""

    form = FilterForm
    list_display = ["name", "is_on", "kind", "response", "only_guests", "newer_than", "where"]
    list_select_related = ["room"]
    list_filter = ["is_on", "kind", "response"]
    search_fields = ["name", "terms"]
    change_form_template = add_form_template = "admin/moderation/filter.html"

    @admin.display(description=gettext_lazy("only in this room"))
    def where(self, rule: Filter) -> str | None:
        """Name its room."""
        return room_name(rule.room) if rule.room else None

    def get_fields(self, request: HttpRequest, obj: Filter | None = None) -> Any:
        """Leave out its room for who only looks and may not know what that is called."""
        fields = super().get_fields(request, obj)
        if obj is None or obj.room is None or is_named(obj.room) or self.has_change_permission(request, obj):
            return fields
        return [name for name in fields if name != "room"]

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:filter_id>/rehearse/", self.admin_site.admin_view(self.rehearse), name="moderation_filter_rehearse"
        )
        return [own, *super().get_urls()]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:  # fmt: skip
        """Show the form, store it, or try what stands in it; that before the writers' turn, since it takes seconds."""
        if request.method == "POST" and "_rehearse" in request.POST:
            return self._rehearse_form(request, object_id)
        may = self.has_change_permission(request) or self.has_add_permission(request)
        if may and request.method == "POST" and len(terms := request.POST.get("terms", "")) <= MAX_PATTERN:
            # What the form finds out again within the writers' turn is known by then.
            with suppress(ValidationError):
                check_terms(request.POST.get("kind", ""), terms)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _rehearse_form(self, request: HttpRequest, object_id: str | None) -> HttpResponse:
        """Show the form as it was filled in, with what it would have hit; store nothing."""
        stored = self.get_object(request, object_id) if object_id else None
        if object_id and stored is None:
            raise Http404
        if not (self.has_change_permission(request, stored) if stored else self.has_add_permission(request)):
            raise PermissionDenied
        form = self.get_form(request, stored, change=stored is not None)(request.POST, instance=stored)
        tried = rehearse(form.save(commit=False)) if form.is_valid() else None
        fieldsets: Any = self.get_fieldsets(request, stored)
        shown = helpers.AdminForm(form, fieldsets, {}, (), model_admin=self)
        context = self.admin_site.each_context(request) | {
            "title": _(_CHANGE if stored else _ADD) % self.opts.verbose_name,
            "adminform": shown,
            "original": stored,
            "object_id": object_id,
            "is_popup": False,
            "media": self.media + shown.media,
            "inline_admin_formsets": [],
            "errors": helpers.AdminErrorList(form, []),
            "preserved_filters": self.get_preserved_filters(request),
            "rehearsal": tried,
        }
        return self.render_change_form(request, context, add=stored is None, change=stored is not None, obj=stored)

    def save_model(self, request: HttpRequest, obj: Filter, form: Any, change: bool) -> None:
        """Store a filter, and write down what it is now."""
        obj.changed_at = timezone.now()
        with write_transaction():
            super().save_model(request, obj, form, change)
            record(actor_of(request), Verb.FILTER, obj, **{name: getattr(obj, name) for name in _LOGGED})

    def delete_model(self, request: HttpRequest, obj: Filter) -> None:
        """Remove a filter, and write down what it was."""
        with write_transaction():
            record(actor_of(request), Verb.FILTER, obj, removed=True, **{name: getattr(obj, name) for name in _LOGGED})
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Remove filters one by one, each written down."""
        for rule in queryset:
            self.delete_model(request, rule)

    def rehearse(self, request: HttpRequest, filter_id: int) -> HttpResponse:
        """Show what a filter would have hit in the last 30 days."""
        rule = self.get_object(request, str(filter_id))
        if rule is None or not self.has_view_permission(request, rule):
            raise Http404
        context = self.admin_site.each_context(request) | {
            "title": _("What it would have hit"),
            "opts": self.opts,
            "rule": rule,
            "rehearsal": rehearse(rule),
        }
        return TemplateResponse(request, "admin/moderation/rehearsal.html", context)
