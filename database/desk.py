"""The admin's own forms, which Django stores in a transaction of its own."""

from contextlib import nullcontext
from typing import Any

from django.http import HttpRequest, HttpResponse

from database.transactions import write_transaction


class OneWriter:
    """A ModelAdmin that takes the writers' turn before Django's transaction, as every other write does.

    Otherwise it would hold SQLite's lock while it waits for its turn, and who has that would wait for SQLite.
    """

    def changeform_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        """Show a form, or store it."""
        with write_transaction() if request.method == "POST" else nullcontext():
            return super().changeform_view(request, *arguments, **options)  # type: ignore[misc, no-any-return]

    def delete_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        """Ask whether to delete, or do it."""
        with write_transaction() if request.method == "POST" else nullcontext():
            return super().delete_view(request, *arguments, **options)  # type: ignore[misc, no-any-return]

    def changelist_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        """Show a list, or do something to what was chosen in it."""
        with write_transaction() if request.method == "POST" else nullcontext():
            return super().changelist_view(request, *arguments, **options)  # type: ignore[misc, no-any-return]
