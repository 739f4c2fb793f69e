# ruff: noqa: E402 - models can be imported only once Django is set up
"""What an operator's shell could do: functions that `Site.backstage` calls in a process beside the server.

The server learns nothing of it but by looking at the database.
"""

import json
import os
import random
import sys
import threading
import time
import traceback
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup()

from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Count, F, Max
from django.utils import timezone

from accounts.actions import ban_user, unban_user, upkeep
from accounts.models import AccessToken, Admission, Session, SocketTicket, User
from chat.actions import memberships, posting
from chat.actions.moderating import hide_messages
from chat.actions.posting import Draft, post_messages
from chat.models import Block, Invitation, Membership, Message, Reaction, Role, Room
from database.transactions import write_transaction
from moderation.actions import held
from moderation.actions.profiles import reset_profiles
from moderation.actions.reports import close_case
from moderation.models import Case, Filter, HeldMessage
from push.models import Subscription


def post(author_id: int, room_id: int, *bodies: str) -> list[int]:
    """Store messages, one transaction for all, and return their ids."""
    drafts = [Draft(author_id=author_id, ref=uuid.uuid4(), body=body, room=room_id) for body in bodies]
    return [posted.id for posted in post_messages(drafts)]  # type: ignore[union-attr]


def post_before_blocks(author_id: int, room_id: int, body: str) -> int:
    """Store a message as if nobody had blocked anybody yet, and return its id."""
    blocks = list(Block.objects.all())
    Block.objects.all().delete()
    (message,) = post(author_id, room_id, body)
    Block.objects.bulk_create(blocks)
    return message


def post_silently(author_id: int, room_id: int, *bodies: str) -> list[int]:
    """Store messages as `post` does, and have what is published about them lost."""
    publish, posting.publish = posting.publish, lambda *_envelopes: None
    try:
        return post(author_id, room_id, *bodies)
    finally:
        posting.publish = publish


def seed_messages(author_id: int, room_id: int, count: int) -> None:
    """Fill a room with `count` messages."""
    for start in range(0, count, 50):
        post(author_id, room_id, *(f"number {number}" for number in range(start, min(count, start + 50))))


def add_member(room_id: int, user_id: int, role: str = "member") -> None:
    """Put someone into a room, as an invitation would."""
    with write_transaction():
        memberships.add_to_room(Room.objects.get(pk=room_id), User.objects.get(pk=user_id), Role.MEMBER)
        Membership.objects.filter(room_id=room_id, user_id=user_id).update(role=role)


def remove_member(room_id: int, user_id: int) -> None:
    """Take someone out of a room."""
    with write_transaction():
        memberships.end_membership(Membership.objects.get(room_id=room_id, user_id=user_id), "removed")


def delete_all(room_id: int, first: int, last: int) -> None:
    """Take down the messages of a room from one seq to another."""
    with write_transaction():
        found = Message.objects.filter(room=room_id, seq__gte=first, seq__lte=last)
        author = User.objects.get(pk=found[0].author_id)
        hide_messages(list(found.values_list("pk", flat=True)), author, timezone.now())


def change_room(room_id: int, **changes: Any) -> None:
    """Set fields of a room."""
    Room.objects.filter(pk=room_id).update(**changes)


def make_read_only(room_id: int) -> None:
    """Let only moderators write in a room."""
    change_room(room_id, is_read_only=True)


def archive(room_id: int) -> None:
    """Let nobody write in a room any more."""
    change_room(room_id, is_archived=True)


def mute(user_id: int) -> None:
    """Mute someone for an hour."""
    User.objects.filter(pk=user_id).update(muted_until=timezone.now() + timedelta(hours=1))


def unmute(user_id: int) -> None:
    """End a mute."""
    User.objects.filter(pk=user_id).update(muted_until=None)


def ban(user_id: int, reason: str = "", days: int = 0) -> None:
    """Ban someone, as the administration pages do; 0 days are for good."""
    until = timezone.now() + timedelta(days=days) if days else None
    ban_user(User.objects.get(pk=user_id), until=until, reason=reason)


def unban(user_id: int) -> None:
    """Let someone in again."""
    unban_user(User.objects.get(pk=user_id))


def make_administrator(user_id: int) -> None:
    """Make someone an administrator of the site."""
    User.objects.filter(pk=user_id).update(is_staff=True, is_superuser=True, is_guest=False)


def make_staff(user_id: int) -> None:
    """Make someone a moderator of the site without rights."""
    User.objects.filter(pk=user_id).update(is_staff=True)


def give_password(user_id: int, password: str) -> None:
    """Give someone a password, and with it an account."""
    user = User.objects.get(pk=user_id)
    user.set_password(password)
    user.is_guest = False
    user.save()


def take_nickname(user_id: int, reason: str) -> None:
    """Take someone's nickname away, as moderators do."""
    boss = User.objects.filter(nickname_key="the taker").first()
    boss = boss or User.objects.create_user("the taker", None, is_staff=True, is_superuser=True)
    reset_profiles(boss, [user_id], reason, nickname=True, picture=False)


def set_admission(guests: bool, sign_up: str, guest_days: int = 30) -> None:
    """Say who may come in."""
    Admission.objects.filter(pk=1).update(guests=guests, sign_up=sign_up, guest_days=guest_days)


def forget_seen(user_id: int, days: float) -> None:
    """Let someone have come, and been here last, so many days ago."""
    long_ago = timezone.now() - timedelta(days=days)
    User.objects.filter(pk=user_id).update(last_seen_at=long_ago, created_at=long_ago)


def tidy() -> list[int]:
    """Let go of what nobody needs any more."""
    return list(upkeep.tidy())


def fill_room(room_id: int, count: int) -> None:
    """Put `count` new people into a room."""
    tag = uuid.uuid4().hex[:6]
    people = [User(nickname=f"p{number:05}{tag}", nickname_key=f"p{number:05}{tag}") for number in range(count)]
    users = User.objects.bulk_create(people, batch_size=500)
    Membership.objects.bulk_create([Membership(room_id=room_id, user=user) for user in users], batch_size=500)
    Room.objects.filter(pk=room_id).update(
        member_count=F("member_count") + count, members_version=F("members_version") + 1
    )


def expire_tokens(user_id: int) -> None:
    """Let someone's tokens have expired a second ago."""
    AccessToken.objects.filter(user_id=user_id).update(expires_at=timezone.now() - timedelta(seconds=1))


def expire_tickets(user_id: int) -> None:
    """Let someone's socket tickets have expired a second ago."""
    SocketTicket.objects.filter(user_id=user_id).update(expires_at=timezone.now() - timedelta(seconds=1))


def expire_sessions(user_id: int) -> None:
    """Let someone's sessions have expired a second ago."""
    Session.objects.filter(user_id=user_id).update(expire_date=timezone.now() - timedelta(seconds=1))


def age_sessions(user_id: int, days: float) -> None:
    """Let someone's sessions end in so many days."""
    Session.objects.filter(user_id=user_id).update(expire_date=timezone.now() + timedelta(days=days))


def days_left(user_id: int) -> float:
    """Return in how many days someone's session ends."""
    return (Session.objects.get(user_id=user_id).expire_date - timezone.now()) / timedelta(days=1)


def count_members(room_id: int) -> int:
    """Return how many memberships a room has."""
    return Membership.objects.filter(room_id=room_id).count()


def stored(room_id: int) -> list[tuple[int, int, str]]:
    """Return (seq, id, ref) of each message that a room has, in order."""
    rows = Message.objects.filter(room_id=room_id).order_by("seq").values_list("seq", "pk", "ref")
    return [(seq, pk, str(ref)) for seq, pk, ref in rows]


def rows(room_id: int) -> list[dict[str, Any]]:
    """Return all messages of a room in order, straight from the table."""
    columns = ("pk", "seq", "change", "author_id", "ref", "body")
    found = Message.objects.filter(room_id=room_id).order_by("seq", "pk").values_list(*columns)
    return [
        {"id": pk, "seq": seq, "change": change, "author": author, "ref": str(ref), "body": body}
        for pk, seq, change, author, ref, body in found
    ]


def write_at_random(author_id: int, room_id: int, writers: int, each: int, seed: int) -> list[str]:
    """Have many threads write, with delays and roll-backs inside their transactions; return what a reader saw amiss."""
    amiss: list[str] = []
    is_over = threading.Event()

    class Undone(Exception):
        pass

    def write(number: int) -> None:
        chance = random.Random(f"{seed} {number}")
        for _ in range(each):
            time.sleep(chance.random() * 0.01)
            draft = Draft(author_id=author_id, ref=uuid.uuid4(), body=f"from {number}", room=room_id)
            with suppress(Undone), write_transaction():
                post_messages([draft])
                time.sleep(chance.random() * 0.004)
                if chance.random() < 0.25:
                    raise Undone
        connection.close()

    def read() -> None:
        while not is_over.is_set():
            seen = Message.objects.filter(room_id=room_id).aggregate(
                count=Count("pk"), seq=Max("seq"), change=Max("change")
            )
            if len({seen["count"], seen["seq"] or 0, seen["change"] or 0}) > 1:
                amiss.append(f"a reader saw {seen}")
        connection.close()

    reader = threading.Thread(target=read)
    threads = [threading.Thread(target=write, args=[number]) for number in range(writers)]
    for thread in [reader, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    is_over.set()
    reader.join()
    return amiss


def forget_refs() -> None:
    """Take away the constraint by which a ref is stored once."""
    [constraint] = [found for found in Message._meta.constraints if "ref" in getattr(found, "fields", ())]
    # SQLite makes the table anew from what the model says.
    Message._meta.constraints.remove(constraint)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Message, constraint)


def open_chat(one: int, other: int) -> int:
    """Return the private chat of two people, made as if neither had ever blocked the other."""
    room, is_new = Room.objects.get_or_create(
        direct_key=Room.direct_key_of(one, other), defaults={"kind": "direct", "member_count": 2}
    )
    if is_new:
        Membership.objects.bulk_create([Membership(room=room, user_id=user) for user in (one, other)])
    return room.pk


def count_direct_rooms(one: int, other: int) -> int:
    """Return how many private chats two people have."""
    chats = Room.objects.filter(kind="direct", memberships__user_id=one)
    return chats.filter(pk__in=Room.objects.filter(memberships__user_id=other)).distinct().count()


def react_by_many(message_id: int, emoji: str, count: int) -> None:
    """Have `count` new people react to a message."""
    tag = uuid.uuid4().hex[:12]
    people = [User(nickname=f"{tag}{number}", nickname_key=f"{tag}{number}") for number in range(count)]
    users = User.objects.bulk_create(people)
    Reaction.objects.bulk_create(Reaction(message_id=message_id, user=user, emoji=emoji) for user in users)


def make_moderator(user_id: int) -> None:
    """Make someone a moderator of the site, with the rights of the group."""
    User.objects.filter(pk=user_id).update(is_staff=True)
    User.objects.get(pk=user_id).groups.add(Group.objects.get(name="Moderators"))


def case_about(message_id: int) -> int:
    """Return the id of the case about a message."""
    return Case.objects.get(message=message_id).pk


def invitation_id(code: str) -> int:
    """Return the id of an invitation."""
    return Invitation.objects.get(code=code).pk


def make_filter(kind: str, terms: str, response: str, room_id: int) -> int:
    """Turn a filter on in one room."""
    return Filter.objects.create(name=terms, kind=kind, terms=terms, response=response, room_id=room_id, is_on=True).pk


def drop_filter(filter_id: int) -> None:
    """Remove a filter."""
    Filter.objects.filter(pk=filter_id).delete()


def held_of(user_id: int) -> int:
    """Return the id of someone's held message."""
    return HeldMessage.objects.get(author=user_id, decided_at=None).pk


def close_cases(user_id: int) -> None:
    """Have an administrator close all cases about someone."""
    boss, _is_new = User.objects.get_or_create(
        nickname_key="closer", defaults={"nickname": "closer", "is_staff": True, "is_superuser": True}
    )
    for case in Case.objects.filter(person=user_id).exclude(status="closed"):
        close_case(boss, case.pk, "acted")


def let_through(user_id: int) -> None:
    """Have an administrator let through what someone has held."""
    for waiting in HeldMessage.objects.filter(author=user_id, decided_at=None):
        held.approve_held(_closer(), waiting.pk)


def refuse_held(user_id: int, reason: str) -> None:
    """Have an administrator refuse what someone has held."""
    for waiting in HeldMessage.objects.filter(author=user_id, decided_at=None):
        held.refuse_held(_closer(), waiting.pk, reason)


def _closer() -> User:
    boss, _is_new = User.objects.get_or_create(
        nickname_key="closer", defaults={"nickname": "closer", "is_staff": True, "is_superuser": True}
    )
    return boss


def arrived_from(user_id: int) -> str | None:
    """Return the address from which someone came."""
    return User.objects.get(pk=user_id).arrived_from


def count_devices(user_id: int) -> int:
    """Return how many devices of someone are called."""
    return Subscription.objects.filter(user=user_id).count()


def main() -> None:
    """Answer one JSON line, [function, argument, …], by another, until there are no more."""
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = {"result": globals()[name](*arguments)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
