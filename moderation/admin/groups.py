"""The groups of moderators, and which rights they have."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.moderating import tell_rights
from database.desk import Narrowed, OneWriter
from moderation.admin.desk import actor_of
from moderation.admin.rights import group_name, in_order, name_of, rights_offered
from moderation.apps import GROUP


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a group is called and may do."""

    permissions = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What its moderators can do"),
        queryset=Permission.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nobody in it can act on other moderators or on administrators."),
    )

    class Meta:
        model = Group
        fields = ("name", "permissions")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if "permissions" in self.fields:
            choice: Any = self.fields["permissions"]
            choice.queryset = rights_offered(self.instance)
            choice.choices = [(right.pk, name_of(right)) for right in in_order(choice.queryset)]


admin.site.unregister(Group)


@admin.register(Group)
class RightsAdmin(OneWriter, Narrowed, admin.ModelAdmin):  # type: ignore[type-arg]
    """The groups of moderators; what is changed about them is written down."""

    form = GroupForm
    list_display = ["called", "people", "rights"]
    ordering = ["name"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        groups: QuerySet[Group] = super().get_queryset(request)
        return groups.annotate(
            people_count=Count("user", distinct=True), rights_count=Count("permissions", distinct=True)
        )

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def called(self, group: Group) -> str:
        """Show its name."""
        return group_name(group)

    @admin.display(description=gettext_lazy("people"))
    def people(self, group: Group) -> int:
        """Show how many are in it."""
        return int(getattr(group, "people_count", 0))

    @admin.display(description=gettext_lazy("rights"))
    def rights(self, group: Group) -> int:
        """Show how many rights it has."""
        return int(getattr(group, "rights_count", 0))

    def get_fields(self, _request: HttpRequest, obj: Group | None = None) -> Any:
        """Leave the name of the built-in group as it is: the site finds it by that."""
        return ["permissions"] if _is_built_in(obj) else ["name", "permissions"]

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Keep the built-in group, to which people belong unless something else is chosen."""
        return not _is_built_in(obj) and super().has_delete_permission(request, obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"heading": _("Groups of moderators")} | (extra_context or {}))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> HttpResponse:
        group: Group | None = options.get("obj")
        title = group_name(group) if group else _("Add a group")
        context |= {"title": title, "subtitle": None, "heading": _("Groups of moderators")}
        return super().render_change_form(request, context, *arguments, **options)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Store the rights of a group, tell its people, and write down which they are."""
        super().save_related(request, form, formsets, change)
        rights = sorted(form.instance.permissions.values_list("codename", flat=True))
        _tell(_people_in(form.instance))
        record(actor_of(request), Verb.RIGHTS, form.instance, rights=rights)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        """Remove a group, tell its people, and write that down."""
        people = list(_people_in(obj))
        obj.user_set.clear()
        _tell(people)
        record(actor_of(request), Verb.RIGHTS, obj, removed=True)
        super().delete_model(request, obj)


def _people_in(group: Group) -> QuerySet[User]:
    return User.objects.filter(groups=group).order_by("pk")


def _tell(people: Iterable[User]) -> None:
    for user in people:
        tell_rights(user)


def _is_built_in(group: Group | None) -> bool:
    return group is not None and group.name == GROUP
