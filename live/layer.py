"""The channel layer of a site that is one process."""

import asyncio
from collections.abc import Callable
from typing import Any

from channels.layers import InMemoryChannelLayer

_CAPACITY = 1_000_000


def is_embedded(layer: object) -> bool:
    """Tell whether a channel layer reaches this process alone."""
    # Asked of the class: outside a running loop the layer for Redis raises whatever one asks it for.
    return bool(getattr(type(layer), "local", False))


class EmbeddedChannelLayer(InMemoryChannelLayer):  # type: ignore[misc]  # channels ships no types
    """An in-memory channel layer for the one channel that a `Hub` has.

    Channels' own forgets: it drops what exceeds 100 queued messages, and each message and membership that has grown
    old; with 10,000 groups that clean-up alone takes 2.3 ms a send. A hub reads without pause, so neither is wanted.

    A hub need not read either: what comes for a channel that someone listens to is handed over at once, instead of
    through a queue and a task that wakes for it.
    """

    local = True

    def __init__(self, **config: Any) -> None:
        super().__init__(**{"capacity": _CAPACITY} | config)
        self._listeners: dict[str, Callable[[dict[str, Any]], None]] = {}

    def listen(self, channel: str, take: Callable[[dict[str, Any]], None]) -> None:
        """Have `take` called with each message for `channel` from now on; it must neither wait nor raise."""
        self._listeners[channel] = take

    def hand_over(self, group: str, message: dict[str, Any]) -> None:
        """Give `message` to every channel in `group`, in the order of the calls. For the loop's own thread."""
        for channel in list(self.groups.get(group, ())):
            take = self._listeners.get(channel)
            if take is not None:
                take(message)
            else:
                queue = self.channels.setdefault(channel, asyncio.Queue(maxsize=_CAPACITY))
                queue.put_nowait((0.0, message))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Give `message` to every channel in `group`; never suspends, so order is kept."""
        self.hand_over(group, message)

    def _clean_expired(self) -> None:
        """Expire nothing."""
