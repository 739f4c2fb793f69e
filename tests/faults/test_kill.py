"""The server is killed in mid-send: what was acknowledged is there, and all is there once after sending again."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest
from websockets.exceptions import ConnectionClosed

from tests.client import Event, Person, Socket, new_ref
from tests.servers import Site

IN_FLIGHT = 8
SOCKETS = 4


@dataclass
class Script:
    """Sends messages over several sockets, each with some in flight, until every one of them is acknowledged."""

    person: Person
    room: int
    waiting: list[str]
    acks: dict[str, Event] = field(default_factory=dict)
    repeats: int = 0

    async def run(self) -> None:
        """Send all that is not acknowledged; a socket that dies leaves its own to be sent again."""
        shares = [self.waiting[index::SOCKETS] for index in range(SOCKETS)]
        await asyncio.gather(*(self._send_share(share) for share in shares))

    async def _send_share(self, refs: list[str]) -> None:
        left = [ref for ref in refs if ref not in self.acks]
        while left:
            try:
                await self._send_over(await self.person.connect(), left)
            except (OSError, ConnectionClosed, AssertionError, TimeoutError):
                self.repeats += 1
                await asyncio.sleep(0.1)
            left = [ref for ref in refs if ref not in self.acks]

    async def _send_over(self, socket: Socket, refs: list[str]) -> None:
        in_flight = 0
        for ref in refs:
            await socket.say(type="message.send", ref=ref, room=self.room, body=f"message {ref}")
            in_flight += 1
            if in_flight >= IN_FLIGHT:
                in_flight -= await self._take_ack(socket)
        for _ in range(in_flight):
            await self._take_ack(socket)

    async def _take_ack(self, socket: Socket) -> int:
        answer = await socket.wait_for(("ack", "error"))
        if answer["type"] == "ack":
            self.acks[answer["ref"]] = answer
        return 1


async def kill_in_mid_send(site: Site, script: Script, times: int, total: int) -> None:
    """Kill and restart the server several times while the script sends."""
    chance = random.Random(2)
    for number in range(1, times + 1):
        while len(script.acks) < total * number // (times + 1):
            await asyncio.sleep(0.005)
        await asyncio.sleep(chance.random() * 0.02)
        site.kill()
        await asyncio.to_thread(site.start)


@pytest.mark.parametrize(("kind", "total", "kills"), [("sqlite", 1000, 3), ("postgres", 300, 2)])
async def test_after_kills_in_mid_send_every_message_is_there_once_and_numbered_without_a_hole(
    fresh_server, newcomer, kind: str, total: int, kills: int
):
    site: Site = fresh_server(kind)
    ann, bob = await newcomer("ann", site), await newcomer("bob", site)
    room = await ann.make_room("public")
    await bob.join(room)
    refs = [new_ref() for _ in range(total)]
    script = Script(ann, room, refs)
    await asyncio.gather(script.run(), kill_in_mid_send(site, script, kills, total))
    stored = site.backstage("stored", room)
    assert [seq for seq, _id, _ref in stored] == list(range(1, total + 1))
    assert {ref for _seq, _id, ref in stored} == set(refs)
    by_ref = {ref: (seq, message_id) for seq, message_id, ref in stored}
    assert {ref: (ack["seq"], ack["id"]) for ref, ack in script.acks.items()} == by_ref
    assert script.repeats > 0
    assert [message["seq"] for message in await bob.messages(room)] == list(range(1, total + 1))


async def test_a_kill_keeps_what_was_acknowledged_and_a_client_resumes_without_loss(fresh_server, newcomer):
    site: Site = fresh_server()
    ann = await newcomer("ann", site)
    room = await ann.make_room("public")
    socket = await ann.connect()
    sent = await socket.send("one", room)
    await socket.send("two", room)
    await socket.command("message.edit", id=sent["id"], body="one, edited")
    site.kill()
    assert await socket.closed() in (None, 1006)
    site.start()
    back = await ann.connect(epoch=socket.welcome["epoch"], rooms={room: 1})
    assert back.welcome["epoch"] == socket.welcome["epoch"]
    synced = await back.wait_for("room.synced")
    assert [message["body"] for message in synced["messages"]] == ["two", "one, edited"]
    assert (await back.send("one", room, ref=sent["ref"]))["duplicate"] is True
