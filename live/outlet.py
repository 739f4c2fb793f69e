"""The one way out of a socket."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

from live.envelope import Frame

logger = logging.getLogger(__name__)

MAX_FRAMES = 1024
MAX_HELD = 4096
"""Frames held while somebody enters: whoever comes or goes in a thousand rooms is a thousand frames."""
MAX_BYTES = 1_000_000

WRITE_FRAME = "chatsite.write_frame"
"""The extension of an ASGI scope by which a server offers `{"write": WriteFrame}`."""

Message = dict[str, Any]
Send = Callable[[Message], Coroutine[Any, Any, None]]
WriteFrame = Callable[[bytes], bool]


class Outlet:
    """Takes the frames for one socket in order, at once where the socket can take them, and never waits.

    `send` is the ASGI server's. It is driven by hand (0.3 µs instead of 7 µs for a task); one that suspends, because
    the peer does not read, is finished by a task while later frames wait in a backlog of at most `MAX_FRAMES` frames
    or `MAX_BYTES` characters. Past that the outlet is dead, whatever it held is dropped, and `on_overflow` is called
    once. Nothing else may send on that socket, or order is lost.

    Where the server offers `write`, a `Frame` goes through that while nothing waits: it is made once for all sockets.
    """

    __slots__ = ("_backlog", "_held", "_is_closing", "_on_overflow", "_send", "_size", "_task", "_write", "dead")

    def __init__(self, send: Send, on_overflow: Callable[[], None], write: WriteFrame | None = None) -> None:
        self._send = send
        self._write = write
        self._on_overflow = on_overflow
        self._backlog: deque[Message] | None = None
        self._size = 0
        self._task: asyncio.Task[None] | None = None
        self._held: list[Message] | None = None
        self._is_closing = False
        self.dead = False

    def deliver(self, frame: str) -> None:
        """Send the text `frame`, now or after what already waits. Raises nothing."""
        if self._is_closing:
            return
        if self._write is not None and type(frame) is Frame and self._is_idle and self._write(frame.framed):
            return
        self._put({"type": "websocket.send", "text": frame})

    @property
    def is_closing(self) -> bool:
        """Whether the socket is being closed from this end."""
        return self._is_closing

    @property
    def _is_idle(self) -> bool:
        return self._task is None and self._held is None and not self.dead

    def close(self, code: int, reason: str = "") -> None:
        """Close the socket with `code` (RFC 6455 section 7.4) after all that was delivered before."""
        if not self._is_closing:
            self._put({"type": "websocket.close", "code": code, "reason": reason})
            self._is_closing = True

    def hold(self) -> None:
        """Keep what comes until `release`, forgetting what was held so far; what came before is sent all the same."""
        held = self._held or []
        self._size -= sum(_size(message) for message in held)
        self._held = [message for message in held if message["type"] == "websocket.close"]

    def release(self, first: str) -> None:
        """Send `first`, then what came since `hold`; from here on the outlet is open."""
        held, self._held = self._held or [], None
        self._size -= sum(_size(message) for message in held)
        self._put({"type": "websocket.send", "text": first})
        for message in held:
            self._put(message)

    def cut(self) -> None:
        """Forget the socket: nothing is sent any more, and a send under way is given up."""
        self.dead = True
        self._backlog = self._held = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _put(self, message: Message) -> None:
        if self.dead:
            return
        if self._held is not None:
            self._queue(message, self._held, MAX_HELD)
            return
        if self._task is not None:
            if self._backlog is None:
                self._backlog = deque()
            self._queue(message, self._backlog, MAX_FRAMES)
            return
        sending = self._send(message)
        try:
            waits_for = sending.send(None)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 - one socket's end, of whatever kind, is nobody else's
            self._lost(error)
            return
        self._task = asyncio.get_running_loop().create_task(self._finish(sending, waits_for))

    def _queue(self, message: Message, waiting: deque[Message] | list[Message], most: int) -> None:
        waiting.append(message)
        self._size += _size(message)
        if len(waiting) > most or self._size > MAX_BYTES:
            self.cut()
            self._on_overflow()

    async def _finish(self, sending: Coroutine[Any, Any, None], waits_for: Any) -> None:
        try:
            await _Started(sending, waits_for)
            while self._backlog:
                message = self._backlog.popleft()
                self._size -= _size(message)
                await self._send(message)
        except Exception as error:  # noqa: BLE001 - as in _put
            self._lost(error)
        finally:
            self._task = None

    def _lost(self, error: Exception) -> None:
        self.dead = True
        self._backlog = self._held = None
        if not isinstance(error, OSError):
            logger.warning("A socket could not be written to: %r", error)


def _size(message: Message) -> int:
    """Return how many bytes a message takes on the line, at most; what it takes in memory is in proportion."""
    text: str = message.get("text", "")
    return len(text) if text.isascii() else 3 * len(text)


class _Started(Awaitable[None]):
    """Awaits the rest of a coroutine that was driven up to its first suspension, where it yielded `waits_for`.

    Both results and exceptions are handed through, cancellation among them; `yield from` would swallow the latter
    here, because a coroutine that has started cannot be awaited again.
    """

    __slots__ = ("_coroutine", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        waits_for = self._waits_for
        while True:
            try:
                result = yield waits_for
            except BaseException as error:  # noqa: BLE001 - handed through, not handled
                resume: Callable[[Any], Any] = self._coroutine.throw
                argument: Any = error
            else:
                resume = self._coroutine.send
                argument = result
            try:
                waits_for = resume(argument)
            except StopIteration:
                return
