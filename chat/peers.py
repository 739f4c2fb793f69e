"""What the processes of a site tell each other: who is online at each, and what was spent of the rate limits.

A process numbers the changes to its roster and publishes them. Another that misses a number asks for the whole. Who is
alive stands in the database (`chat.actions.leases`): a process that crashed takes its people with it when its lease
runs out, and a lost Redis takes nobody.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from accounts.frames import Person
from accounts.limits import Limiter, Rate
from chat.actions.leases import end_lease, renew_lease
from chat.presence import Here, Presence
from database.threads import write
from live.hub import Hub
from live.publisher import envelope, publish

logger = logging.getLogger(__name__)

GROUP = "processes"
GATHER = 0.1
RENEW = 4.0
ASK_EVERY = 1.0
SHARE_SPENDING = 0.5
STOP_SECONDS = 2.0
UNKNOWN = -1
Signal = dict[str, Any]


class _Ear:
    """Stands in the group of processes, so that its signals come here. Nothing is ever delivered to it."""

    user_id = 0

    def deliver(self, frame: str) -> None:
        """Take nothing."""


class Peers:
    """The other processes, as this one knows them. Does nothing on an embedded layer. For the loop's own thread."""

    def __init__(self, hub: Hub, limiter: Limiter) -> None:
        self.presence = Presence(hub, self._note)
        self.rosters: dict[str, int] = {}
        """The number of the last change known, of each other process heard of; -1 where the whole is still to come."""
        self.on_loss: Callable[[], None] = lambda: None
        """Called when another process could not say something for a while."""
        self._hub = hub
        self._limiter = limiter
        self._number = 0
        self._changed: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._told_at = -GATHER
        self._behind: dict[str, int] = {}
        self._asked: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []
        if not hub.is_local:
            hub.join(GROUP, _Ear())
            limiter.shares = True
            self._tasks = [hub.loop.create_task(self._keep_lease()), hub.loop.create_task(self._share_spending())]

    @property
    def id(self) -> str:
        """What this process is called among its peers; another after each start."""
        return self._hub.origin

    async def stop(self) -> None:
        """Say goodbye."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._tasks:
            self._publish("gone")
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await write(end_lease, self.id)
            except Exception:
                logger.exception("The lease of this process ends by itself")

    def take(self, signal: Signal) -> None:
        """Take what another process said."""
        peer = signal["process"]
        if peer == self.id:
            return
        handle: Callable[[str, Signal], None] = getattr(self, f"_take_{signal['said']}")
        handle(peer, signal)

    def tell_loss(self) -> None:
        """Tell the others that what this process said may not have come to them."""
        self._publish("lost")

    def see_leases(self, leases: dict[str, int]) -> None:
        """Compare what is known with the leases (roster numbers by process): forget the dead, ask the unknown."""
        for peer in self.rosters.keys() - leases.keys():
            self._forget(peer)
        for peer, number in leases.items():
            known = self.rosters.get(peer, UNKNOWN)
            if known >= number:
                self._behind.pop(peer, None)
            elif self._behind.get(peer) == known:
                self._ask(peer)
            else:
                self._behind[peer] = known

    def _note(self, user_id: int) -> None:
        if self._hub.is_local:
            return
        self._changed.add(user_id)
        if self._timer is None:
            # One change after a while goes out at once, many soon after each other together.
            wait = max(0.0, self._told_at + GATHER - self._hub.loop.time())
            self._timer = self._hub.loop.call_later(wait, self._tell_changes)

    def _tell_changes(self) -> None:
        self._timer = None
        self._told_at = self._hub.loop.time()
        changed, self._changed = self._changed, set()
        self._number += 1
        states = [(user_id, self.presence.here(user_id)) for user_id in changed]
        came = [_packed(here) for _user_id, here in states if here]
        gone = [user_id for user_id, here in states if here is None]
        self._publish("changes", number=self._number, came=came, gone=gone)

    def _tell_all(self) -> None:
        """Tell everything; what has changed and was not told yet is in it, and is told again."""
        everyone = map(self.presence.here, self.presence.here_ids())
        self._publish("roster", number=self._number, people=[_packed(here) for here in everyone if here])

    def _take_ask(self, _peer: str, signal: Signal) -> None:
        if signal["whom"] in ("", self.id):
            self._tell_all()

    def _take_roster(self, peer: str, signal: Signal) -> None:
        people = [_unpacked(packed) for packed in signal["people"]]
        here = {somebody.person.id for somebody in people}
        self._lose(peer, lambda user_id: user_id not in here)
        for somebody in people:
            self.presence.see(peer, somebody)
        self.rosters[peer] = signal["number"]

    def _take_changes(self, peer: str, signal: Signal) -> None:
        known = self.rosters.setdefault(peer, UNKNOWN)
        if signal["number"] > known + 1:
            # What is in it counts all the same; the rest comes with the whole.
            self._ask(peer)
        elif signal["number"] <= known:
            return
        else:
            self.rosters[peer] = signal["number"]
        for packed in signal["came"]:
            self.presence.see(peer, _unpacked(packed))
        for user_id in signal["gone"]:
            self.presence.lose(peer, user_id)

    def _take_gone(self, peer: str, _signal: Signal) -> None:
        self._forget(peer)

    def _take_lost(self, _peer: str, _signal: Signal) -> None:
        self.on_loss()

    def _take_spent(self, _peer: str, signal: Signal) -> None:
        for burst, per_second, who, amount in signal["spent"]:
            self._limiter.debit(Rate(burst, per_second), who, amount)

    def _ask(self, peer: str) -> None:
        now = self._hub.loop.time()
        if now - self._asked.get(peer, -ASK_EVERY) >= ASK_EVERY:
            self._asked[peer] = now
            self._publish("ask", whom=peer)

    def _forget(self, peer: str) -> None:
        self._lose(peer, lambda _user_id: True)
        self.rosters.pop(peer, None)
        self._behind.pop(peer, None)
        self._asked.pop(peer, None)

    def _lose(self, peer: str, whom: Callable[[int], bool]) -> None:
        for user_id in self.presence.at(peer):
            if whom(user_id):
                self.presence.lose(peer, user_id)

    def _publish(self, said: str, **what: Any) -> None:
        publish(envelope(GROUP, signal={"type": "peer", "process": self.id, "said": said} | what))

    async def _keep_lease(self) -> None:
        self._publish("ask", whom="")
        while True:
            try:
                self.see_leases(await write(renew_lease, self.id, self._number))
            except Exception:
                # Whose lease ran out cannot be known; everyone stays.
                logger.exception("The lease of this process could not be renewed")
            await asyncio.sleep(RENEW)

    async def _share_spending(self) -> None:
        while True:
            await asyncio.sleep(SHARE_SPENDING)
            spent = self._limiter.take_spent()
            if spent and self.rosters:
                self._publish("spent", spent=[[*rate, who, amount] for (rate, who), amount in spent.items()])


def _packed(here: Here) -> list[Any]:
    return [list(here.person), here.is_away, here.rooms]


def _unpacked(packed: list[Any]) -> Here:
    person, is_away, rooms = packed
    return Here(Person(*person), is_away, rooms)
