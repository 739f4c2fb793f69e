"""Places for those who do something that takes long: so many at once, so many of one; the others wait their turn."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from accounts.errors import RateLimited


class Places:
    """`of_all` places at one process, at most `of_one` for one person; who waits longer than `patience` is refused."""

    def __init__(self, of_all: int, of_one: int, patience: float) -> None:
        self._of_all = of_all
        self._of_one = of_one
        self._patience = patience
        self._taken: Counter[int] = Counter()
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def take(self, user_id: int) -> AsyncIterator[None]:
        """Hold a place for the block. Raises RateLimited."""
        if self._is_free_for(user_id):
            self._taken[user_id] += 1
        else:
            await self._wait(user_id)
        try:
            yield
        finally:
            self._taken[user_id] -= 1
            self._taken += Counter()
            self._hand_on()

    def _is_free_for(self, user_id: int) -> bool:
        return self._taken.total() < self._of_all and self._taken[user_id] < self._of_one

    async def _wait(self, user_id: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((user_id, turn))
        try:
            async with asyncio.timeout(self._patience):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                # It was given just as the wait ended.
                self._taken[user_id] -= 1
                self._hand_on()
            if isinstance(error, TimeoutError):
                raise RateLimited(self._patience) from None
            raise
        finally:
            self._waiting.remove((user_id, turn))

    def _hand_on(self) -> None:
        for user_id, turn in self._waiting:
            if not turn.done() and self._is_free_for(user_id):
                self._taken[user_id] += 1
                turn.set_result(None)
