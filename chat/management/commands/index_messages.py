"""`manage.py index_messages`: everything that was said comes into the search index now."""

from typing import Any

from django.core.management.base import BaseCommand

from chat.actions.indexing import index_some


class Command(BaseCommand):
    """Index until nothing is left."""

    help = "Bring all messages into the search index; a server does so by itself, when nobody waits for anything else."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        indexed = 0
        while done := index_some(everywhere=True):
            indexed += done
        self.stdout.write(f"{indexed} changes indexed.")
