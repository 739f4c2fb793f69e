"""How entries are chained: SHA-256 over an entry's canonical JSON, with the digest of the one before in it."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from audit.models import Entry, Head

BEGINNING = "0" * 64
"""What stands before the first entry."""
_COVERED = ("number", "actor_id", "actor", "verb", "kind", "object_id", "label", "reason", "details", "previous")


class Fault(NamedTuple):
    """The first entry that is not as it was written. `why` is "changed", "missing", "cut off" or "head"."""

    number: int
    why: str


def digest_of(entry: Entry) -> str:
    """Return the hexadecimal digest that an entry must have."""
    covered = {name: getattr(entry, name) for name in _COVERED} | {"at": _utc(entry.at)}
    text = json.dumps(covered, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode()).hexdigest()


def find_fault(entries: Iterable[Entry], head: Head | None) -> Fault | None:
    """Return the first fault in `entries`, all of them in the order of their numbers; None if there is none.

    Who can write to the database can also compute digests anew, up to the head. So note `head.digest` elsewhere now
    and then: `manage.py verify_audit` prints it, and takes one to compare with.
    """
    number, previous = 0, BEGINNING
    for entry in entries:
        if entry.number != number + 1:
            return Fault(number + 1, "missing")
        if entry.previous != previous or entry.digest != digest_of(entry):
            return Fault(entry.number, "changed")
        number, previous = entry.number, entry.digest
    if head is None:
        return Fault(number, "head") if number else None
    if head.number > number:
        return Fault(number + 1, "cut off")
    if (head.number, head.digest or BEGINNING) != (number, previous):
        return Fault(number, "head")
    return None


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
