"""Looks up what the rule of `chat.telling` wants to know, for many messages and people with a few queries."""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q

from chat.models import Block, Membership, Mention, Message, MessageKind
from chat.telling import Facts, Why, told_of, why

Pair = tuple[int, int]
"""The ids of a message and a person."""


def reasons(pairs: Collection[Pair]) -> dict[Pair, Why]:
    """Return for each pair why the person is told of the message, or is not, as things are now."""
    messages = Message.objects.select_related("room", "reply_to").in_bulk({message for message, _user in pairs})
    rooms = {message.room_id for message in messages.values()}
    users = {user for _message, user in pairs}
    members = Membership.objects.select_related("room").filter(room_id__in=rooms, user_id__in=users)
    return reasons_among([(messages[message], user) for message, user in pairs if message in messages], members)


def reasons_among(pairs: Sequence[tuple[Message, int]], members: Iterable[Membership]) -> dict[Pair, Why]:
    """Return the same for messages with their `room` and `reply_to`, given the memberships that matter."""
    messages = {message.pk: message for message, _user in pairs}
    users = {user for _message, user in pairs}
    of = {(member.room_id, member.user_id): told_of(member.room, member) for member in members}
    named = _named(messages, users)
    blocks = set(
        Block.objects.filter(user_id__in=users, blocked_id__in={m.author_id for m in messages.values()}).values_list(
            "user_id", "blocked_id"
        )
    )
    return {
        (message.pk, user): why(
            Facts(
                told_of=of.get((message.room_id, user)),
                is_direct=message.room.is_direct,
                is_own=message.author_id == user,
                is_system=message.kind == MessageKind.SYSTEM,
                is_deleted=message.deleted_at is not None,
                is_blocked=(user, message.author_id) in blocks,
                names_me=(message.pk, user) in named,
                answers_me=message.reply_to is not None and message.reply_to.author_id == user,
                names_all=message.mentions_all,
            )
        )
        for message, user in pairs
    }


def _named(messages: Collection[int], users: Collection[int]) -> set[Pair]:
    rows = Mention.objects.filter(Q(message_id__in=messages), user_id__in=users).values_list("message_id", "user_id")
    return {(message, user) for message, user in rows if user is not None}
