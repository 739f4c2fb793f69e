"""Which part of a file is asked for (RFC 9110, sections 13 and 14)."""

import re
from typing import NamedTuple

_ONE_RANGE = re.compile(r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))[ \t]*")
_TAGS = re.compile(r'(?:W/)?("[^"]*")')


class Part(NamedTuple):
    """The bytes `start` to `end`, the last included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return self.end - self.start + 1


class Unsatisfiable(Exception):
    """The file has no such part."""


def part_of(size: int, asked: str | None, if_range: str | None, etag: str) -> Part | None:
    """Return which part of a file of `size` bytes is meant by a Range header; None for the whole file.

    What is no range, several ranges, and a range of a file that is not `if_range` any more, mean the whole.
    Raises Unsatisfiable.
    """
    match = _ONE_RANGE.fullmatch(asked or "")
    if match is None or (if_range is not None and if_range.strip() != etag):
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size - 1
    else:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
        if last and int(last) < int(first):
            return None
    if start >= size or (suffix is not None and not int(suffix)):
        raise Unsatisfiable
    return Part(start, end)


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Tell whether who asks has the file already."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in _TAGS.findall(if_none_match)
