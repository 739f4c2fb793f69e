"""Pictures are kept without metadata, upright, in the colours of the web, and no larger than may be."""

import io
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageFile

from chat.uploads import animations
from chat.uploads.images import Encoded, TooManyPixels, Unreadable, encode
from tests.files import animation, bomb, picture, webp_bomb


def kept(content: bytes, decoder: str) -> tuple[Encoded, Any]:
    encoded = encode(io.BytesIO(content), decoder)
    return encoded, Image.open(io.BytesIO(encoded.content))


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/png"),
        ("AVIF", "image/webp"),
    ],
)
def test_a_picture_is_encoded_anew_without_metadata(kind: str, content_type: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    options: dict[str, Any] = {} if kind == "GIF" else {"exif": exif}
    content = picture(kind, (640, 400), **options) + b"<script>alert(1)</script>"
    encoded, image = kept(content, kind)
    assert (encoded.type, encoded.width, encoded.height, encoded.is_animated) == (content_type, 640, 400, False)
    assert f"image/{image.format.lower()}" == content_type
    assert not image.getexif()
    assert not any(name in image.info for name in ("exif", "xmp", "comment", "icc_profile"))
    assert b"taken at home" not in encoded.content
    assert b"<script>" not in encoded.content


def test_it_is_turned_as_the_camera_says() -> None:
    image = Image.new("RGB", (200, 100), "white")
    image.paste((255, 0, 0), (0, 0, 100, 100))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = io.BytesIO()
    image.save(data, "JPEG", exif=exif)
    encoded, shown = kept(data.getvalue(), "JPEG")
    assert (encoded.width, encoded.height) == (100, 200)
    assert shown.getpixel((50, 20))[1] < 60
    assert shown.getpixel((50, 180))[1] > 200


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_colours_of_printers_and_greys_become_those_of_the_web(mode: str) -> None:
    data = io.BytesIO()
    Image.new(mode, (50, 50), {"L": 200, "RGB": (10, 200, 30), "CMYK": (0, 0, 0, 0)}[mode]).save(data, "JPEG")
    _encoded, image = kept(data.getvalue(), "JPEG")
    assert image.mode == "RGB"
    assert max(image.getpixel((25, 25))) > 190


def test_a_profile_is_applied_and_dropped_and_a_broken_one_is_passed_over() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (profile, b"nonsense"):
        _encoded, image = kept(picture("JPEG", icc_profile=icc), "JPEG")
        assert "icc_profile" not in image.info
        assert image.getpixel((5, 5))[0] > 180


def test_what_can_be_seen_through_stays_so() -> None:
    encoded, image = kept(picture("PNG", (60, 40), mode="RGBA"), "PNG")
    assert image.mode == "RGBA"
    assert image.getpixel((5, 5))[3] == 128
    assert encoded.thumb is None


def test_a_large_one_is_scaled_down_and_has_a_small_one() -> None:
    encoded, image = kept(picture("JPEG", (6000, 1500)), "JPEG")
    assert (encoded.width, encoded.height) == image.size == (4096, 1024)
    assert encoded.thumb is not None
    assert Image.open(io.BytesIO(encoded.thumb)).size == (720, 180)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_what_moves_still_moves(kind: str) -> None:
    encoded, image = kept(animation(kind, frames=4), kind)
    assert (encoded.type, encoded.is_animated, image.n_frames) == ("image/webp", True, 4)
    assert image.info["loop"] == 0
    assert encoded.thumb is not None
    assert getattr(Image.open(io.BytesIO(encoded.thumb)), "n_frames", 1) == 1


def test_a_long_animation_is_refused_and_a_large_one_scaled_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(animations, "MAX_KEPT", 4 * 30 * 20)
    assert kept(animation(frames=4), "GIF")[0].width == 30
    monkeypatch.setattr(animations, "MAX_FRAMES", 3)
    with pytest.raises(TooManyPixels):
        kept(animation(frames=4), "GIF")
    monkeypatch.setattr(animations, "MAX_FRAMES", 10)
    monkeypatch.setattr(animations, "MAX_DECODED", 4 * 60 * 40 - 1)
    with pytest.raises(TooManyPixels):
        kept(animation(frames=4), "GIF")


def test_bombs_are_refused_from_their_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    bombs = ((bomb(), "PNG"), (bomb(9000), "PNG"), (webp_bomb(), "WEBP"))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _self: pytest.fail("a bomb was decoded"))
    for content, decoder in bombs:
        with pytest.raises(TooManyPixels):
            encode(io.BytesIO(content), decoder)


@pytest.mark.parametrize(
    ("content", "decoder"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "PNG"),
        (b"GIF89a<script>alert(1)</script>", "GIF"),
        (picture("PNG", (500, 500))[:150], "PNG"),
        (picture("JPEG")[:-200], "JPEG"),
        (picture("WEBP")[:-30], "WEBP"),
        (picture("AVIF")[:100], "AVIF"),
        (b"\xff\xd8\xff" + b"\xff\xda" * 100, "JPEG"),
        (animation("GIF")[:-60], "GIF"),
    ],
)
def test_what_only_looks_like_a_picture_is_refused(content: bytes, decoder: str) -> None:
    with pytest.raises(Unreadable):
        encode(io.BytesIO(content), decoder)
