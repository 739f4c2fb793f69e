"""Flooding is limited, per user and per address, over sockets and REST together."""

import asyncio
import json
import socket as sockets
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.client import Event, Person, Socket, new_ref
from tests.servers import ROOT, Site, Template

BURST = 60


@pytest.fixture
async def limited(fresh_server, newcomer) -> tuple[Person, int]:
    """Ann with a room, where rate limits are on."""
    site = fresh_server(CHATSITE_RATE_LIMITS="on")
    ann = await newcomer("ann", site)
    return ann, await ann.make_room("public")


class PingFlood:
    """A socket that pings as fast as it can from a thread of its own; `received` is all that it was told."""

    def __init__(self, person: Person) -> None:
        self.received = bytearray()
        host, _, port = person.site.url.rpartition("/")[2].partition(":")
        self._connection = sockets.create_connection((host, int(port)), timeout=20)
        self._connection.sendall(
            f"GET /ws/chat/ HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {person.token}\r\n\r\n".encode()
        )
        assert b" 101 " in self._connection.recv(4096)
        self._connection.sendall(_frame({"type": "hello", "protocol": 1}))
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._receive)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Go away."""
        self._connection.shutdown(sockets.SHUT_RDWR)
        for thread in self._threads:
            thread.join(20)
        self._connection.close()

    def _send(self) -> None:
        pings = _frame({"type": "ping"}) * 500
        try:
            while True:
                self._connection.sendall(pings)
        except OSError:
            return

    def _receive(self) -> None:
        try:
            while data := self._connection.recv(65536):
                self.received += data
        except OSError:
            return


def _frame(command: Event) -> bytes:
    """Return a short text frame as a client sends it (RFC 6455 section 5.2), under a mask of zeros."""
    text = json.dumps(command).encode()
    return bytes([0x81, 0x80 | len(text)]) + bytes(4) + text


@contextmanager
def ping_flood(person: Person) -> Iterator[PingFlood]:
    """A flood for as long as the block takes."""
    flood = PingFlood(person)
    try:
        yield flood
    finally:
        flood.stop()


async def flood_until_limited(socket: Socket, room: int) -> Event:
    """Send far more than the burst and return the first refusal, once all is answered."""
    refs = [new_ref() for _ in range(3 * BURST)]
    for ref in refs:
        await socket.say(type="message.send", ref=ref, room=room, body="flood")
    refused = await socket.wait_for("error", code="rate_limited")
    await socket.wait_for(("ack", "error"), ref=refs[-1])
    return refused


async def test_a_flood_over_two_sockets_and_rest_is_limited_and_ends_when_it_is_told_to(limited):
    ann, room = limited
    first, second = await ann.connect(), await ann.connect()

    async def over_rest() -> Event:
        response = await ann.http.post("/api/v1/messages/", json={"ref": new_ref(), "room": room, "body": "flood"})
        if response.status_code == 429:
            assert int(response.headers["Retry-After"]) >= 1
        return response.json()

    answers = await asyncio.gather(
        *(socket.send("flood", room) for socket in (first, second) for _ in range(BURST)),
        *(over_rest() for _ in range(BURST // 2)),
    )
    refused = [answer for answer in answers if answer.get("code")]
    assert {answer["code"] for answer in refused} == {"rate_limited"}
    assert all(answer["retry_after"] > 0 for answer in refused)
    assert BURST <= len(answers) - len(refused) == len(await ann.messages(room))
    await asyncio.sleep(max(answer["retry_after"] for answer in refused))
    assert (await first.send("calm again", room))["type"] == "ack"


async def test_the_flood_of_one_user_limits_nobody_else(limited, newcomer):
    ann, room = limited
    bob = await newcomer("bob", ann.site)
    await bob.join(room)
    flood, calm = await ann.connect(), await bob.connect()
    await flood_until_limited(flood, room)
    assert (await calm.send("calm", room))["type"] == "ack"


async def test_a_limited_message_is_stored_when_it_is_sent_again_with_its_ref(limited):
    ann, room = limited
    socket = await ann.connect()
    refused = await flood_until_limited(socket, room)
    await asyncio.sleep(3)
    again = await socket.send("flood", room, ref=refused["ref"])
    assert (again["type"], again["duplicate"]) == ("ack", False)


async def test_any_command_can_be_too_much(limited):
    ann, _room = limited
    socket = await ann.connect()
    for _ in range(300):
        await socket.say(type="ping")
    error = await socket.wait_for("error", code="rate_limited")
    assert error["retry_after"] > 0
    assert socket.connection.close_code is None


async def test_a_socket_that_pings_as_fast_as_it_can_slows_nobody_else_at_its_address(limited, newcomer):
    ann, room = limited
    bob = await newcomer("bob", ann.site)
    await bob.join(room)
    calm = await bob.connect()
    seconds = []
    with ping_flood(ann) as flood:
        async with asyncio.timeout(20):
            while b"rate_limited" not in flood.received:
                await asyncio.sleep(0.05)
        for number in range(10):
            started = time.monotonic()
            await calm.settle()
            pinged = time.monotonic()
            ack = await calm.send(f"calm {number}", room)
            assert ack["type"] == "ack", ack
            seconds += [pinged - started, time.monotonic() - pinged]
            # The flood goes on for a second or two, longer than what the whole address may do at once lasts.
            await asyncio.sleep(0.1)
    assert statistics.median(seconds) < 0.3, seconds
    assert len(await bob.messages(room)) == 10
    refused = flood.received[flood.received.index(b'[{"type":"error"') :]
    [error] = json.loads(refused[: refused.index(b"}]") + 2])
    assert (error["code"], error["retry_after"] > 0) == ("rate_limited", True)


async def test_a_flood_is_over_when_its_socket_goes_and_holds_up_no_restart(limited, newcomer):
    ann, room = limited
    bob = await newcomer("bob", ann.site)
    await bob.join(room)
    with ping_flood(ann) as flood:
        async with asyncio.timeout(20):
            while b"rate_limited" not in flood.received:
                await asyncio.sleep(0.05)
        assert (await bob.room_frame(room))["online"] == 1
    async with asyncio.timeout(8):
        while (await bob.room_frame(room))["online"]:
            await asyncio.sleep(0.1)
    started = time.monotonic()
    await asyncio.to_thread(ann.site.stop)
    assert time.monotonic() - started < 5
    ann.site.check_log()


async def test_invalid_frames_are_counted_too_or_close_the_socket(limited):
    ann, _room = limited
    socket = await ann.connect()
    for _ in range(60):
        await socket.raw("{")
    assert await socket.closed() == 4400


def test_limits_are_lifted_on_loopback_alone(site_template: Template, tmp_path: Path):
    site = Site(tmp_path / "site", site_template, "sqlite", CHATSITE_RATE_LIMITS="off", HOST="0.0.0.0")
    result = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=site.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode != 0
    assert "CHATSITE_RATE_LIMITS" in result.stderr
