"""Say something to a group, from any thread of the process, without waiting and without failing."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from live.envelope import Envelope, Event, Fence, Span, encode_events
from live.hub import Hub

logger = logging.getLogger(__name__)

MAX_WAITING = 10_000
"""Envelopes that wait for the channel layer before the oldest is dropped. What is dropped is repaired from the
database by the comparison of heads."""


class Publisher:
    """Hands envelopes to the channel layer one after another, and to this process's own hub.

    An embedded layer brings them to the hub itself. With any other the hub is served directly, so that a lost Redis
    does not silence the people on this process, and the echo is ignored.
    """

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._waiting: deque[Envelope] = deque(maxlen=MAX_WAITING)
        self._wake = asyncio.Event()
        self._task = hub.loop.create_task(self._run())

    def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Take `envelopes`, in order. For the loop's own thread."""
        for envelope in envelopes:
            envelope["origin"] = self.hub.origin
            if not self.hub.is_local:
                self.hub.arrive(envelope)
            self._waiting.append(envelope)
        self._wake.set()

    async def stop(self) -> None:
        """End the publisher's task."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                envelope = self._waiting.popleft()
                try:
                    await self.hub.layer.group_send(envelope["group"], envelope)
                except Exception:
                    logger.exception("Could not publish to %s", envelope["group"])


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
        "signal": signal,
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
    elif not getattr(get_channel_layer(), "local", False):
        _publish_from_outside(envelopes)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _publish_from_outside(envelopes: Sequence[Envelope]) -> None:
    async def send() -> None:
        layer = get_channel_layer()
        for item in envelopes:
            await layer.group_send(item["group"], item)

    try:
        async_to_sync(send)()
    except Exception:
        logger.exception("Could not publish from outside the server")
