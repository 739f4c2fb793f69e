"""The edge of the machine, faked: a socket of an ASGI server, a channel layer that can go wrong, turns of a loop."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from live.envelope import Envelope, Event, encode_events

TURNS = 12
"""Turns of the loop after which everything that needs no time has happened."""


async def settle(turns: int = TURNS) -> None:
    """Let the loop turn until what needs no time is done."""
    for _turn in range(turns):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object], seconds: float = 3.0) -> None:
    """Wait until `condition()` holds; fail after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.002)


class Socket:
    """What an ASGI server gives as `send`: it takes messages at once, waits for a peer that does not read, or fails."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.error: BaseException | None = None
        self.cancelled = 0
        self.abandoned = 0
        self._readable = asyncio.Event()
        self._readable.set()

    @property
    def frames(self) -> list[Any]:
        """The texts and close codes that went out, in order."""
        return [message.get("text", message.get("code")) for message in self.sent]

    def stop_reading(self) -> None:
        """Sends suspend from now on."""
        self._readable.clear()

    def read(self) -> None:
        """Sends go through again."""
        self._readable.set()

    async def send(self, message: dict[str, Any]) -> None:
        """Take one ASGI message."""
        try:
            if not self._readable.is_set():
                await self._readable.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        except GeneratorExit:
            self.abandoned += 1
            raise
        if self.error is not None:
            raise self.error
        self.sent.append(message)


class Ear:
    """A member of groups that keeps what it was given. `on_deliver` is called with each frame."""

    def __init__(self, on_deliver: Callable[[str], None] | None = None) -> None:
        self.frames: list[str] = []
        self.user_id = 0
        self._on_deliver = on_deliver

    def deliver(self, frame: str) -> None:
        """Take one frame."""
        self.frames.append(frame)
        if self._on_deliver is not None:
            self._on_deliver(frame)


class Layer:
    """A channel layer that processes share. `faults` says what becomes of the next sends; once empty, all go well.

    `drop` loses, `twice` brings double, `late` brings after the one that follows, `fail` raises. `broken` names calls
    that raise OSError.
    """

    def __init__(self) -> None:
        self.groups: dict[str, set[str]] = defaultdict(set)
        self.faults: deque[str] = deque()
        self.broken: set[str] = set()
        self.calls: list[tuple[str, ...]] = []
        self._queues: dict[str, asyncio.Queue[Envelope]] = defaultdict(asyncio.Queue)
        self._late: list[tuple[str, Envelope]] = []

    async def new_channel(self, prefix: str) -> str:
        """Return a new channel's name."""
        await self._call("new_channel")
        return f"{prefix}!{len(self.calls)}"

    async def receive(self, channel: str) -> Envelope:
        """Return the next message of a channel."""
        await self._call("receive")
        return await self._queues[channel].get()

    async def group_add(self, group: str, channel: str) -> None:
        """Have a channel hear of a group."""
        await self._call("group_add", group)
        self.groups[group].add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        """Have a channel hear no more of a group."""
        await self._call("group_discard", group)
        self.groups[group].discard(channel)

    async def group_send(self, group: str, message: Envelope) -> None:
        """Bring a message to a group, or what `faults` says."""
        await self._call("group_send", group)
        fault = self.faults.popleft() if self.faults else "bring"
        if fault == "fail":
            raise OSError("the layer failed")
        if fault == "late":
            self._late.append((group, message))
            return
        for _time in range({"drop": 0, "twice": 2}.get(fault, 1)):
            self._bring(group, message)
        late, self._late = self._late, []
        for held in late:
            self._bring(*held)

    def _bring(self, group: str, message: Envelope) -> None:
        for channel in self.groups[group]:
            self._queues[channel].put_nowait(dict(message))  # type: ignore[arg-type]

    async def _call(self, *call: str) -> None:
        self.calls.append(call)
        await asyncio.sleep(0)
        if call[0] in self.broken:
            raise OSError(f"{call[0]} failed")


class LocalLayer(Layer):
    """The same as the layer of a process that is alone: a hub takes its own envelopes from it."""

    local = True

    def __init__(self) -> None:
        super().__init__()
        self._takers: dict[str, Callable[[Any], None]] = {}

    def listen(self, channel: str, take: Callable[[Any], None]) -> None:
        """Hand what comes for a channel to `take`, at once."""
        self._takers[channel] = take

    def hand_over(self, group: str, message: Envelope) -> None:
        """Bring a message to a group at once."""
        self.calls.append(("group_send", group))
        self._bring(group, message)

    def _bring(self, group: str, message: Envelope) -> None:
        for channel in self.groups[group]:
            self._takers[channel](dict(message))


def arriving(group: str, *events: Event, origin: str = "elsewhere", **fields: Any) -> Envelope:
    """Return an envelope as it comes from another process; `span` and `fence` are plain tuples."""
    return {
        "type": "live.envelope", "group": group, "events": encode_events(events), "origin": origin,
        "signal": None, "span": None, "fence": None,
    } | fields  # type: ignore[return-value]  # fmt: skip
