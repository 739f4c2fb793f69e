"""The moving parts of one server process, and what the site says to its own parts."""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from django import db
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.credentials import Identity
from accounts.frames import Person
from accounts.limits import limiter
from accounts.sessions import EXTEND_AFTER, extend_session
from chat import room_frames
from chat.actions.announce import ROOM_GROUP, room_group
from chat.actions.epochs import note_boot
from chat.actions.posting import Draft, Posted
from chat.actions.reading import ReadMark
from chat.door import Door
from chat.errors import TooManyConnections
from chat.heads import Heads
from chat.metrics import BACKLOG, ONLINE, SOCKETS
from chat.models import Membership, Room
from chat.peers import Peers
from chat.read_marks import ReadMarks
from chat.typing import TypingSigns
from chat.unheard import Unheard
from chat.upkeep import Upkeep
from chat.writer import MAX_WAITING, MessageWriter
from database.threads import close_connections, read, write
from live.envelope import encode_events, encode_frame
from live.hub import Group, Hub
from live.publisher import process as live_process

logger = logging.getLogger(__name__)

SWEEP = 1.0
HELD_UP, PATIENT_SECONDS = 4.0, 15.0
LEAVE_SECONDS = 5.0
READY_SECONDS = 1.0
MIN_SPREAD, MAX_SPREAD, RETURNS_A_SECOND = 0.5, 30.0, 200
"""Seconds over which people come back after a restart, and how many of them a second."""
MAX_OF_ONE, MAX_OF_ADDRESS = 50, 2000
"""Sockets and polls of one user, and from one address, at one process."""
_Result = TypeVar("_Result")


class Connection(Protocol):
    """Somebody who is here: a socket, or a long poll that waits."""

    user_id: int
    address: str
    identity: Identity
    is_greeted: bool

    def deliver(self, frame: str) -> None:
        """Take one wire frame."""

    def knows(self, room_id: int) -> bool:
        """Tell whether the client knows of a room, or will by itself."""

    def room_joined(self, room_id: int) -> None:
        """This person is in a room from now on."""

    def room_opened(self, room: dict[str, Any]) -> None:
        """A private chat of this person, given as ROOM, was made or shown again; the client has been told."""

    def room_left(self, room_id: int, reason: str) -> None:
        """This person is no longer in a room."""

    def look_again(self) -> None:
        """What this person signed in with may no longer count."""

    def end(self, code: int) -> None:
        """Close with a code of PROTOCOL, "Close codes"."""

    def check_time(self, now: float) -> None:
        """See to what has taken too long; `now` is monotonic."""


class Companion(Protocol):
    """What settings have each process keep running besides (`COMPANIONS`): made with the process, told when it ends."""

    async def stop(self) -> None:
        """End."""


class ChatProcess:
    """Everything that one process keeps running. Made by `start`; for its loop's own thread, but for `call`."""

    def __init__(self, hub: Hub, epoch: str) -> None:
        self.hub = hub
        self.loop = hub.loop
        self.writer = MessageWriter(self._on_posted)
        self.read_marks = ReadMarks()
        self.peers = Peers(hub, limiter)
        self.presence = self.peers.presence
        self.typing = TypingSigns(hub, self.presence.online_in)
        self.door = Door()
        self.connections: dict[int, set[Connection]] = {}
        self._addresses: Counter[str] = Counter()
        self._marks: dict[int, dict[int, tuple[int, int]]] = {}
        self._entering: Counter[int] = Counter()
        self._late: dict[int, list[tuple[Group, dict[str, Any]]]] = {}
        self.heads = Heads(
            hub,
            epoch,
            lambda: list(self.connections),
            self._on_access,
            self._on_epoch,
            is_alone=live_process.is_alone,
            losses=live_process.losses,
            on_loss=self.peers.tell_loss,
            unheard=Unheard(lambda: list(self.connections), self._knows, self._tell),
        )
        self.peers.on_loss = self.heads.expect_loss
        self._sweeper = self.loop.create_task(self._sweep())
        self._upkeep = Upkeep(self.presence, lambda: self.writer.is_busy)
        self._background: set[asyncio.Task[Any]] = set()
        self._companions: list[Companion] = [import_string(name)(self) for name in settings.COMPANIONS]
        hub.on_signal = self._on_signal
        hub.check_fence = self._check_members
        room_frames.count_online_by(self.presence.count)

    @property
    def epoch(self) -> str:
        """The UUID of the database's history."""
        return self.heads.epoch

    def check_room_for(self, user_id: int, address: str) -> None:
        """Raise TooManyConnections if somebody, or all at one address, have as many sockets and polls as may be."""
        if not settings.RATE_LIMITS:
            return
        if len(self.connections.get(user_id, ())) >= MAX_OF_ONE or self._addresses[address] >= MAX_OF_ADDRESS:
            raise TooManyConnections

    def add(self, connection: Connection) -> None:
        """Note that somebody is here."""
        self.connections.setdefault(connection.user_id, set()).add(connection)
        self._addresses[connection.address] += 1

    def remove(self, connection: Connection) -> None:
        """Note that somebody is no longer here."""
        own = self.connections.get(connection.user_id)
        if own is not None and connection in own:
            own.discard(connection)
            self._addresses[connection.address] -= 1
            if not self._addresses[connection.address]:
                del self._addresses[connection.address]
            if not own:
                del self.connections[connection.user_id]
                self._marks.pop(connection.user_id, None)

    @contextmanager
    def entering(self, user_id: int) -> Iterator[None]:
        """Hold back what is told of this person's read marks while a greeting is read, which may know of further ones.

        What comes late from another process would otherwise be kept for the socket and follow its greeting.
        """
        self._entering[user_id] += 1
        try:
            yield
        finally:
            self._entering[user_id] -= 1
            if not self._entering[user_id]:
                del self._entering[user_id]
                late = self._late.pop(user_id, [])
                for group, signal in late if user_id in self.connections else ():
                    self._signal_read(group, signal)

    def see_mark(self, user_id: int, room_id: int, version: int, seq: int) -> bool:
        """Note how far somebody who is here has read; return False if more was known already."""
        marks = self._marks.setdefault(user_id, {})
        if (version, seq) < marks.get(room_id, (0, 0)):
            return False
        marks[room_id] = (version, seq)
        return True

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run `work` beside everything else; its failure is logged."""
        task = self.loop.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._finished)

    async def take_leave(self) -> None:
        """Let nobody in any more, and be not ready; after CHATSITE_DRAIN_SECONDS, in which proxies notice, send `drain`
        with another `after` to each who was welcomed, and see what was accepted stored.
        """
        self.door.is_closed = True
        await asyncio.sleep(settings.DRAIN_SECONDS)
        connections = self._all()
        spread = min(MAX_SPREAD, 2 * MIN_SPREAD + len(connections) / RETURNS_A_SECOND)
        for connection in connections:
            after = round(random.uniform(MIN_SPREAD, spread), 3)  # noqa: S311 - spreads load, hides nothing
            if connection.is_greeted:
                connection.deliver(encode_frame([{"type": "drain", "after": after}]))
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self.writer.drain()
        except TimeoutError:
            logger.exception("Not everything could be stored before the server stopped; it was not acknowledged")

    async def check_ready(self) -> dict[str, str]:
        """Return how each part is that is needed to serve."""
        return {
            "process": "leaving" if self.door.is_closed else "ok",
            "database": await _answers(read(_ask_database)),
            "redis": "not used" if self.hub.is_local else await _answers(self.hub.layer.group_send("ready", {})),
            "writer": "ok" if self.writer.is_working and self.writer.waiting < MAX_WAITING else "stuck",
        }

    async def stop(self) -> None:
        """Store what was accepted, then end everything."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self.writer.drain()
                await self.read_marks.flush()
        except TimeoutError:
            logger.exception("The database did not answer; what it had not stored was not acknowledged")
        self._sweeper.cancel()
        for companion in self._companions:
            await companion.stop()
        await self._upkeep.stop()
        await self.heads.stop()
        await self.peers.stop()
        await self.writer.stop()
        await live_process.stop()
        await self._close_database()

    async def _close_database(self) -> None:
        """Close the connections: the last one to leave folds SQLite's write-ahead log into its file."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await asyncio.to_thread(close_connections)
        except Exception:
            logger.exception("The database's connections could not be closed")

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("Background work failed", exc_info=error)

    def _all(self) -> list[Connection]:
        return [connection for own in self.connections.values() for connection in own]

    def _of(self, user_id: int) -> list[Connection]:
        return list(self.connections.get(user_id, ()))

    def _on_posted(self, draft: Draft, posted: Posted) -> None:
        # The mark is stored already; this tells the author's other tabs, once a second.
        self.read_marks.move(ReadMark(draft.author_id, posted.room, posted.seq))

    def _on_access(self, user_id: int, version: int) -> None:
        for connection in self._of(user_id):
            if connection.identity.user.access_version != version:
                connection.look_again()

    def _on_epoch(self, _epoch: str) -> None:
        for connection in self._all():
            connection.end(1012)
        self.hub.forget_streams()
        self._marks.clear()

    def _knows(self, user_id: int, room_id: int) -> bool:
        return all(connection.knows(room_id) for connection in self._of(user_id))

    def _tell(self, user_id: int, room_id: int) -> None:
        for connection in self._of(user_id):
            if not connection.knows(room_id):
                connection.room_joined(room_id)

    def _on_signal(self, group: Group, signal: dict[str, Any]) -> None:
        handle = getattr(self, f"_signal_{signal['type']}", None)
        if handle is None:
            logger.warning("Unknown signal: %s", signal["type"])
        else:
            handle(group, signal)

    def _signal_access(self, group: Group, _signal: dict[str, Any]) -> None:
        for connection in self._of(_user_id(group)):
            connection.look_again()

    def _signal_joined(self, group: Group, signal: dict[str, Any]) -> None:
        for connection in self._of(_user_id(group)):
            connection.room_joined(signal["room"])

    def _signal_opened(self, group: Group, signal: dict[str, Any]) -> None:
        for connection in self._of(_user_id(group)):
            connection.room_opened(signal["room"])

    def _signal_left(self, group: Group, signal: dict[str, Any]) -> None:
        self._drop(_user_id(group), signal["room"], signal["reason"])

    def _signal_members(self, _group: Group, signal: dict[str, Any]) -> None:
        if signal["removed"]:
            self._drop(signal["removed"], signal["room"]["id"], signal["reason"])
        self.presence.update_room(signal["room"])

    def _signal_room(self, _group: Group, signal: dict[str, Any]) -> None:
        self.presence.mend_room(signal["room"])

    def _signal_person(self, _group: Group, signal: dict[str, Any]) -> None:
        person = Person(*signal["person"])
        self.presence.rename(person)
        for connection in self._of(person.id):
            user = connection.identity.user
            user.nickname, user.avatar, user.is_guest = person.nickname, person.avatar, person.is_guest

    def _signal_read(self, group: Group, signal: dict[str, Any]) -> None:
        user_id, event = _user_id(group), signal["event"]
        if user_id in self._entering:
            self._late.setdefault(user_id, []).append((group, signal))
        elif self.see_mark(user_id, event["room"], event["version"], event["seq"]):
            self.hub.queue(group, encode_events([event]))

    def _signal_peer(self, _group: Group, signal: dict[str, Any]) -> None:
        self.peers.take(signal)

    def _signal_epoch(self, _group: Group, signal: dict[str, Any]) -> None:
        self.heads.epoch = signal["epoch"]
        self._on_epoch(signal["epoch"])

    def _drop(self, user_id: int, room_id: int, reason: str) -> None:
        for connection in self._of(user_id):
            self.hub.leave(room_group(room_id), connection)
            connection.room_left(room_id, reason)
        self.presence.leave(user_id, room_id)

    async def _check_members(self, group: Group) -> int:
        """Make everyone leave a room's group who is not in the room any more; return the version that was seen."""
        room_id = int(group.name.removeprefix(ROOM_GROUP.format("")))
        here = {connection.user_id for connection in group.members if isinstance(connection.user_id, int)}  # type: ignore[attr-defined]
        version, members, banned = await read(_members_among, room_id, list(here))
        for user_id in here - members - banned:
            self._drop(user_id, room_id, "left")
        for user_id in banned:
            # They have not left; the closing of their sockets says why they hear no more.
            for connection in self._of(user_id):
                self.hub.leave(group.name, connection)
                connection.look_again()
        return version

    async def _sweep(self) -> None:
        patient_until = 0.0
        while True:
            began = time.monotonic()
            await asyncio.sleep(SWEEP)
            now = time.monotonic()
            everyone = self._all()
            if now - began > HELD_UP:
                # This process stood still itself, as where a machine sleeps: what people said meanwhile comes first.
                patient_until = now + PATIENT_SECONDS
            for connection in everyone if now >= patient_until else ():
                connection.check_time(now)
            SOCKETS.set(len(everyone))
            ONLINE.set(self.presence.total)
            BACKLOG.set(self.writer.waiting)
            await self._extend_sessions()

    async def _extend_sessions(self) -> None:
        """Once a day give the sessions that are in use their full age again."""
        full = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE) - EXTEND_AFTER
        for connection in self._all():
            identity = connection.identity
            key = identity.credential.session_key
            if not key or identity.expires_at > full:
                continue
            try:
                expires = await write(extend_session, key)
            except Exception:
                logger.exception("A session could not be extended")
                return
            for other in self._of(connection.user_id):
                if other.identity.credential.session_key == key:
                    other.identity = replace(other.identity, expires_at=expires)


_process: ChatProcess | None = None
_starting: asyncio.Task[ChatProcess] | None = None


async def start() -> ChatProcess:
    """Return the process's parts, started at the first call on the running loop."""
    global _starting  # noqa: PLW0603 - there is one of them a process
    loop = asyncio.get_running_loop()
    if _process is not None and _process.loop is loop:
        return _process
    if _starting is None or _starting.done() or _starting.get_loop() is not loop:
        _starting = loop.create_task(_make())
    return await asyncio.shield(_starting)


async def _make() -> ChatProcess:
    global _process  # noqa: PLW0603
    epoch = await write(note_boot)
    _process = ChatProcess(live_process.start(), epoch)
    return _process


async def check_ready() -> dict[str, str]:
    """Return how each part is that is needed to serve: `ok`, `not used`, or a word of what is wrong."""
    if _process is None:
        return {"process": "starting"}
    return await _process.check_ready()


async def take_leave() -> None:
    """Tell everyone that the server goes away, and when to come back; then wait until what came in is stored."""
    if _process is not None:
        await _process.take_leave()


async def stop() -> None:
    """Stop what `start` started."""
    global _process  # noqa: PLW0603
    if _process is not None:
        await _process.stop()
        _process = None


def running() -> ChatProcess:
    """Return the process's parts, which must have been started. For any thread."""
    if _process is None:
        raise RuntimeError("The chat is served by ASGI alone: see chatsite.asgi.")
    return _process


def call(work: Callable[[ChatProcess], Coroutine[Any, Any, _Result]], timeout: float = 60.0) -> _Result:
    """Run `work(process)` on the server's loop and return its result. For a thread other than the loop's."""
    process = running()
    return asyncio.run_coroutine_threadsafe(work(process), process.loop).result(timeout)


async def _answers(question: Awaitable[Any]) -> str:
    try:
        async with asyncio.timeout(READY_SECONDS):
            await question
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no answer
        logger.warning("Not ready: %r", error)
        return "no answer"
    return "ok"


def _ask_database() -> None:
    with db.connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _user_id(group: Group) -> int:
    return int(group.name.partition(".")[2])


def _members_among(room_id: int, user_ids: list[int]) -> tuple[int, set[int], set[int]]:
    """Return the version of a room's member set, and who of `user_ids` is in it and who is and was banned."""
    # The version first: the members read after it are at least as new.
    version = Room.objects.filter(pk=room_id).values_list("members_version", flat=True).first() or 0
    present = Membership.objects.filter(room_id=room_id, user_id__in=user_ids)
    active = dict(present.values_list("user_id", "user__is_active"))
    members = {user_id for user_id, is_active in active.items() if is_active}
    return version, members, active.keys() - members
