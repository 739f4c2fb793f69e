"""Pictures that people upload: taken in safely, kept small, shown under names that nobody guesses."""

import re
import secrets
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.errors import ChatError, RateLimited
from accounts.models import User

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SCANS = 50
"""Of a progressive JPEG: cameras make ten. Each of them, be it of sixty bytes, goes over all pixels again."""
SIDE = 256
FOLDER = "pictures"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
UNREADABLE = (
    UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError, KeyError,
    TypeError, IndexError, OverflowError, MemoryError, ZeroDivisionError, struct.error, zlib.error,
)  # fmt: skip
"""Decoders raise almost anything at what pretends to be a picture."""
_START_OF_SCAN = b"\xff\xda"
# Decoded, one may take 320 MB.
_decoders = threading.BoundedSemaphore(2)
DECODER_SECONDS = 20.0


def store_picture(file: Any) -> str:
    """Store an uploaded picture as a square of 256 pixels without metadata; return its token.

    `file` is a Django UploadedFile: PNG, JPEG, WebP or GIF (its first image), at most 8 MB and 40 megapixels.
    Raises ChatError: `too_large`, `invalid` with `fields` for what is no such picture, RateLimited where too many wait.
    """
    if file.size > MAX_BYTES:
        raise ChatError("too_large", _("A picture has at most 8 MB."), 413)
    with decoder():
        encoded = _encode(file)
    token = secrets.token_urlsafe(16)
    default_storage.save(_path(token), ContentFile(encoded))
    return token


def picture_url(token: str) -> str:
    """Return the path under which the picture with that token is shown."""
    return reverse("picture", args=[token])


def read_picture(token: str) -> bytes | None:
    """Return a stored picture (WebP); None if there is none."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        with default_storage.open(_path(token)) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def in_use(tokens: set[str]) -> set[str]:
    """Return which of these pictures, by token, people have."""
    return set(User.objects.filter(picture__in=tokens).values_list("picture", flat=True))


def stored_before(moment: datetime) -> list[str]:
    """Return the tokens of the pictures that were stored before then."""
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return []
    tokens = [name.removesuffix(".webp") for name in names]
    return [token for token in tokens if _TOKEN.fullmatch(token) and _is_older(token, moment)]


def remove_picture(token: str) -> None:
    """Remove a stored picture for good."""
    default_storage.delete(_path(token))


def _invalid(sentence: str) -> ChatError:
    return ChatError("invalid", sentence, 400, fields={"file": [sentence]})


def _path(token: str) -> str:
    return f"{FOLDER}/{token}.webp"


def _is_older(token: str, moment: datetime) -> bool:
    try:
        return default_storage.get_modified_time(_path(token)) < moment
    except FileNotFoundError:
        return False


@contextmanager
def decoder() -> Iterator[None]:
    """Take one of the two places for decoding a picture. Raises RateLimited where none is free within 20 seconds."""
    if not _decoders.acquire(timeout=DECODER_SECONDS):
        raise RateLimited(DECODER_SECONDS)
    try:
        yield
    finally:
        _decoders.release()


def _encode(file: IO[bytes]) -> bytes:
    try:
        with Image.open(file, formats=FORMATS) as image:
            _check_effort(image, file)
            square = _square(image)
    except UNREADABLE:
        raise _invalid(_("This is not a picture that can be read: PNG, JPEG, WebP or GIF.")) from None
    encoded = BytesIO()
    _without_metadata(square).save(encoded, "WEBP", quality=85, method=4)
    return encoded.getvalue()


def _check_effort(image: Image.Image, file: IO[bytes]) -> None:
    """Raise ChatError for what would take too much to decode: its size stands before the pixels."""
    if not 0 < image.width * image.height <= MAX_PIXELS:
        raise _invalid(_("A picture has at most 40 megapixels."))
    if has_many_scans(image, file):
        raise _invalid(_("This is not a picture that can be read: PNG, JPEG, WebP or GIF."))


def has_many_scans(image: Image.Image, file: IO[bytes]) -> bool:
    """Tell whether a JPEG goes over its pixels more often than any camera makes it."""
    return image.format in {"JPEG", "MPO"} and _count(file, _START_OF_SCAN) > MAX_SCANS


def _count(file: IO[bytes], mark: bytes) -> int:
    position = file.tell()
    file.seek(0)
    count = file.read().count(mark)
    file.seek(position)
    return count


def _square(image: Image.Image) -> Image.Image:
    image.draft("RGB", (2 * SIDE, 2 * SIDE))
    if image.mode not in {"L", "LA", "RGB", "RGBA", "CMYK"}:
        image = image.convert("RGBA")
    # Only what is small is turned and resampled well: that takes several copies.
    small = image.reduce(max(1, min(image.size) // (2 * SIDE)))
    upright = ImageOps.exif_transpose(small).convert("RGBA")
    return ImageOps.fit(upright, (SIDE, SIDE), Image.Resampling.LANCZOS)


def _without_metadata(image: Image.Image) -> Image.Image:
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare
