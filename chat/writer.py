"""Posts messages: whatever was asked for while the last commit ran goes into the next one."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from django.db import DataError, Error, IntegrityError
from django.utils.translation import gettext_lazy as _

from chat.actions.drafts import prepare_draft
from chat.actions.posting import Draft, Posted, Result, post_messages
from chat.errors import ChatError, Invalid, Unavailable
from chat.markup import PLAIN, needs_markup
from chat.metrics import BATCH_SIZE, COMMIT_SECONDS, SENDS
from database.threads import read, write

logger = logging.getLogger(__name__)

MAX_BATCH = 256
"""More sends/s than with 64 or 128; more than this was not tried, and a commit holds the database's lock."""
MAX_WAITING = 10_000
MAX_PAUSE = 0.005
PAUSE = 3.0
"""How long the next commit waits at most for as many as shared the last one, in times of what that one's answers and
fan-out took."""
CALM_SECONDS = 1.0


class MessageWriter:
    """One task that takes all drafts that queued while the last commit ran, so that a lone one waits for nobody.

    Where several talk at once it waits between two commits for what the first one's fan-out takes (see `_gather`).

    `on_posted(draft, posted)` is called for each message that was stored, on the loop.
    """

    def __init__(self, on_posted: Callable[[Draft, Posted], None]) -> None:
        self._on_posted = on_posted
        self._waiting: list[tuple[Draft, asyncio.Future[Posted]]] = []
        self._batch: list[tuple[Draft, asyncio.Future[Posted]]] = []
        self._is_stopped = False
        self._crowded_at = -CALM_SECONDS
        self._committed_at = 0.0
        self._wanted = 1
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def post(self, draft: Draft) -> Posted:
        """Store a message and return where it stands, once that is committed. Raises what ChatError it met with."""
        # Who stops waiting does not stop the draft, which may be in a transaction already; nobody is answered then.
        return await (await self.queue(draft))

    async def queue(self, draft: Draft) -> asyncio.Future[Posted]:
        """Put a message behind those that wait; return what will be where it stands, or the ChatError it met with.

        Raises Unavailable if too many wait already.
        """
        if self._is_stopped or len(self._waiting) >= MAX_WAITING:
            raise Unavailable
        if needs_markup(draft.body):
            await read(prepare_draft, draft)
        else:
            draft.rendered = PLAIN
        result: asyncio.Future[Posted] = asyncio.get_running_loop().create_future()
        self._waiting.append((draft, result))
        self._idle.clear()
        if len(self._waiting) >= self._wanted:
            self._wake.set()
        return result

    @property
    def waiting(self) -> int:
        """How many messages wait for a commit."""
        return len(self._waiting)

    @property
    def is_busy(self) -> bool:
        """Whether more than a few messages a second were stored lately."""
        return time.monotonic() - self._crowded_at < CALM_SECONDS

    @property
    def is_working(self) -> bool:
        """Whether the writer's task runs."""
        return not self._task.done()

    async def drain(self) -> None:
        """Wait until everything that was asked for is stored or refused."""
        await self._idle.wait()

    async def stop(self) -> None:
        """End the task; what waits is answered `unavailable`."""
        self._is_stopped = True
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for _draft, result in self._batch + self._waiting:
            _answer(result, Unavailable())

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            size = 0
            while self._waiting:
                if size > 1 and len(self._waiting) < MAX_BATCH:
                    await self._gather(size)
                self._batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                began = time.perf_counter()
                size = len(self._batch)
                if size > 1:
                    self._crowded_at = time.monotonic()
                results = await self._store([draft for draft, _result in self._batch])
                COMMIT_SECONDS.observe(time.perf_counter() - began)
                BATCH_SIZE.observe(len(self._batch))
                _count(results)
                for (_draft, future), result in zip(self._batch, results, strict=False):
                    _answer(future, result)
                # The answers go out first, and what came in meanwhile is taken in, before all this is fanned out.
                await asyncio.sleep(0)
                for (draft, _future), result in zip(self._batch, results, strict=False):
                    self._tell(draft, result)
                for _draft, future in self._batch:
                    _answer(future, Unavailable())
                self._batch = []
            self._idle.set()

    async def _gather(self, size: int) -> None:
        """Let what was just stored go out, then wait until as many are asked for as that were, or a little while.

        Only where several are talking. Commit and fan-out would otherwise contend for the interpreter, and each would
        be for fewer messages: docs/performance.md has what this gives.
        """
        await asyncio.sleep(0)
        pause = min(MAX_PAUSE, PAUSE * (time.perf_counter() - self._committed_at))
        self._wanted = size
        self._wake.clear()
        if len(self._waiting) < size:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
        self._wanted = 1

    def _tell(self, draft: Draft, result: Result) -> None:
        if isinstance(result, Posted) and not result.duplicate:
            try:
                self._on_posted(draft, result)
            except Exception:
                logger.exception("A message was stored, but not everyone here was told")

    async def _store(self, drafts: Sequence[Draft]) -> Sequence[Result]:
        try:
            return await write(self._post, drafts)
        except (IntegrityError, DataError):
            return [await self._store_alone(draft) for draft in drafts]
        except Error:
            logger.exception("Messages could not be stored")
            return [Unavailable() for _ in drafts]
        except Exception:
            logger.exception("Messages could not be posted")
            return [Unavailable() for _ in drafts]

    def _post(self, drafts: Sequence[Draft]) -> Sequence[Result]:
        try:
            return post_messages(drafts)
        finally:
            self._committed_at = time.perf_counter()

    async def _store_alone(self, draft: Draft) -> Result:
        # Twice: the first failure may be the race for a ref, which is then found stored.
        for _attempt in range(2):
            try:
                return (await write(self._post, [draft]))[0]
            except IntegrityError:
                continue
            except DataError:
                return Invalid(_("This cannot be stored."))
            except Exception:
                logger.exception("A message could not be posted")
                break
        return Unavailable()


def _count(results: Sequence[Result]) -> None:
    for result in results:
        if isinstance(result, Posted):
            SENDS.labels("duplicate" if result.duplicate else "stored").inc()
        else:
            SENDS.labels("failed" if isinstance(result, Unavailable) else "refused").inc()


def _answer(future: asyncio.Future[Posted], result: Result) -> None:
    if future.done():
        return
    if isinstance(result, ChatError):
        future.set_exception(result)
    else:
        future.set_result(result)
