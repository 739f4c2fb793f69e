"""Flooding is limited, per user and per address, over sockets and REST together."""

import asyncio
import subprocess
import sys
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
