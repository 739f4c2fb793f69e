"""There is one of everything a process and a loop."""

import asyncio

import pytest

from chat import process as chat_process


@pytest.mark.usefixtures("real_cast")
async def test_who_starts_a_process_at_once_gets_the_same_and_after_the_end_a_new_one() -> None:
    first, *others = await asyncio.gather(*(chat_process.start() for _ in range(4)))
    assert all(other is first for other in others)
    assert chat_process.running() is first
    assert await chat_process.start() is first
    await chat_process.stop()
    second, third = await asyncio.gather(chat_process.start(), chat_process.start())
    assert second is third
    assert second is not first
    assert second.hub is not first.hub
    await chat_process.stop()
    with pytest.raises(RuntimeError):
        chat_process.running()


@pytest.mark.usefixtures("real_cast")
def test_each_loop_gets_a_process_of_its_own() -> None:
    async def start_and_stop() -> chat_process.ChatProcess:
        process, other = await asyncio.gather(chat_process.start(), chat_process.start())
        assert process is other
        assert process.loop is asyncio.get_running_loop()
        await chat_process.stop()
        return process

    assert asyncio.run(start_and_stop()) is not asyncio.run(start_and_stop())
