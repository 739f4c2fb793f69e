"""A client of the wire for tests: it speaks PROTOCOL.md, and shows what it was told.

ann = await arrive(site, "ann")             # a guest with a token
socket = await ann.connect()                # hello said; `socket.welcome` is the answer
ack = await socket.send("hi", room)         # or: await socket.command("message.pin", id=7)
event = await socket.wait_for("message.created", room=room)
"""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.servers import Site

Event = dict[str, Any]
PATIENCE = 20.0
"""Seconds after which something expected counts as missing, on a machine that is busy."""


def new_ref() -> str:
    """Return a ref that nobody has used."""
    return str(uuid.uuid4())


class Socket:
    """One socket. Everything that comes is kept in `events` until `wait_for` or `command` takes it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.events: list[Event] = []
        self.frames: list[str] = []
        self.welcome: Event = {}
        self._asked: set[tuple[int, int]] = set()
        self._changes: dict[int, int] = {}
        self._arrived = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def hello(self, *, epoch: str | None = None, rooms: dict[int, int] | None = None) -> Event:
        """Say hello and return `welcome`; what was missed in `rooms` (id: change) follows as events."""
        held = {str(room): change for room, change in (rooms or {}).items()}
        self._asked |= set((rooms or {}).items())
        await self.say(
            type="hello", protocol=1, **({"epoch": epoch} if epoch else {}), **({"rooms": held} if held else {})
        )
        self.welcome = await self.wait_for("welcome")
        return self.welcome

    async def say(self, **command: Any) -> None:
        """Send a command without waiting for anything."""
        await self.raw(json.dumps(command))

    async def raw(self, frame: str | bytes) -> None:
        """Send one frame as it is."""
        await self.connection.send(frame)

    async def command(self, kind: str, **fields: Any) -> Event:
        """Send a command and return its `ack` or `error`."""
        ref = fields.setdefault("ref", new_ref())
        await self.say(type=kind, **fields)
        return await self.wait_for(("ack", "error"), ref=ref)

    async def send(self, body: str, room: int | None = None, **fields: Any) -> Event:
        """Send a message and return its `ack` or `error`."""
        where = {} if room is None else {"room": room}
        return await self.command("message.send", body=body, **where, **fields)

    async def sync(self, room: int, since: int) -> Event:
        """Ask what changed in a room and return `room.synced`."""
        self._asked.add((room, since))
        await self.say(type="room.sync", room=room, since=since)
        return await self.wait_for("room.synced", room=room, since=since)

    async def settle(self) -> list[Event]:
        """Return all that has come, once what the server had to say before now is here."""
        token = new_ref()
        await self.say(type="ping", t=token)
        await self.wait_for("pong", t=token)
        return self.events

    async def wait_for(
        self,
        kind: str | tuple[str, ...],
        where: Callable[[Event], bool] = lambda _event: True,
        *,
        within: float = PATIENCE,
        **fields: Any,
    ) -> Event:
        """Take the first event of that kind with those fields for which `where` holds, waiting for it if need be."""
        kinds = (kind,) if isinstance(kind, str) else kind

        def fits(event: Event) -> bool:
            same = all(event.get(name) == value for name, value in fields.items())
            return event["type"] in kinds and same and where(event)

        try:
            async with asyncio.timeout(within):
                while True:
                    for index, event in enumerate(self.events):
                        if fits(event):
                            return self.events.pop(index)
                    if self._reader.done():
                        raise AssertionError(self._missing(kinds, fields, f"closed with {self.connection.close_code}"))
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise AssertionError(self._missing(kinds, fields, f"not within {within} s")) from None

    async def closed(self, within: float = PATIENCE) -> int | None:
        """Wait until the server has closed the socket and return the code."""
        async with asyncio.timeout(within):
            await self._reader
        return self.connection.close_code

    async def close(self) -> None:
        """Close the socket."""
        await self.connection.close()
        await self._reader

    def drop(self) -> None:
        """Lose the connection without a word."""
        self.connection.transport.abort()

    def of(self, *kinds: str, **fields: Any) -> list[Event]:
        """Return the untaken events of these kinds with those fields."""
        return [
            event
            for event in self.events
            if event["type"] in kinds and all(event.get(name) == value for name, value in fields.items())
        ]

    def _unfold(self, event: Event) -> list[Event]:
        """Return what would have been said of the messages in a repair, had what a process published not been late."""
        room, known = event.get("room"), self._changes
        if event["type"] == "message.created":
            known[event["room"]] = max(known.get(event["room"], 0), event["change"])
        if event["type"] != "room.synced" or event.get("reset") or (room, event["since"]) in self._asked:
            return []
        new = [
            message
            for message in event["messages"]
            if message["change"] > known.get(event["room"], 0)
            and not (message.get("edited_at") or message.get("deleted_at"))
        ]
        known[event["room"]] = max(known.get(event["room"], 0), event["upto"])
        return [
            {"type": "message.created", "room": room, "change": message["change"], "message": message}
            for message in sorted(new, key=lambda message: message["change"])
        ]

    def _missing(self, kinds: tuple[str, ...], fields: dict[str, Any], why: str) -> str:
        return f"no {' or '.join(kinds)} with {fields}: {why}. Came: {self.events[-20:]}"

    async def _read(self) -> None:
        try:
            async for frame in self.connection:
                assert isinstance(frame, str)
                self.frames.append(frame)
                for event in json.loads(frame):
                    self.events += [event, *self._unfold(event)]
                self._arrived.set()
        except ConnectionClosed:
            pass
        finally:
            self._arrived.set()


async def open_socket(site: Site, *, headers: dict[str, str] | None = None, query: str = "", **options: Any) -> Socket:
    """Open a socket with these headers and this query string; nothing is said yet."""
    options = {
        "compression": None,
        "ping_interval": None,
        "max_size": None,
        "proxy": None,
        "open_timeout": 30,
    } | options
    return Socket(await connect(site.socket_url + query, additional_headers=headers, **options))


class Person:
    """Someone with an account and a token: REST calls by `api`, sockets by `connect`."""

    def __init__(self, site: Site, user: Event, token: str) -> None:
        self.site = site
        self.user = user
        self.token = token
        self.headers = {"Authorization": f"Bearer {token}"}
        self.http = http_client(site, headers=self.headers)
        self._sockets: list[Socket] = []

    @property
    def id(self) -> int:
        """The user's id."""
        return int(self.user["id"])

    @property
    def nickname(self) -> str:
        """The user's nickname."""
        return str(self.user["nickname"])

    async def open(self, **options: Any) -> Socket:
        """Open a socket; hello is not said yet."""
        socket = await open_socket(self.site, headers=self.headers, **options)
        self._sockets.append(socket)
        return socket

    async def connect(self, *, epoch: str | None = None, rooms: dict[int, int] | None = None) -> Socket:
        """Open a socket and say hello."""
        socket = await self.open()
        await socket.hello(epoch=epoch, rooms=rooms)
        return socket

    async def api(self, method: str, path: str, expect: int | None = None, **options: Any) -> Any:
        """Call /api/v1/PATH and return the decoded answer, whose status must be `expect`, or any 2xx."""
        response = await self.http.request(method, f"/api/v1/{path}", **options)
        is_expected = response.is_success if expect is None else response.status_code == expect
        assert is_expected, f"{method} {path}: {response.status_code} {response.text[:500]}"
        return response.json() if response.content else None

    async def make_room(self, kind: str, name: str = "a room") -> int:
        """Make a room and return its id."""
        return int((await self.api("POST", "rooms/", json={"name": name, "kind": kind}))["id"])

    async def join(self, room: int) -> None:
        """Join a public room."""
        await self.api("POST", f"rooms/{room}/join/")

    async def post(self, body: str, room: int, **fields: Any) -> Event:
        """Post a message over REST and return its `ack`."""
        posted: Event = await self.api(
            "POST", "messages/", json={"ref": new_ref(), "room": room, "body": body, **fields}
        )
        return posted

    async def messages(self, room: int) -> list[Event]:
        """Return all messages of a room, page by page."""
        messages: list[Event] = []
        while page := (await self.api("GET", f"rooms/{room}/messages/", params={"after": len(messages), "limit": 100}))[
            "messages"
        ]:
            messages += page
        return messages

    async def room_frame(self, room: int) -> Event:
        """Return ROOM as this person sees it."""
        frame: Event = await self.api("GET", f"rooms/{room}/")
        return frame

    async def leave_site(self) -> None:
        """Close everything."""
        for socket in self._sockets:
            await socket.close()
        await self.http.aclose()


async def until(ask: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool], within: float = PATIENCE) -> Any:
    """Ask until the answer is right, and return it: other processes hear of what one has done a moment later."""
    async with asyncio.timeout(within):
        while not holds(answer := await ask()):
            await asyncio.sleep(0.02)
    return answer


def http_client(site: Site, **options: Any) -> httpx.AsyncClient:
    """Return a REST client of a site."""
    return httpx.AsyncClient(base_url=site.url, verify=False, trust_env=False, timeout=90, **options)


async def arrive(site: Site, nickname: str) -> Person:
    """Come to a site as a guest."""
    async with http_client(site) as http:
        response = await http.post("/api/v1/guests/", json={"nickname": nickname})
    assert response.status_code == 201, response.text
    return Person(site, response.json()["user"], response.json()["token"])


class RoomView:
    """What a client that follows the rules of PROTOCOL.md ("How a client stays right") holds of one room."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.last = 0
        self.messages: dict[int, Event] = {}
        self._held: dict[int, Event] = {}

    @property
    def has_gap(self) -> bool:
        """Whether something that came cannot be applied yet."""
        return bool(self._held)

    def take(self, event: Event) -> None:
        """Apply one event, hold it, or ignore it."""
        if event.get("room") != self.room:
            return
        if event["type"] in ("message.created", "message.updated", "message.deleted"):
            self._take_change(event)
        elif event["type"] == "room.synced" and event["since"] <= self.last:
            assert not event["reset"], "reset: load the newest page instead"
            for message in event["messages"]:
                self._keep(message)
            self.last = max(self.last, event["upto"])
            self._apply_held()

    def forget_held(self) -> None:
        """Forget what could not be applied, as a page does that reconnects."""
        self._held.clear()

    async def catch_up(self, socket: Socket) -> None:
        """Take all that has come to `socket`; then ask until nothing is missing."""
        await self._take_all(socket)
        while True:
            synced = await socket.sync(self.room, self.last)
            self.take(synced)
            await self._take_all(socket)
            if not synced["more"] and not self.has_gap:
                return

    async def _take_all(self, socket: Socket) -> None:
        for event in await socket.settle():
            self.take(event)
        socket.events.clear()

    def _take_change(self, event: Event) -> None:
        if event["change"] > self.last:
            self._held[event["change"]] = event
            self._apply_held()

    def _apply_held(self) -> None:
        while event := self._held.pop(self.last + 1, None):
            self._keep(event["message"])
            self.last += 1
        self._held = {change: event for change, event in self._held.items() if change > self.last}

    def _keep(self, message: Event) -> None:
        held = self.messages.get(message["id"])
        if held is None or message["change"] > held["change"]:
            self.messages[message["id"]] = message
