"""What is answered on the event loop, beside Django's middleware: how it says who asks, and how it refuses."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpResponse

from chat.errors import ChatError

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def while_there(receive: Receive, answering: Awaitable[Any]) -> bool:
    """Await an answer as long as who asked is there; return False for one who hung up, and waits for nothing more.

    What the answer raises is raised.
    """
    answer = asyncio.ensure_future(answering)
    leaving = asyncio.ensure_future(_until_gone(receive))
    try:
        await asyncio.wait({answer, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            answer.result()
        return answer.done()
    finally:
        answer.cancel()
        leaving.cancel()
        await asyncio.gather(answer, leaving, return_exceptions=True)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def refused(error: ChatError) -> HttpResponse:
    """Return the answer that tells of an error, as REST does."""
    body: dict[str, object] = {"code": error.code, "detail": str(error.detail)}
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
    if error.retry_after is not None:
        body["retry_after"] = error.retry_after
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    return HttpResponse(msgspec.json.encode(body), "application/json", status=error.status, headers=headers)


async def send_whole(response: HttpResponse, send: Send) -> None:
    """Send an answer that no cache may keep."""
    headers = {
        "Content-Length": str(len(response.content)), "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Language, Cookie", **response.headers,
    }  # fmt: skip
    await send({"type": "http.response.start", "status": response.status_code, "headers": encoded(headers)})
    await send({"type": "http.response.body", "body": response.content})


def encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI has them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
