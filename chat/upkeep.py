"""What a process sees to now and then: when people were last here, and what nobody needs any more."""

import asyncio
import logging
import random
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from accounts.actions.last_seen import note_seen
from accounts.actions.upkeep import tidy
from chat.actions.indexing import index_some
from chat.presence import Presence
from database.threads import write

logger = logging.getLogger(__name__)

DEPARTED_EVERY = 5.0
ONLINE_EVERY = 300.0
LIFT_EVERY = 10.0
INDEX_EVERY = 1.0
INDEX_PAUSE = 0.02
INDEX_PATIENCE = 10
"""Seconds after which some are indexed though people are talking all the time."""
INDEX_EVERYWHERE = 60
"""Looks after which rooms are looked at that have not changed lately."""
TIDY_EVERY = 3600.0


class Upkeep:
    """The tasks of one process. Each failure is logged, and tried again at the next time."""

    def __init__(self, presence: Presence, is_busy: Callable[[], bool] = lambda: False) -> None:
        self._presence = presence
        self._is_busy = is_busy
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._note_seen()),
            loop.create_task(self._lift_bans()),
            loop.create_task(self._index()),
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

    async def _index(self) -> None:
        """Bring what was said into the search index, when nobody waits for anything else."""
        looks = 0
        while settings.SEARCH:
            await asyncio.sleep(INDEX_EVERY)
            if self._is_busy() and looks % INDEX_PATIENCE:
                looks += 1
                continue
            try:
                done = await asyncio.to_thread(_index, everywhere=looks % INDEX_EVERYWHERE == 0)
                looks += 1
                while done and not self._is_busy():
                    await asyncio.sleep(INDEX_PAUSE)
                    done = await asyncio.to_thread(_index, everywhere=False)
            except Exception:
                logger.exception("Messages could not be indexed")

    async def _tidy(self) -> None:
        while True:
            # Not all processes at once.
            await asyncio.sleep(TIDY_EVERY * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load
            try:
                await asyncio.to_thread(_tidy)
            except Exception:
                logger.exception("The hourly upkeep failed")


def _index(*, everywhere: bool) -> int:
    try:
        return index_some(everywhere=everywhere)
    finally:
        connection.close()


def _tidy() -> None:
    # In a thread of its own: it may take a while, and nobody waits for it.
    try:
        tidy()
    finally:
        connection.close()
