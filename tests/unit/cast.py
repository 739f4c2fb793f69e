"""The cast, stored: ann (owner), bob (member), mia (moderator), gus (guest), eve (outsider), the bot rex."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts.models import User
from chat.actions.posting import Draft, Posted, Result, post_messages
from chat.models import Membership, Message, Role, Room, RoomKind, Site
from live.envelope import Envelope


@dataclass(frozen=True)
class Cast:
    """Everybody, and two rooms that all but eve are in: `den` is private, `square` is public."""

    ann: User
    bob: User
    mia: User
    gus: User
    eve: User
    rex: User
    den: Room
    square: Room


def make_cast() -> Cast:
    """Store the cast, and what migrations store in a new database."""
    Site.objects.get_or_create(pk=1)
    Room.objects.get_or_create(name="Lobby", kind=RoomKind.PUBLIC, is_default=True)
    names = ("ann", "bob", "mia", "gus", "eve", "rex")
    people = {name: User.objects.create_user(name, is_bot=name == "rex") for name in names}
    members = (people["ann"], Role.OWNER), (people["mia"], Role.MODERATOR), people["bob"], people["gus"], people["rex"]
    kinds = {"den": RoomKind.PRIVATE, "square": RoomKind.PUBLIC}
    rooms = {name: make_room(kind, *members) for name, kind in kinds.items()}
    return Cast(**people, **rooms)


def make_room(kind: str, *members: User | tuple[User, str], **fields: Any) -> Room:
    """Store a room with `members`, each a person or (person, role)."""
    room = Room.objects.create(kind=kind, member_count=len(members), members_version=1, **fields)
    pairs = [member if isinstance(member, tuple) else (member, Role.MEMBER) for member in members]
    Membership.objects.bulk_create([Membership(room=room, user=user, role=role) for user, role in pairs])
    return room


def change(thing: Any, **fields: Any) -> None:
    """Store other values in a row's fields."""
    type(thing).objects.filter(pk=thing.pk).update(**fields)


def membership_of(user: User, room: Room) -> Membership:
    """Return someone's membership as it is stored."""
    return Membership.objects.get(user=user, room=room)


def draft_of(author: User, room: Room | None = None, body: str = "hello", **fields: Any) -> Draft:
    """Return a draft with a ref of its own."""
    return Draft(**({"author_id": author.pk, "ref": uuid.uuid4(), "body": body, "room": room and room.pk} | fields))


def post(*drafts: Draft) -> list[Result]:
    """Post drafts as one batch."""
    return post_messages(drafts)


def say(author: User, room: Room, body: str = "hello", **fields: Any) -> Message:
    """Post one message, which must be taken; return its row."""
    (result,) = post(draft_of(author, room, body, **fields))
    assert isinstance(result, Posted), result
    return Message.objects.get(pk=result.id)


def say_many(author: User, room: Room, count: int, body: str = "hello") -> list[Message]:
    """Post `count` messages; return the room's rows by seq."""
    post(*(draft_of(author, room, f"{body} {number}") for number in range(count)))
    return list(Message.objects.filter(room=room).order_by("seq"))


def code_of(result: Any) -> str:
    """Return the error code of a result, "ok" for a message that was stored, "duplicate" for a repeat."""
    if isinstance(result, Posted):
        return "duplicate" if result.duplicate else "ok"
    return str(result.code)


def events_of(envelopes: list[Envelope]) -> list[tuple[str, dict[str, Any]]]:
    """Return (group, event) for each event that was published."""
    return [(item["group"], event) for item in envelopes for event in json.loads(f"[{item['events']}]")]


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo whatever the block stores."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def numbering_faults() -> list[str]:
    """The checker: return what is wrong with the numbers of all rooms, where messages were only ever posted."""
    faults = []
    for room in Room.objects.all():
        for name, head in (("seq", room.last_seq), ("change", room.last_change)):
            numbers = list(Message.objects.filter(room=room).order_by(name).values_list(name, flat=True))
            if numbers != list(range(1, head + 1)):
                faults.append(f"{name} in {room.pk}: {numbers}, head {head}")
    keys = list(Message.objects.values_list("author_id", "ref"))
    if len(keys) != len(set(keys)):
        faults.append("an author's ref stands for two messages")
    return faults


def make_staff(user: User, *rights: str) -> User:
    """Make someone a moderator of the site with these rights ("chat.view_message") alone; return the user anew."""
    change(user, is_staff=True)
    for right in rights:
        app, _dot, name = right.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=name))
    return User.objects.get(pk=user.pk)


def make_site_moderator(user: User) -> User:
    """Make someone a moderator of the site as it is on a new site; return the user anew."""
    make_staff(user)
    user.groups.add(Group.objects.get(name="Moderators"))
    return User.objects.get(pk=user.pk)
