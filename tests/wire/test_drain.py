"""A server that is told to end takes leave of everyone, and stores what they said."""

import asyncio

from tests.client import Socket, new_ref

SOCKETS = 8
"""So many that numbers with two decimals are not all the same by chance."""


async def test_before_a_restart_each_socket_is_told_when_to_come_back_and_nothing_is_lost(fresh_server, newcomer):
    site = fresh_server()
    ann = await newcomer("ann", site)
    room = await ann.make_room("public")
    sockets = [await ann.connect() for _ in range(SOCKETS)]
    refs = [new_ref() for _ in sockets]
    for socket, ref in zip(sockets, refs, strict=True):
        await socket.say(type="message.send", ref=ref, room=room, body="just before")
    stopping = asyncio.create_task(asyncio.to_thread(site.stop))
    afters = [await only_drain(socket) for socket in sockets]
    await stopping
    assert all(0 < after <= 30 for after in afters)
    assert len(set(afters)) > 1
    assert {ref for _seq, _id, ref in site.backstage("stored", room)} == set(refs)
    site.check_log()


async def only_drain(socket: Socket) -> float:
    """Wait until a socket is closed for a restart and return the `after` of the one `drain` that it was told."""
    assert await socket.closed() == 1012
    [drain] = socket.of("drain")
    assert socket.events[-1] == drain or socket.events[-1]["type"] in ("ack", "message.created")
    return float(drain["after"])


async def test_who_has_not_said_hello_is_not_told_to_come_back_before_the_welcome(fresh_server, newcomer):
    site = fresh_server()
    ann = await newcomer("ann", site)
    greeted, silent = await ann.connect(), await ann.open()
    # What is answered was signed in; nothing but `hello` may come first.
    await silent.say(type="ping")
    assert (await silent.wait_for("error"))["code"] == "invalid"
    stopping = asyncio.create_task(asyncio.to_thread(site.stop))
    assert await greeted.closed() == await silent.closed() == 1012
    await stopping
    assert len(greeted.of("drain")) == 1
    assert silent.of("drain") == []
