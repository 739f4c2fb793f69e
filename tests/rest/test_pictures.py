"""Pictures: taken in safely, kept small, shown to everyone."""

import io
import zlib
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.client import Person

PATH = "me/picture/"


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200), **options: Any) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(data, kind, **options)
    return data.getvalue()


def bomb() -> bytes:
    """A PNG that says it has 50,000 × 50,000 pixels."""
    data = picture()
    header = b"IHDR" + (50_000).to_bytes(4, "big") * 2 + data[24:29]
    return data[:12] + header + zlib.crc32(header).to_bytes(4, "big") + data[33:]


async def put(person: Person, content: bytes, name: str = "face.png", path: str = PATH) -> httpx.Response:
    return await person.http.put(f"/api/v1/{path}", files={"file": (name, content)})


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_a_picture_becomes_a_small_square_without_metadata(ann: Person, kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    options = {} if kind == "GIF" else {"exif": exif}
    response = await put(ann, picture(kind, (640, 400), **options))
    assert response.status_code == 200, response.text
    assert response.json()["picture"] is True
    shown = await ann.http.get(response.json()["avatar_url"])
    assert shown.headers["content-type"] == "image/webp"
    assert "immutable" in shown.headers["cache-control"]
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    with Image.open(io.BytesIO(shown.content)) as stored:
        assert (stored.format, stored.size) == ("WEBP", (256, 256))
        assert not stored.getexif()
    assert b"taken at home" not in shown.content


async def test_it_is_turned_as_the_camera_says(ann: Person) -> None:
    image = Image.new("RGB", (200, 200), "white")
    image.paste((255, 0, 0), (0, 0, 200, 100))
    exif = Image.Exif()
    exif[0x0112] = 3
    data = io.BytesIO()
    image.save(data, "JPEG", exif=exif)
    url = (await put(ann, data.getvalue())).json()["avatar_url"]
    with Image.open(io.BytesIO((await ann.http.get(url)).content)) as stored:
        top = stored.convert("RGB").getpixel((128, 20))
    assert isinstance(top, tuple)
    assert top[1] > 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a<script>alert(1)</script>",
        picture()[:60],
        picture("JPEG")[:-200],
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        picture("BMP"),
        picture("TIFF"),
        bomb(),
    ],
    ids=["nothing", "svg", "html", "fake gif", "cut png", "cut jpeg", "empty png", "bmp", "tiff", "bomb"],
)
async def test_what_is_no_picture_that_we_take_is_refused(ann: Person, content: bytes) -> None:
    response = await put(ann, content)
    assert response.status_code == 400, response.text
    assert (response.json()["code"], list(response.json()["fields"])) == ("invalid", ["file"])
    assert (await ann.api("GET", "me/"))["picture"] is False


async def test_too_large_ones_and_bodies_that_are_no_form_are_refused(ann: Person) -> None:
    assert (await put(ann, b"x" * (8 * 1024 * 1024 + 1))).status_code == 413
    raw = await ann.http.put(f"/api/v1/{PATH}", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert raw.status_code == 400
    assert (await ann.http.put(f"/api/v1/{PATH}", json={"file": "x"})).status_code in (400, 415)


async def test_everyone_sees_it_within_a_second_and_the_drawn_one_again(ann: Person, bob: Person) -> None:
    socket = await bob.connect()
    url = (await put(ann, picture())).json()["avatar_url"]
    updated = await socket.wait_for("user.updated", within=1, where=lambda event: event["user"]["id"] == ann.id)
    assert updated["user"]["avatar_url"] == url
    drawn = (await ann.api("DELETE", PATH))["avatar_url"]
    updated = await socket.wait_for("user.updated", within=1, where=lambda event: event["user"]["id"] == ann.id)
    assert updated["user"]["avatar_url"] == drawn
    await put(ann, picture())
    assert "owl" in (await ann.api("PATCH", "me/", json={"avatar": "owl"}))["avatar_url"]


async def test_a_room_has_one_by_those_who_may(ann: Person, bob: Person, room: int) -> None:
    socket = await bob.connect()
    path = f"rooms/{room}/picture/"
    assert (await put(bob, picture(), path=path)).status_code == 403
    url = (await put(ann, picture(), path=path)).json()["picture_url"]
    updated = await socket.wait_for("room.updated", within=1, where=lambda event: event["room"]["picture_url"])
    assert updated["room"]["picture_url"] == url
    assert (await bob.http.get(url)).status_code == 200


@pytest.mark.parametrize("name", ["../../secret_key", "..%2f..%2fsecret_key", "x", "A" * 22, "a/b"])
async def test_nothing_else_is_served_there(ann: Person, name: str) -> None:
    assert (await ann.http.get(f"/media/pictures/{name}.webp")).status_code == 404
