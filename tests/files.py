"""Files to upload, made here: no sample of anybody's is kept."""

import io
import struct
import zlib
from typing import Any

import httpx
from PIL import Image

from tests.client import Person

Frame = dict[str, Any]


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200), mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture."""
    data = io.BytesIO()
    colour: Any = {"RGB": (200, 40, 40), "RGBA": (200, 40, 40, 128), "CMYK": (0, 200, 200, 0)}.get(mode, 1)
    Image.new(mode, size, colour).save(data, kind, **options)
    return data.getvalue()


def animation(kind: str = "GIF", frames: int = 3, size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    """Return an animated picture: each frame another colour, a tenth of a second."""
    images = [Image.new("RGB", size, (number * 37 % 256, 255 - number * 53 % 256, 90)) for number in range(frames)]
    data = io.BytesIO()
    more = {"save_all": True, "append_images": images[1:], "duration": 100, "loop": 0} | options
    images[0].save(data, kind, **more)
    return data.getvalue()


def bomb(side: int = 50_000) -> bytes:
    """Return a PNG of a few bytes that says it has `side` × `side` pixels."""
    data = picture()
    header = b"IHDR" + side.to_bytes(4, "big") * 2 + data[24:29]
    return data[:12] + header + zlib.crc32(header).to_bytes(4, "big") + data[33:]


def webp_bomb() -> bytes:
    """Return an extended WebP whose canvas has 268 megapixels."""
    side = (16_383).to_bytes(3, "little")
    chunk = b"VP8X" + (10).to_bytes(4, "little") + b"\x02\0\0\0" + side + side
    return b"RIFF" + (len(chunk) + 4).to_bytes(4, "little") + b"WEBP" + chunk


def sound(kind: str) -> bytes:
    """Return the beginning of a sound file, as its format has it, and silence."""
    return {
        "mp3": b"ID3\x04\0\0\0\0\0\0" + (b"\xff\xfb\x90\x64" + b"\0" * 413) * 4,
        "bare mp3": (b"\xff\xfb\x90\x64" + b"\0" * 413) * 4,
        "aac": (b"\xff\xf1\x50\x80\x0c\x9f\xfc" + b"\0" * 93) * 4,
        "flac": b"fLaC\0\0\0\x22" + b"\0" * 400,
        "wav": b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + b"\0" * 400,
        "ogg": b"OggS\0\x02" + b"\0" * 20 + b"\x01\x13OpusHead\x01" + b"\0" * 400,
        "m4a": box(b"ftyp", b"M4A \0\0\0\0") + box(b"mdat", b"\0" * 400),
        "voice": mp4(b"soun"),
        "webm": b"\x1a\x45\xdf\xa3\x93\x42\x82\x84webm" + b"\0" * 40 + b"\x86\x86A_OPUS" + b"\0" * 400,
    }[kind]


def video(kind: str) -> bytes:
    """Return the beginning of a video file, as its format has it."""
    return {
        "mp4": mp4(b"soun", b"vide"),
        "webm": b"\x1a\x45\xdf\xa3\x93\x42\x82\x84webm" + b"\0" * 40 + b"\x86\x85V_VP9" + b"\0" * 400,
        "ogv": b"OggS\0\x02" + b"\0" * 20 + b"\x01\x2a\x80theora" + b"\0" * 400,
    }[kind]


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box of an MP4 file (ISO 14496-12)."""
    content = b"".join(parts)
    return struct.pack(">I", len(content) + 8) + kind + content


def mp4(*handlers: bytes, size: tuple[int, int] = (640, 360), turned: bool = False) -> bytes:
    """Return an MP4 file with a track for each handler, and the description of them at its end, as cameras write it."""
    matrix = struct.pack(
        ">9i", *((0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30) if turned else (65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30))
    )
    tracks = []
    for handler in handlers:
        shown = size if handler == b"vide" else (0, 0)
        header = box(b"tkhd", b"\0" * 40, matrix, struct.pack(">2I", *(side << 16 for side in shown)))
        media = box(b"mdia", box(b"mdhd", b"\0" * 24), box(b"hdlr", b"\0" * 8, handler, b"\0" * 13))
        tracks.append(box(b"trak", header, media))
    return (
        box(b"ftyp", b"isom\0\0\2\0isomiso2")
        + box(b"mdat", b"\0" * 5000)
        + box(b"moov", box(b"mvhd", b"\0" * 100), *tracks)
    )


async def send_file(person: Person, content: bytes, name: str = "file.bin", **fields: str) -> httpx.Response:
    """Upload a file and return the answer."""
    return await person.http.post("/api/v1/uploads/", files={"file": (name, content)}, data=fields)


async def upload(person: Person, content: bytes | None = None, name: str = "photo.png", **fields: str) -> Frame:
    """Upload a file, by default a small picture, and return ATTACHMENT."""
    response = await send_file(person, picture() if content is None else content, name, **fields)
    assert response.is_success, response.text
    frame: Frame = response.json()
    return frame
