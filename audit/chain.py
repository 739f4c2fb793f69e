"""How entries are chained: SHA-256 over an entry's canonical JSON, with the digest of the one before in it."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import Subquery

from audit.models import Entry, Head

BEGINNING = "0" * 64
"""What stands before the first entry."""
AT_ONCE = 1000
"""Entries that are fetched at a time."""
_COVERED = ("number", "actor_id", "actor", "verb", "kind", "object_id", "label", "reason", "details", "previous")


class Fault(NamedTuple):
    """The first entry that is not as it was written. `why` is "changed", "missing", "cut off", "head" or "beyond"."""

    number: int
    why: str


def digest_of(entry: Entry) -> str:
    """Return the hexadecimal digest that an entry must have."""
    covered = {name: getattr(entry, name) for name in _COVERED} | {"at": _utc(entry.at)}
    text = json.dumps(covered, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode()).hexdigest()


def as_it_stands() -> tuple[Iterator[Entry], Head | None]:
    """Return all entries in the order of their numbers, and the head, as they were at one moment.

    One statement reads both, which either database answers from what was stored when it began (SQLite in WAL mode): an
    act that is written meanwhile, its entry and the head at once, is in neither. So what is beyond that head is forged.
    """
    heads = Head.objects.filter(pk=1)
    # For a log without entries; of a head that is read before them none may be missing.
    earlier = heads.first()
    columns = {"head_number": Subquery(heads.values("number")), "head_digest": Subquery(heads.values("digest"))}
    entries = Entry.objects.order_by("number").annotate(**columns).iterator(chunk_size=AT_ONCE)
    first: Any = next(entries, None)
    if first is None:
        return iter(()), earlier
    head = Head(number=first.head_number, digest=first.head_digest) if first.head_number is not None else None
    return chain([first], entries), head


def find_fault(entries: Iterable[Entry], head: Head | None) -> Fault | None:
    """Return the first fault in `entries`, all of them in the order of their numbers; None if there is none.

    Who can write to the database can also compute digests anew, up to the head. So note `head.digest` elsewhere now
    and then: `manage.py verify_audit` prints it, and takes one to compare with.
    """
    number, previous = 0, BEGINNING
    for entry in entries:
        if head is not None and number == head.number:
            return _fault_of(head, number, previous) or Fault(entry.number, "beyond")
        if entry.number != number + 1:
            return Fault(number + 1, "missing")
        if entry.previous != previous or entry.digest != digest_of(entry):
            return Fault(entry.number, "changed")
        number, previous = entry.number, entry.digest
    if head is None:
        return Fault(number, "head") if number else None
    if head.number > number:
        return Fault(number + 1, "cut off")
    return _fault_of(head, number, previous)


def _fault_of(head: Head, number: int, digest: str) -> Fault | None:
    is_last = (head.number, head.digest or BEGINNING) == (number, digest)
    return None if is_last else Fault(number, "head")


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
