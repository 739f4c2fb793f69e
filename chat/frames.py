"""From what is stored to the shapes of the wire (PROTOCOL, "Shapes"): the only place that makes them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, Q
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.frames import PERSON_FIELDS, Person, person_frame
from accounts.models import User
from chat.models import Membership, Mention, Message, Reaction, Role, Room, RoomKind
from chat.models.room import LOBBY
from chat.texts import excerpt
from live.envelope import Event

Frame = dict[str, Any]
MAX_REACTORS = 100
MAX_OPEN_ROOMS = 100


class MessageRow(NamedTuple):
    """The columns of a message that its shape is made of, in the order of `MESSAGE_FIELDS`."""

    id: int
    room_id: int
    seq: int
    change: int
    kind: str
    author_id: int
    body: str
    html: str
    ref: UUID
    reply_to_id: int | None
    mentions_all: bool
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    pinned_at: datetime | None


MESSAGE_FIELDS = MessageRow._fields


class Surroundings(NamedTuple):
    """What messages need besides their own columns, by id."""

    people: Mapping[int, Frame]
    replies: Mapping[int, Frame]
    reactions: Mapping[int, list[Frame]]
    mentions: Mapping[int, list[int]]


online_counter: Callable[[int], int] = lambda _room_id: 0  # noqa: E731
"""How many are online in a room; presence, which stands above this module, puts itself here."""


def count_online_by(counter: Callable[[int], int]) -> None:
    """Have the `online` of every ROOM come from `counter(room_id)`."""
    global online_counter  # noqa: PLW0603 - one process has one presence
    online_counter = counter


def message_frames(rows: Sequence[MessageRow], reader_id: int | None = None) -> list[Frame]:
    """Return MESSAGE for each row, with what belongs to it looked up.

    For one reader his or her own reactions are always among those named.
    """
    around = surroundings(rows, reader_id)
    return [message_frame(row, around) for row in rows]


def message_frame(row: MessageRow, around: Surroundings) -> Frame:
    """Return MESSAGE; what is null, false or empty is left out."""
    frame: Frame = {
        "id": row.id,
        "room": row.room_id,
        "seq": row.seq,
        "change": row.change,
        "kind": row.kind,
        "author": around.people[row.author_id],
        "ref": str(row.ref),
        "created_at": row.created_at,
    }
    if row.deleted_at:
        frame["deleted_at"] = row.deleted_at
        return frame
    frame["body"] = row.body
    optional = {
        "html": row.html,
        "reply_to": around.replies.get(row.reply_to_id or 0),
        "reactions": around.reactions.get(row.id),
        "mentions": around.mentions.get(row.id),
        "mentions_all": row.mentions_all,
        "edited_at": row.edited_at,
        "pinned_at": row.pinned_at,
    }
    frame.update((name, value) for name, value in optional.items() if value)
    return frame


def surroundings(rows: Sequence[MessageRow], reader_id: int | None = None) -> Surroundings:
    """Look up what `rows` need: people, quoted messages, reactions, mentions."""
    ids = [row.id for row in rows]
    people = people_frames({row.author_id for row in rows})
    return Surroundings(people, reply_frames(rows), _reactions(ids, reader_id), _mentions(ids))


def reply_frames(rows: Sequence[MessageRow]) -> dict[int, Frame]:
    """Return by id how the messages that `rows` reply to are quoted."""
    ids = {row.reply_to_id for row in rows if row.reply_to_id}
    if not ids:
        return {}
    columns = ("id", "seq", "author_id", "body", "html", "deleted_at")
    quoted = list(Message.objects.filter(pk__in=ids).values_list(*columns))
    people = people_frames({author_id for _id, _seq, author_id, _body, _html, _deleted in quoted})
    return {
        pk: {"id": pk, "seq": seq, "author": people[author_id], "excerpt": "" if deleted else excerpt(body, html)}
        for pk, seq, author_id, body, html, deleted in quoted
    }


def people_frames(user_ids: Iterable[int]) -> dict[int, Frame]:
    """Return USER by id."""
    people = map(Person._make, User.objects.filter(pk__in=user_ids).values_list(*PERSON_FIELDS))
    return {person.id: person_frame(person) for person in people}


def message_event(frame: Frame, kind: str) -> Event:
    """Return the event `kind` (message.created, message.updated, message.deleted) of a MESSAGE."""
    return {"type": kind, "room": frame["room"], "change": frame["change"], "message": frame}


def room_frames(user: User, only: Iterable[int] | None = None) -> list[Frame]:
    """Return ROOM for each room that `user` is in (of those in `only`), default rooms first, then by last activity.

    Private chats that the user hid are left out unless they are in `only`.
    """
    memberships = Membership.objects.filter(user=user).select_related("room")
    memberships = memberships.filter(is_hidden=False) if only is None else memberships.filter(room_id__in=list(only))
    memberships = memberships.order_by("-room__is_default", "-room__touched_at", "-room_id")
    found = list(memberships)
    partners = _partners(user.pk, [m.room_id for m in found if m.room.is_direct])
    mentions = unread_mentions(m.pk for m in found)
    with override(user.language or get_language()):
        return [_room_frame(m.room, m, user, partners.get(m.room_id), mentions.get(m.pk, 0)) for m in found]


def open_room_frames(user: User) -> list[Frame]:
    """Return ROOM for each public room that `user` is not in but may join, by last activity."""
    rooms = Room.objects.filter(kind=RoomKind.PUBLIC, is_archived=False).exclude(memberships__user=user)
    return [_room_frame(room, None, user, None, 0) for room in rooms.order_by("-touched_at", "-pk")[:MAX_OPEN_ROOMS]]


def room_frame_for(user: User, room: Room) -> Frame:
    """Return ROOM as `user` sees it, whether in it or not."""
    frames = room_frames(user, [room.pk])
    return frames[0] if frames else _room_frame(room, None, user, None, 0)


def room_update(room: Room) -> Frame:
    """Return what everyone in a room may know when it changed (`room.updated`)."""
    return {
        "id": room.pk,
        "name": room.name,
        "topic": room.topic,
        "kind": room.kind,
        "writable": not (room.is_read_only or room.is_archived),
        "members": room.member_count,
    }


def unread_mentions(membership_ids: Iterable[int]) -> dict[int, int]:
    """Return by membership how many unread messages of its room name its user; those with none are left out."""
    member = "room__memberships__"
    counts = (
        Mention.objects.filter(
            Q(user_id=F(f"{member}user_id")) | Q(user_id=None),
            ~Q(message__author_id=F(f"{member}user_id")),
            is_deleted=False,
            seq__gt=F(f"{member}last_read_seq"),
            room__memberships__in=list(membership_ids),
        )
        .values_list(f"{member}pk")
        .annotate(count=Count("message_id", distinct=True))
    )
    return dict(counts)


def _room_frame(room: Room, membership: Membership | None, user: User, partner: Frame | None, mentions: int) -> Frame:
    read_seq = membership.last_read_seq if membership else room.last_seq
    is_staff_here = user.is_staff and room.kind == RoomKind.PUBLIC
    is_moderator = is_staff_here or (membership is not None and membership.role != Role.MEMBER)
    frame: Frame = {
        "id": room.pk,
        "kind": room.kind,
        "name": partner["nickname"] if partner else _(LOBBY) if room.is_default and room.name == LOBBY else room.name,
        "topic": room.topic,
        "head": {"seq": room.last_seq, "change": room.last_change},
        "read_seq": read_seq,
        "version": membership.read_version if membership else 0,
        "unread": max(0, room.last_seq - read_seq),
        "mentions": mentions,
        "members": room.member_count,
        "online": online_counter(room.pk),
        "role": membership.role if membership else None,
        "writable": not room.is_archived and (is_moderator or not room.is_read_only),
        "default": room.is_default,
    }
    if partner:
        frame["with"] = partner
    return frame


def _partners(user_id: int, room_ids: Sequence[int]) -> dict[int, Frame]:
    if not room_ids:
        return {}
    others = Membership.objects.filter(room_id__in=room_ids).exclude(user_id=user_id)
    pairs = dict(others.values_list("room_id", "user_id"))
    people = people_frames(pairs.values())
    return {room_id: people[other] for room_id, other in pairs.items()}


def _reactions(message_ids: Sequence[int], reader_id: int | None) -> dict[int, list[Frame]]:
    found: dict[int, dict[str, Frame]] = {}
    reactions = Reaction.objects.filter(message_id__in=message_ids).order_by("pk")
    for message_id, emoji, user_id in reactions.values_list("message_id", "emoji", "user_id"):
        frame = found.setdefault(message_id, {}).setdefault(emoji, {"emoji": emoji, "count": 0, "by": []})
        frame["count"] += 1
        if len(frame["by"]) < MAX_REACTORS:
            frame["by"].append(user_id)
        elif user_id == reader_id:
            frame["by"][-1] = user_id
    return {message_id: list(kinds.values()) for message_id, kinds in found.items()}


def _mentions(message_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    mentions = Mention.objects.filter(message_id__in=message_ids, user__isnull=False).order_by("pk")
    for message_id, user_id in mentions.values_list("message_id", "user_id"):
        if user_id is not None:
            found.setdefault(message_id, []).append(user_id)
    return found
