"""Files are served whole and in parts, as what they are, and as nothing that runs."""

import io
from urllib.parse import unquote

import httpx
import pytest
from PIL import Image

from tests.client import Person, http_client
from tests.files import picture, sound, upload, video
from tests.servers import Site

CONTENT = bytes(range(256)) * 4000


async def get(person: Person, url: str, **headers: str) -> httpx.Response:
    return await person.http.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_file_comes_back_as_it_was(ann: Person) -> None:
    frame = await upload(ann, CONTENT, "数据 1.bin")
    assert (frame["kind"], frame["type"], frame["size"]) == ("file", "application/octet-stream", len(CONTENT))
    assert frame["name"] == "数据 1.bin"
    assert unquote(frame["url"]).endswith("/数据 1.bin")
    response = await get(ann, frame["url"])
    assert response.content == CONTENT
    said = response.headers
    assert said["content-type"] == "application/octet-stream"
    assert said["content-disposition"] == "attachment; filename*=utf-8''%E6%95%B0%E6%8D%AE%201.bin"
    assert said["x-content-type-options"] == "nosniff"
    assert "sandbox" in said["content-security-policy"]
    assert said["cache-control"] == "private, no-cache"
    assert said["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-10", slice(-10, None)),
        ("bytes=5-300000", slice(5, 300_001)),
        ("bytes=10-99999999", slice(10, None)),
        ("bytes=-99999999", slice(None)),
    ],
)
async def test_a_part_is_served_that_is_asked_for(ann: Person, asked: str, part: slice) -> None:
    frame = await upload(ann, CONTENT)
    response = await get(ann, frame["url"], Range=asked)
    assert response.status_code == 206
    assert response.content == CONTENT[part]
    start, end, _step = part.indices(len(CONTENT))
    assert response.headers["content-range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"


@pytest.mark.parametrize("asked", ["bytes=5-1", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=-", ""])
async def test_what_is_no_single_range_means_the_whole(ann: Person, asked: str) -> None:
    frame = await upload(ann, CONTENT)
    response = await get(ann, frame["url"], Range=asked)
    assert (response.status_code, response.content) == (200, CONTENT)


@pytest.mark.parametrize("asked", [f"bytes={len(CONTENT)}-", "bytes=99999999-", "bytes=-0"])
async def test_a_part_that_there_is_not_is_refused(ann: Person, asked: str) -> None:
    frame = await upload(ann, CONTENT)
    response = await get(ann, frame["url"], Range=asked)
    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{len(CONTENT)}"


async def test_what_one_has_is_not_sent_again_and_parts_fit_together(ann: Person) -> None:
    frame, other = await upload(ann, CONTENT), await upload(ann, CONTENT + b"!")
    etag = (await get(ann, frame["url"])).headers["etag"]
    known = await get(ann, frame["url"], If_None_Match=f'"another", W/{etag}')
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", etag)
    assert (await get(ann, frame["url"], Range="bytes=0-1", If_Range=etag)).status_code == 206
    assert (await get(ann, frame["url"], Range="bytes=0-1", If_Range='"another"')).status_code == 200
    assert (await get(ann, other["url"], If_None_Match=etag)).status_code == 200


async def test_a_head_says_all_and_sends_nothing(ann: Person) -> None:
    frame = await upload(ann, CONTENT)
    response = await ann.http.head(frame["url"])
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == str(len(CONTENT))
    part = await ann.http.head(frame["url"], headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.headers["content-length"]) == (206, "10")


async def test_nothing_but_reading_is_answered(ann: Person) -> None:
    frame = await upload(ann)
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert (await ann.http.request(method, frame["url"])).status_code == 405


@pytest.mark.parametrize(
    ("content", "name", "kind", "content_type"),
    [
        (sound("mp3"), "a.mp3", "audio", "audio/mpeg"),
        (sound("voice"), "voice.mp4", "audio", "audio/mp4"),
        (video("mp4"), "film.mp4", "video", "video/mp4"),
        (video("webm"), "film.webm", "video", "video/webm"),
        (picture("JPEG"), "photo.jpg", "image", "image/jpeg"),
    ],
)
async def test_what_browsers_show_is_shown_in_place(
    ann: Person, content: bytes, name: str, kind: str, content_type: str
) -> None:
    frame = await upload(ann, content, name)
    assert (frame["kind"], frame["type"], frame["name"]) == (kind, content_type, name)
    response = await get(ann, frame["url"])
    assert response.headers["content-type"] == content_type
    assert response.headers["content-disposition"] == f'inline; filename="{name}"'


async def test_a_picture_has_a_small_one_beside_it(ann: Person) -> None:
    frame = await upload(ann, picture("JPEG", (2000, 1000)))
    assert (frame["width"], frame["height"]) == (2000, 1000)
    small = await get(ann, frame["thumb_url"])
    assert small.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(small.content)) as thumb:
        assert (thumb.format, thumb.size) == ("WEBP", (720, 360))
    # One that is small itself is its own.
    frame = await upload(ann, picture("PNG", (40, 40)))
    assert frame["thumb_url"] == frame["url"]
    assert (await get(ann, f"/media/thumbs/{frame['id']}/{frame['url'].split('/')[4]}.webp")).status_code == 404


async def test_a_session_opens_files_as_a_token_does(server: Site, ann: Person) -> None:
    frame = await upload(ann)
    async with http_client(server, headers={"Origin": server.url}) as browser:
        await browser.get("/")
        token = browser.cookies.get("csrftoken")
        entered = await browser.post(
            "/api/v1/guests/", json={"nickname": f"tab {ann.nickname}"}, headers={"X-CSRFToken": token or ""}
        )
        assert entered.status_code == 201, entered.text
        assert (await browser.get(frame["url"])).status_code == 404
        headers = {"X-CSRFToken": browser.cookies.get("csrftoken") or ""}
        answer = await browser.post("/api/v1/uploads/", files={"file": ("a.txt", b"mine")}, headers=headers)
        assert answer.status_code == 201, answer.text
        assert (await browser.get(answer.json()["url"])).content == b"mine"
        assert (await browser.post("/api/v1/uploads/", files={"file": ("a.txt", b"x")})).status_code == 403


async def test_strangers_and_wrong_addresses_get_nothing(server: Site, ann: Person) -> None:
    frame = await upload(ann)
    _empty, _media, files, number, token, name = frame["url"].split("/")
    async with http_client(server) as stranger:
        assert (await stranger.get(frame["url"])).status_code == 401
        refused = await stranger.get(frame["url"], headers={"Authorization": "Bearer nonsense"})
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    wrong = [
        f"/media/{files}/{number}/{'A' * 22}/{name}",
        f"/media/{files}/{2**52}/{token}/{name}",
        f"/media/{files}/{'9' * 16}/{token}/x",
        f"/media/{files}/{number}/",
        f"/media/desk/files/{number}/{token}/x",
    ]
    for url in wrong:
        assert (await get(ann, url)).status_code == 404, url
    assert (await get(ann, frame["url"], Host="elsewhere.example")).status_code == 400
