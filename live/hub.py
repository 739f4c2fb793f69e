"""One subscription a group a process: what arrives for a group goes to all its members as one frame."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any, Protocol

from live.envelope import Envelope, frame
from live.layer import is_embedded
from live.metrics import FANOUT_SECONDS
from live.pulse import Pulse
from live.streams import Stream

logger = logging.getLogger(__name__)

SLICE = 500
"""Members served before the loop gets a turn: 10,000 at once would hold it for 100 ms."""
MAX_FRAME = 256 * 1024
"""Characters of a frame past which what is ready goes in several."""
SUBSCRIBE_TIMEOUT = 1.0
IDLE_SECONDS = 60.0
HEAL_AFTER = 0.3
SETTLE_TURNS = 200
FENCE_RETRY = 1.0


class Member(Protocol):
    """Someone in a group: a socket, or a long poll that waits."""

    def deliver(self, frame: str) -> None:
        """Take one wire frame; must neither wait nor raise."""


class Group:
    """A group as one process sees it."""

    __slots__ = ("fence", "idle_since", "is_flushing", "members", "name", "pending", "streams", "subscribed", "wanted")

    def __init__(self, name: str) -> None:
        self.name = name
        self.members: dict[Member, None] = {}
        self.pending: list[str] = []
        self.streams: dict[str, Stream] = {}
        self.subscribed: asyncio.Future[None] | None = None
        self.fence: int | None = None
        self.wanted = 0
        self.is_flushing = False
        self.idle_since: float | None = None


class Hub:
    """The groups of one process, joined on the channel layer through one channel of its own.

    `check_fence(group, members)` is awaited when an envelope assumes a newer member set than this process has; it
    makes those leave who may not stay and returns the version it saw. What is numbered higher than a number that has
    not come waits for that; 0.3 s later `on_gap(group, stream)` is called and sees to the missing rows.
    `on_signal(group, signal)` takes what the site says to its own parts. The latter two must neither wait nor raise.
    All methods are for the loop's own thread.
    """

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.is_local = is_embedded(layer)
        self.origin = secrets.token_hex(8)
        self.loop = asyncio.get_running_loop()
        self.groups: dict[str, Group] = {}
        self.check_fence: Callable[[Group], Awaitable[int]] | None = None
        self.on_gap: Callable[[Group, str], None] | None = None
        self.on_signal: Callable[[Group, dict[str, Any]], None] | None = None
        self._channel: str | None = None
        self._ready = self.loop.create_future()
        self._tasks = {self.loop.create_task(self._receive()), self.loop.create_task(self._leave_idle_groups())}
        self.pulse = None if self.is_local else Pulse(self._beat)

    def join(self, name: str, member: Member) -> None:
        """Make `member` one of the group `name`: at once here, and beside it on the layer (see `subscribed`)."""
        group = self.groups.get(name)
        if group is None:
            group = self.groups[name] = Group(name)
        group.idle_since = None
        group.members[member] = None
        if group.subscribed is None:
            self._subscribe_soon(group)

    def leave(self, name: str, member: Member) -> None:
        """Make `member` leave the group `name`, if it is in it."""
        group = self.groups.get(name)
        if group is None:
            return
        group.members.pop(member, None)
        if not group.members:
            group.idle_since = time.monotonic()
            # Nobody is served, so nothing is noted any more: whoever comes next begins with the head read then.
            group.streams.clear()
            group.fence, group.wanted = None, 0

    async def subscribed(self, names: Iterable[str]) -> None:
        """Wait until the layer knows of this process in the groups `names`; at most a second.

        Past that the comparison of heads catches what the layer did not bring.
        """
        waiting = {
            group.subscribed
            for name in names
            if (group := self.groups.get(name)) and group.subscribed and not group.subscribed.done()
        }
        if waiting:
            await asyncio.wait(waiting, timeout=SUBSCRIBE_TIMEOUT)

    async def settled(self, name: str) -> None:
        """Wait until nothing is on its way to the members of `name`: who changes places then misses nothing."""
        for _turn in range(SETTLE_TURNS):
            group = self.groups.get(name)
            if group is None or not (group.is_flushing or group.pending):
                return
            await asyncio.sleep(0)

    def members(self, name: str) -> Collection[Member]:
        """Return who is in the group `name` on this process."""
        group = self.groups.get(name)
        return group.members.keys() if group else ()

    def stream(self, group_name: str, stream: str, start: int) -> Stream | None:
        """Return what has arrived of `stream` in a group that has members, beginning after `start` if it is new."""
        group = self.groups.get(group_name)
        if group is None:
            return None
        return group.streams.setdefault(stream, Stream(start))

    def arrive(self, envelope: Envelope) -> None:
        """Take in what was published to a group: note its numbers, tell the members its signal, queue its events."""
        group = self.groups.get(envelope["group"])
        if group is None or not group.members:
            return
        self._see_fence(group, envelope["fence"])
        if envelope["signal"] and self.on_signal is not None:
            self.on_signal(group, envelope["signal"])
        for events in self._due(group, envelope):
            if events:
                self.queue(group, events)

    def queue(self, group: Group, encoded: str) -> None:
        """Queue encoded events for the members of `group` in this process, to go out at the end of the loop's turn."""
        group.pending.append(encoded)
        if not group.is_flushing:
            group.is_flushing = True
            self.loop.call_soon(self._flush, group)

    def fill(self, group: Group, stream: Stream, upto: int) -> None:
        """Note that the members of `group` have everything up to the number `upto`; queue what waited for that."""
        for events in stream.fill(upto):
            if events:
                self.queue(group, events)

    def forget_streams(self) -> None:
        """Forget what has arrived of every stream: the numbers begin anew."""
        for group in self.groups.values():
            group.streams.clear()
            group.fence, group.wanted = None, 0

    async def stop(self) -> None:
        """End the hub's tasks."""
        if self.pulse is not None:
            await self.pulse.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def require_fence(self, group: Group, version: int) -> None:
        """Check the members of `group` before anything more goes to them, unless that was done for `version`."""
        group.wanted = max(group.wanted, version)
        if group.wanted > (group.fence or 0) and not group.is_flushing:
            group.is_flushing = True
            self.loop.call_soon(self._flush, group)

    def _see_fence(self, group: Group, fence: tuple[int, int] | None) -> None:
        if fence is None:
            return
        version, base = fence
        if group.fence == base:
            group.fence = version
        group.wanted = max(group.wanted, version)

    def _due(self, group: Group, envelope: Envelope) -> list[str]:
        """Return the events to tell now. Numbered ones come in order, whichever process they come from."""
        if envelope["span"] is None:
            return [envelope["events"]]
        name, first, last = envelope["span"]
        stream = group.streams.get(name)
        if stream is None:
            stream = group.streams[name] = Stream(first - 1)
        had_gap = stream.has_gap
        due = stream.accept(first, last, envelope["events"])
        if stream.has_gap and not had_gap:
            self.loop.call_later(HEAL_AFTER, self._heal, group, name)
        return due

    def _heal(self, group: Group, name: str) -> None:
        stream = group.streams.get(name)
        if stream is not None and stream.has_gap and self.on_gap is not None:
            self.on_gap(group, name)

    def _flush(self, group: Group) -> None:
        if group.wanted > (group.fence or 0) and self.check_fence is not None:
            self._spawn(self._pass_fence(group))
            return
        pending, group.pending = group.pending, []
        self._deliver(group, _frames(pending), tuple(group.members), 0, time.perf_counter())

    def _deliver(self, group: Group, frames: list[str], members: tuple[Member, ...], start: int, began: float) -> None:
        for member in members[start : start + SLICE]:
            if start and member not in group.members:
                continue
            for text in frames:
                member.deliver(text)
        if start + SLICE < len(members):
            self.loop.call_soon(self._deliver, group, frames, members, start + SLICE, began)
            return
        FANOUT_SECONDS.observe(time.perf_counter() - began)
        if group.pending:
            self.loop.call_soon(self._flush, group)
        else:
            group.is_flushing = False

    async def _pass_fence(self, group: Group) -> None:
        assert self.check_fence is not None
        asked = group.wanted
        try:
            seen = await self.check_fence(group)
            group.fence = max(group.fence or 0, seen)
            if group.wanted == asked:
                # Where what we were told of is newer than what can be read, the database went back, or lags.
                group.wanted = min(asked, group.fence)
        except Exception:
            logger.exception("The members of %s could not be checked; its events wait", group.name)
            self.loop.call_later(FENCE_RETRY, self._flush, group)
        else:
            self._flush(group)

    def _subscribe_soon(self, group: Group) -> None:
        group.subscribed = self.loop.create_future()
        self._spawn(self._subscribe(group, group.subscribed))

    async def _subscribe(self, group: Group, subscribed: asyncio.Future[None]) -> None:
        delay = 0.1
        while True:
            try:
                await self._ready
                await self.layer.group_add(group.name, self._channel)
            except Exception:
                logger.exception("Could not subscribe to %s; trying again", group.name)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5)
            else:
                break
            if self.groups.get(group.name) is not group:
                break
        subscribed.set_result(None)

    async def _receive(self) -> None:
        while True:
            try:
                if self._channel is None:
                    self._channel = await self.layer.new_channel("hub")
                    self._ready.set_result(None)
                    if self.is_local:
                        self.layer.listen(self._channel, self._take_local)
                        return
                envelope = await self.layer.receive(self._channel)
                if "beat" in envelope:
                    self._hear_beat(envelope["beat"])
                elif envelope["origin"] != self.origin:
                    self.arrive(envelope)
            except Exception:
                logger.exception("The channel layer failed; trying again")
                await asyncio.sleep(0.5)

    def _take_local(self, envelope: Envelope) -> None:
        try:
            self.arrive(envelope)
        except Exception:
            logger.exception("What was published to %s was not taken in", envelope["group"])

    async def _beat(self, number: int) -> None:
        # To the hub's own channel: it goes the way that everything else comes.
        if self._channel is not None:
            await self.layer.send(self._channel, {"type": "live.beat", "beat": number})

    def _hear_beat(self, number: int) -> None:
        if self.pulse is not None:
            self.pulse.heard(number)

    async def _leave_idle_groups(self) -> None:
        while True:
            await asyncio.sleep(IDLE_SECONDS / 4)
            since = time.monotonic() - IDLE_SECONDS
            for group in list(self.groups.values()):
                if group.idle_since is not None and group.idle_since < since:
                    await self._leave_layer(group)

    async def _leave_layer(self, group: Group) -> None:
        del self.groups[group.name]
        try:
            await self.layer.group_discard(group.name, self._channel)
        except Exception:
            logger.exception("Could not leave %s", group.name)
        rejoined = self.groups.get(group.name)
        if rejoined is not None:
            # Its subscription may have been overtaken by our leaving.
            self._subscribe_soon(rejoined)

    def _spawn(self, work: Any) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _frames(pending: list[str]) -> list[str]:
    frames: list[str] = []
    part: list[str] = []
    size = 0
    for encoded in pending:
        if part and size + len(encoded) > MAX_FRAME:
            frames.append(frame(*part))
            part, size = [], 0
        part.append(encoded)
        size += len(encoded)
    return [*frames, frame(*part)] if part else frames
