"""What came for one reader of a socket."""

import asyncio

import pytest

from chatsite.websocket import Inbox
from tests.unit.fakes import settle


async def test_items_come_in_their_order_and_once() -> None:
    inbox = Inbox()
    assert inbox.empty()
    for number in range(3):
        inbox.put_nowait(number)
    assert not inbox.empty()
    assert [await inbox.get() for _ in range(3)] == [0, 1, 2]
    assert inbox.empty()


async def test_a_reader_waits_for_what_comes() -> None:
    inbox = Inbox()
    reader = asyncio.create_task(inbox.get())
    await settle()
    assert not reader.done()
    inbox.put_nowait("a")
    inbox.put_nowait("b")
    assert await reader == "a"
    assert await inbox.get() == "b"


async def test_a_reader_that_gave_up_takes_nothing_with_it() -> None:
    inbox = Inbox()
    reader = asyncio.create_task(inbox.get())
    await settle()
    inbox.put_nowait("kept")
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await inbox.get() == "kept"
