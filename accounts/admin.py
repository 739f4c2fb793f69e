"""The moderators' desk: people, and who may come in."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.actions import ban_user, create_reset_link, unban_user
from accounts.models import Admission, User


@admin.register(Admission)
class AdmissionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs alone
    """One row, always there: administrators decide who may come in."""

    list_display = ["__str__", "guests", "sign_up", "guest_days"]

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Admission | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """People are looked up here, and acted on through actions alone."""

    list_display = ["nickname", "is_guest", "is_staff", "is_active", "is_former", "created_at", "last_seen_at"]
    list_filter = ["is_guest", "is_staff", "is_active", "is_former"]
    search_fields = ["nickname"]
    actions = ["ban", "unban", "make_password_link"]
    readonly_fields = (
        "nickname", "avatar", "is_guest", "is_staff", "is_active", "is_former", "created_at", "last_seen_at",
    )  # fmt: skip
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

    @admin.action(description=_("Make a one-time link for a new password"), permissions=["reset"])
    def make_password_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Show a link for each one chosen, to be handed to that person."""
        for user in queryset.filter(is_former=False)[:20]:
            secret, _expires_at = create_reset_link(user.pk)
            url = request.build_absolute_uri(reverse("reset", args=[secret]))
            sentence = _("For {}, good once within a day: {}")
            messages.success(request, format_html(str(sentence), user.nickname, url))

    def has_reset_permission(self, request: HttpRequest) -> bool:
        """Administrators alone: with such a link one can become that person."""
        return bool(getattr(request.user, "is_superuser", False))
