"""Refuses request bodies that are too large before they are taken in: Django keeps the whole of one on disk first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 1024 * 1024
BODY_SECONDS = 60.0
_GONE: Message = {"type": "http.disconnect"}


def limit_bodies(application: Application) -> Application:
    """Return an ASGI application that answers 413 to a body announced as over `MAX_BODY` bytes.

    One that turns out to be larger than it was announced, or was not announced, or is not there within a minute, ends
    as if the client had gone away.
    """

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        if _announced(scope) > MAX_BODY:
            await _refuse(send)
        else:
            await application(scope, _Counted(receive), send)

    return limited


class _Counted:
    """A `receive` that counts the bytes of the body, and the time until it is whole."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
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
        return _GONE if self._size > MAX_BODY else message


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"code":"too_large","detail":"That is too large."}'})
