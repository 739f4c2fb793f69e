"""Acts are written down: who, what, when, why."""

from typing import Any, Protocol

from django.utils import timezone

from audit.chain import BEGINNING, digest_of
from audit.models import Entry, Head, Verb
from database.transactions import write_transaction

LABEL_LENGTH = 200


class Actor(Protocol):
    """Who did it: a user."""

    pk: Any
    nickname: str


class Thing(Protocol):
    """What it was done to: a row. It is called what `str` says."""

    pk: Any


_KINDS = {"user": "person"}


def record(
    actor: Actor | None, verb: Verb, thing: Thing | None, reason: str = "", *, label: str = "", **details: Any
) -> Entry:
    """Write down that `actor` (None: the site itself) did `verb` to `thing`; return the entry.

    `details` is JSON without fractions, which one database stores otherwise than another (ValueError). Last in the
    transaction of the act: everybody's acts wait for each other from here on.
    """
    if _has_fraction(details):
        raise ValueError("A fraction cannot be part of a digest.")
    with write_transaction():
        Head.objects.get_or_create(pk=1)
        head = Head.objects.select_for_update().get(pk=1)
        name = str(thing._meta.model_name) if thing is not None else "site"  # type: ignore[attr-defined]  # a model
        entry = Entry(
            number=head.number + 1,
            at=timezone.now(),
            actor_id=actor.pk if actor else None,
            actor=actor.nickname if actor else "",
            verb=verb.value,
            kind=_KINDS.get(name, name),
            object_id=str(thing.pk) if thing is not None else "",
            label=(label or (str(thing) if thing is not None else ""))[:LABEL_LENGTH],
            reason=reason,
            details=details,
            previous=head.digest or BEGINNING,
        )
        entry.digest = digest_of(entry)
        entry.save(force_insert=True)
        head.number, head.digest = entry.number, entry.digest
        head.save()
    return entry


def _has_fraction(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_fraction, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_fraction, value))
    return isinstance(value, float)
