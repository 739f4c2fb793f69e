"""`GET sync/`: the wire without a socket."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.client import Event, Person, RoomView


class Poller:
    """A client that polls: it follows one room and holds the heads of all."""

    def __init__(self, person: Person, room: int) -> None:
        self.person = person
        self.view = RoomView(room)
        self.epoch = self.tab = ""
        self.held: dict[int, int] = {}
        self.events: list[Event] = []

    async def poll(self, wait: int = 0) -> list[Event]:
        """Ask once and take in what comes."""
        rooms = ",".join(f"{room}:{change}" for room, change in (self.held | {self.view.room: self.view.last}).items())
        query = {"epoch": self.epoch, "rooms": rooms, "wait": wait} | ({"tab": self.tab} if self.tab else {})
        answer = await self.person.api("GET", "sync/", 200, params=query)
        self.epoch = answer["epoch"]
        for event in answer["events"]:
            self._take(event)
        self.events += answer["events"]
        events: list[Event] = answer["events"]
        return events

    def _take(self, event: Event) -> None:
        self.view.take(event)
        for frame in (
            event["rooms"] if event["type"] == "welcome" else [event.get("room")] * (event["type"] == "room.joined")
        ):
            self.held.setdefault(frame["id"], frame["head"]["change"])
        if event["type"] == "room.left":
            self.held.pop(event["room"], None)


async def start(person: Person, room: int) -> Poller:
    """Poll for the first time."""
    poller = Poller(person, room)
    await poller.poll()
    return poller


async def quiet(poller: Poller) -> None:
    """Poll until there is no news, people coming and going included."""
    while await poller.poll(wait=2):
        pass


async def test_the_first_poll_brings_welcome_at_once(ann: Person, room: int):
    started = time.monotonic()
    answer = await ann.api("GET", "sync/", 200, params={"wait": 25})
    assert time.monotonic() - started < 5
    welcome = answer["events"][0]
    assert (welcome["type"], welcome["epoch"], welcome["user"]) == ("welcome", answer["epoch"], ann.user)
    assert room in [frame["id"] for frame in welcome["rooms"]]


async def test_a_poll_with_another_epoch_brings_welcome_and_reset(ann: Person, room: int):
    await ann.post("one", room)
    params = {"epoch": "0b0e7a1e-6e1c-4dcb-9d1c-0d0f6a1c5b0e", "rooms": f"{room}:1", "wait": 0}
    events = (await ann.api("GET", "sync/", 200, params=params))["events"]
    assert [event["type"] for event in events] == ["welcome", "room.synced"]
    assert events[1]["reset"] is True


async def test_what_was_missed_comes_at_once(ann: Person, bob: Person, room: int):
    poller = await start(bob, room)
    sent = await ann.post("one", room)
    await ann.api("PATCH", f"messages/{sent['id']}/", json={"body": "two"})
    started = time.monotonic()
    events = await poller.poll(wait=25)
    assert time.monotonic() - started < 5
    [synced] = [event for event in events if event["type"] == "room.synced"]
    assert [message["body"] for message in synced["messages"]] == ["two"]


async def test_a_poll_waits_and_wakes_on_the_next_event(ann: Person, bob: Person, room: int):
    poller = await start(bob, room)
    await quiet(poller)
    while True:
        waiting = asyncio.create_task(poller.poll(wait=25))
        done, _pending = await asyncio.wait({waiting}, timeout=0.5)
        if not done:
            break
        # People of other tests come and go.
        assert {event["type"] for event in waiting.result()} == {"presence.changed"}
    sent = await ann.post("wake up", room)
    async with asyncio.timeout(5):
        events = await waiting
        while all(event["type"] == "presence.changed" for event in events):
            events = await poller.poll(wait=25)
    found = [event["message"] for event in events if event["type"] == "message.created"]
    # Where people came in the meantime the message may be in what was missed.
    found += [message for event in events if event["type"] == "room.synced" for message in event["messages"]]
    assert sent["id"] in [message["id"] for message in found]


async def test_what_happens_between_two_polls_of_a_tab_is_kept(ann: Person, bob: Person, room: int):
    # One worker alone knows of a tab; where there are two the next poll may come to the other.
    if ann.site.kind == "grown":
        return
    poller = await start(bob, room)
    poller.tab = "one"
    await quiet(poller)
    typist = await ann.connect()
    await typist.say(type="typing", room=room, active=True)
    await typist.send("and a word", room)
    await asyncio.sleep(1.5)
    events = await poller.poll(wait=5)
    assert {"typing.changed", "message.created"} <= {event["type"] for event in events}
    assert poller.view.last == 1


async def test_a_poll_that_waits_holds_no_thread(fresh_server, newcomer):
    site = fresh_server()
    ann = await newcomer("ann", site)
    epoch = (await ann.api("GET", "sync/"))["epoch"]
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(base_url=site.url, headers=ann.headers, limits=limits, timeout=30) as http:
        query = {"epoch": epoch, "rooms": "1:0", "wait": 20}
        waiting = [asyncio.create_task(http.get("/api/v1/sync/", params=query)) for _ in range(80)]
        await asyncio.sleep(2)
        status = Path(f"/proc/{site._process.pid}/status").read_text()
        assert int(next(line.split()[1] for line in status.splitlines() if line.startswith("Threads"))) < 30
        assert (await http.get("/healthz")).status_code == 200
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_poll_without_news_ends_when_its_time_is_over(bob: Person, room: int):
    poller = await start(bob, room)
    await quiet(poller)
    started = time.monotonic()
    while events := await poller.poll(wait=1):
        assert {event["type"] for event in events} <= {"presence.changed", "room.updated"}
        started = time.monotonic()
    assert 0.9 <= time.monotonic() - started < 6


async def test_polling_in_a_loop_loses_nothing_while_messages_are_posted(ann: Person, bob: Person, room: int):
    poller = await start(bob, room)
    writer = await ann.connect()

    async def write() -> None:
        for number in range(60):
            sent = await writer.send(f"number {number}", room)
            if number % 5 == 0:
                await writer.command("message.delete", id=sent["id"])

    writing = asyncio.create_task(write())
    while not writing.done() or poller.view.last < 72:
        await poller.poll(wait=2)
    assert sorted(poller.view.messages.values(), key=lambda message: message["seq"]) == await ann.messages(room)


async def test_a_room_that_the_client_does_not_know_comes_as_room_joined(ann: Person, bob: Person, room: int):
    poller = await start(bob, room)
    chat = (
        await ann.api(
            "POST", "messages/", json={"ref": "0b0e7a1e6e1c4dcb9d1c0d0f6a1c5b0e", "to": bob.id, "body": "psst"}
        )
    )["room"]
    events = await poller.poll(wait=5)
    assert chat in [event["room"]["id"] for event in events if event["type"] == "room.joined"]


async def test_leaving_a_room_is_told_to_who_polls(bob: Person, room: int):
    poller = await start(bob, room)
    await bob.api("POST", f"rooms/{room}/leave/")
    assert (room, "room.left") in [(event.get("room"), event["type"]) for event in await poller.poll()]


async def test_who_polls_counts_as_online(ann: Person, bob: Person, room: int):
    socket = await ann.connect()
    await start(bob, room)
    came = await socket.wait_for("presence.changed", room=room, online=2)
    assert bob.id in [user["id"] for user in came["joined"]]


async def test_an_outsider_learns_nothing_by_naming_a_room(ann: Person, eve: Person, private_room: int):
    await ann.post("secret", private_room)
    poller = await start(eve, private_room)
    assert "secret" not in str(poller.events)
    assert (private_room, "room.left") in [(event.get("room"), event["type"]) for event in poller.events]


async def test_a_ban_ends_a_poll(server: Any, bob: Person, room: int):
    poller = await start(bob, room)
    await quiet(poller)
    waiting = asyncio.create_task(poller.poll(wait=25))
    server.backstage("ban", bob.id)
    async with asyncio.timeout(10):
        await asyncio.wait({waiting})
    assert (await bob.api("GET", "sync/", 403))["code"] == "banned"


@pytest.mark.parametrize(
    "query",
    [
        {"rooms": "x"},
        {"rooms": "1"},
        {"rooms": "1:-1"},
        {"rooms": "1:x"},
        {"rooms": f"{2**53}:1"},
        {"rooms": "0:1"},
        {"wait": "x"},
        {"wait": "-1"},
        {"wait": "1e3"},
        {"rooms": "1:1;2:2"},
        {"rooms": "\u0661:1"},
    ],
    ids=ascii,
)
async def test_a_poll_that_makes_no_sense_is_invalid(ann: Person, query: dict):
    assert (await ann.api("GET", "sync/", 400, params=query))["code"] == "invalid"
