"""Makes users, memberships and messages for load runs, quickly."""

import uuid
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.avatars import drawn_avatars
from accounts.models import AccessToken, User
from accounts.nicknames import nickname_key
from accounts.secrets import digest, new_secret
from chat.models import Membership, Message, Room, RoomKind
from database.transactions import write_transaction

BATCH = 1000
TOKEN_DAYS = 7


class Command(BaseCommand):
    help = "Make N users in the room NAME, with M messages; print one bearer token a line and nothing else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--users", type=int, required=True, metavar="N")
        parser.add_argument("--room", required=True, metavar="NAME", help="made as a public room if there is none")
        parser.add_argument("--rooms", type=int, default=1, metavar="R", help="spread the users over R such rooms")
        parser.add_argument("--messages", type=int, default=0, metavar="M")
        parser.add_argument("--varied", action="store_true", help="messages have words to search for")

    def handle(
        self, *_args: Any, users: int, room: str, messages: int, rooms: int, varied: bool, **_options: Any
    ) -> None:
        if users < 1 or messages < 0 or not 1 <= rooms <= users:
            raise CommandError("--users takes a number above 0, --messages one from 0, --rooms 1 to as many as users.")
        with write_transaction():
            people = _users(users)
            for number in range(rooms):
                place = _room(room if rooms == 1 else f"{room} {number + 1}")
                present = people[number::rooms]
                _join(place, present)
                _say(place, present, messages, varied=varied)
            secrets = _tokens(people)
        self.stdout.write("\n".join(secrets))


def _room(name: str) -> Room:
    room = Room.objects.filter(name=name).exclude(kind=RoomKind.DIRECT).order_by("pk").first()
    if room is None:
        room = Room.objects.create(name=name, kind=RoomKind.PUBLIC)
    return Room.objects.select_for_update().get(pk=room.pk)


def _users(count: int) -> list[User]:
    run = uuid.uuid4().hex[:8]
    avatars = drawn_avatars()
    names = [f"load-{run}-{number}" for number in range(count)]
    users = [
        User(nickname=name, nickname_key=nickname_key(name), avatar=avatars[number % len(avatars)])
        for number, name in enumerate(names)
    ]
    for user in users:
        user.password = UNUSABLE_PASSWORD_PREFIX
    return User.objects.bulk_create(users, batch_size=BATCH)


def _join(room: Room, users: list[User]) -> None:
    others = Room.objects.select_for_update().filter(is_default=True).exclude(pk=room.pk)
    default_rooms = list(others.order_by("pk"))
    for place in (room, *default_rooms):
        Membership.objects.bulk_create(
            [Membership(room=place, user=user, last_read_seq=place.last_seq) for user in users], batch_size=BATCH
        )
        place.member_count += len(users)
        place.members_version += 1
        place.touched_at = timezone.now()
        place.save(update_fields=["member_count", "members_version", "touched_at"])


def _say(room: Room, users: list[User], count: int, *, varied: bool) -> None:
    first = room.last_seq + 1
    shift = room.last_change - room.last_seq
    start = timezone.now() - timedelta(seconds=count)
    for begin in range(0, count, BATCH):
        Message.objects.bulk_create(
            Message(
                room=room,
                seq=first + number,
                change=first + shift + number,
                author=users[number % len(users)],
                ref=uuid.uuid4(),
                body=_text(number, count, varied=varied),
                created_at=start + timedelta(seconds=number),
            )
            for number in range(begin, min(begin + BATCH, count))
        )
    room.last_seq += count
    room.last_change += count
    room.save(update_fields=["last_seq", "last_change"])


def _text(number: int, count: int, *, varied: bool) -> str:
    """Return a text; a varied one has words that are in one of 7, of 101 and of 1,009 messages, and some Chinese."""
    text = f"Message {number + 1} of {count}, for the load run."
    if varied:
        text += f" colour{number % 7} river{number % 101} stone{number % 1009}"
        text += " 今天天气很好" if number % 50 == 0 else ""
    return text


def _tokens(users: list[User]) -> list[str]:
    secrets = [new_secret() for _ in users]
    expires = timezone.now() + timedelta(days=TOKEN_DAYS)
    AccessToken.objects.bulk_create(
        [
            AccessToken(user=user, name="load", digest=digest(secret), expires_at=expires)
            for user, secret in zip(users, secrets, strict=True)
        ],
        batch_size=BATCH,
    )
    return secrets
