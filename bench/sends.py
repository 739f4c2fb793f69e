"""Sends that are acknowledged, in many rooms at once."""

import asyncio
import json
import time
import uuid

from bench.client import ACK, ERROR, LoadError
from bench.frames import client_frame, handshake, split_frames
from bench.texts import text

IN_FLIGHT = 8
"""Messages of one sender that were not acknowledged yet."""
_KEPT = len(ACK) - 1


class _Sender(asyncio.Protocol):
    """Says hello, then keeps messages in flight in the room named "bench …" that it is in."""

    def __init__(self, port: int, path: str, token: str) -> None:
        self.request = handshake(port, path, token)
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.stream = bytearray()
        self.is_upgraded = False
        self.acks = 0
        self.failure = ""
        self._kept = b""
        self._begin = b""
        self._number = 0
        self._is_sending = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if self._begin:
            self._count(data)
            return
        self.stream += data
        if not self.is_upgraded:
            _head, end, rest = bytes(self.stream).partition(b"\r\n\r\n")
            if not end:
                return
            self.is_upgraded = True
            self.stream = bytearray(rest)
            self.transport.write(client_frame(b'{"type":"hello","protocol":1}'))
        for payload in split_frames(self.stream):
            for event in json.loads(payload):
                if event["type"] == "welcome":
                    room = next(room["id"] for room in event["rooms"] if room["name"].startswith("bench"))
                    ref = str(uuid.uuid4())[:24]
                    self._begin = f'{{"type":"message.send","room":{room},"ref":"{ref}'.encode()
                    self.ready.set_result(None)

    def start(self) -> None:
        """Begin to send."""
        self._is_sending = True
        for _ in range(IN_FLIGHT):
            self._send()

    def stop(self) -> None:
        """Send nothing more."""
        self._is_sending = False

    def _count(self, data: bytes) -> None:
        joined = self._kept + data
        found = joined.count(ACK)
        if ERROR in joined:
            self.failure = joined[:300].decode(errors="replace")
        self._kept = joined[-_KEPT:]
        self.acks += found
        if self._is_sending:
            for _ in range(found):
                self._send()

    def _send(self) -> None:
        self._number += 1
        command = b'%s%012x","body":"%s"}' % (self._begin, self._number, text(1, self._number))
        self.transport.write(client_frame(command))


async def count_sends(port: int, path: str, tokens: list[str], seconds: float) -> float:
    """Return the acknowledged sends a second of one sender for each token. Raises LoadError if one is refused."""
    loop = asyncio.get_running_loop()
    senders = []
    for token in tokens:
        _transport, sender = await loop.create_connection(
            lambda token=token: _Sender(port, path, token), "127.0.0.1", port
        )
        await sender.ready
        senders.append(sender)
    for sender in senders:
        sender.start()
    await asyncio.sleep(1.0)
    before, began = sum(sender.acks for sender in senders), time.perf_counter()
    await asyncio.sleep(seconds)
    rate = (sum(sender.acks for sender in senders) - before) / (time.perf_counter() - began)
    for sender in senders:
        sender.stop()
    await asyncio.sleep(0.5)
    failures = [sender.failure for sender in senders if sender.failure]
    for sender in senders:
        sender.transport.abort()
    if failures:
        raise LoadError(failures[0])
    return rate
