"""Finds what people without an open tab are to be told of, behind the back of whoever writes.

Nothing is asked of the path of a message: the rooms that changed are looked at afterwards. What was found is stored
under (message, person), so that it may be found again: after a crash, or by another process.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from chat.models import Membership, Mention, Message, MessageKind, Notify, Room
from chat.telling import TOLD, Why, told_of
from database.transactions import write_transaction
from push.actions.facts import reasons_among
from push.actions.subscriptions import subscribed_since
from push.models import Notice, Outcome

LOOK_BACK = timedelta(minutes=10)
"""How old a message may be that nobody was told of because no server ran."""
RECENT = timedelta(minutes=1)
MOST = 200
"""Messages of one room looked at, the newest."""
SPACING = timedelta(seconds=30)
"""Between two calls for a room in which one is told of everything."""


class Scout:
    """How far one process has looked at each room. For one thread at a time."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._is_new = True

    def forget(self) -> None:
        """Somebody else looked meanwhile, or nobody: begin again ten minutes back."""
        self._seen, self._is_new = {}, True

    def look(self) -> int:
        """Store who is to be told of what was said since the last look; return how many notices that are."""
        since = subscribed_since()
        if not since:
            self.forget()
            return 0
        window = LOOK_BACK if self._is_new else RECENT
        rooms = Room.objects.filter(touched_at__gt=Now() - window, last_seq__gt=0).in_bulk()
        moved = {pk: room for pk, room in rooms.items() if room.last_seq > self._seen.get(pk, 0)}
        members = list(
            Membership.objects.select_related("room").filter(room_id__in=moved, user_id__in=since, user__is_active=True)
        )
        found = self._notices(self._messages(moved, {member.room_id for member in members}), members, since)
        if found:
            with write_transaction():
                Notice.objects.bulk_create(found, ignore_conflicts=True)
        self._seen |= {pk: room.last_seq for pk, room in moved.items()}
        self._is_new = False
        return len(found)

    def _messages(self, rooms: Mapping[int, Room], wanted: set[int]) -> list[Message]:
        oldest = timezone.now() - LOOK_BACK
        messages: list[Message] = []
        for room_id in wanted:
            new = Message.objects.filter(room_id=room_id, seq__gt=self._seen.get(room_id, 0), deleted_at=None)
            new = new.filter(seq__lte=rooms[room_id].last_seq, created_at__gt=oldest)
            new = new.exclude(kind=MessageKind.SYSTEM)
            messages += new.select_related("room", "reply_to").order_by("-seq")[:MOST]
        return messages

    def _notices(
        self, messages: Sequence[Message], members: Sequence[Membership], since: Mapping[int, datetime]
    ) -> list[Notice]:
        pairs = [
            (message, user) for message, user in _candidates(messages, members) if since[user] <= message.created_at
        ]
        if not pairs:
            return []
        reasons = reasons_among(pairs, members)
        told = [(message, user, reasons[message.pk, user]) for message, user in pairs]
        told = [one for one in told if one[2] in TOLD]
        last = _last_calls({user for _message, user, reason in told if reason == Why.ALL})
        delay = timedelta(seconds=settings.PUSH_DELAY)
        return [
            Notice(
                message=message, user_id=user, room_id=message.room_id, why=reason,
                due_at=_due(message.created_at + delay, reason, last.get((user, message.room_id))),
            )
            for message, user, reason in told
        ]  # fmt: skip


def _candidates(messages: Sequence[Message], members: Sequence[Membership]) -> Iterator[tuple[Message, int]]:
    """Yield who may have to be told of what: in a room of thousands few are, and the rule is asked for those alone."""
    of_room: dict[int, dict[int, Membership]] = {}
    for member in members:
        of_room.setdefault(member.room_id, {})[member.user_id] = member
    eager = {pk: {u for u, m in own.items() if told_of(m.room, m) == Notify.ALL} for pk, own in of_room.items()}
    named: dict[int, set[int]] = {}
    for message_id, user in Mention.objects.filter(message__in=messages, user__isnull=False).values_list(
        "message_id", "user_id"
    ):
        named.setdefault(message_id, set()).add(user or 0)
    for message in messages:
        own = of_room[message.room_id]
        called = named.get(message.pk, set()) | ({message.reply_to.author_id} if message.reply_to else set())
        wanted = own.keys() if message.mentions_all else eager[message.room_id] | (called & own.keys())
        yield from ((message, user) for user in wanted)


def _due(soonest: datetime, reason: Why, last: datetime | None) -> datetime:
    if reason != Why.ALL or last is None:
        return soonest
    return max(soonest, last + SPACING)


def _last_calls(users: set[int]) -> dict[tuple[int, int], datetime]:
    recent = Notice.objects.filter(
        user_id__in=users, outcome=Outcome.PUSHED, settled_at__gt=timezone.now() - SPACING
    ).order_by()
    rows = recent.values_list("user_id", "room_id").annotate(last=Max("settled_at"))
    return {(user, room): last for user, room, last in rows if last is not None}
