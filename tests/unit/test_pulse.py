"""A process notices that the channel layer lost something, though nobody says so."""

import asyncio

import pytest

from live import pulse as pulse_module
from live.pulse import Pulse
from tests.unit.fakes import until


class Wire:
    """Brings each beat back at once, unless it is cut or broken."""

    def __init__(self) -> None:
        self.is_cut = self.is_broken = False
        self.sent = 0
        self.pulse = Pulse(self.send)

    async def send(self, number: int) -> None:
        """Take a beat."""
        self.sent += 1
        if self.is_broken:
            raise OSError
        if not self.is_cut:
            self.pulse.heard(number)


@pytest.fixture
async def wire(monkeypatch: pytest.MonkeyPatch):
    """A pulse that beats a hundred times as fast."""
    monkeypatch.setattr(pulse_module, "EVERY", 0.005)
    monkeypatch.setattr(pulse_module, "SILENCE", 0.05)
    wire = Wire()
    yield wire
    await wire.pulse.stop()


async def beats(wire: Wire, count: int) -> None:
    """Wait until so many more beats were sent."""
    seen = wire.sent
    await until(lambda: wire.sent >= seen + count)


@pytest.mark.parametrize("fault", ["is_cut", "is_broken"])
async def test_a_beat_that_does_not_come_back_is_a_loss_once_the_next_does(wire: Wire, fault: str) -> None:
    await beats(wire, 3)
    assert wire.pulse.losses == 0
    setattr(wire, fault, True)
    await beats(wire, 3)
    assert wire.pulse.losses == 0
    setattr(wire, fault, False)
    await beats(wire, 3)
    assert wire.pulse.losses == 1


async def test_silence_is_noticed_while_it_lasts(wire: Wire) -> None:
    await beats(wire, 3)
    assert not wire.pulse.is_silent
    wire.is_cut = True
    await asyncio.sleep(0.1)
    assert wire.pulse.is_silent
    wire.is_cut = False
    await beats(wire, 2)
    assert not wire.pulse.is_silent
