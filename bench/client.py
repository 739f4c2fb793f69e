"""The load: sockets in one room, some of them senders, and a number of messages in flight between them all.

Every byte that arrives is looked at once, by one search in C for the mark in each text; frames are not taken apart.
All sockets read into one buffer, so nothing is allocated for what is received.
"""

import asyncio
import json
import os
import resource
import time
import uuid
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from bench.frames import client_frame, handshake, split_frames
from bench.machine import cpu_seconds
from bench.texts import MARK, TOKEN, TOKEN_SIZE, own_mark, text

ACK = b'"type":"ack"'
ERROR = b'"type":"error"'
PROBES = 8
"""Sockets that note when each message came to them."""
OPEN_AT_ONCE = 20
OPEN_SECONDS = 30.0
DRAIN_SECONDS = 10.0
PING_EVERY = 15.0

_KEPT = TOKEN_SIZE - 1
_BUFFER = bytearray(_KEPT + 1024 * 1024)
_INTO = memoryview(_BUFFER)[_KEPT:]


PING_SECONDS = 20.0


class LoadError(Exception):
    """What arrived is not what a measurement can be made of."""


@dataclass(frozen=True)
class Target:
    """A server to drive, and this process's part of the room there. `tokens` are empty where nobody signs in."""

    port: int
    path: str
    pid: int
    speaks_protocol: bool
    tokens: list[str]
    sockets: int
    room_sockets: int
    senders: range
    dialect: str = "plain"
    """How texts are wrapped where the server does not speak our protocol: `plain`, or `socket.io`."""
    open_at_once: int = OPEN_AT_ONCE
    open_seconds: float = OPEN_SECONDS
    drain_seconds: float = DRAIN_SECONDS


@dataclass
class Sample:
    """What one process saw in one window. Latencies and times are in seconds, `received` in bytes."""

    seconds: float
    deliveries: int
    messages: int
    received: int
    client_cpu: float
    server_cpu: float
    latencies: "array[float]" = field(repr=False)


class Reading(NamedTuple):
    """The counters at one moment."""

    at: float
    deliveries: int
    messages: int
    received: int
    client_cpu: float
    server_cpu: float


class Opening(asyncio.Protocol):
    """A socket that is being opened: `opened` becomes the room's id, or 0 where there is no hello to say."""

    def __init__(self, target: Target, token: str | None) -> None:
        self.target = target
        self.token = token
        self.stream = bytearray()
        self.is_upgraded = False
        self.opened: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(handshake(self.target.port, self.target.path, self.token))

    def data_received(self, data: bytes) -> None:
        self.stream += data
        if not self.is_upgraded:
            head, end, rest = bytes(self.stream).partition(b"\r\n\r\n")
            if not end:
                return
            self._upgrade(head)
            self.stream = bytearray(rest)
        for payload in split_frames(self.stream):
            self._take(payload)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(LoadError(f"The server closed a socket that was being opened: {error}"))

    def _upgrade(self, head: bytes) -> None:
        if b" 101 " not in head[:16]:
            self._fail(head.decode(errors="replace"))
        self.is_upgraded = True
        if self.target.speaks_protocol:
            self.transport.write(client_frame(b'{"type":"hello","protocol":1}'))
        elif self.target.dialect == "socket.io":
            self.transport.write(client_frame(b"40"))
        elif not self.opened.done():
            self.opened.set_result(0)

    def _take(self, payload: bytes) -> None:
        if self.opened.done():
            return
        if not self.target.speaks_protocol:
            # Engine.IO's `open` comes first, and `40` once the namespace is joined.
            if payload.startswith(b"40"):
                self.opened.set_result(0)
            return
        for event in json.loads(payload):
            if event["type"] == "error":
                self._fail(str(event))
            elif event["type"] == "welcome":
                self.opened.set_result(next(room["id"] for room in event["rooms"] if room["name"] == "bench"))

    def _fail(self, why: str) -> None:
        if not self.opened.done():
            self.opened.set_exception(LoadError(why))


class Listener(asyncio.BufferedProtocol):
    """A socket in the room that counts."""

    def __init__(self, load: "Load", transport: Any) -> None:
        self.load = load
        self.transport = transport
        self.kept = bytes(_KEPT)
        self.deliveries = 0

    def get_buffer(self, _sizehint: int) -> memoryview:
        return _INTO

    def buffer_updated(self, size: int) -> None:
        end = self._join(size)
        self._count(end)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.load.is_closing:
            self.load.failure = f"The server closed a socket: {error}"

    def _count(self, end: int) -> None:
        found = _BUFFER.count(MARK, _KEPT - len(MARK) + 1, end)
        self.deliveries += found
        self.load.deliveries += found

    def _join(self, size: int) -> int:
        """Put what was kept of the last chunk before this one, for what stands across; return where it ends."""
        self.load.received += size
        _BUFFER[:_KEPT] = self.kept
        self.kept = bytes(_BUFFER[size : size + _KEPT])
        return size + _KEPT


class Probe(Listener):
    """A listener that also notes how long each message took to come."""

    def buffer_updated(self, size: int) -> None:
        now = time.perf_counter()
        load = self.load
        end = self._join(size)
        self._count(end)
        if load.is_noting:
            senders, sent_at = load.target.senders, load.sent_at
            load.latencies.extend(
                now - sent_at[int(found[2])]
                for found in TOKEN.finditer(_BUFFER, 0, end)
                if int(found[1]) in senders
            )  # fmt: skip


class Sender(Listener):
    """A listener that also sends. A message is in flight until its sender has its own copy."""

    def __init__(self, load: "Load", transport: Any, number: int) -> None:
        super().__init__(load, transport)
        self.number = number
        self.mark = own_mark(number)
        self.descriptor = transport.get_extra_info("socket").fileno()

    def buffer_updated(self, size: int) -> None:
        load = self.load
        end = self._join(size)
        self._count(end)
        load.acks += _BUFFER.count(ACK, _KEPT - len(ACK) + 1, end)
        if _BUFFER.find(ERROR, _KEPT - len(ERROR) + 1, end) >= 0:
            load.failure = bytes(_BUFFER[_KEPT:end]).decode(errors="replace")[:500]
        at = _BUFFER.find(self.mark, 0, end)
        while at >= 0 and at + TOKEN_SIZE <= end:
            load.arrived(int(_BUFFER[at + len(self.mark) : at + TOKEN_SIZE]))
            at = _BUFFER.find(self.mark, at + TOKEN_SIZE, end)

    def send(self, payload: bytes) -> None:
        """Send at once: uvloop would keep it until all that is readable was read, as no other sender's client does."""
        frame = client_frame(payload)
        if os.write(self.descriptor, frame) != len(frame):
            self.load.failure = "A sender's socket took only part of a message"


class Load:
    """This process's sockets, and what they counted."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.deliveries = self.acks = self.sent = self.received = 0
        self.failure = ""
        self.is_closing = self.is_noting = self.is_sending = False
        self.pending: set[int] = set()
        self.sent_at: array[float] = array("d")
        self.latencies: array[float] = array("f")
        self.senders: list[Sender] = []
        self.listeners: list[Listener] = []
        self.room = 0
        self._write: Callable[[int, bytes], bytes] = _as_it_is

    async def open(self) -> None:
        """Open all sockets and, where the server speaks our protocol, sign in and say hello on each."""
        gate = asyncio.Semaphore(self.target.open_at_once)

        waiting: list[Any] = []

        async def one(index: int) -> tuple[Any, int]:
            async with gate:
                transport, room = await self._open_one(index)
                waiting.append(transport)
                return transport, room

        keeper = asyncio.create_task(self._keep_waiting(waiting))
        try:
            async with asyncio.timeout(self.target.open_seconds):
                opened = await asyncio.gather(*(one(index) for index in range(self.target.sockets)))
        finally:
            keeper.cancel()
        self.room = opened[0][1]
        for index, (transport, _room) in enumerate(opened):
            listener = self._member(index, transport)
            transport.set_protocol(listener)
            self.listeners.append(listener)

    async def _keep_waiting(self, waiting: list[Any]) -> None:
        """Say something now and then on the sockets that wait for the others: silence would close them."""
        while self.target.speaks_protocol:
            await asyncio.sleep(PING_SECONDS)
            for transport in waiting:
                transport.write(client_frame(b'{"type":"ping"}'))

    async def measure(self, in_flight: int, warm_up: float, seconds: float) -> Sample:
        """Keep `in_flight` messages in flight and return what was seen in `seconds` after `warm_up`.

        Then waits for all that is under way and raises LoadError unless every socket got as many messages as were
        sent (known where this process has the whole room) and each was acknowledged.
        """
        self.keep_alive()
        self._begin()
        for _ in range(in_flight):
            self._send_next()
        await asyncio.sleep(warm_up)
        before = self._reading()
        self.is_noting = True
        await asyncio.sleep(seconds)
        self.is_noting = False
        after = self._reading()
        self.is_sending = False
        await self._drain()
        return _between(before, after, self.latencies)

    async def pace(self, rate: float, warm_up: float, seconds: float) -> Sample:
        """Send `rate` messages a second, whatever becomes of them, and return what was seen; raises as `measure`."""
        self.keep_alive()
        self._begin()
        self.is_sending = False
        loop = asyncio.get_running_loop()
        start = loop.time()
        before = self._reading()
        number = 0
        while (due := start + number / rate) < start + warm_up + seconds:
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not self.is_noting and due >= start + warm_up:
                before = self._reading()
                self.is_noting = True
            self._send_next()
            number += 1
        await asyncio.sleep(max(0.0, start + warm_up + seconds - loop.time()))
        after = self._reading()
        # What was sent in the window and comes after it counts: leaving it out would leave out the slowest.
        await self._drain()
        self.is_noting = False
        return _between(before, after, self.latencies)

    def keep_alive(self) -> None:
        """Say something on every socket, where silence would close it."""
        if self.target.speaks_protocol:
            for listener in self.listeners:
                listener.transport.write(client_frame(b'{"type":"ping"}'))

    async def close(self) -> None:
        """Close all sockets."""
        self.is_closing = True
        for listener in self.listeners:
            listener.transport.abort()
        await asyncio.sleep(0.1)

    def arrived(self, number: int) -> None:
        """Note that the sender of message `number` has its copy; another message takes its place in flight."""
        if number not in self.pending:
            # Of two servers one may mend what is only late, which brings it twice; a client drops the second.
            if self.target.sockets == self.target.room_sockets:
                self.failure = f"Message {number} came twice to its sender"
            return
        self.pending.discard(number)
        if self.is_sending:
            self._send_next()

    async def _open_one(self, index: int) -> tuple[Any, int]:
        token = self.target.tokens[index] if self.target.tokens else None
        loop = asyncio.get_running_loop()
        transport, opening = await loop.create_connection(
            lambda: Opening(self.target, token), "127.0.0.1", self.target.port
        )
        return transport, await opening.opened

    def _member(self, index: int, transport: Any) -> Listener:
        """Senders and probes stand evenly among the others, as a server may serve its sockets in order."""
        step = self.target.sockets // len(self.target.senders)
        turn, place = divmod(index, step)
        if place == 0 and turn < len(self.target.senders):
            sender = Sender(self, transport, self.target.senders[turn])
            self.senders.append(sender)
            return sender
        if place == step // 2 and turn % max(1, len(self.target.senders) // PROBES) == 0:
            return Probe(self, transport)
        return Listener(self, transport)

    def _begin(self) -> None:
        self.deliveries = self.acks = self.sent = self.received = 0
        if self.target.speaks_protocol:
            self._write = _commands(self.room)
        elif self.target.dialect == "socket.io":
            self._write = _socket_io
        for listener in self.listeners:
            listener.deliveries = 0
        self.pending.clear()
        self.sent_at = array("d")
        self.latencies = array("f")
        self.is_sending = True

    def _send_next(self) -> None:
        number = self.sent
        sender = self.senders[number % len(self.senders)]
        payload = self._write(number, text(sender.number, number))
        self.sent += 1
        self.pending.add(number)
        self.sent_at.append(time.perf_counter())
        sender.send(payload)

    def _reading(self) -> Reading:
        if self.failure:
            raise LoadError(self.failure)
        now, server_cpu = time.perf_counter(), cpu_seconds(self.target.pid)
        return Reading(now, self.deliveries, self.sent, self.received, time.process_time(), server_cpu)

    async def _drain(self) -> None:
        """Wait for all that is under way. Where processes share a room, each sees the others' messages too."""
        until = time.monotonic() + self.target.drain_seconds
        expected = self.sent * self.target.sockets
        is_alone = self.target.sockets == self.target.room_sockets
        while not self._is_complete(expected) and time.monotonic() < until and not self.failure:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        if self.failure:
            raise LoadError(self.failure)
        uneven = sum(listener.deliveries != self.sent for listener in self.listeners) if is_alone else 0
        if not self._is_complete(expected) or uneven:
            raise LoadError(
                f"{self.sent} messages sent to {self.target.sockets} sockets, {self.deliveries} deliveries, "
                f"{self.acks} acks, {len(self.pending)} copies missing at their senders, "
                f"{uneven} sockets with another number"
            )

    def _is_complete(self, expected: int) -> bool:
        acked = not self.target.speaks_protocol or self.acks == self.sent
        return acked and not self.pending and self.deliveries >= expected


def allow_many_sockets() -> None:
    """Raise this process's limit of open files to what it may be."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _between(before: Reading, after: Reading, latencies: "array[float]") -> Sample:
    return Sample(
        seconds=after.at - before.at,
        deliveries=after.deliveries - before.deliveries,
        messages=after.messages - before.messages,
        received=after.received - before.received,
        client_cpu=after.client_cpu - before.client_cpu,
        server_cpu=after.server_cpu - before.server_cpu,
        latencies=latencies,
    )


def _socket_io(_number: int, body: bytes) -> bytes:
    return b'42["message","%s"]' % body


def _as_it_is(_number: int, body: bytes) -> bytes:
    return body


def _commands(room: int) -> Callable[[int, bytes], bytes]:
    """Return what makes a `message.send` of a text, each with a ref that was never used."""
    ref = str(uuid.uuid4())[:24]
    begin = f'{{"type":"message.send","room":{room},"ref":"{ref}'.encode()

    def command(number: int, body: bytes) -> bytes:
        return b'%s%012x","body":"%s"}' % (begin, number, body)

    return command
