"""Uvicorn's HTTP protocol, which does not wait for ever for a request."""

from asyncio import TimerHandle
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15.0
MAX_HEAD = 64 * 1024
"""Bytes of a request line and headers; browsers send a few thousand."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Ends a connection whose request head is not there within 15 seconds, or has over 64 KiB."""

    _deadline: TimerHandle | None = None
    _head_size = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._deadline is not None:
            self._head_size += len(data)
            if self._head_size > MAX_HEAD:
                self._give_up()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._deadline is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._forget_deadline()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        self._head_size = 0
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._forget_deadline()
        self.transport.abort()
