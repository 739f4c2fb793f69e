"""What a file is called: a name that is safe to show and to save under."""

import unicodedata
from pathlib import PurePosixPath

from accounts.nicknames import is_invisible

MAX_BYTES = 255
"""Of a name in UTF-8: what file systems take."""
MAX_SUFFIX = 16
NAMELESS = "file"
_SUFFIXES: dict[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "audio/mpeg": (".mp3",),
    "audio/mp4": (".m4a", ".mp4", ".m4b"),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/webm": (".weba", ".webm"),
    "audio/wav": (".wav",),
    "audio/flac": (".flac",),
    "audio/aac": (".aac",),
    "video/mp4": (".mp4", ".m4v"),
    "video/webm": (".webm",),
    "video/ogg": (".ogv", ".ogg"),
}
"""How names of files end that are shown in place, by their types; the first is given to those that end otherwise."""
_REPLACED = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".apng", ".jfif"}

_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}
"""What browsers write in the name of a file in a form for what would end it."""


def clean_name(given: str, content_type: str) -> str:
    """Return what a file is called that came as `given`: without folders, controls, invisible and turning characters.

    At most 255 bytes; what stands after the last point stays, unless it belies `content_type`.
    """
    for escape, character in _ESCAPES.items():
        given = given.replace(escape, character)
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    visible = "".join(" " if character.isspace() else character for character in last if _is_shown(character))
    name = " ".join(visible.split()).strip(" .") if visible.strip(" .") else ""
    if last.startswith(".") and name:
        name = f".{name}"
    return _shortened(_with_suffix(name or NAMELESS, content_type))


def _is_shown(character: str) -> bool:
    if character.isspace():
        return True
    return unicodedata.category(character)[0] != "C" and not is_invisible(character)


def _with_suffix(name: str, content_type: str) -> str:
    suffixes = _SUFFIXES.get(content_type)
    suffix = PurePosixPath(name).suffix.lower()
    if suffixes is None or suffix in suffixes:
        return name
    stem = name[: -len(suffix)] if suffix in _REPLACED and content_type.startswith("image/") else name
    return f"{stem}{suffixes[0]}"


def _shortened(name: str) -> str:
    if len(name.encode()) <= MAX_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix.encode()) <= MAX_SUFFIX else ""
    stem = name[: len(name) - len(suffix)].encode()[: MAX_BYTES - len(suffix.encode())]
    return stem.decode(errors="ignore").rstrip() + suffix
