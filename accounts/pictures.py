"""Pictures that people upload: taken in safely, kept small, shown under names that nobody guesses."""

import re
import secrets
import threading
from io import BytesIO
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.errors import ChatError
from accounts.models import User

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIDE = 256
FOLDER = "pictures"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
# Decoded, one may take 160 MB.
_decoders = threading.BoundedSemaphore(2)


def store_picture(file: Any) -> str:
    """Store an uploaded picture as a square of 256 pixels without metadata; return its token.

    `file` is a Django UploadedFile: PNG, JPEG, WebP or GIF (its first image), at most 8 MB and 40 megapixels.
    Raises ChatError: `too_large`, or `invalid` with `fields` for what is no such picture.
    """
    if file.size > MAX_BYTES:
        raise ChatError("too_large", _("A picture has at most 8 MB."), 413)
    with _decoders:
        encoded = _encode(file)
    token = secrets.token_urlsafe(16)
    default_storage.save(_path(token), ContentFile(encoded))
    return token


def picture_url(token: str) -> str:
    """Return the path under which the picture with that token is shown."""
    return reverse("picture", args=[token])


def read_picture(token: str) -> bytes | None:
    """Return a stored picture (WebP); None if there is none."""
    if not _TOKEN.fullmatch(token) or not default_storage.exists(_path(token)):
        return None
    with default_storage.open(_path(token)) as file:
        return bytes(file.read())


def in_use(tokens: set[str]) -> set[str]:
    """Return which of these pictures, by token, people have."""
    return set(User.objects.filter(picture__in=tokens).values_list("picture", flat=True))


def stored_pictures() -> list[str]:
    """Return the tokens of all stored pictures."""
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return []
    return [name.removesuffix(".webp") for name in names if _TOKEN.fullmatch(name.removesuffix(".webp"))]


def stored_at(token: str) -> Any:
    """Return when a picture was stored."""
    return default_storage.get_modified_time(_path(token))


def remove_picture(token: str) -> None:
    """Remove a stored picture for good."""
    default_storage.delete(_path(token))


def _invalid(sentence: str) -> ChatError:
    return ChatError("invalid", sentence, 400, fields={"file": [sentence]})


def _path(token: str) -> str:
    return f"{FOLDER}/{token}.webp"


def _encode(file: IO[bytes]) -> bytes:
    # The size stands before the pixels: a bomb is refused before anything of it is decoded.
    try:
        with Image.open(file, formats=FORMATS) as image:
            if not 0 < image.width * image.height <= MAX_PIXELS:
                raise _invalid(_("A picture has at most 40 megapixels."))
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            upright = ImageOps.exif_transpose(image)
            square = ImageOps.fit(upright.convert("RGBA"), (SIDE, SIDE), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError, KeyError,
            TypeError, IndexError, OverflowError, MemoryError, ZeroDivisionError):  # fmt: skip
        # Decoders raise almost anything at what pretends to be a picture.
        raise _invalid(_("This is not a picture that can be read: PNG, JPEG, WebP or GIF.")) from None
    encoded = BytesIO()
    _without_metadata(square).save(encoded, "WEBP", quality=85, method=4)
    return encoded.getvalue()


def _without_metadata(image: Image.Image) -> Image.Image:
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare
