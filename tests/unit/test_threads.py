"""Database work off the loop: writes one after another, reads beside each other, connections closed at the end."""

import asyncio
import threading

import pytest
from django.db import connection

from database import threads
from database.threads import READERS, close_connections, read, write


async def test_writes_run_one_at_a_time_in_the_order_asked_for() -> None:
    running: list[int] = []
    done: list[int] = []

    def work(number: int) -> int:
        running.append(number)
        assert len(running) == 1
        done.append(running.pop())
        return number

    results = await asyncio.gather(*(write(work, number) for number in range(50)))
    assert results == done == list(range(50))


async def test_reads_run_beside_each_other_but_not_without_bound() -> None:
    together = threading.Barrier(READERS)
    names = await asyncio.gather(
        *(read(lambda: (together.wait(5), threading.current_thread().name)[1]) for _ in range(READERS))
    )
    assert len(set(names)) == READERS
    more = await asyncio.gather(*(read(lambda: threading.current_thread().name) for _ in range(30)))
    assert len({*names, *more}) == READERS


async def test_a_caller_that_goes_away_does_not_stop_the_work() -> None:
    gate, done = threading.Event(), threading.Event()
    task = asyncio.create_task(write(lambda: (gate.wait(5), done.set())))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    assert await asyncio.to_thread(done.wait, 5)


async def test_an_error_of_the_work_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        await read(lambda: 1 / 0)


@pytest.mark.django_db(transaction=True)
async def test_each_thread_closes_its_own_connection() -> None:
    def is_open() -> bool:
        return connection.connection is not None

    def use() -> bool:
        connection.ensure_connection()
        return is_open()

    def together(work: threading.Barrier) -> bool:
        work.wait(5)
        return is_open()

    assert await write(use)
    assert all(await asyncio.gather(*(read(use) for _ in range(20))))
    await asyncio.to_thread(close_connections)
    barrier = threading.Barrier(READERS)
    assert not any(await asyncio.gather(*(read(together, barrier) for _ in range(READERS))))
    assert not await write(is_open)


def test_work_keeps_its_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection costs 270 microseconds to open; the pools never grow and never shrink."""
    assert (threads._writer._max_workers, threads._readers._max_workers) == (1, READERS)
