"""Say something to a group, from any thread of the process, without waiting and without failing."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from live.envelope import Envelope, Event, Fence, Span, encode_events
from live.hub import Hub
from live.layer import is_embedded
from live.metrics import LAYER_FAILURES

logger = logging.getLogger(__name__)

MAX_WAITING = 10_000
"""Envelopes that wait for the channel layer before the oldest is dropped. What is dropped is repaired from the
database by the comparison of heads."""


SEND_SECONDS = 2.0
"""After which the layer counts as lost: a packet that nobody answers would otherwise hold all that follow it."""
STOP_SECONDS = 1.0


class Publisher:
    """Hands envelopes to the channel layer one after another, and to this process's own hub.

    An embedded layer takes them at once, and brings them to the hub itself. With any other the hub is served directly,
    so that a lost Redis does not silence the people on this process, and the echo is ignored.
    """

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.is_failing = False
        """Whether the layer did not take what it was last given."""
        self.losses = 0
        self._waiting: deque[Envelope] = deque(maxlen=MAX_WAITING)
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task = hub.loop.create_task(self._run())

    def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Take `envelopes`, in order. For the loop's own thread."""
        for envelope in envelopes:
            envelope["origin"] = self.hub.origin
            if self.hub.is_local:
                self.hub.layer.hand_over(envelope["group"], envelope)
            else:
                self.hub.arrive(envelope)
                self._waiting.append(envelope)
        if self._waiting:
            self._idle.clear()
            self._wake.set()

    async def stop(self) -> None:
        """End the publisher's task; what waits has a second to go out."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._idle.wait()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                envelope = self._waiting.popleft()
                await self._send(envelope)
            self._idle.set()

    async def _send(self, envelope: Envelope) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.hub.layer.group_send(envelope["group"], envelope)
        except Exception:
            LAYER_FAILURES.inc()
            self.losses += 1
            if not self.is_failing:
                logger.exception("Could not publish to %s; others hear by comparing heads", envelope["group"])
            self.is_failing = True
        else:
            if self.is_failing:
                logger.warning("The channel layer takes messages again")
            self.is_failing = False


class Process:
    """What fan-out this process has: at most one hub and publisher, on the server's loop."""

    def __init__(self) -> None:
        self.hub: Hub | None = None
        self.publisher: Publisher | None = None

    def start(self) -> Hub:
        """Return the hub of the running loop, made at the first call."""
        if self.hub is None or self.hub.loop is not asyncio.get_running_loop():
            self.hub = Hub(get_channel_layer())
            self.publisher = Publisher(self.hub)
        return self.hub

    def is_alone(self) -> bool:
        """Tell whether the channel layer takes nothing, or brings nothing."""
        pulse = self.hub.pulse if self.hub is not None else None
        is_failing = self.publisher is not None and self.publisher.is_failing
        return is_failing or (pulse is not None and pulse.is_silent)

    def losses(self) -> int:
        """Return how often something may have been lost on the channel layer, on the way out or in."""
        pulse = self.hub.pulse if self.hub is not None else None
        return (self.publisher.losses if self.publisher else 0) + (pulse.losses if pulse else 0)

    async def stop(self) -> None:
        """End hub and publisher."""
        if self.publisher is not None and self.hub is not None:
            await self.publisher.stop()
            await self.hub.stop()
        self.hub = self.publisher = None


process = Process()


def envelope(
    group: str,
    events: Iterable[Event] = (),
    *,
    signal: dict[str, Any] | None = None,
    span: Span | None = None,
    fence: Fence | None = None,
) -> Envelope:
    """Return what `publish` takes.

    `group`: a channel layer group name (ASCII, under 100 characters). `events`: wire events for its members.
    `signal`: for `Hub.on_signal`, never sent to a client. `span`: the numbers the events stand for. `fence`: the
    member set they assume.
    """
    return {
        "type": "live.envelope",
        "group": group,
        "events": encode_events(events),
        # Plain values alone, as another process gets them.
        "signal": msgspec.to_builtins(signal),
        "span": tuple(span) if span else None,  # type: ignore[typeddict-item]  # a plain tuple survives msgpack
        "fence": tuple(fence) if fence else None,  # type: ignore[typeddict-item]
        "origin": "",
    }


def publish(*envelopes: Envelope) -> None:
    """Send `envelopes`, in order, to the members of their groups, wherever they are. For any thread; raises nothing.

    In a process that serves nobody, as a management command does, they go out through a shared channel layer; an
    embedded one has no way from there into the server, which then finds the change by comparing heads.
    """
    hub, publisher = process.hub, process.publisher
    if hub is not None and publisher is not None and not hub.loop.is_closed():
        if _running_loop() is hub.loop:
            publisher.publish(envelopes)
        else:
            hub.loop.call_soon_threadsafe(publisher.publish, envelopes)
    elif _running_loop() is None and not is_embedded(get_channel_layer()):
        # (On a loop it is a server that is about to end, and has said all it had to say.)
        _publish_from_outside(envelopes)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _publish_from_outside(envelopes: Sequence[Envelope]) -> None:
    async def send() -> None:
        layer = get_channel_layer()
        async with asyncio.timeout(SEND_SECONDS):
            for item in envelopes:
                await layer.group_send(item["group"], item)

    try:
        async_to_sync(send)()
    except Exception:
        logger.exception("Could not publish from outside the server")
