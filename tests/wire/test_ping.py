"""The heartbeat."""

import pytest

from tests.client import Person


@pytest.mark.parametrize("t", [0, 1763682000123, 1.5, "abc", -1])
async def test_a_pong_repeats_what_the_ping_said(ann: Person, t: object):
    socket = await ann.connect()
    await socket.say(type="ping", t=t)
    assert await socket.wait_for("pong") == {"type": "pong", "t": t}


async def test_a_ping_need_say_nothing(ann: Person):
    socket = await ann.connect()
    await socket.say(type="ping")
    assert (await socket.wait_for("pong")).get("t") is None
