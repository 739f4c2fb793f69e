"""Who may come in. People are at the moderators' desk (`moderation.admin`)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Admission
from audit.log import record
from audit.models import Verb
from database.desk import Narrowed, OneWriter
from database.transactions import write_transaction


@admin.register(Admission)
class AdmissionAdmin(OneWriter, Narrowed, admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs alone
    """One row, always there: administrators decide who may come in."""

    list_display = ["__str__", "guests", "sign_up", "guest_days"]

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Admission | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Admission, form: Any, change: bool) -> None:
        """Store it, and write down who decided so."""
        with write_transaction():
            super().save_model(request, obj, form, change)
            decided = {"guests": obj.guests, "sign_up": obj.sign_up, "guest_days": obj.guest_days}
            record(request.user, Verb.ADMISSION, obj, **decided)  # type: ignore[arg-type]  # nobody else comes here
