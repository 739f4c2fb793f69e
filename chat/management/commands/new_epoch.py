"""Tells every client to start over, by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from chat.actions.epochs import start_new_epoch


class Command(BaseCommand):
    help = "Give the database a new epoch: every client throws away what it holds (after restoring a backup)."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(start_new_epoch())
