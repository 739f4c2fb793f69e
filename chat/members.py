"""Who is in a room, the people online first, page by page."""

from collections.abc import Collection
from typing import Any

from django.db.models import Case, IntegerField, Value, When

from accounts.frames import PERSON_FIELDS, Person, person_frame
from chat import process
from chat.models import Membership, Room

MAX_PAGE = 100


def page_of_members(room: Room, *, query: str = "", offset: int = 0, limit: int = MAX_PAGE) -> dict[str, Any]:
    """Return `{members: [{user: USER, role, online}], next}`: online first, then by nickname.

    `query` is the beginning of nicknames to look for; `next` is the offset of the next page, or None.
    """
    online = process.running().presence.online_in(room.pk)
    members = Membership.objects.filter(room=room)
    if query:
        members = members.filter(user__nickname__istartswith=query)
    columns = ("role", *(f"user__{name}" for name in PERSON_FIELDS))
    ordered = members.order_by(*_online_first(online), "user__nickname_key", "pk")
    rows = ordered.values_list(*columns)[offset : offset + limit + 1]
    found = [(role, Person(*columns)) for role, *columns in rows]
    frames = [
        {"user": person_frame(person), "role": role, "online": person.id in online} for role, person in found[:limit]
    ]
    return {"members": frames, "next": offset + limit if len(found) > limit else None}


def _online_first(online: Collection[int]) -> list[Case]:
    # With nobody online it would be a constant, which SQL takes for the place of a column.
    if not online:
        return []
    return [Case(When(user_id__in=online, then=Value(0)), default=Value(1), output_field=IntegerField())]
