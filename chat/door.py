"""How many may come in at once: past that, a socket's handshake is answered 503 with Retry-After."""

import math
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 5.0
"""Seconds that one who comes may wait; a client gives up after ten or so, and then all that was done for it is lost."""
FIRST_GUESS = 300.0
"""Sign-ins and greetings a second, until it was measured under load (docs/performance.md)."""
AT_LEAST = 200
WINDOW = 0.5
WEIGHT = 0.3


class Door:
    """Counts who is on the way in, and measures how fast they come through. For the loop's own thread."""

    def __init__(self) -> None:
        self.is_closed = False
        """Whether nobody is let in any more, because the process goes away."""
        self.entering = 0
        self.rate = FIRST_GUESS
        self._since = time.monotonic()
        self._done = 0
        self._was_busy = False

    def refuse(self) -> int | None:
        """Return the seconds after which somebody is to come again, or None: come in."""
        if self.is_closed:
            return random.randint(1, 5)  # noqa: S311 - spreads load, hides nothing
        if self.entering <= max(AT_LEAST, self.rate * PATIENCE):
            return None
        return math.ceil(self.entering / self.rate) + random.randint(0, 5)  # noqa: S311

    @contextmanager
    def coming_in(self) -> Iterator[None]:
        """Count one on the way in during the block."""
        self.entering += 1
        try:
            yield
        finally:
            self.entering -= 1
            self._done += 1
            self._measure()

    def _measure(self) -> None:
        """What came through while others waited all the time is as fast as it goes."""
        now = time.monotonic()
        elapsed = now - self._since
        if self.entering == 0:
            self._since, self._done = now, 0
        elif elapsed >= WINDOW:
            self.rate += WEIGHT * (self._done / elapsed - self.rate)
            self._since, self._done = now, 0
