"""From what is stored of rooms to the shapes of the wire (PROTOCOL, "Shapes"): the only place that makes them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.pictures import picture_url
from chat.frames import Frame, people_frames
from chat.models import Block, Membership, Mention, Message, Notify, Room, RoomKind
from chat.models.room import LOBBY
from chat.standing import abilities
from chat.telling import told_of

MAX_OPEN_ROOMS = 100
COUNTED_UP_TO = 5_000


online_counter: Callable[[int], int] = lambda _room_id: 0  # noqa: E731
"""How many are online in a room; presence, which stands above this module, puts itself here."""


def count_online_by(counter: Callable[[int], int]) -> None:
    """Have the `online` of every ROOM come from `counter(room_id)`."""
    global online_counter  # noqa: PLW0603 - one process has one presence
    online_counter = counter


def room_frames(user: User, only: Iterable[int] | None = None) -> list[Frame]:
    """Return ROOM for each room that `user` is in (of those in `only`), default rooms first, then by last activity.

    Private chats that the user hid are left out unless they are in `only`.
    """
    memberships = Membership.objects.filter(user=user).select_related("room")
    memberships = memberships.filter(is_hidden=False) if only is None else memberships.filter(room_id__in=list(only))
    memberships = memberships.order_by("-room__is_default", "-room__active_at", "-room_id")
    found = list(memberships)
    partners = _partners(user.pk, [m.room_id for m in found if m.room.is_direct])
    mentions = unread_mentions(m.pk for m in found)
    deleted = unread_deleted((m.pk, m.room.last_seq - m.last_read_seq) for m in found)
    with override(user.language or get_language()):
        return [
            _room_frame(m.room, m, user, partners.get(m.room_id), mentions.get(m.pk, 0)) | told_deleted(deleted, m.pk)
            for m in found
        ]


def open_room_frames(user: User) -> list[Frame]:
    """Return ROOM for each public room that `user` is not in but may join, by last activity; at most 100."""
    rooms = Room.objects.filter(kind=RoomKind.PUBLIC, is_archived=False).exclude(memberships__user=user)
    return [room_frame_of(user, room) for room in rooms.order_by("-active_at", "-pk")[:MAX_OPEN_ROOMS]]


def room_frame_for(user: User, room: Room) -> Frame:
    """Return ROOM as `user` sees it, whether in it or not."""
    frames = room_frames(user, [room.pk])
    return frames[0] if frames else room_frame_of(user, room)


def room_frame_of(user: User, room: Room) -> Frame:
    """Return ROOM as `user`, who is not in it, sees it."""
    with override(user.language or get_language()):
        return _room_frame(room, None, user, None, 0)


def room_update(room: Room) -> Frame:
    """Return what everyone in a room may know when it changed (`room.updated`)."""
    return {
        "id": room.pk,
        "name": room.name,
        "slug": room.slug,
        "topic": room.topic,
        "kind": room.kind,
        "picture_url": _picture_url(room),
        "writable": not (room.is_read_only or room.is_archived),
        "read_only": room.is_read_only,
        "archived": room.is_archived,
        "slow_mode": room.slow_mode,
        "default": room.is_default,
        "members": room.member_count,
    }


def membership_frame(user: User, room: Room, membership: Membership | None) -> Frame:
    """Return what a room is to `user` alone: the part of ROOM that `membership.updated` brings."""
    role = membership.role if membership else None
    allowed = abilities(user, room, role)
    return {
        "role": role,
        "abilities": allowed,
        "writable": not room.is_archived and ("speak" in allowed or not room.is_read_only),
        "muted_until": _muted_until(user, membership),
        "favourite": membership.is_favourite if membership else False,
        "notify": membership.notify if membership else Notify.ALL.value,
        "told_of": told_of(room, membership) if membership else Notify.NONE.value,
        "position": membership.position if membership else None,
    }


def unread_mentions(membership_ids: Iterable[int]) -> dict[int, int]:
    """Return by membership how many unread messages of its room name its user; those with none are left out.

    What someone wrote whom the user has blocked does not count.
    """
    member = "room__memberships__"
    is_blocked = Block.objects.filter(user=OuterRef(f"{member}user_id"), blocked=OuterRef("message__author_id"))
    counts = (
        Mention.objects.filter(
            Q(user_id=F(f"{member}user_id")) | Q(user_id=None),
            ~Q(message__author_id=F(f"{member}user_id")),
            ~Exists(is_blocked),
            is_deleted=False,
            seq__gt=F(f"{member}last_read_seq"),
            room__memberships__in=list(membership_ids),
        )
        .values_list(f"{member}pk")
        .annotate(count=Count("message_id", distinct=True))
    )
    return dict(counts)


def unread_deleted(unread: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return by membership how many unread messages of its room are deleted; those with none are left out.

    `unread`: memberships, and how many numbers are unread there. Where these are more than COUNTED_UP_TO it is not
    counted: that would be a long index range for each read mark.
    """
    if not (chosen := [pk for pk, count in unread if 0 < count <= COUNTED_UP_TO]):
        return {}
    deleted = Message.objects.filter(
        deleted_at__isnull=False, room__memberships__in=chosen, seq__gt=F("room__memberships__last_read_seq")
    )
    return dict(deleted.values_list("room__memberships__pk").annotate(count=Count("pk")))


def told_deleted(deleted: Mapping[int, int], membership_id: int) -> Frame:
    """Return what a ROOM and `read.updated` say besides, if some of what is unread is deleted."""
    return {"unread_deleted": deleted[membership_id]} if membership_id in deleted else {}


def _room_frame(room: Room, membership: Membership | None, user: User, partner: Frame | None, mentions: int) -> Frame:
    read_seq = membership.last_read_seq if membership else room.last_seq
    frame: Frame = {
        "id": room.pk,
        "kind": room.kind,
        "name": partner["nickname"] if partner else shown_name(room),
        "slug": room.slug,
        "topic": room.topic,
        "picture_url": _picture_url(room),
        "head": {"seq": room.last_seq, "change": room.last_change},
        "read_seq": read_seq,
        "version": membership.read_version if membership else 0,
        "unread": max(0, room.last_seq - read_seq),
        "mentions": mentions,
        "members": room.member_count,
        "online": online_counter(room.pk),
        "read_only": room.is_read_only,
        "archived": room.is_archived,
        "group": room.is_group,
        "slow_mode": room.slow_mode,
        "active_at": room.active_at,
        "default": room.is_default,
        "hidden": membership.is_hidden if membership else False,
    }
    if partner:
        frame["with"] = partner
    return frame | membership_frame(user, room, membership)


def shown_name(room: Room) -> str:
    """Return a room's name as people see it, in the language that is active."""
    return _(LOBBY) if room.is_default and room.name == LOBBY else room.name


def _picture_url(room: Room) -> str | None:
    return picture_url(room.picture) if room.picture else None


def _muted_until(user: User, membership: Membership | None) -> datetime | None:
    now = timezone.now()
    mutes = [user.muted_until, membership.muted_until if membership else None]
    return max((until for until in mutes if until is not None and until > now), default=None)


def _partners(user_id: int, room_ids: Sequence[int]) -> dict[int, Frame]:
    if not room_ids:
        return {}
    others = Membership.objects.filter(room_id__in=room_ids).exclude(user_id=user_id)
    pairs = dict(others.values_list("room_id", "user_id"))
    people = people_frames(pairs.values())
    return {room_id: people[other] for room_id, other in pairs.items()}
