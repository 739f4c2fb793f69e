"""Read marks are gathered and stored in one batch a second."""

import asyncio
import logging

from chat.actions.reading import ReadMark, store_read_marks
from database.threads import write

logger = logging.getLogger(__name__)

INTERVAL = 1.0


class ReadMarks:
    """The marks that wait for the next batch: of one person in one room, and of one version, the furthest."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[int, int, int | None], ReadMark] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._storing: asyncio.Task[None] | None = None

    def move(self, mark: ReadMark) -> None:
        """Take a mark. For the loop's own thread."""
        key = (mark.user_id, mark.room_id, mark.version)
        held = self._waiting.get(key)
        if held is None or mark.seq > held.seq:
            self._waiting[key] = mark
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._store_soon)

    def forget(self, user_id: int, room_id: int) -> None:
        """Drop the marks that wait, because a newer decision of that person overrides them."""
        for key in [key for key in self._waiting if key[:2] == (user_id, room_id)]:
            del self._waiting[key]

    async def flush(self) -> None:
        """Store what waits now."""
        marks, self._waiting = list(self._waiting.values()), {}
        if not marks:
            return
        try:
            await write(store_read_marks, marks)
        except Exception:
            # A mark is worth no retry: the next one moves further.
            logger.exception("Read marks could not be stored")

    def _store_soon(self) -> None:
        self._timer = None
        self._storing = asyncio.get_running_loop().create_task(self.flush())
