"""What a file is and what it is called: by its content, and as is safe to save."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.uploads.kinds import FILE, kind_of
from chat.uploads.names import MAX_BYTES, clean_name
from tests.files import box, mp4, picture, sound, video


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("mp3", "audio/mpeg"), ("bare mp3", "audio/mpeg"), ("aac", "audio/aac"), ("flac", "audio/flac"),
        ("wav", "audio/wav"), ("ogg", "audio/ogg"), ("m4a", "audio/mp4"), ("voice", "audio/mp4"),
        ("webm", "audio/webm"),
    ],
)  # fmt: skip
def test_sounds_are_known_by_their_content(name: str, content_type: str) -> None:
    kind = kind_of(io.BytesIO(sound(name)))
    assert (kind.kind, kind.type) == ("audio", content_type)


@pytest.mark.parametrize(("name", "content_type"), [("mp4", "video/mp4"), ("webm", "video/webm"), ("ogv", "video/ogg")])
def test_videos_are_known_by_their_content(name: str, content_type: str) -> None:
    kind = kind_of(io.BytesIO(video(name)))
    assert (kind.kind, kind.type) == ("video", content_type)


def test_a_video_says_how_large_it_is_shown() -> None:
    upright = kind_of(io.BytesIO(mp4(b"vide", size=(1920, 1080), turned=True)))
    assert (upright.width, upright.height) == (1080, 1920)
    flat = kind_of(io.BytesIO(mp4(b"soun", b"vide", size=(1920, 1080))))
    assert (flat.width, flat.height) == (1920, 1080)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_pictures_are_known_by_their_content(kind: str) -> None:
    assert kind_of(io.BytesIO(picture(kind))).picture == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\xff\xfb\x90\x64 two bytes alone are chance",
        b"RIFF\0\0\0\0AVI LIST",
        b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska" + b"\0" * 100,
        b"OggS\0\x02" + b"\0" * 200,
        box(b"ftyp", b"heic\0\0\0\0"),
        box(b"ftyp", b"qt  \0\0\0\0"),
        picture("BMP"),
        picture("TIFF"),
    ],
)
def test_all_else_is_a_file_that_nobody_shows(content: bytes) -> None:
    assert kind_of(io.BytesIO(content)) == FILE


@given(st.binary(max_size=200))
def test_no_bytes_after_a_beginning_that_is_known_break_it(rest: bytes) -> None:
    for head in (
        b"\0\0\0\x10ftypisom",
        b"\xff\xfb\x90\x64",
        b"\xff\xf1\x50\x80",
        b"OggS",
        b"RIFF",
        b"\x1a\x45\xdf\xa3webm",
    ):
        kind_of(io.BytesIO(head + rest))
        kind_of(io.BytesIO(box(b"ftyp", b"isom") + box(b"moov", rest) + rest))


@pytest.mark.parametrize(
    ("given_name", "content_type", "kept"),
    [
        ("report.pdf", "application/octet-stream", "report.pdf"),
        ("报告 (终).pdf", "application/octet-stream", "报告 (终).pdf"),
        ("../../etc/passwd", "application/octet-stream", "passwd"),
        ("C:\\Users\\ann\\photo.JPG", "image/jpeg", "photo.JPG"),
        ("a\nb\tc\x00d\x7f.txt", "application/octet-stream", "a b cd.txt"),
        ("harmless\u202etxt.exe", "application/octet-stream", "harmlesstxt.exe"),
        ("zero\u200bwidth\u2066.txt", "application/octet-stream", "zerowidth.txt"),
        ("", "application/octet-stream", "file"),
        ("...", "application/octet-stream", "file"),
        ("  \u200b ", "image/png", "file.png"),
        (".profile", "application/octet-stream", ".profile"),
        ("trailing. . .", "application/octet-stream", "trailing"),
        ("moving.gif", "image/webp", "moving.webp"),
        ("page.html", "image/png", "page.html.png"),
        ("page.html", "audio/mpeg", "page.html.mp3"),
        ("voice.mp4", "audio/mp4", "voice.mp4"),
        ("e\u0301.txt", "application/octet-stream", "é.txt"),
    ],
)
def test_a_name_is_what_is_safe_to_save_under(given_name: str, content_type: str, kept: str) -> None:
    assert clean_name(given_name, content_type) == kept


@given(st.text(max_size=400), st.sampled_from(["image/jpeg", "audio/mpeg", "application/octet-stream"]))
def test_no_name_is_too_long_or_leads_elsewhere(text: str, content_type: str) -> None:
    name = clean_name(text, content_type)
    assert 0 < len(name.encode()) <= MAX_BYTES
    assert name not in (".", "..")
    assert not set(name) & set("/\\\n\r\0")
    assert not any(unicodedata.category(character)[0] == "C" for character in name)
    assert clean_name(name, content_type) == name


def test_a_long_name_keeps_how_it_ends() -> None:
    name = clean_name("长" * 200 + ".pdf", "application/octet-stream")
    assert name.endswith("长.pdf")
    assert len(name.encode()) <= MAX_BYTES
