"""What every answer of REST says of itself."""

from collections.abc import Awaitable, Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import async_only_middleware

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]
REST = "/api/v1/"


@async_only_middleware
def PrivateAnswers(get_response: GetResponse) -> GetResponse:  # noqa: N802 - settings name it like a class
    """Have no cache keep what REST answers: it is one person's."""

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        response = await get_response(request)
        if request.path.startswith(REST):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware
