"""What every answer of REST says of itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]
REST = "/api/v1/"


def PrivateAnswers(get_response: GetResponse) -> GetResponse:  # noqa: N802 - settings name it like a class
    """Have no cache keep what REST answers: it is one person's."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path.startswith(REST):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware
