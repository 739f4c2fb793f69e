"""Who is typing: gathered, and told at most once a second a room. Never stored."""

import time
from collections.abc import Callable, Collection

from accounts.actions import user_group
from accounts.frames import Person, person_frame
from chat.actions.announce import room_group
from chat.presence import NAMED_UP_TO
from live.hub import Hub
from live.publisher import envelope, publish

INTERVAL = 1.0
PRESENCE_LAG = 0.25
"""Seconds in which other processes tell who has come to them (`chat.peers`)."""
PER_PERSON = 3.0
"""Seconds between two signs of the same person in the same room; more is dropped silently."""


class TypingSigns:
    """The signs that wait for the next telling. For the loop's own thread."""

    def __init__(self, hub: Hub, online_in: Callable[[int], Collection[int]] | None = None) -> None:
        self._hub = hub
        self._online_in = online_in
        self._waiting: dict[int, dict[int, Person]] = {}
        self._told_at: dict[int, float] = {}
        self._seen_at: dict[tuple[int, int], float] = {}

    def note(self, person: Person, room: dict[str, object], *, active: bool) -> None:
        """Someone types, or stopped, in a room given as ROOM shape."""
        room_id = room["id"]
        assert isinstance(room_id, int)
        if not active:
            self._waiting.get(room_id, {}).pop(person.id, None)
            return
        now = time.monotonic()
        if now - self._seen_at.get((room_id, person.id), -PER_PERSON) < PER_PERSON or not _is_small(room):
            return
        self._forget_old(now)
        self._seen_at[room_id, person.id] = now
        if room_id not in self._waiting:
            soonest = 0.0 if self._hub.is_local else PRESENCE_LAG
            wait = max(soonest, self._told_at.get(room_id, 0.0) + INTERVAL - now)
            self._hub.loop.call_later(wait, self._tell, room_id, person, room)
        self._waiting.setdefault(room_id, {})[person.id] = person

    def _tell(self, room_id: int, first: Person, room: dict[str, object]) -> None:
        people = self._waiting.pop(room_id, {})
        if not people:
            return
        self._told_at[room_id] = time.monotonic()
        users = [person_frame(person) for person in people.values()]
        event = {"type": "typing.changed", "room": room_id, "users": users}
        publish(*(envelope(group, [event]) for group in self._groups(first, room)))

    def _groups(self, person: Person, room: dict[str, object]) -> list[str]:
        """Return who is told: in a private chat whoever knows of it, and is here."""
        room_id, partner = room["id"], room.get("with")
        assert isinstance(room_id, int)
        if not isinstance(partner, dict):
            return [room_group(room_id)]
        people = [person.id, partner["id"]]
        here = self._online_in(room_id) if self._online_in else people
        return [user_group(user_id) for user_id in people if user_id in here]

    def _forget_old(self, now: float) -> None:
        if len(self._seen_at) > 1000:  # noqa: PLR2004
            self._seen_at = {key: seen for key, seen in self._seen_at.items() if now - seen < PER_PERSON}
            self._told_at = {key: told for key, told in self._told_at.items() if now - told < INTERVAL}


def _is_small(room: dict[str, object]) -> bool:
    members = room["members"]
    return isinstance(members, int) and members <= NAMED_UP_TO
