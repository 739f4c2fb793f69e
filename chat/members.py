"""Who is in a room, the people online first, page by page."""

from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.frames import PERSON_FIELDS, Person, person_frame, person_of
from accounts.models import User
from accounts.nicknames import nickname_key
from chat import process
from chat.models import Membership, Room
from chat.permissions import role_of
from chat.standing import abilities_about, can, standings_to_members

MAX_PAGE = 100
LARGE = 1000
_MEMBERSHIP = ("role", "muted_until", "user__last_seen_at", "user__is_staff", "user__is_superuser")
_COLUMNS = (*_MEMBERSHIP, *(f"user__{name}" for name in PERSON_FIELDS))


class _OnSite(NamedTuple):
    is_staff: bool
    is_superuser: bool


def page_of_members(
    viewer: User, room: Room, *, query: str = "", offset: int = 0, limit: int = MAX_PAGE
) -> dict[str, Any]:
    """Return `{members: [MEMBER], next}`: online first, then by nickname.

    `query` is a part of nicknames to look for; `next` is the offset of the next page, or None.
    """
    key = nickname_key(query)
    # Who is online stands in memory, so that a page of a large room does not sort all of it.
    online = sorted(
        (nickname_key(person.nickname), person.id)
        for person in process.running().presence.people_in(room.pk)
        if key in nickname_key(person.nickname)
    )
    here = [user_id for _key, user_id in online[offset : offset + limit + 1]]
    rows = _present(room, here)
    missing = limit + 1 - len(here)
    if missing > 0:
        rows += _absent(room, key, {user_id for _key, user_id in online}, max(0, offset - len(online)), missing)
    frames = _frames(viewer, room, rows[:limit])
    return {"members": frames, "next": offset + limit if len(rows) > limit else None}


def member_frame(viewer: User, membership: Membership) -> dict[str, Any]:
    """Return MEMBER for one membership, read with its room and user."""
    user = membership.user
    standing = (user.is_staff, user.is_superuser)
    row = (membership.role, membership.muted_until, user.last_seen_at, *standing, *person_of(user))
    return _frames(viewer, membership.room, [row])[0]


def _present(room: Room, user_ids: list[int]) -> list[tuple[Any, ...]]:
    rows = {row[len(_MEMBERSHIP)]: row for row in _of(room).filter(user_id__in=user_ids).values_list(*_COLUMNS)}
    return [rows[user_id] for user_id in user_ids if user_id in rows]


def _absent(room: Room, key: str, online: set[int], offset: int, count: int) -> list[tuple[Any, ...]]:
    if room.member_count > LARGE:
        # Through people in the order of their names, of whom many are in the room: its members need no sorting.
        of_room = Membership.objects.filter(room=room, user_id=OuterRef("pk"))
        people = User.objects.filter(Exists(of_room), nickname_key__contains=key).exclude(pk__in=online)
        ordered = people.order_by("nickname_key").values_list("pk", flat=True)
        return _present(room, list(ordered[offset : offset + count]))
    members = _of(room).filter(user__nickname_key__contains=key).exclude(user_id__in=online)
    return list(members.order_by("user__nickname_key", "pk").values_list(*_COLUMNS)[offset : offset + count])


def _of(room: Room) -> QuerySet[Membership]:
    return Membership.objects.filter(room=room)


def _frames(viewer: User, room: Room, rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    presence, now = process.running().presence, timezone.now()
    own_role = role_of(viewer.pk, room.pk)
    tells_mutes, ranks = can(viewer, room, own_role, "mute"), standings_to_members(viewer, room, own_role)
    frames = []
    for role, muted_until, last_seen_at, is_staff, is_superuser, *columns in rows:
        person = Person(*columns)
        is_told = muted_until is not None and muted_until > now and (tells_mutes or person.id == viewer.pk)
        about = abilities_about(_OnSite(is_staff, is_superuser), room, role, ranks)
        frames.append({
            "user": person_frame(person),
            "role": role,
            "online": presence.is_online(person.id),
            "away": presence.is_away(person.id),
            "last_seen_at": last_seen_at,
            "muted_until": muted_until if is_told else None,
            "abilities": [] if person.id == viewer.pk else about,
        })  # fmt: skip
    return frames
