"""What a file is, by what is in it: a name or a claimed type says nothing.

Only what browsers play and show without running anything in it has a type of its own. All else, SVG and HTML too, is
`application/octet-stream`, which is saved and never shown.
"""

import re
from collections.abc import Callable
from typing import IO, NamedTuple

from chat.models import AttachmentKind
from chat.uploads.boxes import tracks_of

HEAD = 64 * 1024
"""Bytes at the beginning that are looked at."""
UNKNOWN = "application/octet-stream"
_PICTURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (8, b"WEBP", "WEBP"),
)
_AVIF = {b"avif", b"avis"}
_MP4 = re.compile(rb"isom|iso[2-9]|mp4[12]|mp71|avc1|dash|M4V[ HP]|M4VP|MSNV|3gp[4-9]|3g2[a-c]|f4v |cmf[c2]")
_M4A = {b"M4A ", b"M4B ", b"M4P "}
_MPEG_LAYER_3 = re.compile(rb"\xff[\xf2\xf3\xfa\xfb]..", re.DOTALL)
_ADTS = re.compile(rb"\xff[\xf0\xf1\xf8\xf9]")


class Kind(NamedTuple):
    """What a file is. `picture` names the decoder that it must get through; "" for what is kept as it is."""

    kind: str
    type: str
    picture: str = ""
    width: int | None = None
    height: int | None = None


FILE = Kind(AttachmentKind.FILE, UNKNOWN)


def kind_of(file: IO[bytes]) -> Kind:
    """Return what an open file is; it is left at its beginning."""
    file.seek(0)
    head = file.read(HEAD)
    found = _picture(head) or _sound_or_video(head, file) or FILE
    file.seek(0)
    return found


def _picture(head: bytes) -> Kind | None:
    for offset, magic, decoder in _PICTURES:
        if head.startswith(magic, offset) and (decoder != "WEBP" or head.startswith(b"RIFF")):
            return Kind(AttachmentKind.IMAGE, "", decoder)
    if head[4:8] == b"ftyp" and head[8:12] in _AVIF:
        return Kind(AttachmentKind.IMAGE, "", "AVIF")
    return None


def _sound_or_video(head: bytes, file: IO[bytes]) -> Kind | None:
    if head[4:8] == b"ftyp":
        return _mp4(head, file)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _webm(head)
    if head.startswith(b"OggS"):
        return _ogg(head)
    return _sound_alone(head)


def _sound_alone(head: bytes) -> Kind | None:
    if head.startswith(b"fLaC"):
        return _sound("flac")
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return _sound("wav")
    if head.startswith(b"ID3") or _frames_follow(head, _MPEG_LAYER_3, _mpeg_frame):
        return _sound("mpeg")
    return _sound("aac") if _frames_follow(head, _ADTS, _adts_frame) else None


def _sound(name: str) -> Kind:
    return Kind(AttachmentKind.AUDIO, f"audio/{name}")


def _mp4(head: bytes, file: IO[bytes]) -> Kind | None:
    brand = head[8:12]
    if brand in _M4A:
        return _sound("mp4")
    if not _MP4.fullmatch(brand):
        return None
    tracks = tracks_of(file)
    if tracks.has_sound and not tracks.has_picture:
        return _sound("mp4")
    return Kind(AttachmentKind.VIDEO, "video/mp4", "", tracks.width, tracks.height)


def _webm(head: bytes) -> Kind | None:
    if b"webm" not in head[:64]:
        return None
    return Kind(AttachmentKind.VIDEO, "video/webm") if re.search(rb"V_(VP[89]|AV1)", head) else _sound("webm")


def _ogg(head: bytes) -> Kind | None:
    if b"\x80theora" in head or b"OVP80" in head:
        return Kind(AttachmentKind.VIDEO, "video/ogg")
    return _sound("ogg") if re.search(rb"OpusHead|\x01vorbis|\x7fFLAC|Speex   ", head) else None


def _frames_follow(head: bytes, mark: "re.Pattern[bytes]", length_of: Callable[[bytes], int]) -> bool:
    """Tell whether the file begins with three frames, each where the one before says: two bytes alone are chance."""
    at = 0
    for _frame in range(3):
        if not mark.match(head, at):
            return False
        length = length_of(head[at : at + 7])
        if length <= _SHORTEST:
            return False
        at += length
    return True


def _mpeg_frame(header: bytes) -> int:
    """Return the bytes of an MPEG layer III frame (ISO 11172-3, 2.4.1.3) with that header; 0 if there is none such."""
    rate, hertz, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if rate in (0, 15) or hertz == 3:  # noqa: PLR2004 - reserved values
        return 0
    is_version_1 = bool(header[1] & 8)
    kilobits, samples = (_RATES_1, 144) if is_version_1 else (_RATES_2, 72)
    return samples * kilobits[rate - 1] * 1000 // (_HERTZ[hertz] // (1 if is_version_1 else 2)) + padding


def _adts_frame(header: bytes) -> int:
    """Return the bytes of an AAC frame (ISO 13818-7, 6.2) with that header."""
    return (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5 if len(header) == 7 else 0  # noqa: PLR2004


_SHORTEST = 20
_HERTZ = (44_100, 48_000, 32_000)
_RATES_1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
