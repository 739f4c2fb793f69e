"""Makes the data folder ready for serving: the database's tables, and the static files."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring the database up to date and collect the static files; does nothing where nothing changed."
    requires_migrations_checks = False

    def handle(self, *_args: Any, **_options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        mark = Path(settings.STATIC_ROOT) / ".fingerprint"
        found = _fingerprint()
        if not mark.exists() or mark.read_text() != found:
            call_command("collectstatic", verbosity=0, interactive=False, clear=True, ignore_patterns=["redoc"])
            mark.write_text(found)


def _fingerprint() -> str:
    """Return a digest of the names, sizes and times of all static files, wherever they come from."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: str(found[0])):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
