"""A storm: people talk over many tabs while servers, Redis, PostgreSQL and connections are taken away.

    history = await Storm(cluster, seed=1, seconds=20).run()
    violations = history.violations()

Each operation of a client is recorded as done, refused or unknown; at the end that is compared with the database, and
with what each tab holds that obeyed the rules of PROTOCOL.md. Everything random comes from the seed.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import WebSocketException

from tests.client import Event, Person, RoomView, Socket, http_client, new_ref, open_socket
from tests.faults.cluster import SOAK_SECONDS, Cluster, allowed
from tests.servers import Site

EMOJI = ["👍", "🎉", "😀"]
ANSWER_SECONDS = 6.0
QUIET_SECONDS = 7.0
"""In which everyone must hold everything without asking: a lost publish is repaired in 5 s, though nothing follows."""
GONE_SECONDS = 25.0 if SOAK_SECONDS else 40.0
Lost = (OSError, WebSocketException, AssertionError, TimeoutError, asyncio.IncompleteReadError)


@dataclass
class Send:
    """One message that somebody wanted to send: `outcome` is unknown until it is done or refused."""

    author: int
    ref: str
    body: str
    tab: int
    number: int
    outcome: str = "unknown"
    ack: Event = field(default_factory=dict)
    burst: int = 0
    """Which several it was sent with, nobody waiting for an answer in between; 0 if it was sent alone."""


@dataclass
class History:
    """What happened, and what came of it."""

    sends: list[Send] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    head: Event = field(default_factory=dict)
    fresh: list[Event] = field(default_factory=list)
    views: dict[str, RoomView] = field(default_factory=dict)
    online: set[int] = field(default_factory=set)
    here: set[int] = field(default_factory=set)
    marks: dict[str, list[Event]] = field(default_factory=dict)
    unread: dict[int, tuple[int, int]] = field(default_factory=dict)
    deeds: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """Return what was promised and is not so, a line each."""
        checks = (self._stored, self._numbers, self._order, self._states, self._presence, self._reading)
        return [line for check in checks for line in check()]

    def _stored(self) -> list[str]:
        counts = Counter((row["author"], row["ref"]) for row in self.rows)
        found = [f"stored {count} times: {key}" for key, count in counts.items() if count > 1]
        by_ref = {row["ref"]: row for row in self.rows}
        for send in self.sends:
            row = by_ref.get(send.ref)
            if send.outcome == "done" and row is None:
                found.append(f"acknowledged and not stored: {send}")
            elif send.outcome == "done" and row and (row["id"], row["seq"]) != (send.ack["id"], send.ack["seq"]):
                found.append(f"stored as {row}, acknowledged as {send.ack}")
            elif send.outcome == "refused" and row:
                found.append(f"refused and stored: {send}")
            elif row and row["author"] != send.author:
                found.append(f"stored as another's: {row}")
        return found

    def _numbers(self) -> list[str]:
        found = []
        seqs = [row["seq"] for row in self.rows]
        if seqs != list(range(1, len(seqs) + 1)):
            found.append(f"seq has holes: {sorted(set(range(1, len(seqs) + 1)) ^ set(seqs))[:5]}")
        changes = [row["change"] for row in self.rows]
        if len(set(changes)) != len(changes) or (changes and max(changes) > self.head["change"]):
            found.append("two messages have the same change, or one is above the head")
        if self.head["seq"] != len(seqs):
            found.append(f"the head is {self.head}, and there are {len(seqs)} messages")
        return found

    def _order(self) -> list[str]:
        places = {row["ref"]: row["seq"] for row in self.rows}
        lines: dict[tuple[int, int], list[Send]] = {}
        for send in self.sends:
            if send.ref not in places:
                continue
            if send.burst:
                lines.setdefault((send.tab, send.burst), []).append(send)
            # Whoever goes on without knowing what became of one cannot know where it comes to stand.
            if send.outcome == "done" or not send.burst:
                lines.setdefault((send.tab, 0), []).append(send)
        return [
            f"tab {tab} typed in another order than {typed}"
            for (tab, _burst), sends in lines.items()
            if (typed := [places[send.ref] for send in sorted(sends, key=lambda send: send.number)]) != sorted(typed)
        ]

    def _states(self) -> list[str]:
        fresh = [_comparable(message) for message in self.fresh]
        found = []
        for name, view in self.views.items():
            held = sorted(view.messages.values(), key=lambda message: message["seq"])
            if view.has_gap or view.last != self.head["change"]:
                found.append(f"{name} stands at {view.last} of {self.head['change']}, with a gap: {view.has_gap}")
            elif [_comparable(message) for message in held] != fresh:
                differs = [one["seq"] for one, other in zip(held, fresh, strict=False) if _comparable(one) != other]
                found.append(f"{name} holds another state of {differs[:5]} ({len(held)} of {len(fresh)})")
        return found

    def _presence(self) -> list[str]:
        return [] if self.online == self.here else [f"online: {sorted(self.online)}, here: {sorted(self.here)}"]

    def _reading(self) -> list[str]:
        found = []
        for name, events in self.marks.items():
            marks = [(event["version"], event["seq"]) for event in events]
            if marks != sorted(marks):
                found.append(f"{name}'s mark went back: {marks}")
        found += [f"{user} has {told} unread, not {true}" for user, (told, true) in self.unread.items() if told != true]
        return found


def _comparable(message: Event) -> Event:
    """Return a message without the excerpt of what it answers, which follows the quoted message."""
    quoted = message.get("reply_to")
    return message | {"reply_to": quoted | {"excerpt": None}} if quoted else message


class Tab:
    """A client that obeys PROTOCOL.md, with an outbox that outlives its connections."""

    def __init__(self, storm: "Storm", number: int, person: Person, *, pipelines: bool) -> None:
        self.storm = storm
        self.number = number
        self.person = person
        self.pipelines = pipelines
        self.chance = random.Random(f"{storm.seed} tab {number}")
        self.view = RoomView(storm.room)
        self.socket: Socket | None = None
        self.epoch = ""
        self.must_reload = self.must_ask = False
        self.typed = 0
        self.marks: list[Event] = []

    async def live(self) -> None:
        """Do one thing after another until the storm is over; a lost connection is opened again elsewhere."""
        while not self.storm.is_over:
            try:
                await self._act(await self.online())
            except Lost:
                self.drop_out()
                await asyncio.sleep(self.chance.random() * 0.3)
            await asyncio.sleep(self.chance.random() * 0.05)

    async def online(self) -> Socket:
        """Return a socket that has said hello, opening one if there is none."""
        if self.socket is None:
            site = self.chance.choice(self.storm.cluster.sites)
            socket = await open_socket(site, headers=self.person.headers, open_timeout=ANSWER_SECONDS)
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await socket.hello(epoch=self.epoch or None, rooms={self.view.room: self.view.last})
            except BaseException:
                socket.drop()
                raise
            self.epoch = socket.welcome["epoch"]
            self.socket = socket
        self._apply()
        if self.must_reload:
            await self._reload()
        if self.must_ask:
            self.must_ask = False
            await self.socket.say(type="room.sync", room=self.view.room, since=self.view.last)
        return self.socket

    async def _reload(self) -> None:
        """Drop what is held and load it anew, following from the head that came first (client rule 5)."""
        head, messages = await _afresh(self.person, self.view.room)
        self.view = self.storm.history.views[f"tab {self.number}"] = RoomView(self.view.room)
        self.view.last = head["change"]
        self.view.messages = {message["id"]: message for message in messages}
        self.must_reload = False

    def drop_out(self) -> None:
        """Lose the connection without a word."""
        if self.socket is not None:
            self._apply()
            self.socket.drop()
            self.socket = None
            self.view.forget_held()

    def _apply(self) -> None:
        """Apply what came. Only what answers a command is left for whoever waits for it."""
        if self.socket is None:
            return
        events, self.socket.events = self.socket.events, []
        for event in events:
            if event["type"] in ("ack", "error", "pong", "welcome"):
                self.socket.events.append(event)
            elif event["type"] == "read.updated":
                self.marks.append(event)
            elif event["type"] == "room.synced" and event["reset"]:
                self.must_reload = True
            else:
                self.view.take(event)
                # Client rule 4: there is more than a frame holds.
                self.must_ask |= event["type"] == "room.synced" and event["more"]

    async def _act(self, socket: Socket) -> None:
        deed = self.chance.random()
        if deed < 0.05:
            self.drop_out()
        elif deed < 0.62:
            await (self._send_some(socket) if self.pipelines else self._send_one())
        elif deed < 0.7:
            await self._call("room.read", room=self.view.room, seq=self.chance.randint(1, 1 + self._top()))
        elif self.view.messages:
            await self._change(socket)

    def _top(self) -> int:
        return max((message["seq"] for message in self.view.messages.values()), default=0)

    def _new(self, burst: int = 0) -> Send:
        self.typed += 1
        body = f"tab {self.number}, {self.typed}" + self.chance.choice(["", " **bold**", " 你好", "x" * 200])
        send = Send(self.person.id, new_ref(), body, self.number, self.typed, burst=burst)
        self.storm.history.sends.append(send)
        return send

    async def _send_one(self) -> None:
        """Send one message, again and again under its ref until something is known of it."""
        send = self._new()
        while send.outcome == "unknown":
            try:
                answer = await self._call("message.send", ref=send.ref, room=self.view.room, body=send.body)
            except Lost:
                self.drop_out()
                if self.storm.is_over and self.storm.has_given_up:
                    return
                await asyncio.sleep(self.chance.random() * 0.3)
                continue
            self._note(send, answer)
            if send.outcome == "unknown":
                await asyncio.sleep(0.1)

    async def _send_some(self, socket: Socket) -> None:
        """Send several at once over one connection: what of them is stored is stored in that order."""
        burst = self.typed + 1
        sends = [self._new(burst) for _ in range(self.chance.randint(2, 6))]
        for send in sends:
            await socket.say(type="message.send", ref=send.ref, room=self.view.room, body=send.body)
        for send in sends:
            answer = await socket.wait_for(("ack", "error"), ref=send.ref, within=ANSWER_SECONDS)
            self._note(send, answer)

    def _note(self, send: Send, answer: Event) -> None:
        if answer["type"] == "ack":
            send.outcome, send.ack = "done", answer
        elif answer["code"] != "unavailable":
            send.outcome = "refused"

    async def _change(self, socket: Socket) -> None:
        message = self.chance.choice(list(self.view.messages.values()))
        kind = self.chance.choice(["edit", "delete", "restore", "pin", "unpin", "react", "react", "unreact"])
        fields: Event = {"body": f"edited {self.chance.random()}"} if kind == "edit" else {}
        fields |= {"emoji": self.chance.choice(EMOJI)} if "react" in kind else {}
        await self._call(f"message.{kind}", id=message["id"], **fields)

    async def _call(self, kind: str, **fields: Any) -> Event:
        socket = await self.online()
        ref = fields.setdefault("ref", new_ref())
        if kind == "message.send" and self.chance.random() < 0.2:
            return await self._post(kind, fields)
        await socket.say(type=kind, **fields)
        return await socket.wait_for(("ack", "error"), ref=ref, within=ANSWER_SECONDS)

    async def _post(self, kind: str, fields: Event) -> Event:
        """Give a command over REST, as one whose sockets are blocked does."""
        async with http_client(self.chance.choice(self.storm.cluster.sites), headers=self.person.headers) as http:
            try:
                answer = await http.post("/api/v1/commands/", json={"type": kind} | fields, timeout=ANSWER_SECONDS)
                return dict(answer.json()["events"][0])
            except Exception as error:
                raise OSError from error

    async def settle(self, until: float) -> None:
        """Stay connected and apply what comes, asking for nothing."""
        while asyncio.get_running_loop().time() < until:
            try:
                await self.online()
            except Lost:
                self.drop_out()
            await asyncio.sleep(0.1)
        self._apply()


class Storm:
    """One run. `deeds` says what is done to the cluster, besides connections that are cut."""

    def __init__(
        self, cluster: Cluster, *, seed: int, seconds: float, tabs: int = 6, deeds: tuple[str, ...] | None = None
    ) -> None:
        self.cluster = cluster
        self.seed = seed
        self.seconds = seconds
        self.chance = random.Random(f"{seed} nemesis")
        self.history = History()
        self.is_over = False
        self.has_given_up = False
        self.room = self.restarts = 0
        self.least, self.least_restarts = 0, 0
        self.tab_count = tabs
        self.tabs: list[Tab] = []
        possible: dict[str, Callable[[], Awaitable[None]]] = {"kill server": self._kill_server, "cut": self._cut}
        if cluster.redis:
            possible |= {"kill redis": self._kill_redis, "freeze redis": self._freeze_redis}
        if cluster.postgres:
            possible["kill postgres"] = self._kill_postgres
        self.deeds = {name: deed for name, deed in possible.items() if deeds is None or name in deeds}

    async def run(self) -> History:
        """Have it all happen, then let everything come to rest, and return what there is to compare."""
        people = [await self.cluster.arrive(f"storm{number}") for number in range((self.tab_count + 1) // 2)]
        self.room = await people[0].make_room("public")
        for person in people[1:]:
            await person.join(self.room)
        # The owner moderates, so that deletions and restores of others' messages are among what happens.
        self.tabs = [
            Tab(self, number, people[number // 2], pipelines=number % 3 == 2) for number in range(self.tab_count)
        ]
        lives = [asyncio.create_task(tab.live()) for tab in self.tabs]
        await self._do_harm()
        self.is_over = True
        # What was sent and not answered yet is sent until it is: that is what an outbox is for.
        pending: set[asyncio.Task[None]] = set(lives)
        for _ in range(60):
            _done, pending = await asyncio.wait(lives, timeout=0.5)
            if not pending:
                break
            await self.restart_what_ended()
        self.has_given_up = True
        for task in pending:
            task.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
        for task in lives:
            if not task.cancelled() and (error := task.exception()):
                raise error
        await self._come_to_rest(people)
        return self.history

    async def _do_harm(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(1.0)
        # On a machine that is busy it takes longer until enough has happened.
        while loop.time() < began + self.seconds or (
            loop.time() < began + 6 * self.seconds and not self._has_enough_happened()
        ):
            if self.deeds:
                name = self.chance.choice(list(self.deeds))
                self.history.deeds.append(name)
                await self.deeds[name]()
            await asyncio.sleep(self.chance.uniform(0.3, 1.5))

    def _has_enough_happened(self) -> bool:
        done = sum(send.outcome == "done" for send in self.history.sends)
        return done > self.least and self.restarts >= self.least_restarts

    async def restart_what_ended(self) -> None:
        """Start again the servers that ended by themselves."""
        for site in self.cluster.sites:
            if not site.is_running:
                self.restarts += 1
                await asyncio.to_thread(site.start)

    async def _kill_server(self) -> None:
        site: Site = self.chance.choice(self.cluster.sites)
        await asyncio.to_thread(site.kill)
        await asyncio.sleep(self.chance.uniform(0, 1))
        await asyncio.to_thread(site.start)

    async def _cut(self) -> None:
        for tab in self.tabs:
            if tab.socket is not None and self.chance.random() < 0.5:
                tab.socket.drop()

    async def _kill_redis(self) -> None:
        assert self.cluster.redis
        await asyncio.to_thread(self.cluster.redis.kill)
        await asyncio.sleep(self.chance.uniform(0, 2))
        await asyncio.to_thread(self.cluster.redis.start)

    async def _freeze_redis(self) -> None:
        assert self.cluster.redis
        self.cluster.redis.freeze()
        await asyncio.sleep(self.chance.uniform(1, 4))
        self.cluster.redis.thaw()

    async def _kill_postgres(self) -> None:
        assert self.cluster.postgres
        await asyncio.to_thread(self.cluster.postgres.kill)
        await asyncio.sleep(self.chance.uniform(0, 1))
        await asyncio.to_thread(self.cluster.postgres.start)

    async def _come_to_rest(self, people: list[Person]) -> None:
        history, loop = self.history, asyncio.get_running_loop()
        await self.restart_what_ended()
        # The last person's tabs close; the others look on, and ask for nothing.
        gone = people[-1]
        staying = [tab for tab in self.tabs if tab.person is not gone]
        for tab in self.tabs:
            if tab.person is gone:
                tab.drop_out()
        end = loop.time() + allowed(QUIET_SECONDS)
        while True:
            await asyncio.gather(*(tab.settle(loop.time() + 1.0) for tab in staying))
            # A server that ends by itself may do so at the last thing that was sent, after all who sent it have gone.
            head = (await _afresh(people[0], self.room, self.restart_what_ended))[0]["change"]
            if loop.time() > end or all(tab.view.last == head for tab in staying):
                break
        history.rows = self.cluster.backstage("rows", self.room)
        history.views = {f"tab {tab.number}": tab.view for tab in staying}
        history.marks = {f"tab {tab.number}": tab.marks for tab in staying}
        history.head, history.fresh = await _afresh(people[0], self.room, self.restart_what_ended)
        history.here = {tab.person.id for tab in staying}
        keeping = asyncio.gather(*(tab.settle(loop.time() + GONE_SECONDS) for tab in staying))
        for _ in range(int(GONE_SECONDS * 2)):
            history.online = await _online_at_all(self.cluster.sites, people[0], self.room, history.here)
            if history.online == history.here:
                break
            await asyncio.sleep(0.5)
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        for person in people:
            frame = await person.room_frame(self.room)
            history.unread[person.id] = (frame["unread"], sum(row["seq"] > frame["read_seq"] for row in history.rows))


async def _afresh(
    person: Person, room: int, otherwise: Callable[[], Awaitable[None]] | None = None
) -> tuple[Event, list[Event]]:
    """Return the head of a room and all its messages, loaded without anything known.

    `otherwise` is what is done, if anything, where nobody answers.
    """
    for _ in range(20):
        try:
            return (await person.room_frame(room))["head"], await person.messages(room)
        except Exception:
            if otherwise:
                await otherwise()
            await asyncio.sleep(0.5)
    return (await person.room_frame(room))["head"], await person.messages(room)


async def _online_at_all(sites: list[Site], person: Person, room: int, expected: set[int]) -> set[int]:
    """Return who is online as each server has it: what all agree on, or the first that is not as expected."""
    for site in sites:
        async with http_client(site, headers=person.headers) as http:
            members = (await http.get(f"/api/v1/rooms/{room}/members/")).json()["members"]
        online = {member["user"]["id"] for member in members if member["online"]}
        if online != expected:
            return online
    return expected
