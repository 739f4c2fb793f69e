"""Who is online and who is typing, told together and not too often. The loop's clock is moved by hand."""

import asyncio
import heapq
import json
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.frames import Person
from chat import presence as presence_module
from chat import typing as typing_module
from chat.presence import GATHER, GRACE, NAMED_UP_TO, Presence
from chat.typing import PER_PERSON, TypingSigns
from live.envelope import Envelope

ANN, BOB, GUS = (Person(number, name, "fox", True, False) for number, name in ((1, "ann"), (2, "bob"), (3, "gus")))


class Clock:
    """Stands for the loop's clock and timers, and for the hub that is told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self.told: list[tuple[float, str, dict[str, Any]]] = []
        self._loop = asyncio.new_event_loop()
        self._count = 0

    @property
    def hub(self) -> Any:
        """What stands for a hub all of whose groups have members."""
        groups = SimpleNamespace(get=lambda name: SimpleNamespace(name=name))
        return SimpleNamespace(
            loop=self, is_local=True, groups=groups, queue=lambda group, text: self.tell(group.name, text)
        )

    def tell(self, group: str, encoded: str) -> None:
        """Note what is told, and when."""
        self.told += [(round(self.now - 1000, 3), group, event) for event in json.loads(f"[{encoded}]")]

    def publish(self, *envelopes: Envelope) -> None:
        """Stand for `live.publisher.publish`."""
        for item in envelopes:
            self.tell(item["group"], item["events"])

    def monotonic(self) -> float:
        """Stand for `time.monotonic`."""
        return self.now

    def call_later(self, delay: float, callback: Callable[..., None], *arguments: Any) -> asyncio.TimerHandle:
        """Stand for the loop's timers."""
        self._count += 1
        timer = asyncio.TimerHandle(self.now + delay, callback, arguments, self._loop)
        heapq.heappush(self.timers, (self.now + delay, self._count, timer))
        return timer

    def go(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self.timers and self.timers[0][0] <= end:
            self.now, _count, timer = heapq.heappop(self.timers)
            if not timer.cancelled():
                timer._run()
        self.now = end

    def close(self) -> None:
        """End the loop that the timers belong to."""
        self._loop.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The clock of presence and typing."""
    clock = Clock()
    for module in (presence_module, typing_module):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic))
    monkeypatch.setattr(typing_module, "publish", clock.publish)
    yield clock
    clock.close()


@pytest.fixture
def presence(clock: Clock) -> Presence:
    """The presence of one process."""
    return Presence(clock.hub)


def room(number: int = 7, members: int = 3, **fields: Any) -> dict[str, Any]:
    """Return a room's shape."""
    return {"id": number, "kind": "public", "members": members, **fields}


def names(people: list[dict[str, Any]]) -> list[str]:
    """Return the nicknames of people."""
    return sorted(person["nickname"] for person in people)


def changes(clock: Clock) -> list[tuple[int, list[str], list[str]]]:
    """Return (online, came, left) for each time that the room was told, and forget them."""
    told, clock.told = clock.told, []
    return [(event["online"], names(event["joined"]), names(event["left"])) for _at, _group, event in told]


def test_who_comes_is_told_of_and_those_who_come_at_once_together(presence: Presence, clock: Clock) -> None:
    presence.connect(ANN, [room()])
    presence.connect(BOB, [room()])
    assert (clock.told, presence.count(7)) == ([], 2)
    clock.go(GATHER)
    assert clock.told[0][1] == "room.7"
    assert changes(clock) == [(2, ["ann", "bob"], [])]


def test_a_person_with_three_tabs_is_one_person(presence: Presence, clock: Clock) -> None:
    for _tab in range(3):
        presence.connect(ANN, [room()])
    clock.go(1)
    assert presence.count(7) == 1
    assert changes(clock) == [(1, ["ann"], [])]
    for _tab in range(2):
        presence.disconnect(ANN.id)
    clock.go(60)
    assert (presence.count(7), changes(clock)) == (1, [])
    presence.disconnect(ANN.id)
    clock.go(60)
    assert (presence.count(7), changes(clock), presence.here_ids()) == (0, [(0, [], ["ann"])], [])


def test_a_reload_is_no_departure(presence: Presence, clock: Clock) -> None:
    presence.connect(ANN, [room()])
    clock.go(5)
    changes(clock)
    presence.disconnect(ANN.id)
    clock.go(GRACE - 0.1)
    presence.connect(ANN, [room()])
    clock.go(60)
    assert (presence.count(7), changes(clock)) == (1, [])


def test_who_comes_and_goes_between_two_tellings_is_not_told_of(presence: Presence, clock: Clock) -> None:
    presence.connect(ANN, [room()])
    clock.go(0.2)
    presence.enter(BOB.id, room())
    presence.connect(BOB, [room()])
    presence.leave(BOB.id, 7)
    clock.go(60)
    assert changes(clock) == [(1, ["ann"], [])]


@pytest.mark.parametrize(("members", "pause"), [(3, 1.0), (1000, 5.0)])
def test_a_room_is_told_at_most_once_in_a_while(presence: Presence, clock: Clock, members: int, pause: float) -> None:
    presence.connect(ANN, [room(members=members)])
    for number in range(40):
        presence.connect(Person(100 + number, f"p{number}", "fox", True, False), [room(members=members)])
        clock.go(0.5)
    clock.go(20)
    times = [at for at, _group, _event in clock.told]
    assert min(later - earlier for earlier, later in pairwise(times)) >= pause - 0.001
    assert len(times) >= 20 / pause
    assert clock.told[-1][2]["online"] == 41


def test_in_a_large_room_only_numbers_are_told(presence: Presence, clock: Clock) -> None:
    for number, members in ((7, NAMED_UP_TO), (8, NAMED_UP_TO + 1)):
        presence.connect(ANN, [room(number, members)])
    clock.go(2)
    told = {event["room"]: event for _at, _group, event in clock.told}
    assert "joined" in told[7]
    assert told[8] == {"type": "presence.changed", "room": 8, "online": 1}


def test_in_a_private_chat_both_are_told_once_both_know_of_it(presence: Presence, clock: Clock) -> None:
    presence.connect(ANN, [room(kind="direct", members=2, **{"with": {"id": BOB.id}})])
    clock.go(1)
    assert {group for _at, group, _event in clock.told} == {"user.1"}
    presence.connect(BOB, [room(kind="direct", members=2, **{"with": {"id": ANN.id}})])
    clock.go(2)
    assert {group for _at, group, _event in clock.told} == {"user.1", "user.2"}


def test_entering_and_leaving_a_room_counts(presence: Presence, clock: Clock) -> None:
    presence.connect(ANN, [])
    presence.enter(ANN.id, room())
    presence.enter(BOB.id, room())
    assert presence.online_in(7) == {ANN.id}
    clock.go(2)
    presence.leave(ANN.id, 7)
    presence.leave(ANN.id, 99)
    clock.go(2)
    assert changes(clock) == [(1, ["ann"], []), (0, [], ["ann"])]
    presence.disconnect(ANN.id)
    clock.go(10)
    assert changes(clock) == []


def test_a_room_that_changed_is_told_once_with_its_people(presence: Presence, clock: Clock) -> None:
    presence.connect(ANN, [room()])
    clock.go(2)
    clock.told.clear()
    for members in (4, 5):
        presence.update_room({"id": 7, "members": members})
    presence.update_room({"id": 99, "members": 1})
    clock.go(2)
    assert [event for _at, _group, event in clock.told] == [{"type": "room.updated", "room": {"id": 7, "members": 5}}]


def test_a_new_name_is_told_from_then_on(presence: Presence, clock: Clock) -> None:
    presence.connect(ANN, [room()])
    presence.rename(ANN._replace(nickname="anna"))
    presence.rename(GUS)
    clock.go(2)
    assert changes(clock) == [(1, ["anna"], [])]


# Typing.


@pytest.fixture
def typing(clock: Clock) -> TypingSigns:
    """The signs of one process."""
    return TypingSigns(clock.hub)


def typists(clock: Clock) -> list[tuple[float, list[str]]]:
    """Return when who was told to be typing."""
    return [(at, names(event["users"])) for at, _group, event in clock.told]


def test_who_types_is_told_at_once_and_others_together_a_second_later(typing: TypingSigns, clock: Clock) -> None:
    typing.note(ANN, room(), active=True)
    clock.go(0)
    typing.note(BOB, room(), active=True)
    typing.note(GUS, room(), active=True)
    clock.go(5)
    assert typists(clock) == [(0.0, ["ann"]), (1.0, ["bob", "gus"])]


def test_one_person_is_told_of_at_most_every_three_seconds(typing: TypingSigns, clock: Clock) -> None:
    for _step in range(70):
        typing.note(ANN, room(), active=True)
        clock.go(0.1)
    assert [at for at, _names in typists(clock)] == pytest.approx([0, PER_PERSON, 2 * PER_PERSON], abs=0.11)


def test_who_stopped_before_it_was_told_is_not_told_of(typing: TypingSigns, clock: Clock) -> None:
    typing.note(ANN, room(), active=True)
    clock.go(0.5)
    typing.note(BOB, room(), active=True)
    typing.note(BOB, room(), active=False)
    typing.note(GUS, room(), active=False)
    clock.go(5)
    assert typists(clock) == [(0.0, ["ann"])]


def test_in_a_large_room_nobody_is_told(typing: TypingSigns, clock: Clock) -> None:
    typing.note(ANN, room(members=NAMED_UP_TO + 1), active=True)
    clock.go(5)
    assert clock.told == []


def test_rooms_are_told_apart_and_private_chats_to_both(typing: TypingSigns, clock: Clock) -> None:
    typing.note(ANN, room(), active=True)
    typing.note(ANN, room(8, 2, kind="direct", **{"with": {"id": BOB.id}}), active=True)
    clock.go(0)
    assert [(group, event["room"]) for _at, group, event in clock.told] == [
        ("room.7", 7), ("user.1", 8), ("user.2", 8)
    ]  # fmt: skip


def test_old_signs_are_forgotten(typing: TypingSigns, clock: Clock) -> None:
    for number in range(1500):
        typing.note(ANN, room(number + 1), active=True)
        clock.go(0.01)
    assert len(typing._seen_at) <= 1001
