"""Finds in the database what people here should have heard and did not: rooms that they are in, and what rooms became.

The announcement of a join may be lost with Redis, or may never have been made by a process that crashed. Two looks in
a row must agree, or what is just on its way would be told twice.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator

from accounts.actions import user_group
from accounts.models import User
from chat.models import Membership, Room, RoomKind
from chat.room_frames import membership_frame, room_update
from database.threads import read
from live.envelope import Event, encode_events
from live.hub import Hub

logger = logging.getLogger(__name__)

SLICE = 500
NAMED_UP_TO = 100
Pair = tuple[int, int]


class Unheard:
    """The memberships of the people here, compared now and then. For the loop's own thread.

    `users()` are the ids of those who are here; `knows(user_id, room_id)` tells whether all that they have open know
    the room; `tell(user_id, room_id)` has them told of it.
    """

    def __init__(
        self, users: Callable[[], list[int]], knows: Callable[[int, int], bool], tell: Callable[[int, int], None]
    ) -> None:
        self._users = users
        self._knows = knows
        self._tell = tell
        self._examined: dict[int, int] = {}
        self._suspected: set[Pair] = set()

    async def look(self, rooms: Iterable[tuple[int, int]], pairs: Iterable[Pair]) -> None:
        """Look at rooms that changed lately and whose members may have changed unheard (id, members version), and at
        pairs (user, room) of private chats. Raises what the database raises.
        """
        versions = dict(rooms)
        fresh = [room_id for room_id, version in versions.items() if self._examined.get(room_id) != version]
        here = set(self._users())
        direct = [(user, room) for user, room in pairs if user in here and not self._knows(user, room)]
        found = await read(_present, fresh, direct) if fresh or direct else []
        missing = {(user, room) for user, room in found if user in here and not self._knows(user, room)}
        for user, room in missing & self._suspected:
            self._tell(user, room)
        self._suspected = missing
        # What is not settled is looked at again.
        unsettled = {room for _user, room in missing}
        self._examined = {room: version for room, version in versions.items() if room not in unsettled}


def _present(rooms: list[int], direct: list[Pair]) -> list[Pair]:
    found: list[Pair] = []
    for part in _slices(rooms):
        members = Membership.objects.filter(room_id__in=part, user__is_active=True)
        found += members.exclude(room__kind=RoomKind.DIRECT).values_list("user_id", "room_id")
    for part in _slices(sorted({room for _user, room in direct})):
        shown = Membership.objects.filter(room_id__in=part, is_hidden=False, room__last_seq__gt=0)
        found += set(shown.values_list("user_id", "room_id")) & set(direct)
    return found


def _slices(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), SLICE):
        yield ids[start : start + SLICE]


async def tell_again(hub: Hub, served: list[tuple[str, int]]) -> None:
    """Tell the people here what the rooms that they are in are now, after what was said of them may have been lost.

    `served` are groups of rooms, with the rooms' ids. In rooms of at most 100 members each is also told what the room
    is to him or her.
    """
    for start in range(0, len(served), SLICE):
        part = served[start : start + SLICE]
        updates, own = await read(_as_they_are, [room_id for _group, room_id in part])
        for name, room_id in part:
            group = hub.groups.get(name)
            if group is not None and group.members and room_id in updates:
                hub.queue(group, encode_events([{"type": "room.updated", "room": updates[room_id]}]))
        for user_id, event in own:
            group = hub.groups.get(user_group(user_id))
            if group is not None and group.members:
                hub.queue(group, encode_events([event]))
        await asyncio.sleep(0)


def _as_they_are(room_ids: list[int]) -> tuple[dict[int, Event], list[tuple[int, Event]]]:
    rooms = Room.objects.filter(pk__in=room_ids).exclude(kind=RoomKind.DIRECT)
    small = Membership.objects.filter(room__in=rooms, room__member_count__lte=NAMED_UP_TO)
    own: list[tuple[int, Event]] = []
    users: dict[int, User] = {}
    for held in small.select_related("room", "user").order_by("pk"):
        # One and the same user for all rooms, so that the rights of a moderator of the site are read once.
        frame = membership_frame(users.setdefault(held.user_id, held.user), held.room, held)
        own.append((held.user_id, {"type": "membership.updated", "room": held.room_id} | frame))
    return {room.pk: room_update(room) for room in rooms}, own
