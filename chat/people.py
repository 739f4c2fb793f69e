"""The people of the site: found by name, and one by one."""

from typing import Any

from django.db.models import Case, IntegerField, Value, When

from accounts.frames import PERSON_FIELDS, Person, person_frame, user_frame
from accounts.models import User
from accounts.nicknames import nickname_key
from chat import process
from chat.errors import NotFound
from chat.models import Block


def page_of_people(*, query: str = "", offset: int = 0, limit: int = 50) -> dict[str, Any]:
    """Return `{users: [USER + online], next}`: those whose nicknames begin with `query`, then those that contain it.

    Former and banned people are left out; `next` is the offset of the next page, or None.
    """
    key = nickname_key(query)
    people = User.objects.filter(is_former=False, is_active=True, nickname_key__contains=key)
    beginning = Case(When(nickname_key__startswith=key, then=Value(0)), default=Value(1), output_field=IntegerField())
    order = ("nickname_key",) if not key else (beginning, "nickname_key")
    rows = list(people.order_by(*order).values_list(*PERSON_FIELDS)[offset : offset + limit + 1])
    presence = process.running().presence
    frames = [
        person_frame(person) | {"online": presence.is_online(person.id)} for person in map(Person._make, rows[:limit])
    ]
    return {"users": frames, "next": offset + limit if len(rows) > limit else None}


def card_of(viewer: User, user_id: int) -> dict[str, Any]:
    """Return PERSON: what `viewer` may know of someone. Raises NotFound."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound
    presence = process.running().presence
    return user_frame(user) | {
        "online": presence.is_online(user_id),
        "away": presence.is_away(user_id),
        "last_seen_at": user.last_seen_at,
        "created_at": user.created_at,
        "is_staff": user.is_staff,
        "is_bot": user.is_bot,
        "blocked": Block.objects.filter(user=viewer, blocked=user).exists(),
    }
