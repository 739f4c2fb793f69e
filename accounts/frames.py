"""The shape in which clients see a person (PROTOCOL, "Shapes")."""

from typing import Any, NamedTuple

from accounts.avatars import avatar_url
from accounts.models import User
from accounts.pictures import picture_url


class Person(NamedTuple):
    """The columns that the shape is made of, in the order of `PERSON_FIELDS`."""

    id: int
    nickname: str
    avatar: str
    is_guest: bool
    is_former: bool
    picture: str = ""


PERSON_FIELDS = Person._fields


def person_frame(person: Person) -> dict[str, Any]:
    """Return USER for the columns of a user."""
    return {
        "id": person.id,
        "nickname": person.nickname,
        "avatar_url": picture_url(person.picture) if person.picture else avatar_url(person.avatar),
        "is_guest": person.is_guest,
        "former": person.is_former,
    }


def person_of(user: User) -> Person:
    """Return the columns of a user that the shape is made of."""
    return Person(user.pk, user.nickname, user.avatar, user.is_guest, user.is_former, user.picture)


def user_frame(user: User) -> dict[str, Any]:
    """Return USER for `user`."""
    return person_frame(person_of(user))
