"""Pictures are encoded anew: without metadata, upright, in the colours of the web, no larger than screens are."""

from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from PIL import Image, ImageCms, ImageOps

from accounts.pictures import UNREADABLE, has_many_scans
from chat.uploads.animations import Frames, TooLong, frames_of

MAX_SIDE = 4096
MAX_PIXELS = 50_000_000
THUMB = (720, 540)
MAX_SMALL = 150_000
"""Bytes of a picture that is its own small one, if it fits `THUMB`."""
_ALPHA = {"LA", "RGBA", "PA", "La", "RGBa"}
_KEPT = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "GIF": "PNG", "WEBP": "WEBP", "AVIF": "WEBP"}
"""What pictures of each format are kept as."""
_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 88, "progressive": True, "optimize": True},
    "PNG": {"compress_level": 6},
    "WEBP": {"quality": 88, "method": 3},
}


class Unreadable(Exception):
    """It is no picture, or a broken one."""


class TooManyPixels(Exception):
    """It would take too much to decode."""


@dataclass(frozen=True)
class Encoded:
    """A picture as it is kept. `thumb` (WebP) is None where the picture is small itself."""

    content: bytes
    type: str
    width: int
    height: int
    is_animated: bool
    thumb: bytes | None


def encode(file: IO[bytes], decoder: str) -> Encoded:
    """Return the picture in an open file as it is kept. `decoder` is the format that it begins as.

    Raises Unreadable, or TooManyPixels from what its header says, before a pixel is decoded.
    """
    _check_canvas(file, decoder)
    formats = ("JPEG", "MPO") if decoder == "JPEG" else (decoder,)
    try:
        with Image.open(file, formats=formats) as image:
            if not 0 < image.width * image.height <= MAX_PIXELS:
                raise TooManyPixels
            if has_many_scans(image, file):
                raise Unreadable
            if decoder != "AVIF" and getattr(image, "is_animated", False) and image.format != "MPO":
                return _animated(frames_of(image))
            return _still(image)
    except (TooLong, Image.DecompressionBombError):
        raise TooManyPixels from None
    except UNREADABLE:
        raise Unreadable from None


def _check_canvas(file: IO[bytes], decoder: str) -> None:
    """Raise TooManyPixels for an extended WebP whose canvas is too large: its decoder takes the memory as it opens."""
    file.seek(0)
    head = file.read(30)
    file.seek(0)
    if decoder == "WEBP" and head[12:16] == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
        if width * height > MAX_PIXELS:
            raise TooManyPixels


def _still(image: Image.Image) -> Encoded:
    kept = _KEPT[image.format or ""]
    profile = image.info.get("icc_profile")
    image.draft(None, (MAX_SIDE, MAX_SIDE))
    image.load()
    factor = max(image.size) // MAX_SIDE
    small = image.reduce(factor) if factor > 1 and image.mode not in {"P", "1", "I", "F", "I;16"} else image
    exif = image.getexif()
    picture = _within(_in_web_colours(small, profile), (MAX_SIDE, MAX_SIDE))
    upright = _turned(picture, exif.get(0x0112, 1))
    bare = _bare(upright, kept)
    content = _saved(bare, kept, _OPTIONS[kept])
    return Encoded(content, f"image/{kept.lower()}", *bare.size, is_animated=False, thumb=_thumb(bare, len(content)))


def _animated(frames: Frames) -> Encoded:
    first, *others = frames.images
    options = {"quality": 80, "method": 2, "duration": frames.durations, "loop": frames.loop}
    content = _saved(first, "WEBP", options | {"save_all": True, "append_images": others})
    return Encoded(content, "image/webp", *first.size, is_animated=True, thumb=_thumb(first, len(content), always=True))


def _in_web_colours(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture as RGB or RGBA, its colours turned from its own profile into sRGB."""
    has_alpha = image.mode in _ALPHA or "transparency" in image.info
    if image.mode.startswith("I") or image.mode == "F":
        # 16 bits of grey: Pillow would cut the bright half off.
        image = image.point(lambda value: value / 256).convert("L")
    if profile and image.mode in {"RGB", "RGBA", "CMYK", "L"}:
        image = _from_profile(image, profile)
    return image.convert("RGBA" if has_alpha else "RGB")


def _from_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # A broken profile is worth no more than none.
        return image
    return changed or image


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.info = {"exif": exif.tobytes()} if 1 < orientation <= 8 else {}  # noqa: PLR2004 - the values of EXIF
    return ImageOps.exif_transpose(image)


def _within(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    if image.width <= box[0] and image.height <= box[1]:
        return image
    return ImageOps.contain(image, box, Image.Resampling.LANCZOS)


def _bare(image: Image.Image, kept: str) -> Image.Image:
    """Return the picture with nothing but its pixels, and without transparency where its format has none."""
    mode = "RGB" if kept == "JPEG" else image.mode
    bare = Image.new(mode, image.size, "white")
    bare.paste(image if mode == image.mode else image.convert(mode))
    return bare


def _thumb(image: Image.Image, size: int, *, always: bool = False) -> bytes | None:
    """Return a small WebP of a picture; None if it is small as it is."""
    is_small = image.width <= THUMB[0] and image.height <= THUMB[1] and size <= MAX_SMALL
    if is_small and not always:
        return None
    return _saved(_within(image, THUMB), "WEBP", {"quality": 80, "method": 4})


def _saved(image: Image.Image, kept: str, options: dict[str, Any]) -> bytes:
    content = BytesIO()
    image.save(content, kept, **options)
    return content.getvalue()
