"""Tells whether what is said on the channel layer arrives here: the layer does not say when it lost something."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two beats. The layer takes a second to connect again: no loss falls between two."""
SILENCE = 2.0
SEND_SECONDS = 2.0


class Pulse:
    """Numbered beats that a process sends to itself. For the loop's own thread.

    `send(number)` puts a beat on the layer; `heard` takes each that comes back. Where a number is missing, other things
    that were said meanwhile may be missing too: `losses` counts that.
    """

    def __init__(self, send: Callable[[int], Awaitable[None]]) -> None:
        self.losses = 0
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._sent = self._heard = 0
        self._heard_at = self._loop.time()
        self._task = self._loop.create_task(self._beat())

    @property
    def is_silent(self) -> bool:
        """Whether no beat has come back for two seconds."""
        return self._loop.time() - self._heard_at > SILENCE

    def heard(self, number: int) -> None:
        """Take a beat that came back."""
        if self._heard and number > self._heard + 1:
            self.losses += 1
            logger.warning("The channel layer lost something; people are told again what may have been in it")
        self._heard = number
        self._heard_at = self._loop.time()

    async def stop(self) -> None:
        """Send no more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            self._sent += 1
            # One that cannot be sent is missing where the next comes back.
            with contextlib.suppress(Exception):
                async with asyncio.timeout(SEND_SECONDS):
                    await self._send(self._sent)
            await asyncio.sleep(EVERY)
