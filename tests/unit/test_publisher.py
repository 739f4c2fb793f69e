"""Saying something to a group: from any thread, without waiting and without failing."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from live import publisher as publisher_module
from live.envelope import Fence, Span
from live.hub import Hub
from live.publisher import Process, envelope, publish
from tests.unit.fakes import Ear, Layer, LocalLayer, settle, until

ROOM = "room.1"


def use_layer(monkeypatch: pytest.MonkeyPatch, layer: Layer) -> Process:
    """Have this process publish through `layer`; return its parts, not started yet."""
    process = Process()
    monkeypatch.setattr(publisher_module, "process", process)
    monkeypatch.setattr(publisher_module, "get_channel_layer", lambda: layer)
    return process


class Here:
    """A process that serves one member of the room."""

    def __init__(self, process: Process, layer: Layer) -> None:
        self.layer = layer
        self.process = process
        self.hub: Hub = process.start()
        self.ear = Ear()
        self.hub.join(ROOM, self.ear)

    @property
    def heard(self) -> list[int]:
        """The numbers that the member heard."""
        return [event["n"] for frame in self.ear.frames for event in json.loads(frame)]


@pytest.fixture(params=[LocalLayer, Layer], ids=["alone", "one of several"])
async def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Here]:
    """A process that serves someone, on the layer of one process and on a shared one."""
    layer = request.param()
    here = Here(use_layer(monkeypatch, layer), layer)
    await here.hub.subscribed([ROOM])
    yield here
    await here.process.stop()


def say(*numbers: int) -> None:
    """Publish an event for each number, in one call."""
    publish(*(envelope(ROOM, [{"n": number}]) for number in numbers))


async def test_what_the_loop_publishes_is_heard_in_order_and_once(here: Here) -> None:
    say(1, 2)
    say(3)
    await settle(30)
    assert here.heard == [1, 2, 3]


async def test_what_another_thread_publishes_is_heard_in_order_and_once(here: Here) -> None:
    def speak() -> None:
        for number in range(50):
            say(number)

    await asyncio.to_thread(speak)
    await until(lambda: len(here.heard) >= 50)
    await settle(30)
    assert here.heard == list(range(50))


async def test_threads_that_speak_at_once_lose_nothing_and_keep_their_order(here: Here) -> None:
    def speak(base: int) -> None:
        for number in range(base, base + 30):
            say(number)

    await asyncio.gather(*(asyncio.to_thread(speak, base) for base in (0, 100, 200)))
    await until(lambda: len(here.heard) >= 90)
    for base in (0, 100, 200):
        assert [number for number in here.heard if base <= number < base + 100] == list(range(base, base + 30))


async def test_own_sockets_are_served_though_the_shared_layer_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    layer = Layer()
    here = Here(use_layer(monkeypatch, layer), layer)
    await here.hub.subscribed([ROOM])
    layer.broken.add("group_send")
    say(1)
    await settle()
    assert here.heard == [1]
    layer.broken.clear()
    say(2)
    await settle(30)
    assert here.heard == [1, 2]
    assert [record.message for record in caplog.records] == [
        f"Could not publish to {ROOM}; others hear by comparing heads",
        "The channel layer takes messages again",
    ]
    await here.process.stop()


async def test_other_processes_hear_it_and_the_speaker_ignores_its_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Layer()
    here = Here(use_layer(monkeypatch, layer), layer)
    other, far = Hub(layer), Ear()
    other.join(ROOM, far)
    await here.hub.subscribed([ROOM])
    await other.subscribed([ROOM])
    say(1, 2)
    await settle(40)
    assert here.heard == [1, 2]
    assert [json.loads(frame) for frame in far.frames] in ([[{"n": 1}], [{"n": 2}]], [[{"n": 1}, {"n": 2}]])
    await other.stop()
    await here.process.stop()


async def test_publishing_neither_waits_for_a_layer_that_hangs_nor_keeps_all_it_was_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publisher_module, "MAX_WAITING", 10)
    sent: list[str] = []

    class Hanging(Layer):
        async def group_send(self, group: str, message: Any) -> None:
            if not sent:
                sent.append("first")
                await gate.wait()
            sent.append(message["events"])

    gate, layer = asyncio.Event(), Hanging()
    here = Here(use_layer(monkeypatch, layer), layer)
    for number in range(30):
        say(number)
        await asyncio.sleep(0)
    assert len(here.heard) >= 29
    gate.set()
    await settle(60)
    assert sent == ["first", '{"n":0}', *(f'{{"n":{number}}}' for number in range(20, 30))]
    await here.process.stop()


async def test_start_gives_one_hub_a_loop(here: Here) -> None:
    assert here.process.start() is here.hub
    assert publisher_module.process.hub is here.hub


def test_a_process_without_a_hub_speaks_through_a_shared_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Layer()
    use_layer(monkeypatch, layer)
    layer.groups[ROOM].add("hub!other")
    say(1, 2)
    received = [asyncio.run(layer.receive("hub!other"))["events"] for _ in range(2)]
    assert received == ['{"n":1}', '{"n":2}']


def test_a_process_without_a_hub_has_no_way_through_a_layer_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = LocalLayer()
    use_layer(monkeypatch, layer)
    say(1)
    assert layer.calls == []


def test_a_process_without_a_hub_survives_a_layer_that_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    layer = Layer()
    layer.broken.add("group_send")
    use_layer(monkeypatch, layer)
    say(1)
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.ERROR, "Could not publish from outside the server")
    ]


def test_publishing_after_the_servers_loop_has_ended_fails_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Layer()
    process = use_layer(monkeypatch, layer)

    async def serve() -> None:
        process.start()
        await settle()

    asyncio.run(serve())
    say(1)
    assert ("group_send", ROOM) in layer.calls


async def test_an_embedded_hub_is_reached_only_on_its_own_thread(here: Here) -> None:
    """The queues of the in-memory layer are not for other threads."""
    threads: set[int] = set()
    arrive = here.hub.arrive
    here.hub.arrive = lambda item: (threads.add(threading.get_ident()), arrive(item))[1]  # type: ignore[method-assign]
    await asyncio.to_thread(say, 1)
    await until(lambda: here.heard)
    assert threads == {threading.get_ident()}


def test_an_envelope_says_what_it_carries() -> None:
    made = envelope(ROOM, [{"n": 1}, {"n": 2}], signal={"type": "x"}, span=Span("s", 1, 2), fence=Fence(3, 2))
    assert made["events"] == '{"n":1},{"n":2}'
    assert (made["span"], made["fence"], made["signal"]) == (("s", 1, 2), (3, 2), {"type": "x"})
    assert type(made["span"]) is type(made["fence"]) is tuple
    assert envelope(ROOM)["events"] == ""
