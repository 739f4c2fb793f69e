"""A socket enters its rooms while their members change: what it is told is what a member may know."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from accounts.actions import issue_token, user_group
from accounts.models import User
from chat import consumers
from chat import process as chat_process
from chat.actions.announce import room_group, room_groups_of
from chat.actions.memberships import end_membership as remove_member
from chat.actions.reading import ReadMark, store_read_marks
from chat.commands import greet
from chat.consumers import CLOSE_SILENT, HELLO_SECONDS, ChatConsumer
from chat.models import Room, RoomKind
from database.threads import write
from database.transactions import write_transaction
from live.publisher import envelope, publish
from tests.unit.cast import Cast, make_room, membership_of, say
from tests.unit.fakes import Socket, settle, until


class Browser:
    """The other end of a socket."""

    def __init__(self, token: str) -> None:
        self.socket = Socket()
        self._commands: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._commands.put_nowait({"type": "websocket.connect"})
        headers = [(b"authorization", f"Bearer {token}".encode())]
        scope = {"type": "websocket", "headers": headers, "query_string": b"", "client": ("192.0.2.1", 5)}
        self.consumer = ChatConsumer()
        self._task = asyncio.create_task(self.consumer(scope, self._commands.get, self.socket.send))

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it was told."""
        return [event for message in self.socket.sent if "text" in message for event in json.loads(message["text"])]

    def send(self, **command: Any) -> None:
        """Give a command."""
        self._commands.put_nowait({"type": "websocket.receive", "text": json.dumps(command)})

    async def told(self, kind: str) -> dict[str, Any]:
        """Wait for an event and return it."""
        await until(lambda: any(event["type"] == kind for event in self.events))
        return next(event for event in self.events if event["type"] == kind)

    async def leave(self) -> None:
        """Go away."""
        self._commands.put_nowait({"type": "websocket.disconnect"})
        async with asyncio.timeout(3):
            await self._task


@pytest.fixture
async def open_as(real_cast: Cast) -> AsyncIterator[Callable[[User], Awaitable[Browser]]]:
    """A factory of sockets: `await open_as(user)`."""
    await chat_process.start()
    browsers: list[Browser] = []

    async def open_socket(user: User) -> Browser:
        browsers.append(Browser(await write(issue_token, user)))
        return browsers[-1]

    yield open_socket
    for browser in browsers:
        await browser.leave()
    await chat_process.stop()


def after(monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], act: Callable[[], Awaitable[Any]]) -> None:
    """Have `act` done when the consumer has read `function`, before the result is with it."""
    read = consumers.read

    async def read_then_act(work: Callable[..., Any], *arguments: Any) -> Any:
        result = await read(work, *arguments)
        if work is function:
            await act()
            await settle()
        return result

    monkeypatch.setattr(consumers, "read", read_then_act)


def end_membership(user: User, room: Room) -> None:
    """Remove someone, as a moderator does."""
    with write_transaction():
        remove_member(membership_of(user, room), "removed")


def bodies(browser: Browser) -> list[str]:
    """Return the texts that a socket was told of."""
    return [event["message"]["body"] for event in browser.events if event["type"] == "message.created"]


async def test_a_member_is_welcomed_before_anything_else_and_then_told(
    real_cast: Cast, open_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    after(monkeypatch, greet, lambda: write(say, real_cast.ann, real_cast.den, "between"))
    bob = await open_as(real_cast.bob)
    bob.send(type="hello", protocol=1)
    welcome = await bob.told("welcome")
    await write(say, real_cast.ann, real_cast.den, "after")
    await until(lambda: "after" in bodies(bob))
    assert bob.events[0] == welcome
    assert bodies(bob) == ["between", "after"]


async def test_a_read_mark_that_is_told_late_does_not_go_back_behind_the_greeting(
    real_cast: Cast, open_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Redis held back comes while the greeting is read, which knows more; and then something that is newer."""
    room, reader = real_cast.den.pk, real_cast.bob.pk
    for number in range(5):
        await write(say, real_cast.ann, real_cast.den, f"{number}")
    await write(store_read_marks, [ReadMark(reader, room, 3)])
    late = {"type": "read.updated", "room": room, "seq": 1, "unread": 4, "mentions": 0, "version": 0}

    async def come_late() -> None:
        await write(publish, envelope(user_group(reader), signal={"type": "read", "event": late}))
        await write(store_read_marks, [ReadMark(reader, room, 4)])

    after(monkeypatch, greet, come_late)
    bob = await open_as(real_cast.bob)
    bob.send(type="hello", protocol=1)
    welcome = await bob.told("welcome")
    assert next(frame["read_seq"] for frame in welcome["rooms"] if frame["id"] == room) == 3
    await bob.told("read.updated")
    await write(store_read_marks, [ReadMark(reader, room, 5)])
    await until(lambda: [event["seq"] for event in bob.events if event["type"] == "read.updated"][-1:] == [5])
    assert [event["seq"] for event in bob.events if event["type"] == "read.updated"] == [4, 5]


async def test_who_enters_while_somebody_comes_in_a_thousand_rooms_is_not_cut_off(
    real_cast: Cast, open_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def a_thousand_things_happen() -> None:
        for number in range(1500):
            bob.consumer.deliver(f'[{{"type":"presence.changed","room":{number}}}]')

    after(monkeypatch, greet, a_thousand_things_happen)
    bob = await open_as(real_cast.bob)
    assert (await enter(bob))["type"] == "welcome"
    await until(lambda: len([event for event in bob.events if event["type"] == "presence.changed"]) >= 1500)


async def enter(browser: Browser) -> dict[str, Any]:
    """Say hello and return the welcome."""
    browser.send(type="hello", protocol=1)
    return await browser.told("welcome")


async def test_who_is_removed_while_entering_hears_nothing_more_of_the_room(
    real_cast: Cast, open_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ann is in the room already, so this process need not look its members up again."""
    ann = await open_as(real_cast.ann)
    await enter(ann)
    after(monkeypatch, room_groups_of, lambda: write(end_membership, real_cast.bob, real_cast.den))
    bob = await open_as(real_cast.bob)
    welcome = await enter(bob)
    assert real_cast.den.pk not in [room["id"] for room in welcome["rooms"]]
    await write(say, real_cast.ann, real_cast.den, "secret")
    await until(lambda: "secret" in bodies(ann))
    await settle()
    assert bodies(bob) == []


async def test_who_is_removed_while_entering_hears_nothing_that_was_said_meanwhile(
    real_cast: Cast, open_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await open_as(real_cast.ann)
    await enter(ann)
    await write(say, real_cast.ann, real_cast.den, "before")
    await until(lambda: "before" in bodies(ann))
    after(monkeypatch, greet, lambda: write(say, real_cast.ann, real_cast.den, "secret"))
    after(monkeypatch, room_groups_of, lambda: write(end_membership, real_cast.bob, real_cast.den))
    bob = await open_as(real_cast.bob)
    await enter(bob)
    await until(lambda: "secret" in bodies(ann))
    await settle()
    assert bodies(bob) == []


async def test_a_ref_that_is_no_uuid_is_refused_and_the_socket_stays(real_cast: Cast, open_as: Any) -> None:
    bob = await open_as(real_cast.bob)
    bob.send(type="hello", protocol=1)
    await bob.told("welcome")
    bob.send(type="message.send", ref=f"{'0' * 32}\n", body="hi", room=real_cast.den.pk)
    assert (await bob.told("error"))["code"] == "invalid"
    bob.send(type="ping")
    await bob.told("pong")


# Time.


@pytest.mark.parametrize("late", [1, 30])
async def test_a_greeting_that_takes_long_is_not_silence(
    real_cast: Cast, open_as: Any, monkeypatch: pytest.MonkeyPatch, late: float
) -> None:
    is_reading, may_go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        is_reading.set()
        await may_go_on.wait()

    after(monkeypatch, greet, wait)
    bob = await open_as(real_cast.bob)
    bob.send(type="hello", protocol=1)
    await asyncio.wait_for(is_reading.wait(), 3)
    bob.consumer.check_time(time.monotonic() + HELLO_SECONDS + late)
    await settle()
    may_go_on.set()
    await bob.told("welcome")
    bob.send(type="ping")
    await bob.told("pong")
    assert not [message for message in bob.socket.sent if message["type"] == "websocket.close"]


async def test_who_says_nothing_is_closed_as_silent(real_cast: Cast, open_as: Any) -> None:
    bob = await open_as(real_cast.bob)
    await until(lambda: bob.consumer.user_id)
    bob.consumer.check_time(time.monotonic() + HELLO_SECONDS - 1)
    assert CLOSE_SILENT not in bob.socket.frames
    bob.consumer.check_time(time.monotonic() + HELLO_SECONDS + 1)
    assert bob.socket.frames[-1] == CLOSE_SILENT


# Parting while a room is being entered.


def groups_with(browser: Browser) -> list[str]:
    """Return the groups that a socket is in."""
    groups = chat_process.running().hub.groups.values()
    return [group.name for group in groups if browser.consumer in group.members]


async def test_who_parts_in_the_turn_in_which_a_room_is_joined_is_in_no_group(real_cast: Cast, open_as: Any) -> None:
    bob = await open_as(real_cast.bob)
    await enter(bob)
    assert room_group(real_cast.den.pk) in groups_with(bob)
    process = chat_process.running()
    bob.consumer.room_joined((await write(make_room, RoomKind.PRIVATE, real_cast.ann, real_cast.bob)).pk)
    bob.consumer._part()
    assert groups_with(bob) == []
    await until(lambda: not process._background)
    assert groups_with(bob) == []
    assert real_cast.bob.pk not in process.connections


@pytest.mark.parametrize("moment", ["subscribing", "reading"])
async def test_who_parts_while_a_room_is_being_entered_is_in_no_group(
    real_cast: Cast, open_as: Any, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    bob = await open_as(real_cast.bob)
    await enter(bob)
    process = chat_process.running()
    place, name = (process.hub, "subscribed") if moment == "subscribing" else (consumers, "read")
    go_on = getattr(place, name)
    parted: list[str] = []

    async def part_meanwhile(*arguments: Any) -> Any:
        result = await go_on(*arguments)
        if not parted:
            parted.append(moment)
            await bob.leave()
        return result

    monkeypatch.setattr(place, name, part_meanwhile)
    bob.consumer.room_joined((await write(make_room, RoomKind.PRIVATE, real_cast.ann, real_cast.bob)).pk)
    await until(lambda: parted and not process._background)
    assert groups_with(bob) == []
    assert real_cast.bob.pk not in process.connections
    assert "room.joined" not in [event["type"] for event in bob.events]
