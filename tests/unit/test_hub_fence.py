"""Nothing goes to someone who is no member once a newer version of the member set is known (PROTOCOL, rule 6)."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live import hub as hub_module
from live.hub import Group, Hub
from live.layer import EmbeddedChannelLayer
from tests.unit.fakes import Ear, arriving, settle, until

ROOM = "room.1"


class Members:
    """Stands for the database: a member set with a version, and the check that reads it.

    A read takes its snapshot at once and `turns` turns of the loop to come back; the first `failures` of them fail.
    """

    def __init__(self, hub: Hub, count: int) -> None:
        self.hub = hub
        self.version = 1
        self.turns = 1
        self.failures = 0
        self.checks = 0
        self.ears = [Ear() for _ in range(count)]
        self.members = list(self.ears)
        self.removed_at: dict[Ear, int] = {}
        hub.check_fence = self.check
        for ear in self.ears:
            hub.join(ROOM, ear)

    async def check(self, group: Group) -> int:
        """Make those leave who are no members; return the version read."""
        self.checks += 1
        version, gone = self.version, [ear for ear in group.members if ear not in self.members]
        await settle(self.turns)
        if self.failures:
            self.failures -= 1
            raise OSError("the database does not answer")
        for ear in gone:
            self.hub.leave(group.name, ear)
        return version

    def remove(self, ear: Ear, *, is_announced: bool) -> None:
        """End a membership; the announcement may be lost."""
        base, self.version = self.version, self.version + 1
        self.members.remove(ear)
        self.removed_at[ear] = self.version
        if is_announced:
            self.hub.on_signal = lambda group, signal: self.hub.leave(group.name, signal["ear"])
            self.hub.arrive(arriving(ROOM, signal={"ear": ear}, fence=(self.version, base)))

    def say(self) -> None:
        """Have an event arrive that assumes the member set as it is."""
        self.hub.arrive(arriving(ROOM, {"v": self.version}, fence=(self.version, self.version)))

    def leaks(self) -> list[tuple[int, int]]:
        """The checker: return (version of the removal, version of the event) for what someone heard after it."""
        return [
            (removed, version)
            for ear, removed in self.removed_at.items()
            for version in versions(ear)
            if version >= removed
        ]


def versions(ear: Ear) -> list[int]:
    """Return the versions of the events that someone heard."""
    return [event["v"] for frame in ear.frames for event in json.loads(frame)]


@pytest.fixture
async def room(hub: Hub) -> Members:
    """A room of three whose members this process has just checked."""
    members = Members(hub, 3)
    members.say()
    await settle()
    assert members.checks == 1
    return members


async def test_an_event_of_the_known_version_needs_no_check(room: Members) -> None:
    room.say()
    room.say()
    await settle()
    assert room.checks == 1
    assert [versions(ear) for ear in room.ears] == [[1, 1, 1]] * 3


async def test_an_event_of_a_newer_version_waits_for_the_check(room: Members) -> None:
    bob = room.ears[0]
    room.remove(bob, is_announced=False)
    room.turns = 5
    room.say()
    await settle(3)
    assert versions(room.ears[1]) == [1]
    await settle()
    assert [versions(ear) for ear in room.ears] == [[1], [1, 2], [1, 2]]
    assert room.checks == 2


async def test_an_announced_removal_needs_no_check(room: Members) -> None:
    room.remove(room.ears[0], is_announced=True)
    room.say()
    await settle()
    assert room.checks == 1
    assert [versions(ear) for ear in room.ears] == [[1], [1, 2], [1, 2]]


async def test_an_announcement_after_a_lost_one_is_checked(room: Members) -> None:
    room.remove(room.ears[0], is_announced=False)
    room.remove(room.ears[1], is_announced=True)
    room.say()
    await settle()
    assert room.checks == 2
    assert [versions(ear) for ear in room.ears] == [[1], [1], [1, 3]]


async def test_a_version_that_arrives_while_the_check_runs_is_checked_too(room: Members) -> None:
    room.turns = 5
    room.remove(room.ears[0], is_announced=False)
    room.say()
    await settle(3)
    room.remove(room.ears[1], is_announced=False)
    room.say()
    await settle(30)
    assert room.leaks() == []
    assert [versions(ear) for ear in room.ears] == [[1], [1], [1, 2, 3]]


async def test_events_wait_while_the_check_fails_and_come_in_order_after(
    room: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "FENCE_RETRY", 0.01)
    room.failures = 2
    room.remove(room.ears[0], is_announced=False)
    room.say()
    room.say()
    await settle()
    room.say()
    assert versions(room.ears[1]) == [1]
    await until(lambda: len(versions(room.ears[1])) == 4)
    assert room.checks == 4
    assert versions(room.ears[0]) == [1]


async def test_a_database_that_lags_does_not_silence_the_room(room: Members) -> None:
    """What was told of is newer than what can be read: one check, then the events go out."""
    room.hub.arrive(arriving(ROOM, {"v": 9}, fence=(9, 9)))
    await settle()
    assert versions(room.ears[0]) == [1, 9]
    assert room.checks == 2


async def test_the_comparison_of_heads_has_members_checked_without_an_event(room: Members) -> None:
    room.remove(room.ears[0], is_announced=False)
    room.hub.require_fence(room.hub.groups[ROOM], room.version)
    await settle()
    assert list(room.hub.members(ROOM)) == room.ears[1:]
    room.hub.require_fence(room.hub.groups[ROOM], room.version)
    await settle()
    assert room.checks == 2


async def test_events_without_a_fence_go_out_unchecked(hub: Hub) -> None:
    members = Members(hub, 1)
    hub.arrive(arriving("room.1", {"v": 0}))
    await settle()
    assert (members.checks, versions(members.ears[0])) == (0, [0])


async def test_a_group_that_was_empty_is_checked_again(room: Members) -> None:
    for ear in room.ears:
        room.hub.leave(ROOM, ear)
    room.remove(room.ears[0], is_announced=False)
    for ear in room.ears:
        room.hub.join(ROOM, ear)
    room.say()
    await settle()
    assert room.leaks() == []
    assert versions(room.ears[1]) == [1, 2]


async def test_who_comes_late_to_a_group_that_was_empty_is_checked(room: Members) -> None:
    """Someone removed who still joins, as a socket does that looked up its rooms before."""
    room.remove(room.ears[0], is_announced=True)
    for ear in room.ears:
        room.hub.leave(ROOM, ear)
    for ear in room.ears:
        room.hub.join(ROOM, ear)
    room.say()
    await settle()
    assert room.leaks() == []
    assert versions(room.ears[1]) == [1, 2]


Step = tuple[str, int]
_steps = st.lists(
    st.tuples(st.sampled_from(["say", "remove", "lose", "wait", "slow", "fail"]), st.integers(0, 6)), max_size=25
)


async def live_through(steps: Sequence[Step], change_hub: Callable[[Hub], Any] = lambda hub: None) -> Members:
    """Play `steps` in a room of seven; return it when all is quiet."""
    hub = Hub(EmbeddedChannelLayer())
    change_hub(hub)
    room = Members(hub, 7)
    said = 0
    for kind, number in steps:
        if kind == "say":
            room.say()
            said += 1
        elif kind in ("remove", "lose") and len(room.members) > 1:
            room.remove(room.members[number % len(room.members)], is_announced=kind == "remove")
        elif kind == "wait":
            await settle(number)
        elif kind == "slow":
            room.turns = number
        elif kind == "fail":
            room.failures = number % 3
    for _round in range(10):
        await asyncio.sleep(0.001)
        await settle(30)
    await hub.stop()
    assert all(len(versions(ear)) == said and sorted(versions(ear)) == versions(ear) for ear in room.members)
    return room


@settings(max_examples=80)
@given(steps=_steps)
def test_no_order_of_removals_events_and_checks_leaks_anything(steps: list[Step]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub_module, "FENCE_RETRY", 0.001)
        patch.setattr(hub_module.logger, "disabled", True)
        room = asyncio.run(live_through(steps))
    assert room.leaks() == []


def test_that_check_notices_a_hub_without_a_fence() -> None:
    def drop_fence(hub: Hub) -> None:
        hub._see_fence = lambda _group, _fence: None  # type: ignore[method-assign]

    steps = [("say", 0), ("wait", 6), ("lose", 0), ("say", 0)]
    assert asyncio.run(live_through(steps, drop_fence)).leaks() == [(2, 2)]
    assert asyncio.run(live_through(steps)).leaks() == []
