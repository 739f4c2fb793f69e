"""Runs database work off the event loop, on threads that keep their connection open."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError, connection

READERS = 4
BYSTANDERS = 2
ANSWERERS = 12
SLOW_ANSWERERS = 4
Unavailable = (OperationalError, InterfaceError)
"""What Django raises when the database does not answer."""

_writer = ThreadPoolExecutor(1, "database-writer")
_readers = ThreadPoolExecutor(READERS, "database-reader")
_bystanders = ThreadPoolExecutor(BYSTANDERS, "database-bystander")
_answerers = ThreadPoolExecutor(ANSWERERS, "answerer")
_slow_answerers = ThreadPoolExecutor(SLOW_ANSWERERS, "slow-answerer")
_POOLS = (
    (_writer, 1),
    (_readers, READERS),
    (_bystanders, BYSTANDERS),
    (_answerers, ANSWERERS),
    (_slow_answerers, SLOW_ANSWERERS),
)
_Result = TypeVar("_Result")


async def write(function: Callable[..., _Result], *args: object) -> _Result:
    """Return `function(*args)`, run on the writing thread: one at a time, in the order asked for."""
    return await _run(_writer, function, args)


async def read(function: Callable[..., _Result], *args: object) -> _Result:
    """Return `function(*args)`, run on one of the reading threads."""
    return await _run(_readers, function, args)


async def read_aside(function: Callable[..., _Result], *args: object) -> _Result:
    """Return `function(*args)`, run on a thread that no message waits for: where many ask at once for what can wait."""
    return await _run(_bystanders, function, args)


async def answer(function: Callable[..., _Result], *args: object) -> _Result:
    """Return `function(*args)`, run on one of the threads that answer requests; its connection is given back then."""
    return await _run(_answerers, _give_back, (function, *args))


async def answer_slowly(function: Callable[..., _Result], *args: object) -> _Result:
    """Return `function(*args)` as `answer` does, on threads for what takes long."""
    return await _run(_slow_answerers, _give_back, (function, *args))


def _give_back(function: Callable[..., _Result], *args: object) -> _Result:
    try:
        return function(*args)
    finally:
        # To the pool, where there is one; a file stays open, which saves 2 ms.
        connection.close_if_unusable_or_obsolete()


async def _run(pool: ThreadPoolExecutor, function: Callable[..., _Result], args: tuple[object, ...]) -> _Result:
    context = contextvars.copy_context()
    work = asyncio.get_running_loop().run_in_executor(pool, context.run, _with_connection, function, args)
    # A caller that goes away does not take the work with it: it may have been acknowledged already.
    return await asyncio.shield(work)


def _with_connection(function: Callable[..., _Result], args: tuple[object, ...]) -> _Result:
    try:
        return function(*args)
    except Error:
        # A connection that failed may be gone; the next use opens a new one (270 microseconds).
        if not connection.in_atomic_block:
            connection.close()
        raise


def close_connections() -> None:
    """Close the threads' connections; new work opens them again."""
    for pool, count in _POOLS:
        all_there = threading.Barrier(count)
        for job in [pool.submit(_close_connection, all_there) for _ in range(count)]:
            job.result(timeout=10)


def _close_connection(all_there: threading.Barrier) -> None:
    # Each thread has a connection of its own; the barrier has each of them take one of these jobs.
    all_there.wait(timeout=5)
    connection.close()
