"""`manage.py messages`: the texts of the site and their Chinese translations."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Updates locale/zh_Hans from the sources, or checks it."""

    help = "Merge the texts of the sources into locale/zh_Hans and compile it; with --check, only say what is wrong."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --check and --fill."""
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--check", action="store_true", help="write nothing; fail if something is not translated")
        group.add_argument(
            "--fill",
            metavar="FILE",
            help="also fill in empty translations from lines “msgid<TAB>中文” (plurals “singular|plural<TAB>中文”)",
        )

    def handle(self, *_args: Any, check: bool = False, fill: str | None = None, **_options: Any) -> None:
        """Check if `check`, otherwise update, with the translations in the file `fill` if there is one."""
        try:
            from chatsite import translations  # noqa: PLC0415 - Babel is there for developers alone
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "babel":
                raise
            raise CommandError("This needs Babel: pip install -r requirements-dev.txt") from error
        root = Path(settings.BASE_DIR)
        try:
            if check:
                self._check(translations.problems(root))
                return
            given = translations.read_fill(Path(fill).read_text(encoding="utf-8-sig")) if fill else {}
            summaries = translations.update(root, given)
        except (translations.ExtractionError, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        for domain, summary in summaries.items():
            self.stdout.write(f"{domain}: {summary.texts} texts, {summary.untranslated} untranslated")
        for line in given:
            if all(line in summary.unused for summary in summaries.values()):
                self.stderr.write(f"no such text: {line}")

    def _check(self, problems: list[str]) -> None:
        """Fail with the list of `problems` if there are any."""
        if problems:
            raise CommandError("\n".join([*problems, f"{len(problems)} problems; see `manage.py messages`."]))
        self.stdout.write("Everything is translated.")
