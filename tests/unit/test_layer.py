"""The channel layer of a site that is one process: it drops nothing and forgets nothing."""

import asyncio
import time

import pytest

from live.layer import EmbeddedChannelLayer


@pytest.fixture
async def layer() -> EmbeddedChannelLayer:
    """A layer with one channel in one group."""
    layer = EmbeddedChannelLayer()
    await layer.group_add("room.1", "hub!a")
    return layer


async def test_thousands_of_messages_wait_in_order(layer: EmbeddedChannelLayer) -> None:
    for number in range(5000):
        await layer.group_send("room.1", {"n": number})
    assert [(await layer.receive("hub!a"))["n"] for _ in range(5000)] == list(range(5000))


async def test_a_send_never_suspends(layer: EmbeddedChannelLayer) -> None:
    for group in ("room.1", "room.of.nobody"):
        with pytest.raises(StopIteration):
            layer.group_send(group, {"n": 1}).send(None)


async def test_all_channels_of_a_group_get_the_very_same_message(layer: EmbeddedChannelLayer) -> None:
    await layer.group_add("room.1", "hub!b")
    message = {"n": 1}
    await layer.group_send("room.1", message)
    assert await layer.receive("hub!a") is await layer.receive("hub!b") is message


async def test_who_left_the_group_gets_nothing(layer: EmbeddedChannelLayer) -> None:
    await layer.group_discard("room.1", "hub!a")
    await layer.group_send("room.1", {"n": 1})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(layer.receive("hub!a"), 0.02)


async def test_neither_messages_nor_memberships_grow_old(
    layer: EmbeddedChannelLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await layer.group_send("room.1", {"n": 1})
    now = time.time()
    monkeypatch.setattr("channels.layers.time.time", lambda: now + 400 * 24 * 3600)
    assert await layer.receive("hub!a") == {"n": 1}
    await layer.group_send("room.1", {"n": 2})
    assert await layer.receive("hub!a") == {"n": 2}


async def test_a_reader_that_waits_is_given_what_comes(layer: EmbeddedChannelLayer) -> None:
    reading = asyncio.create_task(layer.receive("hub!a"))
    await asyncio.sleep(0)
    await layer.group_send("room.1", {"n": 1})
    assert await reading == {"n": 1}


async def test_a_listener_is_given_what_comes_at_once_and_in_order(layer: EmbeddedChannelLayer) -> None:
    heard: list[int] = []
    layer.listen("hub!a", lambda message: heard.append(message["n"]))
    await layer.group_add("room.1", "hub!b")
    layer.hand_over("room.1", {"n": 1})
    await layer.group_send("room.1", {"n": 2})
    assert heard == [1, 2]
    assert [(await layer.receive("hub!b"))["n"] for _ in range(2)] == [1, 2]
