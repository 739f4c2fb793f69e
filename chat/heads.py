"""Compares what this process delivered with the database, and repairs (PROTOCOL, rules 4, 6 and 7)."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from chat.actions.announce import groups_of, room_group, room_stream
from chat.actions.epochs import note_high_water, start_new_epoch
from chat.history import sync_room
from chat.metrics import REPAIRS
from chat.models import Room, RoomKind, Site
from chat.unheard import Unheard, tell_again
from database.threads import Unavailable, read, write
from live.envelope import Event, encode_events
from live.hub import Group, Hub

logger = logging.getLogger(__name__)

INTERVAL = 2.0
INTERVAL_ALONE = 1.0
"""While the channel layer is lost, and with it what other processes would say."""
OVERLAP = 60.0
"""Seconds looked back beyond the last look: no transaction is open longer."""
FULL_EVERY = 15
"""Looks after which every room that is served is compared, whenever it changed."""
MAX_REPAIRS = 5
SLICE = 1000
CLAIMS = 2
CLAIM_SECONDS = 120.0
ESTABLISHED = timedelta(days=1)


class Head(NamedTuple):
    """What the database says of a room."""

    id: int
    kind: str
    direct_key: str | None
    last_change: int
    members_version: int


class Look(NamedTuple):
    """One look at the database."""

    epoch: str
    boots: int
    heads: list[Head]
    access: dict[int, int]


class Heads:
    """The comparison of one process, every two seconds.

    `on_access(user_id, version)` is called for each user given by `users()` with the access version stored;
    `on_epoch(epoch)` when the database is in another history than it was. `is_alone()` tells whether the channel
    layer is lost, `losses()` counts how often it lost something; `on_loss()` is called once what may have been lost
    was told again here.
    """

    def __init__(
        self,
        hub: Hub,
        epoch: str,
        users: Callable[[], list[int]],
        on_access: Callable[[int, int], None],
        on_epoch: Callable[[str], None],
        *,
        is_alone: Callable[[], bool] = lambda: False,
        losses: Callable[[], int] = lambda: 0,
        on_loss: Callable[[], None] = lambda: None,
        unheard: Unheard | None = None,
    ) -> None:
        self.epoch = epoch
        self.repaired = 0
        self._hub = hub
        self._users = users
        self._on_access = on_access
        self._on_epoch = on_epoch
        self._is_alone = is_alone
        self._losses = losses
        self._on_loss = on_loss
        self._told_losses = 0
        self._was_lost = False
        self._unheard = unheard
        self._boots = 0
        self._looks = 0
        self._looked_at = time.monotonic()
        self._behind: dict[tuple[str, int], int] = {}
        self._claims: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = {hub.loop.create_task(self._run())}
        hub.on_gap = self._on_gap

    async def claim(self, user: User) -> None:
        """Take note that a client of `user` holds more than the database has, and knows our epoch.

        One alone is told to start over, no more: anyone can claim that, and a new epoch disconnects everybody. Two
        people whose accounts are not of today make it believable: the database was replaced by an older one.
        """
        now = time.monotonic()
        self._claims = {user_id: at for user_id, at in self._claims.items() if now - at < CLAIM_SECONDS}
        if timezone.now() - user.created_at >= ESTABLISHED:
            self._claims[user.pk] = now
        if len(self._claims) >= CLAIMS:
            self._claims.clear()
            self.epoch = await write(start_new_epoch)

    async def look(self) -> None:
        """Compare once. Raises what the database raises."""
        started = time.monotonic()
        delivered = self._delivered()
        is_full = self._looks % FULL_EVERY == 0
        self._looks += 1
        since = None if is_full else started - self._looked_at + OVERLAP
        look = await read(_look, since, [room_id for _group, room_id in delivered], self._users())
        self._looked_at = started
        if await self._is_other_history(look, delivered):
            return
        if self._unheard is not None and not is_full:
            await self._unheard.look(self._unsure(look.heads), _pairs(look.heads))
        for head in look.heads:
            await self._compare(head)
        for user_id, version in look.access.items():
            self._on_access(user_id, version)
        if is_full:
            await write(note_high_water)

    async def stop(self) -> None:
        """End the comparison."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _unsure(self, heads: list[Head]) -> list[tuple[int, int]]:
        """Return the rooms (with their members versions) of which nobody here was told, or not of the last change."""
        rooms = [(head, self._hub.groups.get(room_group(head.id))) for head in heads if head.kind != RoomKind.DIRECT]
        return [
            (head.id, head.members_version)
            for head, group in rooms
            if group is None or not group.members or group.fence != head.members_version
        ]

    async def _run(self) -> None:
        while True:
            is_alone = self._is_alone()
            await asyncio.sleep(INTERVAL_ALONE if is_alone else INTERVAL)
            try:
                await self.look()
                await self._make_good()
            except Unavailable as error:
                logger.warning("The database does not answer: %s", error)
            except Exception:
                logger.exception("Heads could not be compared")

    def expect_loss(self) -> None:
        """Tell the people here again what rooms are: another process could not say something."""
        self._was_lost = True

    async def _make_good(self) -> None:
        """Once the layer works again, tell what may have been lost on it."""
        losses = self._losses()
        if self._is_alone() or not (self._was_lost or losses != self._told_losses):
            return
        was_ours = losses != self._told_losses
        self._was_lost, self._told_losses = False, losses
        await tell_again(self._hub, list(self._delivered()))
        if was_ours:
            self._on_loss()

    def _delivered(self) -> dict[tuple[str, int], int]:
        prefix = room_stream(0)[:-1]
        return {
            (group.name, int(name.removeprefix(prefix))): stream.upto
            for group in self._hub.groups.values()
            if group.members
            for name, stream in group.streams.items()
        }

    async def _is_other_history(self, look: Look, delivered: Mapping[tuple[str, int], int]) -> bool:
        heads = {head.id: head.last_change for head in look.heads}
        went_back = look.boots < self._boots or any(
            heads.get(room_id, upto) < upto for (_group, room_id), upto in delivered.items()
        )
        self._boots = max(self._boots, look.boots)
        if went_back and look.epoch == self.epoch:
            logger.error("The database went back in time under the running server")
            self._boots = look.boots
            self.epoch = await write(start_new_epoch)
        elif look.epoch == self.epoch:
            return False
        else:
            self.epoch = look.epoch
        self._on_epoch(self.epoch)
        return True

    async def _compare(self, head: Head) -> None:
        for name in groups_of(head.id, head.kind, head.direct_key):
            group = self._hub.groups.get(name)
            if group is None or not group.members:
                continue
            if head.kind != RoomKind.DIRECT:
                self._hub.require_fence(group, head.members_version)
            stream = group.streams.get(room_stream(head.id))
            if stream is None or stream.upto >= head.last_change:
                self._behind.pop((name, head.id), None)
            elif self._behind.get((name, head.id)) == stream.upto:
                await self._repair(group, head.id)
            else:
                self._behind[name, head.id] = stream.upto

    def _on_gap(self, group: Group, stream: str) -> None:
        room_id = int(stream.removeprefix(room_stream(0)[:-1]))
        task = self._hub.loop.create_task(self._repair_quietly(group, room_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _repair_quietly(self, group: Group, room_id: int) -> None:
        try:
            await self._repair(group, room_id)
        except Exception:
            # The next looks find it again.
            logger.exception("A gap could not be repaired")

    async def _repair(self, group: Group, room_id: int) -> None:
        """Give everyone in a group, in this process, what the database has of a room beyond what was delivered."""
        stream = group.streams.get(room_stream(room_id))
        for _part in range(MAX_REPAIRS):
            if stream is None or not group.members:
                return
            event = await read(_sync, room_id, stream.upto)
            if event is None:
                return
            self._hub.queue(group, encode_events([event]))
            self._hub.fill(group, stream, event["upto"])
            self.repaired += 1
            REPAIRS.inc()
            if not event["more"]:
                break
        self._behind.pop((group.name, room_id), None)
        logger.info("Repaired room %s for %s", room_id, group.name)


def _pairs(heads: list[Head]) -> list[tuple[int, int]]:
    """Return the people of private chats, each with the chat."""
    return [(int(user_id), head.id) for head in heads if head.direct_key for user_id in head.direct_key.split(":")]


def _look(since: float | None, served: list[int], user_ids: list[int]) -> Look:
    site = Site.objects.get(pk=1)
    heads = [Head(*row) for rooms in _rooms(since, served) for row in rooms.values_list(*Head._fields)]
    return Look(str(site.epoch), site.boots, heads, _access_versions(since, user_ids))


def _rooms(since: float | None, served: list[int]) -> Iterator[QuerySet[Room]]:
    """Yield the rooms touched within the last `since` seconds; with None, those in `served`, in slices."""
    if since is not None:
        yield Room.objects.filter(touched_at__gt=Now() - timedelta(seconds=since))
        return
    for start in range(0, len(served), SLICE):
        yield Room.objects.filter(pk__in=served[start : start + SLICE])


def _access_versions(since: float | None, user_ids: list[int]) -> dict[int, int]:
    """Return the access versions that rose within the last `since` seconds; with None, those of all `user_ids`."""
    columns = ("pk", "access_version")
    if since is not None:
        recent = User.objects.filter(access_changed_at__gt=Now() - timedelta(seconds=since))
        return dict(recent.values_list(*columns))
    versions: dict[int, int] = {}
    for start in range(0, len(user_ids), SLICE):
        versions |= User.objects.filter(pk__in=user_ids[start : start + SLICE]).values_list(*columns)
    return versions


def _sync(room_id: int, since: int) -> Event | None:
    room = Room.objects.filter(pk=room_id).first()
    return sync_room(None, room, since) if room else None
