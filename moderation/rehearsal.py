"""A filter is tried on what was said lately, before it is turned on."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from chat.models import Message, RoomKind
from moderation.matching import REPEATS_WITHIN, as_repeated, matcher_of, repeats_allowed
from moderation.models import Filter, FilterKind
from moderation.sight import readable

DAYS = 30
SECONDS = 8.0
"""After which it shows what it has found so far."""
SHOWN = 50
AT_ONCE = 2
"""Rehearsals in a server process; each takes a thread for all its seconds."""
_turns = threading.BoundedSemaphore(AT_ONCE)


@dataclass
class Rehearsal:
    """What a filter would have hit: `count` of `looked_at` messages, `people` authors, and the newest 50 of them."""

    count: int = 0
    looked_at: int = 0
    people: set[int] = field(default_factory=set)
    hits: list[Message] = field(default_factory=list)
    is_whole: bool = True
    is_busy: bool = False
    """Whether others' rehearsals were going on, and this was none."""
    late: int = 0
    """On how many it took too long: there it finds nothing, when it is on neither."""
    since: datetime = field(default_factory=lambda: timezone.now() - timedelta(days=DAYS))

    def count_late(self) -> None:
        """Note that it took too long on one."""
        self.late += 1


def rehearse(rule: Filter, seconds: float = SECONDS) -> Rehearsal:
    """Try a filter on what was said in rooms within the last 30 days, the newest first, for at most `seconds`.

    Moderators' messages are not looked at, as when it is on; private chats neither, nor what who tries it may not read:
    by counts one could ask for that letter by letter.
    """
    if not _turns.acquire(blocking=False):
        return Rehearsal(is_busy=True)
    try:
        return _rehearse(rule, time.monotonic() + seconds)
    finally:
        _turns.release()


def _rehearse(rule: Filter, end: float) -> Rehearsal:
    found = Rehearsal()
    finds = matcher_of(rule, found.count_late)
    for message, is_repeated in _repeats(rule, _messages(rule, found.since)):
        found.looked_at += 1
        names = [file.name for file in message.attachments.all()]
        if is_repeated and finds("\n".join([message.body, *names])):
            found.count += 1
            found.people.add(message.author_id)
            if len(found.hits) < SHOWN:
                found.hits.append(message)
        if time.monotonic() > end:
            found.is_whole = False
            break
    return found


def _messages(rule: Filter, since: datetime) -> Iterator[Message]:
    said = Message.objects.filter(created_at__gte=since, author__is_staff=False, is_purged=False)
    said = (
        readable(said)
        .exclude(room__kind=RoomKind.DIRECT)
        .select_related("author", "room")
        .prefetch_related("attachments")
    )
    if rule.room_id:
        said = said.filter(room=rule.room_id)
    if rule.only_guests:
        said = said.filter(author__is_guest=True)
    for message in said.order_by("-pk").iterator(chunk_size=2000):
        age = message.created_at - message.author.created_at
        if not rule.newer_than or age < timedelta(hours=rule.newer_than):
            yield message


def _repeats(rule: Filter, messages: Iterator[Message]) -> Iterator[tuple[Message, bool]]:
    """Yield messages with whether the same was said too often before; always so for other kinds of filters."""
    if rule.kind != FilterKind.REPEATS:
        yield from ((message, True) for message in messages)
        return
    allowed = repeats_allowed(rule)
    later: dict[tuple[int, str], deque[Message]] = defaultdict(deque)
    for message in messages:
        if not message.body:
            yield message, False
            continue
        # The newest come first: one is a repeat once enough earlier ones of the same were seen close before it.
        key = (message.author_id, as_repeated(message.body))
        waiting = later[key]
        waiting.append(message)
        is_repeat = False
        if len(waiting) > allowed:
            newest = waiting.popleft()
            is_repeat = newest.created_at - message.created_at <= REPEATS_WITHIN
            if is_repeat:
                yield newest, True
                continue
        yield message, False
