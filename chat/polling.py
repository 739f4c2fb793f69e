"""The long poll: somebody who is here for half a minute, and asks again.

What is numbered is found in the database by the next poll. What is not (presence, typing, read marks) would be lost
between two of them: a client that names its tab has it kept, at this process, for as long as it counts as online.
"""

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
MAX_KEPT = 256
"""Frames kept between two polls of a tab."""
MAX_TABS = 10
"""Tabs of one person for which something is kept."""


class Poll:
    """What is said while a poll waits, and until the next. A `live.hub.Member` and a `chat.process.Connection`."""

    def __init__(self, process: ChatProcess, caller: Caller, tab: str) -> None:
        self.user_id = caller.user.pk
        self.address = caller.address
        self.identity = caller.identity
        self.is_greeted = True
        self.tab = tab
        self.frames: list[str] = []
        self.groups: list[str] = []
        self.woken = asyncio.Event()
        self.is_waiting = True
        self.is_present = False
        self.expiry: asyncio.TimerHandle | None = None
        self._process = process
        process.add(self)

    def deliver(self, frame: str) -> None:
        """Take a frame, and answer soon."""
        self.frames.append(frame)
        self.woken.set()
        if not self.is_waiting and len(self.frames) > MAX_KEPT:
            # The database has what is numbered; the rest is of no use so late.
            self.frames.clear()

    def rest(self) -> None:
        """A poll was answered: be here for a while longer, and keep what comes if the tab is known."""
        self.is_waiting = False
        if not self.tab:
            self._leave_groups()
        self.expiry = self._process.hub.loop.call_later(ONLINE_SECONDS, self.part)

    def is_of(self, process: ChatProcess) -> bool:
        """Tell whether this belongs to `process`, and not to one that has ended."""
        return self._process is process

    def resume(self, caller: Caller) -> None:
        """The next poll of the tab came."""
        self.identity = caller.identity
        self.is_waiting = True
        if not self.frames:
            self.woken.clear()
        if self.expiry is not None:
            self.expiry.cancel()

    def part(self) -> None:
        """Be here no more. A second call finds nothing left to leave."""
        if self.expiry is not None:
            self.expiry.cancel()
        self._leave_groups()
        self._process.remove(self)
        if _boxes.get((self.user_id, self.tab)) is self:
            del _boxes[self.user_id, self.tab]
        if self.is_present:
            self.is_present = False
            self._process.presence.disconnect(self.user_id)

    def _leave_groups(self) -> None:
        for name in self.groups:
            self._process.hub.leave(name, self)
        self.groups = []

    def knows(self, _room_id: int) -> bool:
        """Yes: each poll looks for itself."""
        return True

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
        if not self.is_waiting:
            self.part()

    def end(self, _code: int) -> None:
        """Answer now."""
        self.frames.clear()
        self.woken.set()
        if not self.is_waiting:
            self.part()

    def check_time(self, _now: float) -> None:
        """Nothing: a poll ends by itself."""


_boxes: dict[tuple[int, str], Poll] = {}


async def poll(  # noqa: PLR0917 - what the call has
    process: ChatProcess, caller: Caller, epoch: str, held: dict[int, int], wait: float, tab: str = ""
) -> bytes:
    """Return `{epoch, events}` as JSON: what the caller has not got yet, at once or when something comes.

    The first poll, without an epoch or with another one, brings `welcome`. A room that is not among those held
    (id: change) comes as `room.joined`. Raises what the database raises.
    """
    here = _box(process, caller, tab)
    try:
        hello = Hello(protocol=VERSION, epoch=epoch or None, rooms={str(room): change for room, change in held.items()})
        with process.entering(caller.user.pk):
            await _join(process, here)
            greeting = await _greet(process, here, hello)
            for room in greeting.rooms:
                process.see_mark(caller.user.pk, room["id"], room["version"], room["read_seq"])
        if not here.is_present:
            here.is_present = True
            process.presence.connect(person_of(caller.user), greeting.rooms)
        events = _news(greeting.events, held, is_known=epoch == process.epoch)
        if not events:
            await _wait(here, wait)
        frames, here.frames = here.frames, []
        return _body(process.epoch, [encode_events(events)] if events else [], frames)
    except Exception:
        # Nobody was told, and what was kept for the tab may be gone: the next poll begins anew.
        here.part()
        raise
    finally:
        # Also of one who hung up: it may be a network that ends what is silent, and the next poll is under way.
        if here.is_present:
            here.rest()
        else:
            here.part()


def _box(process: ChatProcess, caller: Caller, tab: str) -> Poll:
    """Return what was kept for a tab since its last poll, or something new."""
    key = caller.user.pk, tab
    box = _boxes.get(key)
    if box is not None and not box.is_waiting and box.is_of(process):
        box.resume(caller)
        return box
    process.check_room_for(caller.user.pk, caller.address)
    # (A tab that polls twice at once gets nothing kept for the second: that is a copy of the tab.)
    own = sum(user_id == caller.user.pk for user_id, _tab in _boxes) if tab and box is None else MAX_TABS
    if own >= MAX_TABS:
        return Poll(process, caller, "")
    _boxes[key] = Poll(process, caller, tab)
    return _boxes[key]


async def _join(process: ChatProcess, here: Poll) -> None:
    """Be in the groups of all one's rooms, and in no other."""
    own = [user_group(here.user_id), SITE]
    _enter(process, here, own)
    rooms = await read(room_groups_of, here.user_id)
    _enter(process, here, rooms)
    for name in set(here.groups) - {*own, *rooms}:
        process.hub.leave(name, here)
        here.groups.remove(name)
    await process.hub.subscribed(here.groups)


def _enter(process: ChatProcess, here: Poll, names: list[str]) -> None:
    for name in names:
        if name not in here.groups:
            process.hub.join(name, here)
            here.groups.append(name)


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
