"""What one process knows of the others' people."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.limits import Limiter
from chat import peers as peers_module
from chat.peers import Peers

BOB = [[2, "bob", "fox", True, False], False, [7]]


class Process:
    """One process: what it published, and who is online as far as it knows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: list[dict[str, Any]] = []
        monkeypatch.setattr(peers_module, "publish", lambda item: self.told.append(item["signal"]))
        groups = SimpleNamespace(get=lambda _name: None)
        hub: Any = SimpleNamespace(loop=asyncio.get_running_loop(), is_local=True, groups=groups, origin="here")
        self.peers = Peers(hub, Limiter())

    def hear(self, said: str, **fields: Any) -> None:
        """Take what the process "there" said."""
        self.peers.take({"process": "there", "said": said} | fields)

    @property
    def others(self) -> list[int]:
        """Who is online at "there"."""
        return list(self.peers.presence.at("there"))


@pytest.fixture
async def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    """A process that has heard of no other."""
    return Process(monkeypatch)


async def test_who_was_told_of_before_the_whole_is_gone_with_the_process_too(process: Process) -> None:
    process.hear("changes", number=5, came=[BOB], gone=[])
    assert process.others == [2]
    assert [signal["said"] for signal in process.told] == ["ask"]
    process.peers.see_leases({"there": 5})
    assert process.others == [2]
    process.peers.see_leases({})
    assert process.others == []


async def test_what_was_missed_is_asked_for_and_comes_as_the_whole(process: Process) -> None:
    process.hear("changes", number=5, came=[BOB], gone=[])
    process.hear("roster", number=6, people=[])
    assert process.others == []
    process.hear("changes", number=7, came=[BOB], gone=[])
    process.hear("changes", number=6, came=[], gone=[2])
    assert process.others == [2]
    assert len(process.told) == 1


async def test_a_lease_that_is_ahead_twice_is_asked_about(process: Process) -> None:
    process.hear("roster", number=1, people=[BOB])
    process.peers.see_leases({"there": 2})
    assert process.told == []
    process.peers.see_leases({"there": 2})
    assert [signal["whom"] for signal in process.told] == ["there"]
