"""Numbered events: what comes twice is told once, what is missing is noticed, a bad layer loses nothing for good."""

import asyncio
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live import hub as hub_module
from live.envelope import encode_events
from live.hub import Group, Hub
from live.publisher import Publisher
from tests.unit.fakes import Ear, Layer, arriving, settle

ROOM = "room.1"
STREAM = "changes.1"
HEAL = 0.03


@pytest.fixture
def gaps(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The gaps that the hub told of, which it does sooner than elsewhere."""
    monkeypatch.setattr(hub_module, "HEAL_AFTER", HEAL)
    told: list[tuple[str, str]] = []
    hub.on_gap = lambda group, stream: told.append((group.name, stream))
    return told


@pytest.fixture
def ear(hub: Hub) -> Ear:
    """A member of the room."""
    ear = Ear()
    hub.join(ROOM, ear)
    return ear


def change(first: int, last: int | None = None, **fields: Any) -> Any:
    """Return an envelope with the changes `first` to `last`."""
    last = last or first
    events = [{"n": number} for number in range(first, last + 1)]
    return arriving(ROOM, *events, span=(STREAM, first, last), **fields)


def heard(ear: Ear) -> list[int]:
    """Return the numbers that a member heard."""
    return [event["n"] for frame in ear.frames for event in json.loads(frame)]


async def test_what_arrives_twice_is_told_once(hub: Hub, ear: Ear) -> None:
    for _time in range(2):
        hub.arrive(change(1, 3))
        hub.arrive(change(4))
    await settle()
    assert heard(ear) == [1, 2, 3, 4]


async def test_a_stream_begins_where_it_is_said_to(hub: Hub, ear: Ear) -> None:
    stream = hub.stream(ROOM, STREAM, 5)
    assert stream is not None
    hub.arrive(change(5))
    hub.arrive(change(6))
    await settle()
    assert heard(ear) == [6]
    assert hub.stream(ROOM, STREAM, 100) is stream
    assert stream.upto == 6
    assert hub.stream("room.nobody", STREAM, 1) is None


async def test_a_gap_is_told_of_once_and_what_came_waits_until_it_is_filled(
    hub: Hub, ear: Ear, gaps: list[tuple[str, str]]
) -> None:
    hub.arrive(change(1))
    hub.arrive(change(3))
    hub.arrive(change(5, 6))
    await settle()
    assert heard(ear) == [1]
    assert gaps == []
    await asyncio.sleep(3 * HEAL)
    assert gaps == [(ROOM, STREAM)]
    hub.fill(hub.groups[ROOM], hub.groups[ROOM].streams[STREAM], 5)
    await settle()
    assert heard(ear) == [1, 5, 6]


async def test_a_gap_that_is_filled_in_time_is_not_told_of(hub: Hub, ear: Ear, gaps: list[Any]) -> None:
    for number in (1, 3, 4, 2):
        hub.arrive(change(number))
    await asyncio.sleep(3 * HEAL)
    assert gaps == []
    assert heard(ear) == [1, 2, 3, 4]


async def test_a_gap_that_is_repaired_from_the_database_in_time_is_not_told_of(
    hub: Hub, ear: Ear, gaps: list[Any]
) -> None:
    hub.arrive(change(1))
    hub.arrive(change(3))
    hub.fill(hub.groups[ROOM], hub.groups[ROOM].streams[STREAM], 2)
    await asyncio.sleep(3 * HEAL)
    assert gaps == []
    assert heard(ear) == [1, 3]
    assert hub.groups[ROOM].streams[STREAM].upto == 3


async def test_the_next_gap_is_told_of_again(hub: Hub, ear: Ear, gaps: list[Any]) -> None:
    hub.arrive(change(1))
    hub.arrive(change(3))
    await asyncio.sleep(2 * HEAL)
    hub.arrive(change(2))
    hub.arrive(change(5))
    await asyncio.sleep(2 * HEAL)
    assert len(gaps) == 2


async def test_the_numbers_begin_anew_when_they_are_forgotten(hub: Hub, ear: Ear, gaps: list[Any]) -> None:
    hub.arrive(change(7, 9))
    hub.forget_streams()
    hub.arrive(change(1))
    await asyncio.sleep(2 * HEAL)
    assert heard(ear) == [7, 8, 9, 1]
    assert gaps == []


# A layer at its worst.


class Repairs:
    """Stands for `chat.heads`: gives a group what it lacks, from a list that stands for the database."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.stored = 0
        hub.on_gap = self.repair

    def repair(self, group: Group, name: str) -> None:
        """Queue what has not arrived."""
        stream = group.streams[name]
        missing = [{"n": number} for number in range(stream.upto + 1, self.stored + 1)]
        if missing:
            self.hub.queue(group, encode_events(missing))
        self.hub.fill(group, stream, self.stored)


async def converse(faults: list[str], sizes: list[int], seed: int) -> dict[str, list[int]]:
    """Two processes publish by turns over a layer with `faults`; return what a member of each heard."""
    layer = Layer()
    layer.faults.extend(faults)
    hubs = [Hub(layer), Hub(layer)]
    repairs = [Repairs(hub) for hub in hubs]
    publishers = [Publisher(hub) for hub in hubs]
    ears = [Ear(), Ear()]
    for hub, ear in zip(hubs, ears, strict=True):
        hub.join(ROOM, ear)
        await hub.subscribed([ROOM])
        hub.stream(ROOM, STREAM, 0)
    chance, stored = random.Random(seed), 0
    for size in sizes:
        envelope = change(stored + 1, stored + size)
        stored += size
        repairs[0].stored = repairs[1].stored = stored
        chance.choice(publishers).publish([dict(envelope)])  # type: ignore[list-item]
        await settle(chance.randrange(3))
    await settle(40 + 6 * len(sizes))
    for part in repairs:
        part.repair(part.hub.groups[ROOM], STREAM)
    await settle()
    for part in (*publishers, *hubs):
        await part.stop()
    return {name: heard(ear) for name, ear in zip("ab", ears, strict=True)}


@settings(max_examples=60)
@given(
    faults=st.lists(st.sampled_from(["bring", "drop", "twice", "late", "fail"]), max_size=25),
    sizes=st.lists(st.integers(1, 3), max_size=25),
    seed=st.integers(0, 1000),
)
def test_whatever_the_layer_does_everyone_hears_everything(faults: list[str], sizes: list[int], seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub_module.logger, "disabled", True)
        patch.setattr("live.publisher.logger.disabled", True)
        heard_by = asyncio.run(converse(faults, sizes, seed))
    everything = set(range(1, sum(sizes) + 1))
    assert all(set(numbers) == everything for numbers in heard_by.values())
    assert all(numbers == sorted(numbers) for numbers in heard_by.values())
    if not faults:
        assert all(len(numbers) == len(everything) for numbers in heard_by.values())


def test_that_check_notices_a_hub_that_never_repairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Repairs, "repair", lambda *_arguments: None)
    heard_by = asyncio.run(converse(["bring", "drop"], [1, 1, 1], 0))
    assert any(set(numbers) != {1, 2, 3} for numbers in heard_by.values())


def test_a_gap_is_healed_within_half_a_second() -> None:
    """PROTOCOL, rule 4."""
    assert hub_module.HEAL_AFTER < 0.5
