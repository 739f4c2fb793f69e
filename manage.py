#!/usr/bin/env python
"""Django's command line: `python manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - it may be missing
    except ImportError as error:
        raise SystemExit("Django is not installed here: `make run` sets everything up.") from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
