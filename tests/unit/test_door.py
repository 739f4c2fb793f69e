"""How many may be on the way in."""

from types import SimpleNamespace

import pytest

from chat import door as door_module
from chat.door import AT_LEAST, FIRST_GUESS, PATIENCE, WINDOW, Door


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that is set by hand."""
    clock = SimpleNamespace(now=100.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(door_module, "time", clock)
    return clock


def test_who_would_wait_too_long_is_told_when_to_come_back(clock: SimpleNamespace) -> None:
    door = Door()
    door.entering = int(FIRST_GUESS * PATIENCE)
    assert door.refuse() is None
    door.entering += 1
    seconds = door.refuse()
    assert seconds is not None
    assert PATIENCE <= seconds <= PATIENCE + 6


def test_how_many_come_through_is_measured_while_others_wait(clock: SimpleNamespace) -> None:
    door = Door()
    door.entering = 1000
    for _ in range(40):
        for _ in range(30):
            with door.coming_in():
                pass
        clock.now += WINDOW
    with door.coming_in():
        pass
    assert door.rate == pytest.approx(60, rel=0.1)
    assert door.refuse() is not None
    door.entering = AT_LEAST
    assert door.refuse() is None


def test_a_quiet_door_learns_nothing(clock: SimpleNamespace) -> None:
    door = Door()
    for _ in range(20):
        with door.coming_in():
            clock.now += WINDOW
    assert door.rate == FIRST_GUESS


def test_nobody_is_let_in_any_more_by_one_who_leaves() -> None:
    door = Door()
    door.is_closed = True
    assert door.refuse() in range(1, 6)
