"""What a process sees to now and then: when people were last here, and what nobody needs any more."""

import asyncio
import logging
import random

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from accounts.actions.last_seen import note_seen
from accounts.actions.upkeep import tidy
from chat.presence import Presence
from database.threads import write

logger = logging.getLogger(__name__)

DEPARTED_EVERY = 5.0
ONLINE_EVERY = 300.0
LIFT_EVERY = 10.0
TIDY_EVERY = 3600.0


class Upkeep:
    """The tasks of one process. Each failure is logged, and tried again at the next time."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._note_seen()),
            loop.create_task(self._lift_bans()),
            loop.create_task(self._tidy()),
        ]

    async def stop(self) -> None:
        """Note who is here now, and end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._note({*self._presence.departed, *self._presence.here_ids()})

    async def _note_seen(self) -> None:
        since = 0.0
        while True:
            await asyncio.sleep(DEPARTED_EVERY)
            since += DEPARTED_EVERY
            seen, self._presence.departed = self._presence.departed, set()
            if since >= ONLINE_EVERY:
                since = 0.0
                seen = seen | set(self._presence.here_ids())
            await self._note(seen)

    async def _note(self, seen: set[int]) -> None:
        if not seen:
            return
        try:
            await write(note_seen, seen)
        except Exception:
            logger.exception("When people were last here could not be stored")

    async def _lift_bans(self) -> None:
        while True:
            await asyncio.sleep(LIFT_EVERY * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load
            try:
                await write(import_string(settings.LIFT_BANS))
            except Exception:
                logger.exception("Bans whose time is over could not be lifted")

    async def _tidy(self) -> None:
        while True:
            # Not all processes at once.
            await asyncio.sleep(TIDY_EVERY * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load
            try:
                await asyncio.to_thread(_tidy)
            except Exception:
                logger.exception("The hourly upkeep failed")


def _tidy() -> None:
    # In a thread of its own: it may take a while, and nobody waits for it.
    try:
        tidy()
    finally:
        connection.close()
