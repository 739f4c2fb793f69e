"""Refuses request bodies that are too large before they are taken in: Django keeps the whole of one on disk first."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 1024 * 1024
MAX_PICTURE = 9 * 1024 * 1024
_PICTURES = re.compile(r"(/|/sign-up/|/api/v1/me/picture/|/api/v1/rooms/[0-9]+/picture/)")
BODY_SECONDS = 60.0
_GONE: Message = {"type": "http.disconnect"}


def limit_bodies(application: Application) -> Application:
    """Return an ASGI application that answers 413 to a body announced as over `limit_of` its path.

    One that turns out to be larger than it was announced, or was not announced, or is not there within a minute, ends
    as if the client had gone away.
    """

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        limit = limit_of(scope["path"])
        if _announced(scope) > limit:
            await _refuse(send)
        else:
            await application(scope, _Counted(receive, limit), send)

    return limited


def limit_of(path: str) -> int:
    """Return how many bytes a body may have there: 9 MB where pictures are taken, else 1 MB."""
    return MAX_PICTURE if _PICTURES.fullmatch(path) else MAX_BODY


class _Counted:
    """A `receive` that counts the bytes of the body, and the time until it is whole."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._size = 0
        self._until: float | None = asyncio.get_running_loop().time() + BODY_SECONDS

    async def __call__(self) -> Message:
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            return _GONE
        self._size += len(message.get("body", b""))
        if not message.get("more_body"):
            self._until = None
        return _GONE if self._size > self._limit else message


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"code":"too_large","detail":"That is too large."}'})
