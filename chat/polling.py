"""One long poll: somebody who is here for half a minute, and asks again."""

import asyncio
from typing import Any

from accounts.actions import SITE, user_group
from accounts.frames import person_of
from chat.actions.announce import room_group, room_groups_of
from chat.commands import Caller, Greeting, greet
from chat.process import ChatProcess
from chat.protocol import VERSION, Hello
from database.threads import read
from live.envelope import encode_events

MAX_WAIT = 50.0
ONLINE_SECONDS = 60.0
GATHER = 0.02


class Poll:
    """What is said while a poll waits. A `live.hub.Member` and a `chat.process.Connection`."""

    def __init__(self, caller: Caller) -> None:
        self.user_id = caller.user.pk
        self.identity = caller.identity
        self.is_greeted = True
        self.frames: list[str] = []
        self.groups: list[str] = []
        self.woken = asyncio.Event()

    def deliver(self, frame: str) -> None:
        """Take a frame, and answer soon."""
        self.frames.append(frame)
        self.woken.set()

    def room_joined(self, _room_id: int) -> None:
        """Answer now: the next poll finds the room."""
        self.woken.set()

    def room_opened(self, _room: dict[str, Any]) -> None:
        """Nothing: the event itself has been delivered."""

    def room_left(self, room_id: int, reason: str) -> None:
        """Say so."""
        self.deliver("[" + encode_events([{"type": "room.left", "room": room_id, "reason": reason}]) + "]")

    def look_again(self) -> None:
        """Answer now: the next poll presents its credential again."""
        self.frames.clear()
        self.woken.set()

    def end(self, _code: int) -> None:
        """Answer now."""
        self.woken.set()

    def check_time(self, _now: float) -> None:
        """Nothing: a poll ends by itself."""


async def poll(process: ChatProcess, caller: Caller, epoch: str, held: dict[int, int], wait: float) -> bytes:
    """Return `{epoch, events}` as JSON: what the caller has not got yet, at once or when something comes.

    The first poll, without an epoch or with another one, brings `welcome`. A room that is not among those held
    (id: change) comes as `room.joined`. Raises what the database raises.
    """
    here = Poll(caller)
    process.add(here)
    is_present = False
    try:
        await _join(process, here)
        hello = Hello(protocol=VERSION, epoch=epoch or None, rooms={str(room): change for room, change in held.items()})
        greeting = await _greet(process, here, hello)
        process.presence.connect(person_of(caller.user), greeting.rooms)
        is_present = True
        events = _news(greeting.events, held, is_known=epoch == process.epoch)
        if not events:
            await _wait(here, wait)
        return _body(process.epoch, [encode_events(events)] if events else [], here.frames)
    finally:
        for name in here.groups:
            process.hub.leave(name, here)
        process.remove(here)
        if is_present:
            process.hub.loop.call_later(ONLINE_SECONDS, process.presence.disconnect, here.user_id)


async def _join(process: ChatProcess, here: Poll) -> None:
    own = [user_group(here.user_id), SITE]
    for name in own:
        process.hub.join(name, here)
    here.groups += own
    rooms = await read(room_groups_of, here.user_id)
    for name in rooms:
        process.hub.join(name, here)
    here.groups += rooms
    await process.hub.subscribed(here.groups)


async def _greet(process: ChatProcess, here: Poll, hello: Hello) -> Greeting:
    """Read the greeting, and again without what was heard if one was removed from a room between the two looks."""
    own = {user_group(here.user_id), SITE}
    while True:
        greeting = await read(greet, here.user_id, process.epoch, hello)
        left = set(here.groups) - own - {room_group(room["id"]) for room in greeting.rooms}
        if not left:
            return greeting
        for name in left:
            process.hub.leave(name, here)
        here.groups = [name for name in here.groups if name not in left]
        here.frames.clear()


def _news(events: list[dict[str, Any]], held: dict[int, int], *, is_known: bool) -> list[dict[str, Any]]:
    welcome, *synced = events
    moved = [event for event in synced if event["type"] != "room.synced" or event["reset"] or _has_moved(event)]
    if not is_known:
        return [welcome, *moved]
    joined = [{"type": "room.joined", "room": room} for room in welcome["rooms"] if room["id"] not in held]
    return [*joined, *moved]


def _has_moved(event: dict[str, Any]) -> bool:
    return bool(event["messages"]) or event["upto"] > event["since"]


async def _wait(here: Poll, wait: float) -> None:
    try:
        async with asyncio.timeout(wait):
            await here.woken.wait()
        await asyncio.sleep(GATHER)
    except TimeoutError:
        return


def _body(epoch: str, encoded: list[str], frames: list[str]) -> bytes:
    parts = [*encoded, *(frame[1:-1] for frame in frames)]
    return f'{{"epoch":"{epoch}","events":[{",".join(part for part in parts if part)}]}}'.encode()
