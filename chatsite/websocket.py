"""Uvicorn's WebSocket protocol, which also takes frames that were made once for many sockets."""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from live.outlet import WRITE_FRAME


class SharedFramesProtocol(WebSocketsSansIOProtocol):
    """Offers `write_frame` to the application as an extension of the scope.

    Framing a text anew for each of its receivers takes a third of the time of a delivery. It is safe while frames are
    not compressed: then a frame depends on nothing that was sent before.

    Of the handshake nothing is kept, and the queue is a small one: both together were a quarter of what a socket took.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue: Any = Inbox()

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        # The scope has a copy.
        event.headers.clear()
        if self.response.status_code == 101:  # noqa: PLR2004 - switching protocols
            self.scope["extensions"][WRITE_FRAME] = {"write": self.write_frame}

    def write_frame(self, frame: bytes) -> bool:
        """Write a whole frame (RFC 6455 section 5.2) at once; return False if that cannot be done just now."""
        is_open = self.handshake_complete and not self.close_sent and not self.disconnected
        if not is_open or not self.writable.is_set() or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True


class Inbox:
    """What came for one reader, in order: the part of asyncio.Queue that is used here, without its three deques."""

    __slots__ = ("_items", "_waiter")

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._waiter: asyncio.Future[None] | None = None

    def put_nowait(self, item: Any) -> None:
        """Add an item and wake the reader."""
        self._items.append(item)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def empty(self) -> bool:
        """Tell whether nothing waits."""
        return not self._items

    async def get(self) -> Any:
        """Return the oldest item, waiting for one. Only one reader may wait at a time."""
        while not self._items:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._items.pop(0)
