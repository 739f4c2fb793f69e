"""From a group to its members: one frame for what is ready, in order, in slices."""

import asyncio
import json
from typing import Any

from live.hub import MAX_FRAME, SLICE, Group, Hub
from tests.unit.fakes import Ear, arriving, settle

ROOM = "room.1"


def join_all(hub: Hub, count: int, **arguments: Any) -> list[Ear]:
    """Return `count` new members of the room."""
    ears = [Ear(**arguments) for _ in range(count)]
    for ear in ears:
        hub.join(ROOM, ear)
    return ears


def say(hub: Hub, *numbers: int) -> None:
    """Have one envelope for each number arrive."""
    for number in numbers:
        hub.arrive(arriving(ROOM, {"n": number}))


def numbers(ear: Ear) -> list[int]:
    """Return what a member heard."""
    return [event["n"] for frame in ear.frames for event in json.loads(frame)]


async def test_what_is_ready_at_once_travels_in_one_frame(hub: Hub) -> None:
    (ear,) = join_all(hub, 1)
    say(hub, 1, 2)
    hub.arrive(arriving(ROOM, {"n": 3}, {"n": 4}))
    assert ear.frames == []
    await settle()
    assert ear.frames == ['[{"n":1},{"n":2},{"n":3},{"n":4}]']


async def test_what_comes_later_travels_in_the_next_frame(hub: Hub) -> None:
    (ear,) = join_all(hub, 1)
    say(hub, 1)
    await settle()
    say(hub, 2)
    await settle()
    assert ear.frames == ['[{"n":1}]', '[{"n":2}]']


async def test_all_members_are_given_the_same_string(hub: Hub) -> None:
    first, *others = join_all(hub, 5)
    say(hub, 1)
    await settle()
    assert all(ear.frames[0] is first.frames[0] for ear in others)


async def test_other_groups_hear_nothing(hub: Hub) -> None:
    ear = Ear()
    hub.join("room.2", ear)
    join_all(hub, 1)
    say(hub, 1)
    await settle()
    assert ear.frames == []


async def test_who_left_hears_nothing_and_may_leave_twice(hub: Hub) -> None:
    leaver, other = join_all(hub, 2)
    say(hub, 1)
    hub.leave(ROOM, leaver)
    hub.leave(ROOM, leaver)
    hub.leave("room.unknown", leaver)
    await settle()
    assert (numbers(leaver), numbers(other)) == ([], [1])
    assert list(hub.members(ROOM)) == [other]
    assert list(hub.members("room.unknown")) == []


async def test_who_joins_twice_hears_once(hub: Hub) -> None:
    (ear,) = join_all(hub, 1)
    hub.join(ROOM, ear)
    say(hub, 1)
    await settle()
    assert numbers(ear) == [1]


async def test_a_large_group_is_served_in_slices_between_which_the_loop_turns(hub: Hub) -> None:
    ears = join_all(hub, 2 * SLICE + 100)
    await settle()
    say(hub, 1)
    served = []
    for _turn in range(4):
        await asyncio.sleep(0)
        served.append(sum(bool(ear.frames) for ear in ears))
    assert served == [SLICE, 2 * SLICE, 2 * SLICE + 100, 2 * SLICE + 100]


async def test_who_leaves_between_two_slices_hears_nothing_more(hub: Hub) -> None:
    ears = join_all(hub, SLICE + 10)
    await settle()
    say(hub, 1)
    await asyncio.sleep(0)
    hub.leave(ROOM, ears[0])
    hub.leave(ROOM, ears[SLICE])
    await settle()
    assert [numbers(ears[0]), numbers(ears[SLICE]), numbers(ears[SLICE + 1])] == [[1], [], [1]]


async def test_what_arrives_between_two_slices_comes_after_for_everyone(hub: Hub) -> None:
    ears = join_all(hub, SLICE + 10)
    await settle()
    say(hub, 1)
    await asyncio.sleep(0)
    say(hub, 2, 3)
    await settle()
    assert {tuple(ear.frames) for ear in ears} == {('[{"n":1}]', '[{"n":2},{"n":3}]')}


async def test_who_joins_between_two_slices_hears_from_the_next_frame_on(hub: Hub) -> None:
    join_all(hub, SLICE + 10)
    await settle()
    say(hub, 1)
    await asyncio.sleep(0)
    (late,) = join_all(hub, 1)
    say(hub, 2)
    await settle()
    assert numbers(late) == [2]


async def test_what_members_bring_about_while_they_are_served_is_not_lost(hub: Hub) -> None:
    echo = Ear(lambda frame: say(hub, 2) if frame == '[{"n":1}]' else None)
    hub.join(ROOM, echo)
    (ear,) = join_all(hub, 1)
    say(hub, 1)
    await settle()
    assert numbers(echo) == numbers(ear) == [1, 2]


async def test_a_frame_is_at_most_256_kib_and_one_event(hub: Hub) -> None:
    (ear,) = join_all(hub, 1)
    event = {"text": "x" * 10_000}
    sizes = len(json.dumps(event))
    for number in range(100):
        hub.arrive(arriving(ROOM, event | {"n": number}))
    await settle()
    assert numbers(ear) == list(range(100))
    assert max(map(len, ear.frames)) <= MAX_FRAME + sizes + 200
    assert len(ear.frames) <= 100 * (sizes + 20) // MAX_FRAME + 1


async def test_an_event_over_the_bound_travels_alone(hub: Hub) -> None:
    (ear,) = join_all(hub, 1)
    say(hub, 1)
    hub.arrive(arriving(ROOM, {"n": 2, "text": "x" * (MAX_FRAME + 1)}))
    say(hub, 3)
    await settle()
    assert [len(json.loads(frame)) for frame in ear.frames] == [1, 1, 1]
    assert numbers(ear) == [1, 2, 3]


async def test_a_signal_is_for_the_sites_own_parts(hub: Hub) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []

    def on_signal(group: Group, signal: dict[str, Any]) -> None:
        heard.append((group.name, signal))

    hub.on_signal = on_signal
    (ear,) = join_all(hub, 1)
    hub.arrive(arriving(ROOM, signal={"type": "access"}))
    await settle()
    assert heard == [(ROOM, {"type": "access"})]
    assert ear.frames == []


async def test_a_signal_takes_effect_before_the_events_beside_it(hub: Hub) -> None:
    removed, stays = join_all(hub, 2)
    hub.on_signal = lambda group, _signal: hub.leave(group.name, removed)
    hub.arrive(arriving(ROOM, {"n": 1}, signal={"type": "members"}))
    await settle()
    assert (numbers(removed), numbers(stays)) == ([], [1])


async def test_nothing_is_noted_for_a_group_without_members(hub: Hub) -> None:
    signals: list[Any] = []
    hub.on_signal = lambda _group, signal: signals.append(signal)
    (ear,) = join_all(hub, 1)
    hub.leave(ROOM, ear)
    hub.arrive(arriving(ROOM, {"n": 1}, signal={"type": "x"}, span=("s", 1, 1)))
    hub.arrive(arriving("room.unknown", {"n": 1}))
    hub.join(ROOM, ear)
    await settle()
    assert (ear.frames, signals, hub.groups[ROOM].streams) == ([], [], {})
