"""Let go of what nobody needs any more: unused guests, what has expired, pictures and files that nothing refers to."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.actions.upkeep import tidy


class Command(BaseCommand):
    help = __doc__

    def handle(self, *_args: Any, **_options: Any) -> None:
        tidied = tidy(everywhere=True)
        self.stdout.write(
            f"Unused guests: {tidied.guests}. Expired sign-ins: {tidied.credentials}. Pictures: {tidied.pictures}. "
            f"Files: {tidied.files}."
        )
