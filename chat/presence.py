"""Who is online. Kept in memory: by each process for its own sockets and polls, and as other processes say of theirs
(`chat.peers`); never a counter in the database."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from accounts.actions import user_group
from accounts.frames import Person, person_frame
from chat.actions.announce import groups_of
from chat.models import RoomKind
from live.envelope import Event, encode_events
from live.hub import Hub

GRACE = 2.0
"""Seconds without a socket before someone counts as gone: a reload is not a departure."""
GATHER = 0.1
NAMED_UP_TO = 100
"""Members of a room up to which it is told who came and left, and not just how many are there."""


class Here(NamedTuple):
    """Somebody at one process: who it is, whether away from every connection there, and in which rooms (ids)."""

    person: Person
    is_away: bool
    rooms: list[int]


@dataclass(slots=True)
class _Online:
    person: Person
    connections: int = 0
    away: int = 0
    """Connections at which nobody has been for a while."""
    rooms: set[int] = field(default_factory=set)
    leaving: asyncio.TimerHandle | None = None
    elsewhere: dict[str, bool] = field(default_factory=dict)
    """The other processes at which this person is, and whether away there."""

    @property
    def is_here(self) -> bool:
        return bool(self.connections) or self.leaving is not None

    @property
    def is_away(self) -> bool:
        here = [self.away == self.connections] if self.connections else []
        places = here + list(self.elsewhere.values())
        return bool(places) and all(places)


@dataclass(slots=True)
class _Room:
    """What presence knows of a room: who is online, whom the room was told of, and how it is reached."""

    kind: str = ""
    direct_key: str | None = None
    members: int = 0
    online: set[int] = field(default_factory=set)
    told: dict[int, Person] = field(default_factory=dict)
    told_away: set[int] = field(default_factory=set)
    update: dict[str, Any] | None = None
    told_at: float = 0.0
    timer: asyncio.TimerHandle | None = None

    @property
    def interval(self) -> float:
        return max(1.0, self.members / 200)


class Presence:
    """The people of the site. One with three tabs, at whatever processes, is one person. For the loop's own thread.

    `on_change(user_id)` is called when what `here` returns for someone may have changed.
    """

    def __init__(self, hub: Hub, on_change: Callable[[int], None] = lambda _user_id: None) -> None:
        self._hub = hub
        self._on_change = on_change
        self._people: dict[int, _Online] = {}
        self._rooms: dict[int, _Room] = {}
        self.departed: set[int] = set()
        """Who went, until whoever notes when takes them from here."""

    def connect(self, person: Person, rooms: Iterable[dict[str, Any]]) -> None:
        """Count one connection of a person who is in the rooms given as ROOM shapes."""
        online = self._people.get(person.id)
        if online is None:
            online = self._people[person.id] = _Online(person)
        online.person = person
        online.connections += 1
        if online.leaving is not None:
            online.leaving.cancel()
            online.leaving = None
        for room in rooms:
            self.enter(person.id, room)
        self._tell_rooms(online)
        self._on_change(person.id)

    def disconnect(self, user_id: int, *, was_away: bool = False) -> None:
        """Count one connection less; after the last the person is gone in `GRACE` seconds."""
        online = self._people[user_id]
        online.connections -= 1
        online.away -= was_away
        if not online.connections:
            online.leaving = self._hub.loop.call_later(GRACE, self._depart, user_id)
        self._tell_rooms(online)
        self._on_change(user_id)

    def set_away(self, user_id: int, *, away: bool) -> None:
        """At one connection nobody has been for a while, or somebody is again. Call it for changes alone."""
        if online := self._people.get(user_id):
            online.away += 1 if away else -1
            self._tell_rooms(online)
            self._on_change(user_id)

    def enter(self, user_id: int, frame: dict[str, Any]) -> None:
        """Someone online is in a room from now on, given as ROOM shape."""
        online = self._people.get(user_id)
        if online is None:
            return
        room = self._rooms.setdefault(frame["id"], _Room())
        room.kind, room.members = frame["kind"], frame["members"]
        if "with" in frame:
            room.direct_key = f"{user_id}:{frame['with']['id']}"
        online.rooms.add(frame["id"])
        room.online.add(user_id)
        self._announce_soon(frame["id"], room)
        self._on_change(user_id)

    def leave(self, user_id: int, room_id: int) -> None:
        """Someone online is no longer in a room."""
        online, room = self._people.get(user_id), self._rooms.get(room_id)
        if online is not None:
            online.rooms.discard(room_id)
            self._on_change(user_id)
        if room is not None:
            room.online.discard(user_id)
            self._announce_soon(room_id, room)

    def here(self, user_id: int) -> Here | None:
        """Return what this process alone knows of someone, or None if he or she is not at it."""
        online = self._people.get(user_id)
        if online is None or not online.is_here:
            return None
        return Here(online.person, 0 < online.connections == online.away, sorted(online.rooms))

    def see(self, process: str, somebody: Here) -> None:
        """Note that somebody is at another process."""
        online = self._people.setdefault(somebody.person.id, _Online(somebody.person))
        online.elsewhere[process] = somebody.is_away
        rooms = set(somebody.rooms)
        if not online.is_here:
            online.person = somebody.person
            for room_id in online.rooms - rooms:
                self.leave(online.person.id, room_id)
        for room_id in rooms - online.rooms:
            room = self._rooms.setdefault(room_id, _Room())
            online.rooms.add(room_id)
            room.online.add(online.person.id)
            self._announce_soon(room_id, room)
        self._tell_rooms(online)

    def lose(self, process: str, user_id: int) -> None:
        """Note that somebody is no longer at another process."""
        online = self._people.get(user_id)
        if online is None or online.elsewhere.pop(process, None) is None:
            return
        if online.is_here or online.elsewhere:
            self._tell_rooms(online)
        else:
            self._forget(user_id)

    def at(self, process: str) -> list[int]:
        """Return the ids of the people who are at another process."""
        return [user_id for user_id, online in self._people.items() if process in online.elsewhere]

    def mend_room(self, update: dict[str, Any]) -> None:
        """A room changed and was told so: what it is still to be told must not be older."""
        room = self._rooms.get(update["id"])
        if room is not None and room.update is not None:
            room.update = update

    def update_room(self, update: dict[str, Any]) -> None:
        """A room changed, as its `room.updated` says: its people will be told, of many changes together."""
        room = self._rooms.get(update["id"])
        if room is not None:
            room.update = update
            room.members = update["members"]
            self._announce_soon(update["id"], room)

    def rename(self, person: Person) -> None:
        """Someone has another nickname or avatar."""
        if person.id in self._people:
            self._people[person.id].person = person

    def count(self, room_id: int) -> int:
        """Return how many people are online in a room."""
        room = self._rooms.get(room_id)
        return len(room.online) if room else 0

    def online_in(self, room_id: int) -> frozenset[int]:
        """Return the ids of the people who are online in a room."""
        room = self._rooms.get(room_id)
        return frozenset(room.online) if room else frozenset()

    def away_in(self, room_id: int) -> frozenset[int]:
        """Return the ids of the people in a room who are online and away."""
        return frozenset(user_id for user_id in self.online_in(room_id) if self.is_away(user_id))

    def is_online(self, user_id: int) -> bool:
        """Tell whether someone is here."""
        return user_id in self._people

    def is_away(self, user_id: int) -> bool:
        """Tell whether someone is here and has not moved for a while."""
        online = self._people.get(user_id)
        return online is not None and online.is_away

    def people_in(self, room_id: int) -> list[Person]:
        """Return the people who are online in a room."""
        return [online.person for user_id in self.online_in(room_id) if (online := self._people.get(user_id))]

    @property
    def total(self) -> int:
        """How many people are online."""
        return len(self._people)

    def here_ids(self) -> list[int]:
        """Return the ids of everyone who is online at this process."""
        return [user_id for user_id, online in self._people.items() if online.is_here]

    def _depart(self, user_id: int) -> None:
        online = self._people[user_id]
        online.leaving = None
        self.departed.add(user_id)
        if not online.elsewhere:
            self._forget(user_id)
        self._on_change(user_id)

    def _forget(self, user_id: int) -> None:
        online = self._people.pop(user_id)
        for room_id in online.rooms:
            if room := self._rooms.get(room_id):
                room.online.discard(user_id)
                self._announce_soon(room_id, room)

    def _tell_rooms(self, online: _Online) -> None:
        """Have the rooms of a person told whether he or she is away, where that is not what they were told."""
        for room_id in online.rooms:
            room = self._rooms.get(room_id)
            if room and room.members <= NAMED_UP_TO and online.is_away != (online.person.id in room.told_away):
                self._announce_soon(room_id, room)

    def _announce_soon(self, room_id: int, room: _Room) -> None:
        if room.timer is None:
            wait = max(GATHER, room.told_at + room.interval - time.monotonic())
            room.timer = self._hub.loop.call_later(wait, self._announce, room_id, room)

    def _announce(self, room_id: int, room: _Room) -> None:
        room.timer = None
        room.told_at = time.monotonic()
        events = [event for event in (_updated(room), self._changed(room_id, room)) if event]
        if events:
            for name in self._audience(room_id, room):
                if group := self._hub.groups.get(name):
                    self._hub.queue(group, encode_events(events))
        if not room.online:
            del self._rooms[room_id]

    def _audience(self, room_id: int, room: _Room) -> list[str]:
        """Return who is told. Of a private chat that someone has not seen yet, or has hidden, only the other."""
        if room.kind == RoomKind.DIRECT:
            return [user_group(user_id) for user_id in room.online]
        return groups_of(room_id, room.kind, room.direct_key)

    def _changed(self, room_id: int, room: _Room) -> Event | None:
        came = room.online - room.told.keys()
        gone = room.told.keys() - room.online
        left = [room.told.pop(user_id) for user_id in gone]
        joined = [self._people[user_id].person for user_id in came]
        room.told.update((person.id, person) for person in joined)
        is_named = room.members <= NAMED_UP_TO
        away = {user_id for user_id in room.online if self.is_away(user_id)} if is_named else set()
        stirred = away ^ (room.told_away & room.online)
        room.told_away = away
        if not (came or gone or stirred):
            return None
        event: Event = {"type": "presence.changed", "room": room_id, "online": len(room.online)}
        if is_named:
            event["joined"] = [person_frame(person) for person in joined]
            event["left"] = [person_frame(person) for person in left]
            event["away"] = sorted(stirred & away)
            event["active"] = sorted(stirred - away)
        return event


def _updated(room: _Room) -> Event | None:
    update, room.update = room.update, None
    return {"type": "room.updated", "room": update} if update else None
