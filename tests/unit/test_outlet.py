"""The one way out of a socket: order, bounds, and the ends that a socket can come to."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live import outlet as outlet_module
from live.outlet import MAX_BYTES, MAX_FRAMES, MAX_HELD, Outlet
from tests.unit.fakes import Socket, settle


@pytest.fixture
async def socket() -> AsyncIterator[Socket]:
    """A socket that reads; afterwards nothing may be left running."""
    socket = Socket()
    yield socket
    socket.read()
    await settle()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in others if "_finish" in repr(task)]


@pytest.fixture
def overflows() -> list[str]:
    """A line for each time that an outlet said it was over its bound."""
    return []


@pytest.fixture
async def outlet(socket: Socket, overflows: list[str]) -> Outlet:
    """The outlet of `socket`."""
    return Outlet(socket.send, lambda: overflows.append("over"))


def deliver_all(outlet: Outlet, *frames: str) -> None:
    """Deliver `frames` one after another."""
    for frame in frames:
        outlet.deliver(frame)


def read_one(socket: Socket) -> None:
    """Have the peer read what is under way and then nothing more."""
    socket.read()
    socket.stop_reading()


async def test_a_frame_goes_out_before_deliver_returns(outlet: Outlet, socket: Socket) -> None:
    deliver_all(outlet, "1", "2")
    assert socket.sent == [{"type": "websocket.send", "text": "1"}, {"type": "websocket.send", "text": "2"}]


async def test_frames_wait_behind_one_that_is_suspended(outlet: Outlet, socket: Socket) -> None:
    socket.stop_reading()
    deliver_all(outlet, "1", "2", "3")
    await settle()
    assert socket.frames == []
    socket.read()
    await settle()
    assert socket.frames == ["1", "2", "3"]


async def test_a_frame_does_not_overtake_those_that_wait_when_the_peer_reads_again(
    outlet: Outlet, socket: Socket
) -> None:
    """The 4, 1, 2, 3 trap: the peer reads again, and in the same turn, before the task ran, another frame comes."""
    socket.stop_reading()
    deliver_all(outlet, "1", "2", "3")
    await settle()
    socket.read()
    outlet.deliver("4")
    await settle()
    outlet.deliver("5")
    assert socket.frames == ["1", "2", "3", "4", "5"]


async def test_frames_keep_their_order_when_the_backlog_is_suspended_too(outlet: Outlet, socket: Socket) -> None:
    socket.stop_reading()
    deliver_all(outlet, "1", "2")
    await settle()
    read_one(socket)
    await settle()
    deliver_all(outlet, "3", "4")
    assert socket.frames == ["1"]
    socket.read()
    await settle()
    assert socket.frames == ["1", "2", "3", "4"]


async def test_after_a_backlog_frames_go_out_at_once_again(outlet: Outlet, socket: Socket) -> None:
    socket.stop_reading()
    outlet.deliver("1")
    socket.read()
    await settle()
    outlet.deliver("2")
    assert socket.frames == ["1", "2"]


async def test_as_many_frames_as_the_bound_wait_and_none_is_lost(
    outlet: Outlet, socket: Socket, overflows: list[str]
) -> None:
    socket.stop_reading()
    frames = [str(number) for number in range(MAX_FRAMES + 1)]
    deliver_all(outlet, *frames)
    assert (outlet.dead, overflows) == (False, [])
    socket.read()
    await settle()
    assert socket.frames == frames


async def test_one_frame_over_the_bound_cuts_the_socket_once(
    outlet: Outlet, socket: Socket, overflows: list[str]
) -> None:
    socket.stop_reading()
    deliver_all(outlet, *map(str, range(MAX_FRAMES + 20)))
    assert (outlet.dead, overflows) == (True, ["over"])
    socket.read()
    await settle()
    assert socket.frames == []


@pytest.mark.parametrize(("last", "is_dead"), [(0, False), (1, True)])
async def test_the_backlog_is_bounded_by_characters_too(
    outlet: Outlet, socket: Socket, overflows: list[str], last: int, is_dead: bool
) -> None:
    socket.stop_reading()
    deliver_all(outlet, "under way", "x" * (MAX_BYTES - 1), "x" * (last + 1))
    assert outlet.dead is is_dead
    assert len(overflows) == last


async def test_what_has_gone_out_no_longer_counts(outlet: Outlet, socket: Socket) -> None:
    for _round in range(3):
        socket.stop_reading()
        deliver_all(outlet, "a", "x" * (MAX_BYTES - 10))
        socket.read()
        await settle()
    assert not outlet.dead
    assert len(socket.sent) == 6


async def test_a_cut_cancels_the_send_that_is_suspended(outlet: Outlet, socket: Socket) -> None:
    socket.stop_reading()
    deliver_all(outlet, "1", "2")
    await settle()
    outlet.cut()
    await settle()
    assert socket.cancelled == 1
    socket.read()
    await settle()
    assert socket.frames == []


async def test_a_cut_cancels_a_send_of_the_backlog(outlet: Outlet, socket: Socket) -> None:
    socket.stop_reading()
    deliver_all(outlet, "1", "2", "3")
    await settle()
    read_one(socket)
    await settle()
    assert socket.frames == ["1"]
    outlet.cut()
    await settle()
    assert (socket.cancelled, socket.frames) == (1, ["1"])


async def test_a_cut_before_the_task_ran_lets_go_of_the_send(outlet: Outlet, socket: Socket) -> None:
    socket.stop_reading()
    outlet.deliver("1")
    outlet.cut()
    await settle()
    assert socket.cancelled + socket.abandoned == 1
    socket.read()
    await settle()
    assert socket.frames == []


async def test_an_exception_reaches_the_suspended_send(outlet: Outlet) -> None:
    """What the awaited future raises is raised inside of `send`, which may deal with it and go on."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    seen: list[Any] = []

    async def send(message: dict[str, Any]) -> None:
        try:
            await future
        except ConnectionResetError as error:
            seen.append(error)
            await asyncio.sleep(0)
        seen.append(message["text"])

    outlet = Outlet(send, lambda: None)
    outlet.deliver("1")
    error = ConnectionResetError()
    future.set_exception(error)
    await settle()
    assert seen == [error, "1"]
    assert not outlet.dead


async def test_results_reach_the_suspended_send() -> None:
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    seen: list[str] = []

    async def send(message: dict[str, Any]) -> None:
        seen.append(await future)

    Outlet(send, lambda: None).deliver("1")
    future.set_result("written")
    await settle()
    assert seen == ["written"]


@pytest.mark.parametrize("error", [ConnectionResetError("gone"), RuntimeError("closed"), KeyError("x")])
@pytest.mark.parametrize("when", ["at once", "suspended", "in the backlog"])
async def test_an_error_of_one_socket_hurts_nobody(
    outlet: Outlet, socket: Socket, caplog: pytest.LogCaptureFixture, error: Exception, when: str
) -> None:
    failures: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context))
    if when == "at once":
        socket.error = error
        outlet.deliver("1")
    else:
        socket.stop_reading()
        deliver_all(outlet, "1", *(["2"] if when == "in the backlog" else []))
        await settle()
        socket.error = error
        socket.read()
        await settle()
    outlet.deliver("3")
    await settle()
    assert (outlet.dead, socket.frames, failures) == (True, [], [])
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == (0 if isinstance(error, OSError) else 1)


async def test_one_dead_socket_among_others_is_skipped() -> None:
    sockets = [Socket() for _ in range(3)]
    outlets = [Outlet(socket.send, lambda: None) for socket in sockets]
    sockets[1].error = OSError("gone")
    for outlet in outlets:
        outlet.deliver("1")
    assert [socket.frames for socket in sockets] == [["1"], [], ["1"]]


async def test_held_frames_come_after_the_first(outlet: Outlet, socket: Socket) -> None:
    outlet.hold()
    deliver_all(outlet, "2", "3")
    assert socket.frames == []
    outlet.release("1")
    outlet.deliver("4")
    assert socket.frames == ["1", "2", "3", "4"]


async def test_held_frames_come_after_the_first_even_if_that_is_suspended(outlet: Outlet, socket: Socket) -> None:
    outlet.hold()
    deliver_all(outlet, "2", "3")
    socket.stop_reading()
    outlet.release("1")
    outlet.deliver("4")
    socket.read()
    await settle()
    assert socket.frames == ["1", "2", "3", "4"]


async def test_what_is_held_is_bounded_and_a_release_after_that_says_nothing(
    outlet: Outlet, socket: Socket, overflows: list[str]
) -> None:
    outlet.hold()
    deliver_all(outlet, *map(str, range(MAX_HELD + 1)))
    outlet.release("first")
    assert (socket.frames, overflows) == ([], ["over"])


async def test_a_hold_keeps_what_comes_while_an_earlier_frame_is_suspended(outlet: Outlet, socket: Socket) -> None:
    """An error before `hello` that the peer has not read yet must not let events out before `welcome`."""
    socket.stop_reading()
    deliver_all(outlet, "error 1", "error 2")
    outlet.hold()
    outlet.deliver("event")
    socket.read()
    await settle()
    outlet.release("welcome")
    await settle()
    assert socket.frames == ["error 1", "error 2", "welcome", "event"]


async def test_what_waited_before_a_hold_comes_before_the_first(outlet: Outlet, socket: Socket) -> None:
    socket.stop_reading()
    deliver_all(outlet, "error 1", "error 2")
    outlet.hold()
    outlet.deliver("event")
    outlet.release("welcome")
    socket.read()
    await settle()
    assert socket.frames == ["error 1", "error 2", "welcome", "event"]


async def test_a_close_comes_after_what_was_delivered(outlet: Outlet, socket: Socket) -> None:
    socket.stop_reading()
    deliver_all(outlet, "1", "2")
    outlet.close(4401, "who are you")
    socket.read()
    await settle()
    assert socket.frames == ["1", "2", 4401]
    assert socket.sent[-1] == {"type": "websocket.close", "code": 4401, "reason": "who are you"}


@pytest.mark.parametrize("is_suspended", [False, True])
async def test_nothing_is_sent_after_a_close(outlet: Outlet, socket: Socket, is_suspended: bool) -> None:
    if is_suspended:
        socket.stop_reading()
    outlet.close(1012)
    outlet.deliver("late")
    outlet.close(4408)
    socket.read()
    await settle()
    outlet.deliver("later")
    assert socket.frames == [1012]


async def test_a_close_while_frames_are_held_is_not_forgotten_with_them(outlet: Outlet, socket: Socket) -> None:
    outlet.hold()
    outlet.deliver("held")
    outlet.close(4401)
    outlet.hold()
    outlet.deliver("late")
    assert "held" not in socket.frames
    outlet.release("first")
    await settle()
    assert socket.frames[-1] == 4401
    assert socket.frames in (["first", 4401], [4401])
    outlet.deliver("later")
    outlet.close(1012)
    assert socket.frames[-1] == 4401


async def test_nothing_is_sent_after_a_cut(outlet: Outlet, socket: Socket) -> None:
    outlet.deliver("1")
    outlet.cut()
    outlet.deliver("2")
    outlet.close(1000)
    outlet.cut()
    assert socket.frames == ["1"]


# Every interleaving.


class Fitful:
    """A socket whose n-th send suspends for as many turns of the loop as `pauses[n]` says."""

    def __init__(self, pauses: list[int]) -> None:
        self.pauses = iter(pauses)
        self.frames: list[str] = []

    async def send(self, message: dict[str, Any]) -> None:
        """Take one ASGI message."""
        for _turn in range(next(self.pauses, 0)):
            await asyncio.sleep(0)
        self.frames.append(message["text"])


async def play(kind: type[Outlet], pauses: list[int], waits: list[int], held: int = 0) -> tuple[list[str], list[str]]:
    """Deliver a frame after each of `waits` turns, the first `held` under a hold; return what was due and what came."""
    socket = Fitful(pauses)
    outlet = kind(socket.send, lambda: None)
    frames = [str(number) for number in range(len(waits))]
    expected = frames
    if held:
        outlet.hold()
        expected = ["first", *frames]
    for number, (frame, wait) in enumerate(zip(frames, waits, strict=True)):
        if held and number == held:
            outlet.release("first")
        await settle(wait)
        outlet.deliver(frame)
    if held and held >= len(frames):
        outlet.release("first")
    await settle(sum(pauses) + 2 * len(frames) + 5)
    return expected, socket.frames


def keeps_order(kind: type[Outlet], pauses: list[int], waits: list[int], held: int = 0) -> bool:
    """The checker: whether a socket gets every frame in order."""
    expected, received = asyncio.run(play(kind, pauses, waits, held))
    return received == expected


_turns = st.lists(st.integers(0, 3), max_size=30)


@settings(max_examples=150)
@given(pauses=_turns, waits=_turns, held=st.integers(0, 10))
def test_no_interleaving_of_pauses_and_frames_changes_their_order(
    pauses: list[int], waits: list[int], held: int
) -> None:
    assert keeps_order(Outlet, pauses, waits, held)


@settings(max_examples=80)
@given(pauses=_turns, waits=_turns)
def test_past_a_small_bound_a_socket_has_got_a_beginning_of_what_was_said(pauses: list[int], waits: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outlet_module, "MAX_FRAMES", 3)
        expected, received = asyncio.run(play(Outlet, pauses, waits))
    assert received == expected[: len(received)]
    assert len(received) == len(expected) or max(pauses) > 0


class HastyOutlet(Outlet):
    """Broken on purpose: it tries each frame at once, as the trap has it."""

    def _put(self, message: dict[str, Any]) -> None:
        try:
            sending = self._send(message)
            waits_for = sending.send(None)
        except StopIteration:
            return
        asyncio.get_running_loop().create_task(self._finish(sending, waits_for))


def test_the_check_of_order_notices_an_outlet_that_lets_frames_overtake() -> None:
    assert not keeps_order(HastyOutlet, pauses=[2], waits=[0, 0, 0])
    assert keeps_order(Outlet, pauses=[2], waits=[0, 0, 0])
