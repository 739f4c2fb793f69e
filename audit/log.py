"""Acts are written down: who, what, when, why."""

from collections.abc import Iterable
from datetime import timedelta
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
        head = _locked_head()
        name = _kind_of(thing)
        entry = Entry(
            number=head.number + 1,
            at=timezone.now(),
            actor_id=actor.pk if actor else None,
            actor=actor.nickname if actor else "",
            verb=verb.value,
            kind=name,
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


def record_once(actor: Actor, verb: Verb, things: Iterable[Thing], within: timedelta) -> list[Entry]:
    """Write down that `actor` did `verb` to each of `things`, unless that was written down `within` this time; return
    the new entries.

    Where there is nothing to write, as mostly, that costs one query and waits for nobody.
    """
    if not _not_written(actor, verb, wanted := list(things), within):
        return []
    with write_transaction():
        # Of two who ask at once the second finds what the first has written.
        _locked_head()
        return [record(actor, verb, thing) for thing in _not_written(actor, verb, wanted, within)]


def _not_written(actor: Actor, verb: Verb, things: list[Thing], within: timedelta) -> list[Thing]:
    lately = Entry.objects.filter(actor_id=actor.pk, verb=verb, at__gt=timezone.now() - within)
    written = set(lately.values_list("kind", "object_id")) if things else set()
    return [thing for thing in things if (_kind_of(thing), str(thing.pk)) not in written]


def _locked_head() -> Head:
    Head.objects.get_or_create(pk=1)
    return Head.objects.select_for_update().get(pk=1)


def _kind_of(thing: Thing | None) -> str:
    name = str(thing._meta.model_name) if thing is not None else "site"  # type: ignore[attr-defined]  # a model
    return _KINDS.get(name, name)


def _has_fraction(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_fraction, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_fraction, value))
    return isinstance(value, float)
