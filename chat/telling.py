"""Of which messages someone is told, and why: the one rule, for push, for the page and for whoever asks.

docs/notifications.md has it as a table, which is tried here and in the page (`static/js/telling.js`).
"""

from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models import Membership, Notify, Room


class Why(models.TextChoices):
    """Why someone is told of a message, or is not. The labels are for the person."""

    MENTION = "mention", _("It mentions you.")
    REPLY = "reply", _("It answers you.")
    EVERYONE = "everyone", _("It mentions everyone in the room.")
    PRIVATE = "private", _("It is in a private chat of yours.")
    ALL = "all", _("You want to be told of every message of this room.")
    OWN = "own", _("You wrote it yourself.")
    SYSTEM = "system", _("It is a line of the site, which nobody wrote.")
    DELETED = "deleted", _("It was deleted.")
    OUTSIDE = "outside", _("You are not in the room.")
    BLOCKED = "blocked", _("You have blocked who wrote it.")
    MUTED = "muted", _("You have muted the room: you are told of nothing there, mentions too.")
    NOT_NAMED = "not_named", _("It neither mentions nor answers you, and you are not told of every message there.")


TOLD = frozenset({Why.MENTION, Why.REPLY, Why.EVERYONE, Why.PRIVATE, Why.ALL})
PERSONAL = TOLD - {Why.ALL}


class Facts(NamedTuple):
    """What the rule looks at: a message, as it is to one person. `told_of` is None for who is not in the room."""

    told_of: str | None
    is_direct: bool = False
    is_own: bool = False
    is_system: bool = False
    is_deleted: bool = False
    is_blocked: bool = False
    names_me: bool = False
    answers_me: bool = False
    names_all: bool = False


def why(facts: Facts) -> Why:
    """Return why a person is told of a message, or is not (see `TOLD`)."""
    refusals = {
        Why.OWN: facts.is_own,
        Why.SYSTEM: facts.is_system,
        Why.DELETED: facts.is_deleted,
        Why.OUTSIDE: facts.told_of is None,
        Why.BLOCKED: facts.is_blocked,
        Why.MUTED: facts.told_of == Notify.NONE,
    }
    calls = {
        Why.MENTION: facts.names_me,
        Why.REPLY: facts.answers_me,
        Why.EVERYONE: facts.names_all,
        Why.PRIVATE: facts.is_direct and facts.told_of == Notify.ALL,
        Why.ALL: facts.told_of == Notify.ALL,
    }
    return next((reason for reason, holds in (refusals | calls).items() if holds), Why.NOT_NAMED)


def told_of(room: Room, membership: Membership) -> str:
    """Return of what a member is told in a room: what was chosen, else all in private chats and small groups alone.

    A public room that one happens to be in would otherwise ring for every message.
    """
    if membership.is_notify_chosen or membership.notify != Notify.ALL or room.is_direct or room.is_group:
        return membership.notify
    return Notify.MENTIONS.value
