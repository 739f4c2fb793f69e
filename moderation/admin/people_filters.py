"""What lists of people, and of what they wrote, are narrowed down by."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User

MAX_DIGITS = 6
"""Of hours: a century."""


class StateFilter(admin.SimpleListFilter):
    """What people are."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("banned", _("banned")), ("muted", _("muted")), ("guest", _("guests")), ("account", _("with a password")),
            ("staff", _("moderators")), ("bot", _("bots")), ("former", _("former")),
        ]  # fmt: skip

    def queryset(self, _request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        conditions: dict[str | None, dict[str, Any]] = {
            "banned": {"is_active": False, "is_former": False},
            "muted": {"muted_until__gt": timezone.now()},
            "guest": {"is_guest": True, "is_former": False},
            "account": {"is_guest": False, "is_former": False},
            "staff": {"is_staff": True},
            "bot": {"is_bot": True},
            "former": {"is_former": True},
        }
        return queryset.filter(**conditions.get(self.value(), {}))


class ArrivalFilter(admin.SimpleListFilter):
    """When people came."""

    title = gettext_lazy("first here")
    parameter_name = "came"
    field = "created_at"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("1", _("in the last hour")),
            ("24", _("in the last day")),
            ("168", _("in the last week")),
            ("720", _("in the last 30 days")),
        ]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        if not value.isdecimal() or len(value) > MAX_DIGITS:
            return queryset
        return queryset.filter(**{f"{self.field}__gte": timezone.now() - timedelta(hours=int(value))})
