"""Refuses request bodies that are too large before they are taken in: Django keeps the whole of one on disk first."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from django.conf import settings

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 1024 * 1024
MAX_PICTURE = 9 * 1024 * 1024
FORM_BYTES = 64 * 1024
"""What a form may have besides the file in it."""
UPLOADS = "/api/v1/uploads/"
_PICTURES = re.compile(r"(/|/sign-up/|/api/v1/me/picture/|/api/v1/rooms/[0-9]+/picture/)")
BODY_SECONDS = 60.0
SLOWEST = 16 * 1024
"""Bytes a second at which a file still comes in time."""
STALLED_SECONDS = 30.0
LINGER_SECONDS = 10.0
LINGER_BYTES = 64 * 1024 * 1024
_GONE: Message = {"type": "http.disconnect"}


def limit_bodies(application: Application) -> Application:
    """Return an ASGI application that answers 413 to a body that is over `limit_of` its path, or announced to be.

    One that is not there within `seconds_of` its path, or of which nothing comes for half a minute, ends as if the
    client had gone away.
    """

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        limit = limit_of(path)
        if announced(scope) > limit:
            await refuse(receive, send)
            return
        counted = _Counted(receive, limit, seconds_of(path))
        watched = _Watched(send)
        await application(scope, counted, watched)
        if counted.is_over and not watched.is_started:
            await refuse(receive, send)

    return limited


def limit_of(path: str) -> int:
    """Return how many bytes a body may have there: enough for a file or a picture where they are taken, else 1 MB."""
    if path == UPLOADS:
        return settings.UPLOAD_BYTES + FORM_BYTES
    return MAX_PICTURE if _PICTURES.fullmatch(path) else MAX_BODY


def seconds_of(path: str) -> float:
    """Return within how many seconds a body must be there: a minute, and for a file as long as it takes a slow line."""
    return BODY_SECONDS + (settings.UPLOAD_BYTES / SLOWEST if path == UPLOADS else 0)


async def refuse(
    receive: Receive,
    send: Send,
    body: bytes = b'{"code":"too_large","detail":"That is too large."}',
    status: int = 413,
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    """Answer before the body is read, and then read a part of it away: a client that is cut off hears no answer."""
    always = [(b"content-type", b"application/json"), (b"connection", b"close"), (b"cache-control", b"no-store"),
              (b"x-content-type-options", b"nosniff"), (b"content-length", str(len(body)).encode())]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": [*always, *headers]})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            await _read_away(receive)
    await send({"type": "http.response.body", "body": b""})


async def _read_away(receive: Receive) -> None:
    size = 0
    while size < LINGER_BYTES:
        message = await receive()
        size += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return


class _Counted:
    """A `receive` that counts the bytes of the body, and the time until it is whole."""

    def __init__(self, receive: Receive, limit: int, seconds: float) -> None:
        self._receive = receive
        self._limit = limit
        self._size = 0
        self._until: float | None = asyncio.get_running_loop().time() + seconds
        self.is_over = False

    async def __call__(self) -> Message:
        loop = asyncio.get_running_loop()
        until = None if self._until is None else min(self._until, loop.time() + STALLED_SECONDS)
        try:
            async with asyncio.timeout_at(until):
                message = await self._receive()
        except TimeoutError:
            return _GONE
        self._size += len(message.get("body", b""))
        if not message.get("more_body"):
            self._until = None
        if self._size > self._limit:
            self.is_over = True
            return _GONE
        return message


class _Watched:
    """A `send` that knows whether there has been an answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_started = False

    async def __call__(self, message: Message) -> None:
        self.is_started = True
        await self._send(message)


def announced(scope: Scope) -> int:
    """Return how many bytes a body says that it has; 0 where it does not say."""
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0
