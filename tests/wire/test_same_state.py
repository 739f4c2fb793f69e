"""Old state and events make the fresh state, whatever happens and whoever drops out."""

import asyncio
import random

import pytest

from tests.client import PATIENCE, Event, Person, RoomView, Socket, new_ref
from tests.servers import Site

STEPS = 60
EMOJI = ["👍", "🎉", "😀"]


class Member:
    """A person in the room, with what the client holds, on and off line."""

    def __init__(self, person: Person, room: int) -> None:
        self.person = person
        self.view = RoomView(room)
        self.socket: Socket | None = None
        self.epoch = ""

    async def come_online(self) -> Socket:
        """Connect and resume, if not connected."""
        if self.socket is None:
            self.socket = await self.person.connect(epoch=self.epoch or None, rooms={self.view.room: self.view.last})
            self.epoch = self.socket.welcome["epoch"]
        return self.socket

    def drop_out(self) -> None:
        """Lose the connection, after having applied what had come, or with it lost."""
        if self.socket is not None:
            for event in self.socket.events:
                self.view.take(event)
            self.socket.drop()
            self.socket = None
            self.view.forget_held()


def some_command(chance: random.Random, room: int, ids: list[int]) -> Event:
    """Return a random command on the room."""
    if not ids or chance.random() < 0.35:
        body = chance.choice(["hi", "**bold**", "x" * chance.randint(1, 300), f"number {chance.random()}"])
        reply = {"reply_to": chance.choice(ids)} if ids and chance.random() < 0.3 else {}
        return {"type": "message.send", "room": room, "body": body} | reply
    kind = chance.choice(["edit", "delete", "restore", "pin", "unpin", "react", "react", "unreact"])
    fields: Event = {"body": f"edited {chance.random()}"} if kind == "edit" else {}
    fields |= {"emoji": chance.choice(EMOJI)} if kind in ("react", "unreact") else {}
    return {"type": f"message.{kind}", "id": chance.choice(ids)} | fields


async def act(chance: random.Random, member: Member, ids: list[int]) -> None:
    """Have one member do something, or drop out."""
    if chance.random() < 0.12:
        member.drop_out()
        return
    socket = await member.come_online()
    command = some_command(chance, member.view.room, ids)
    await socket.say(**command, ref=new_ref())
    if command["type"] == "message.send" and chance.random() < 0.8:
        message = await socket.wait_for("ack", where=lambda event: "seq" in event)
        ids.append(message["id"])


async def agree(members: list[Member]) -> tuple[Event, list[Event]]:
    """Have everyone come online and catch up, and return the head that all of them have reached and its messages."""
    reader, room = members[0].person, members[0].view.room
    async with asyncio.timeout(PATIENCE):
        while True:
            for member in members:
                await member.view.catch_up(await member.come_online())
            head: Event = (await reader.room_frame(room))["head"]
            messages = await reader.messages(room)
            # What was sent just before dropping out may still be carried out, at any moment: before these were read,
            # between, or after them. Nothing was if the head is the same on both sides.
            reached = {member.view.last for member in members} == {head["change"]}
            if reached and (await reader.room_frame(room))["head"] == head:
                return head, messages


def without_quotes(messages: list[Event]) -> list[Event]:
    """Return messages without the excerpts of what they answer: a quote follows the quoted message, not its own."""
    return [
        message | {"reply_to": message["reply_to"] | {"excerpt": None}} if "reply_to" in message else message
        for message in messages
    ]


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_old_state_and_events_make_the_fresh_state(
    server: Site, newcomer, ann: Person, bob: Person, mia: Person, seed: int
):
    room = await ann.make_room("public")
    for person in (bob, mia):
        await person.join(room)
    members = [Member(person, room) for person in (ann, bob, mia)]
    chance, ids = random.Random(f"{server.kind}{seed}"), list[int]()

    async def live(member: Member) -> None:
        for _ in range(STEPS):
            await act(chance, member, ids)

    for member in members:
        await member.come_online()
    await asyncio.gather(*map(live, members))
    head, messages = await agree(members)
    fresh = without_quotes(messages)
    assert [message["seq"] for message in fresh] == list(range(1, head["seq"] + 1))
    assert len({message["change"] for message in fresh}) == len(fresh)
    for member in members:
        held = sorted(member.view.messages.values(), key=lambda message: message["seq"])
        assert without_quotes(held) == fresh
