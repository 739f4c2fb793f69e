"""A process joins each group once on the channel layer, tries again where that fails, and leaves what is idle."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from live import hub as hub_module
from live.hub import Hub
from tests.unit.fakes import Ear, Layer, LocalLayer, arriving, settle, until

ROOM = "room.1"
MakeHub = Callable[[Any], Hub]


@pytest.fixture
def layer() -> LocalLayer:
    """A layer that can fail."""
    return LocalLayer()


async def is_heard(layer: Layer, ear: Ear, group: str = ROOM) -> bool:
    """Tell whether what the layer brings to a group reaches `ear`."""
    before = len(ear.frames)
    await layer.group_send(group, arriving(group, {"n": 1}))
    await settle()
    return len(ear.frames) == before + 1


async def test_many_members_are_one_subscription_of_one_channel(hub_on: MakeHub, layer: LocalLayer) -> None:
    hub = hub_on(layer)
    ears = [Ear() for _ in range(50)]
    for ear in ears:
        hub.join(ROOM, ear)
    await hub.subscribed([ROOM])
    assert layer.calls.count(("group_add", ROOM)) == 1
    assert layer.calls.count(("new_channel",)) == 1
    assert all([await is_heard(layer, ears[0])])
    assert all(len(ear.frames) == 1 for ear in ears)


async def test_subscribed_waits_until_the_layer_knows(hub_on: MakeHub, layer: LocalLayer) -> None:
    hub = hub_on(layer)
    hub.join(ROOM, Ear())
    assert not layer.groups[ROOM]
    await hub.subscribed([ROOM, "room.nobody"])
    assert layer.groups[ROOM]


async def test_subscribed_is_bounded_and_the_subscription_is_tried_again(
    hub_on: MakeHub, layer: LocalLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "SUBSCRIBE_TIMEOUT", 0.05)
    layer.broken.add("group_add")
    hub, ear = hub_on(layer), Ear()
    hub.join(ROOM, ear)
    started = time.monotonic()
    await hub.subscribed([ROOM])
    assert 0.04 < time.monotonic() - started < 0.5
    layer.broken.clear()
    await until(lambda: layer.groups[ROOM])
    assert await is_heard(layer, ear)


async def test_the_bound_is_a_second() -> None:
    assert hub_module.SUBSCRIBE_TIMEOUT <= 1.0


async def test_a_member_that_comes_and_goes_in_one_turn_leaves_the_next_one_subscribed(
    hub_on: MakeHub, layer: LocalLayer
) -> None:
    hub, hasty, ear = hub_on(layer), Ear(), Ear()
    hub.join(ROOM, hasty)
    hub.leave(ROOM, hasty)
    await settle()
    hub.join(ROOM, ear)
    await hub.subscribed([ROOM])
    assert await is_heard(layer, ear)


async def test_a_member_that_goes_while_the_layer_fails_leaves_the_next_one_subscribed(
    hub_on: MakeHub, layer: LocalLayer
) -> None:
    layer.broken.add("group_add")
    hub, first, ear = hub_on(layer), Ear(), Ear()
    hub.join(ROOM, first)
    await until(lambda: ("group_add", ROOM) in layer.calls)
    hub.leave(ROOM, first)
    await asyncio.sleep(0.12)
    layer.broken.clear()
    hub.join(ROOM, ear)
    await hub.subscribed([ROOM])
    assert await is_heard(layer, ear)


async def test_an_idle_group_leaves_the_layer_and_joins_again(
    hub_on: MakeHub, layer: LocalLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "IDLE_SECONDS", 0.02)
    hub, ear = hub_on(layer), Ear()
    hub.join(ROOM, ear)
    await hub.subscribed([ROOM])
    hub.leave(ROOM, ear)
    assert layer.groups[ROOM]
    await until(lambda: not layer.groups[ROOM])
    await settle()
    assert ROOM not in hub.groups
    hub.join(ROOM, ear)
    await hub.subscribed([ROOM])
    assert await is_heard(layer, ear)


async def test_a_group_that_is_joined_again_in_time_stays(
    hub_on: MakeHub, layer: LocalLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "IDLE_SECONDS", 0.02)
    hub, ear = hub_on(layer), Ear()
    hub.join(ROOM, ear)
    await hub.subscribed([ROOM])
    hub.leave(ROOM, ear)
    hub.join(ROOM, ear)
    await asyncio.sleep(0.06)
    assert ("group_discard", ROOM) not in layer.calls
    assert await is_heard(layer, ear)


class SlowToLeave(LocalLayer):
    """A layer whose `group_discard` takes until `gate` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def group_discard(self, group: str, channel: str) -> None:
        """Leave, in a while."""
        self.calls.append(("leaving", group))
        await self.gate.wait()
        await super().group_discard(group, channel)


async def test_a_group_that_is_joined_while_the_layer_is_being_left_is_subscribed_after(
    hub_on: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "IDLE_SECONDS", 0.02)
    layer, ear = SlowToLeave(), Ear()
    hub = hub_on(layer)
    hub.join(ROOM, ear)
    await hub.subscribed([ROOM])
    hub.leave(ROOM, ear)
    await until(lambda: ("leaving", ROOM) in layer.calls)
    hub.join(ROOM, ear)
    await settle()
    layer.gate.set()
    await settle()
    assert await is_heard(layer, ear)


async def test_a_layer_that_fails_while_groups_are_left_does_not_end_the_leaving(
    hub_on: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "IDLE_SECONDS", 0.02)
    layer, ear = SlowToLeave(), Ear()
    hub = hub_on(layer)
    for name in (ROOM, "room.2"):
        hub.join(name, ear)
    await hub.subscribed([ROOM, "room.2"])
    hub.leave(ROOM, ear)
    await until(lambda: ("leaving", ROOM) in layer.calls)
    hub.join(ROOM, ear)
    layer.broken = {"group_discard", "group_add"}
    layer.gate.set()
    await settle()
    layer.broken = set()
    hub.leave("room.2", ear)
    await until(lambda: not layer.groups["room.2"])
    await until(lambda: layer.groups[ROOM])


async def test_a_layer_that_fails_at_the_start_is_tried_again(hub_on: MakeHub, layer: LocalLayer) -> None:
    layer.broken.add("new_channel")
    hub, ear = hub_on(layer), Ear()
    hub.join(ROOM, ear)
    await settle()
    layer.broken.clear()
    await until(lambda: layer.groups[ROOM])
    assert await is_heard(layer, ear)
