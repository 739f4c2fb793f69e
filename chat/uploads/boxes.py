"""What tracks an MP4 file has (ISO 14496-12): whether there is a picture to see, and how large it is."""

import os
from collections.abc import Iterator
from typing import IO, NamedTuple

MAX_BOXES = 1000
"""Boxes looked at on one level."""
MAX_MOOV = 8 * 1024 * 1024
"""Bytes of the box that describes the tracks; what is longer is not looked at."""
MAX_SIDE = 16_384
_HEADER, _LONG_HEADER = 8, 16


class Tracks(NamedTuple):
    """What was found. The size is that of the picture as it is shown, where that is known."""

    has_sound: bool = False
    has_picture: bool = False
    width: int | None = None
    height: int | None = None


def tracks_of(file: IO[bytes]) -> Tracks:
    """Return what tracks an open MP4 file says that it has."""
    moov = _moov(file)
    sound = picture = False
    size: tuple[int | None, int | None] = (None, None)
    for kind, track in _boxes(moov):
        if kind != b"trak":
            continue
        inside = dict(_boxes(track))
        handler = dict(_boxes(inside.get(b"mdia", b""))).get(b"hdlr", b"")[8:12]
        sound |= handler == b"soun"
        if handler == b"vide":
            picture = True
            size = _size(inside.get(b"tkhd", b""))
    return Tracks(sound, picture, *size)


def _moov(file: IO[bytes]) -> bytes:
    end = file.seek(0, os.SEEK_END)
    at = 0
    for _box in range(MAX_BOXES):
        file.seek(at)
        header = file.read(_LONG_HEADER)
        length = _length(header, end - at)
        if length < _HEADER:
            break
        if header[4:8] == b"moov":
            file.seek(at + _HEADER)
            return file.read(length - _HEADER) if length <= MAX_MOOV else b""
        at += length
    return b""


def _length(header: bytes, rest: int) -> int:
    """Return how long a box is that begins with `header`; 0 if it cannot be."""
    if len(header) < _HEADER:
        return 0
    length = int.from_bytes(header[:4])
    if length == 1:
        length = int.from_bytes(header[8:16])
    return (length or rest) if length <= rest else 0


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _box in range(MAX_BOXES):
        length = _length(content[at : at + _LONG_HEADER], len(content) - at)
        if length < _HEADER:
            return
        yield content[at + 4 : at + 8], content[at + _HEADER : at + length]
        at += length


def _size(header: bytes) -> tuple[int | None, int | None]:
    """Return width and height of a track header: 16.16 numbers at its end, after a matrix that may turn it."""
    width, height = int.from_bytes(header[-8:-6]), int.from_bytes(header[-4:-2])
    matrix = header[-44:-8]
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE) or len(matrix) < 36:  # noqa: PLR2004 - nine numbers
        return None, None
    is_turned = not any(matrix[:4])
    return (height, width) if is_turned else (width, height)
