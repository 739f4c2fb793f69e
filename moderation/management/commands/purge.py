"""`manage.py purge`: remove for good what was deleted long enough ago."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from moderation.actions.purge import purge


class Command(BaseCommand):
    """Say what is removed; with --dry-run remove nothing."""

    help = "Remove for good what was deleted or taken down more than CHATSITE_KEEP_DAYS (30) days ago."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=settings.KEEP_DAYS)
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *_arguments: Any, days: int, dry_run: bool, **_options: Any) -> None:
        if days < 0:
            raise CommandError("--days is 0 or more.")
        purged = purge(timezone.now() - timedelta(days=days), really=not dry_run)
        self.stdout.write(
            f"{'Would remove' if dry_run else 'Removed'} for good: the texts of {purged.messages} messages, "
            f"{purged.files} files, {purged.quotes} quotes in closed reports, {purged.held} held messages, "
            f"{purged.addresses} addresses of newcomers."
        )
