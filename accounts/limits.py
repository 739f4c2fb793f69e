"""Token buckets: how much someone, or somewhere, may do in a time, over all sockets and REST calls.

Each process counts for itself. Where there are several they tell each other twice a second what was spent
(`chat.peers`), so that one more process is not one more allowance.
"""

import threading
import time
from collections.abc import Hashable
from typing import NamedTuple

from django.conf import settings

from accounts.errors import RateLimited

SWEEP_SECONDS = 60.0


class Rate(NamedTuple):
    """`burst` at once, then `per_second`."""

    burst: float
    per_second: float


SENDS = Rate(60, 10)
"""Messages of one user, and changes to messages: everyone in the room gets each."""
PROFILES = Rate(20, 0.2)
"""Changes of one's own account: everyone is told of each."""
NEW_ROOMS = Rate(20, 0.05)
"""Rooms made by one user."""
NEW_INVITATIONS = Rate(20, 0.02)
"""Invitation links made by one user."""
ADDITIONS = Rate(60, 0.1)
"""People whom one user brings into rooms by name."""
SEARCHES = Rate(30, 2)
"""Searches of one user."""
REPORTS = Rate(20, 0.05)
"""Reports of one user."""
UPLOADS = Rate(60, 0.5)
"""Files that one user uploads."""
DOWNLOADS = Rate(1200, 100)
"""Files that one user looks at: a room full of pictures is hundreds."""
SUBSCRIPTIONS = Rate(30, 0.1)
"""Times one user has a browser called."""
COMMANDS = Rate(240, 40)
"""Commands and REST calls of one user."""
ADDRESS = Rate(2400, 400)
"""Commands and REST calls from one address: a class behind one router is 40 people."""
ADDRESS_DOWNLOADS = Rate(6000, 1000)
"""Files looked at from one address."""
CONNECTS = Rate(1200, 100)
"""Sockets opened from one address."""
ARRIVALS = Rate(120, 1)
"""Accounts made from one address."""
PASSWORDS = Rate(20, 0.1)
"""Passwords tried from one address, and for one account."""


class Limiter:
    """The buckets of one process. For any thread. With `shares` it keeps what is spent for `take_spent`."""

    def __init__(self) -> None:
        self.shares = False
        self._lock = threading.Lock()
        self._buckets: dict[Hashable, tuple[float, float, Rate]] = {}
        self._spent: dict[tuple[Rate, Hashable], float] = {}
        self._swept = time.monotonic()

    def take(self, rate: Rate, who: Hashable, amount: float = 1.0) -> None:
        """Take `amount` from the bucket of `who` for `rate`. Raises RateLimited with the time until it is there."""
        if not settings.RATE_LIMITS:
            return
        with self._lock:
            now = time.monotonic()
            self._sweep(now)
            tokens = self._tokens(rate, who, now)
            taken = amount if tokens >= amount else 0.0
            self._buckets[rate, who] = (tokens - taken, now, rate)
            if taken and self.shares:
                self._spent[rate, who] = self._spent.get((rate, who), 0.0) + taken
        if not taken:
            raise RateLimited(round((amount - tokens) / rate.per_second + 0.05, 1))

    def take_spent(self) -> dict[tuple[Rate, Hashable], float]:
        """Return what was taken from the buckets since the last call."""
        with self._lock:
            spent, self._spent = self._spent, {}
        return spent

    def debit(self, rate: Rate, who: Hashable, amount: float) -> None:
        """Take from a bucket what was spent at another process; at most down to a debt of one burst."""
        with self._lock:
            now = time.monotonic()
            self._buckets[rate, who] = (max(-rate.burst, self._tokens(rate, who, now) - amount), now, rate)

    def _tokens(self, rate: Rate, who: Hashable, now: float) -> float:
        tokens, since, _rate = self._buckets.get((rate, who), (rate.burst, now, rate))
        return min(rate.burst, tokens + (now - since) * rate.per_second)

    def _sweep(self, now: float) -> None:
        """Forget the buckets that are full again."""
        if now - self._swept < SWEEP_SECONDS:
            return
        self._swept = now
        for key, (tokens, since, rate) in list(self._buckets.items()):
            if tokens + (now - since) * rate.per_second >= rate.burst:
                del self._buckets[key]


limiter = Limiter()
