"""Uploaded pictures: what is taken, what it becomes, and when it is let go."""

import os
import struct
import zlib
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from accounts import pictures
from accounts.actions.profile import set_picture
from accounts.actions.upkeep import tidy
from accounts.errors import ChatError, RateLimited
from accounts.pictures import in_use, picture_url, read_picture, store_picture, stored_before
from tests.unit.cast import Cast, change

SOME_TOKEN = "A" * 22


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    """Where pictures are kept."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "pictures"


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return an image as a file of some kind."""
    content = BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def upload(content: bytes) -> SimpleUploadedFile:
    """Return what a form brings."""
    return SimpleUploadedFile("face.png", content)


def taken(image: Image.Image, kind: str = "PNG", **options: Any) -> Image.Image:
    """Store an image and return what is kept of it."""
    content = read_picture(store_picture(upload(encoded(image, kind, **options))))
    assert content is not None
    return Image.open(BytesIO(content))


def refusal(content: bytes) -> ChatError:
    """Return why a file is not taken."""
    with pytest.raises(ChatError) as refused:
        store_picture(upload(content))
    return refused.value


def halves() -> Image.Image:
    """Return a square that is red above and blue below."""
    image = Image.new("RGB", (600, 600), "red")
    image.paste("blue", (0, 300, 600, 600))
    return image


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "L"), ("PNG", "LA"), ("PNG", "I;16"),
        ("JPEG", "RGB"), ("JPEG", "CMYK"), ("JPEG", "L"), ("WEBP", "RGBA"), ("GIF", "P"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [(1, 1), (3, 900), (2000, 1300)])
def test_every_kind_becomes_a_square_webp(kind: str, mode: str, size: tuple[int, int]) -> None:
    kept = taken(Image.new(mode, size), kind)
    assert (kept.format, kept.size) == ("WEBP", (256, 256))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright_whichever_way_the_camera_was_held(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    image = halves()
    if orientation in turned:
        image = image.transpose(Image.Transpose(turned[orientation]))
    kept = taken(image, "JPEG", exif=exif).convert("RGB")
    assert kept.getpixel((128, 30))[0] > 200
    assert kept.getpixel((128, 226))[2] > 200
    assert not kept.getexif()


def test_the_middle_is_kept_and_what_is_see_through_stays_so() -> None:
    image = Image.new("RGBA", (900, 300))
    image.paste("red", (300, 0, 600, 300))
    kept = taken(image)
    assert all(kept.getpixel(corner)[0] > 200 for corner in ((5, 5), (250, 250)))
    assert taken(Image.new("RGBA", (300, 300))).getpixel((128, 128))[3] == 0


def test_only_the_first_image_of_a_moving_one_is_kept() -> None:
    moving = encoded(Image.new("RGB", (300, 300), "red"), "GIF", save_all=True, append_images=[halves()])
    content = read_picture(store_picture(upload(moving)))
    assert content is not None
    kept = Image.open(BytesIO(content))
    assert not getattr(kept, "is_animated", False)
    assert kept.convert("RGB").getpixel((128, 226))[0] > 200


def test_nothing_that_stood_in_the_file_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    content = encoded(Image.new("RGB", (300, 300)), "JPEG", exif=exif, comment=b"of mine", icc_profile=b"profile")
    kept = read_picture(store_picture(upload(content)))
    assert kept is not None
    assert not any(text in kept for text in (b"taken at home", b"of mine", b"profile", b"EXIF", b"ICCP"))


def test_a_file_over_eight_megabytes_is_too_large() -> None:
    refused = refusal(b"\0" * (8 * 1024 * 1024 + 1))
    assert (refused.code, refused.status) == ("too_large", 413)


@pytest.mark.parametrize("size", [(6400, 6400), (40_000_001, 1), (65_000, 65_000)])
def test_one_of_too_many_pixels_is_refused_before_they_are_decoded(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[Image.Image] = []
    monkeypatch.setattr(pictures, "_square", decoded.append)
    width, height = size
    header = struct.pack(">II", width, height) + b"\x08\x02\0\0\0"
    content = encoded(Image.new("RGB", (9, 9)))
    crc = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    refused = refusal(content[:16] + header + crc + content[33:])
    assert (refused.code, list(refused.fields or {})) == ("invalid", ["file"])
    assert decoded == []


def test_a_jpeg_whose_scans_go_over_it_again_and_again_is_refused() -> None:
    """Each scan of sixty bytes has all pixels gone over: a megabyte of them would keep a core busy for an hour."""
    content = encoded(Image.new("L", (600, 600), 90), "JPEG", progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]
    assert store_picture(upload(content[:-2] + 20 * last + b"\xff\xd9"))
    assert refusal(content[:-2] + 100 * last + b"\xff\xd9").code == "invalid"


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPVP8 "],
)
def test_what_only_begins_like_a_picture_is_refused(content: bytes, media: Path) -> None:
    assert refusal(content).code == "invalid"
    assert not media.exists()


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "PPM", "ICO", "PDF"])
def test_other_kinds_are_refused(kind: str) -> None:
    assert refusal(encoded(Image.new("RGB", (300, 300)), kind)).code == "invalid"


def test_every_damaged_file_is_taken_or_refused_and_nothing_else() -> None:
    for kind in ("PNG", "JPEG", "WEBP", "GIF"):
        content = encoded(Image.effect_noise((40, 30), 80).convert("RGB"), kind)
        for end in range(0, len(content), max(1, len(content) // 60)):
            for damaged in (content[:end], content[:end] + b"\xff\xff" + content[end + 2 :]):
                try:
                    store_picture(upload(damaged))
                except ChatError as error:
                    assert error.code == "invalid"  # noqa: PT017 - either is right


def test_who_comes_while_too_many_are_decoded_is_asked_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "DECODER_SECONDS", 0.01)
    content = encoded(Image.new("RGB", (9, 9)))
    with pictures.decoder(), pictures.decoder(), pytest.raises(RateLimited):
        store_picture(upload(content))
    assert store_picture(upload(content))


@pytest.mark.parametrize("token", ["", "x", "../secret_key", "..%2f..%2fsecret_key", "A" * 21 + "/", "A" * 21 + "\n"])
def test_what_is_no_token_is_not_looked_for(token: str, media: Path) -> None:
    (media.parent / "secret_key").write_text("x")
    assert read_picture(token) is None
    assert read_picture(SOME_TOKEN) is None


def test_its_name_cannot_be_guessed() -> None:
    content = encoded(Image.new("RGB", (9, 9)))
    tokens = {store_picture(upload(content)) for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) == 22 and picture_url(token) == f"/media/pictures/{token}.webp" for token in tokens)


# Upkeep.


@pytest.fixture
def stored(media: Path) -> Callable[[float], str]:
    """A picture that was stored so many hours ago."""

    def store(hours: float) -> str:
        token = store_picture(upload(encoded(Image.new("RGB", (9, 9)))))
        then = (timezone.now() - timedelta(hours=hours)).timestamp()
        os.utime(media / f"{token}.webp", (then, then))
        return token

    return store


def test_pictures_that_nobody_has_are_removed_after_a_day(cast: Cast, stored: Any) -> None:
    mine, of_room, forgotten, new = stored(30), stored(30), stored(30), stored(20)
    set_picture(cast.ann, mine)
    change(cast.den, picture=of_room)
    assert in_use({mine, of_room, forgotten}) == {mine}
    assert tidy().pictures == 1
    assert [read_picture(token) is not None for token in (mine, of_room, forgotten, new)] == [True, True, False, True]


def test_the_one_before_goes_when_another_is_shown(cast: Cast, stored: Any) -> None:
    first, second = stored(30), stored(0)
    set_picture(cast.ann, first)
    set_picture(cast.ann, second)
    assert tidy().pictures == 1
    assert read_picture(first) is None


def test_other_files_there_are_left_alone_and_there_may_be_none(cast: Cast, media: Path) -> None:
    assert stored_before(timezone.now()) == []
    media.mkdir()
    (media / "README.txt").write_text("x")
    os.utime(media / "README.txt", (0, 0))
    assert tidy().pictures == 0
    assert (media / "README.txt").exists()
