"""Refuses request bodies that are too large before they are taken in: Django keeps the whole of one on disk first."""

from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 1024 * 1024


def limit_bodies(application: Application) -> Application:
    """Return an ASGI application that answers 413 to a body announced as over `MAX_BODY` bytes.

    One that turns out to be larger than it was announced, or was not announced, ends as if the client had gone away.
    """

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        if _announced(scope) > MAX_BODY:
            await _refuse(send)
        else:
            await application(scope, _Counted(receive), send)

    return limited


class _Counted:
    """A `receive` that counts the bytes of the body."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self._size > MAX_BODY else message


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"code":"too_large","detail":"That is too large."}'})
