"""`manage.py verify_audit`: is the log of moderators' acts as it was written?"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.chain import as_it_stands, find_fault
from audit.models import Entry

WHY = {
    "changed": "was changed after it was written",
    "missing": "is missing",
    "cut off": "and what followed it were cut off",
    "head": "is not the one that the log says is the last",
    "beyond": "stands after the one that the log says is the last",
}


class Command(BaseCommand):
    """Check every entry; exit with 1, naming the first that was tampered with."""

    help = "Check the log of what moderators did: each entry carries the digest of the one before."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--expect", default="", help="NUMBER:DIGEST as printed by an earlier run, noted elsewhere")

    def handle(self, *_arguments: Any, expect: str, **_options: Any) -> None:
        entries, head = as_it_stands()
        checked = _Checked(expect)
        fault = find_fault(checked.pass_on(entries), head)
        if fault is not None:
            raise CommandError(f"Entry {fault.number} {WHY[fault.why]}.")
        if expect and not checked.has_expected:
            number = expect.partition(":")[0]
            raise CommandError(f"Entry {number} is not the one that was noted: the log was written anew.")
        end = f" The last is {checked.last}" if checked.last else ""
        self.stdout.write(f"{checked.count} entries, none tampered with.{end}")


class _Checked:
    """What was looked at: how many entries, the last as NUMBER:DIGEST, and whether the expected one was among them."""

    def __init__(self, expected: str) -> None:
        self._expected = expected
        self.count = 0
        self.last = ""
        self.has_expected = False

    def pass_on(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield the entries, taking note of each."""
        for entry in entries:
            self.count += 1
            self.last = f"{entry.number}:{entry.digest}"
            self.has_expected = self.has_expected or self.last == self._expected
            yield entry
