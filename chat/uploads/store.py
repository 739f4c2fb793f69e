"""Where files are kept: in Django's default storage, a folder a day, under names that nobody guesses."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage

ROOT = "files"
THUMB = ".thumb"


def save(folder: str, token: str, content: "File[Any]", thumb: "File[Any] | None") -> None:
    """Store a file, and the small picture of it if there is one; nothing is left where that fails."""
    try:
        default_storage.save(path_of(folder, token), content)
        if thumb is not None:
            default_storage.save(path_of(folder, token, is_thumb=True), thumb)
    except BaseException:
        with suppress(Exception):
            remove(folder, token)
        raise


def open_file(folder: str, token: str, *, is_thumb: bool = False) -> IO[bytes]:
    """Open what is stored. Raises FileNotFoundError."""
    opened: Any = default_storage.open(path_of(folder, token, is_thumb=is_thumb))
    return opened  # type: ignore[no-any-return]


def remove(folder: str, token: str) -> None:
    """Remove a file, and the small picture of it, for good. What is not there is passed over."""
    for is_thumb in (True, False):
        default_storage.delete(path_of(folder, token, is_thumb=is_thumb))


def folders() -> list[str]:
    """Return the names of the folders, a day each, the oldest first."""
    try:
        names, _files = default_storage.listdir(ROOT)
    except FileNotFoundError:
        return []
    return sorted(name for name in names if _is_day(name))


def stored_before(folder: str, moment: datetime) -> Iterator[str]:
    """Yield the tokens of what was stored in a folder before then."""
    _folders, names = default_storage.listdir(f"{ROOT}/{folder}")
    for token, name in sorted({name.removesuffix(THUMB): name for name in names}.items()):
        with suppress(FileNotFoundError):
            if default_storage.get_modified_time(f"{ROOT}/{folder}/{name}") < moment:
                yield token


def path_of(folder: str, token: str, *, is_thumb: bool = False) -> str:
    """Return where something stands in the storage."""
    return f"{ROOT}/{folder}/{token}{THUMB if is_thumb else ''}"


def _is_day(name: str) -> bool:
    try:
        date.fromisoformat(name)
    except ValueError:
        return False
    return True
