"""The desk's own site of the admin. Every page knows who reads it, and who is shown what was said in private rooms is
written down.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from accounts.models import User
from chat.models import Message
from moderation.actions.looks import note_looks
from moderation.rehearsal import Rehearsal
from moderation.sight import read_by

View = Callable[..., HttpResponseBase]


class DeskSite(AdminSite):
    """Where moderators of the site look things up."""

    def autocomplete_view(self, _request: HttpRequest) -> HttpResponse:
        """Answer nothing: no form here completes what is typed, and what it told would stand in no log."""
        raise Http404

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return the view for those who may come here; what it is about to show of private rooms is written down."""
        return super().admin_view(_reading(view), cacheable)


def messages_shown(context: Mapping[str, Any]) -> list[Message]:
    """Return the messages in a page's context, under whatever names: in lists, results of searches and rehearsals."""
    return [message for value in context.values() for message in _messages_in(value)]


def _reading(view: View) -> View:
    @wraps(view)
    def read(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return view(request, *arguments, **options)
        with read_by(request.user):
            response = view(request, *arguments, **options)
            if isinstance(response, TemplateResponse):
                # Before it is rendered: what cannot be written down is not shown.
                note_looks(request.user, messages_shown(response.context_data or {}))
                response.render()
        return response

    return read


def _messages_in(value: object) -> Iterator[Message]:
    match value:
        case Message():
            yield value
        case QuerySet() if value.model is Message:
            # It keeps what it has read, for the template.
            yield from value
        case list() | tuple():
            for each in value:
                yield from _messages_in(each)
        case ChangeList():
            yield from _messages_in(value.result_list)
        case Rehearsal():
            yield from value.hits
        case User():
            # Of people found in a raid their latest messages are shown.
            yield from getattr(value, "latest", ())
