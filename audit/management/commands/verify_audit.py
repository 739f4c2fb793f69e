"""`manage.py verify_audit`: is the log of moderators' acts as it was written?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.chain import find_fault
from audit.models import Entry, Head

WHY = {
    "changed": "was changed after it was written",
    "missing": "is missing",
    "cut off": "and what followed it were cut off",
    "head": "is not the one that the log says is the last",
}


class Command(BaseCommand):
    """Check every entry; exit with 1, naming the first that was tampered with."""

    help = "Check the log of what moderators did: each entry carries the digest of the one before."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--expect", default="", help="NUMBER:DIGEST as printed by an earlier run, noted elsewhere")

    def handle(self, *_arguments: Any, expect: str, **_options: Any) -> None:
        # The head first, and no further than that: acts go on meanwhile.
        head = Head.objects.filter(pk=1).first()
        entries = Entry.objects.order_by("number")
        entries = entries.filter(number__lte=head.number) if head is not None else entries
        fault = find_fault(entries.iterator(chunk_size=1000), head)
        if fault is not None:
            raise CommandError(f"Entry {fault.number} {WHY[fault.why]}.")
        if expect:
            number, _, digest = expect.partition(":")
            if not Entry.objects.filter(number=int(number) if number.isdecimal() else 0, digest=digest).exists():
                raise CommandError(f"Entry {number} is not the one that was noted: the log was written anew.")
        last = Entry.objects.first()
        end = f" The last is {last.number}:{last.digest}" if last else ""
        self.stdout.write(f"{Entry.objects.count()} entries, none tampered with.{end}")
