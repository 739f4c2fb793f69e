"""What the admin has in common: forms wait for their turn, lists are narrowed down by what is offered alone."""

import re
from contextlib import nullcontext
from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from database.transactions import write_transaction

_PLAIN = frozenset({"exact", "isnull", "isempty", "in", "year", "month", "day", "gte", "lt"})
"""How a list is narrowed down. By a part of a value, or by a pattern, one could ask for a secret letter by letter."""

_TOO_LONG = re.compile(r"\d{19}")
"""Digits of a number that no database takes."""
_PART_OF_DATE = re.compile(r"__(year|month|day)$")
_PART = re.compile(r"(?!9999)0{0,3}[1-9]\d{0,3}")
"""The year after the last that is asked for has to be one too."""
MAX_SEARCH = 200
MAX_WORDS = 20
"""Of a search, each a condition on each of the fields; what follows is passed over."""


class Narrowed:
    """A list that is narrowed down by what is offered beside it, and by nothing else that its address may say."""

    linked: ClassVar[list[str]] = []
    """Fields by which other pages link to it."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:  # noqa: ARG002
        """Tell whether an address may narrow the list down so (`ModelAdmin.lookup_allowed`)."""
        path, _, kind = lookup.rpartition("__")
        field = (path if kind in _PLAIN else lookup).removesuffix("__id")
        return field in {*self.linked, *map(_field_of, self.list_filter), self.date_hierarchy}  # type: ignore[attr-defined]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list that an address asks for (`ModelAdmin`). Raises IncorrectLookupParameters."""
        for name, values in request.GET.lists():
            if name != SEARCH_VAR and any(_is_beyond(name, str(value)) for value in values):
                raise IncorrectLookupParameters
        return super().get_changelist_instance(request)  # type: ignore[misc]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search for the first words of what is asked (`ModelAdmin`)."""
        words = search_term[:MAX_SEARCH].split()[:MAX_WORDS]
        found: tuple[QuerySet[Any], bool] = super().get_search_results(request, queryset, " ".join(words))  # type: ignore[misc]
        return found


def _is_beyond(name: str, value: str) -> bool:
    """Tell whether a value of an address is larger than what a database, or a calendar, has."""
    is_odd_date = _PART_OF_DATE.search(name) and not _PART.fullmatch(value)
    return bool(_TOO_LONG.search(value) or is_odd_date)


def _field_of(entry: Any) -> str:
    """Return by which part of an address one of `list_filter` is asked."""
    if isinstance(entry, str):
        return entry
    return str(entry[0] if isinstance(entry, tuple) else entry.parameter_name)


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
