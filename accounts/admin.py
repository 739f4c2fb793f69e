"""The moderators' desk: people."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions import ban_user, unban_user
from accounts.models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs alone
    """People are looked up here, and acted on through actions alone."""

    list_display = ["nickname", "is_guest", "is_staff", "is_active", "is_former", "created_at"]
    list_filter = ["is_guest", "is_staff", "is_active", "is_former"]
    search_fields = ["nickname"]
    actions = ["ban", "unban"]
    readonly_fields = ("nickname", "avatar", "is_guest", "is_staff", "is_active", "is_former", "created_at")
    fields = readonly_fields

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: User | None = None) -> bool:
        return False

    @admin.action(description=_("Ban"), permissions=["change"])
    def ban(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Ban everyone chosen but oneself and administrators."""
        for user in queryset.filter(is_superuser=False).exclude(pk=request.user.pk or 0):
            ban_user(user)

    @admin.action(description=_("Lift the ban"), permissions=["change"])
    def unban(self, _request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let everyone chosen in again."""
        for user in queryset:
            unban_user(user)
