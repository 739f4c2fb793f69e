"""Uploads: taken within limits, refused in clear words, nothing left behind; hostile files do no harm."""

import asyncio
import json
import socket
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.client import Person, arrive, http_client
from tests.files import animation, bomb, picture, send_file, upload, webp_bomb
from tests.servers import Site

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
MEGABYTE = 1024 * 1024


def stored(site: Site) -> list[Path]:
    return [path for path in (site.data / "media" / "files").rglob("*") if path.is_file()]


async def test_an_upload_is_answered_with_what_it_is_and_a_repeat_with_the_same(ann: Person, bob: Person) -> None:
    ref = str(uuid.uuid4())
    first = await send_file(ann, picture(), "photo.png", ref=ref)
    again = await send_file(ann, picture(), "other.png", ref=ref)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    frame = first.json()
    assert {name: frame[name] for name in ("name", "kind", "type", "width", "height")} == {
        "name": "photo.png", "kind": "image", "type": "image/png", "width": 300, "height": 200
    }  # fmt: skip
    assert (await send_file(bob, picture(), ref=ref)).status_code == 201


async def test_what_moves_says_so(ann: Person) -> None:
    frame = await upload(ann, animation("GIF", frames=3), "dance.gif")
    assert (frame["animated"], frame["type"], frame["name"]) == (True, "image/webp", "dance.webp")
    assert frame["thumb_url"] != frame["url"]


async def test_one_learns_how_much_one_may_and_takes_back_what_is_not_sent(ann: Person, bob: Person, room: int) -> None:
    before = await ann.api("GET", "uploads/limits/")
    assert before == {"max_bytes": 25 * MEGABYTE, "quota_bytes": 100 * MEGABYTE, "used_bytes": 0, "per_message": 10}
    frame, sent = await upload(ann, b"x" * 1000, "a.txt"), await upload(ann, b"x" * 500, "b.txt")
    await ann.post("", room, attachments=[sent["id"]])
    assert (await ann.api("GET", "uploads/limits/"))["used_bytes"] == 1500
    await bob.api("DELETE", f"uploads/{frame['id']}/", expect=404)
    await ann.api("DELETE", f"uploads/{frame['id']}/", expect=204)
    await ann.api("DELETE", f"uploads/{frame['id']}/", expect=404)
    await ann.api("DELETE", f"uploads/{sent['id']}/", expect=404)
    assert (await ann.http.get(frame["url"])).status_code == 404
    assert (await ann.api("GET", "uploads/limits/"))["used_bytes"] == 500


@pytest.mark.parametrize(
    "content",
    [b"", picture()[:60], picture("JPEG")[:-200], b"GIF89a<script>alert(1)</script>", bomb(), bomb(9000), webp_bomb()],
    ids=["nothing", "cut png", "cut jpeg", "fake gif", "bomb", "smaller bomb", "webp bomb"],
)
async def test_what_cannot_be_taken_is_refused_in_a_sentence(ann: Person, content: bytes) -> None:
    response = await send_file(ann, content, "photo.png")
    assert response.status_code == 400, response.text
    assert (response.json()["code"], list(response.json()["fields"])) == ("invalid", ["file"])


@pytest.mark.parametrize(
    ("content", "name"),
    [(SVG, "logo.svg"), (HTML, "photo.png"), (HTML, "page.html"), (b"%PDF-1.7 /JavaScript", "paper.pdf"),
     (b"<?xml version='1.0'?>" + SVG, "x.xml"), (b"MZ\x90\0", "setup.exe")],
)  # fmt: skip
async def test_what_could_run_is_never_served_as_such(ann: Person, content: bytes, name: str) -> None:
    frame = await upload(ann, content, name)
    assert (frame["kind"], frame["type"]) == ("file", "application/octet-stream")
    assert "thumb_url" not in frame
    response = await ann.http.get(frame["url"])
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_of_a_picture_that_is_a_page_too_the_picture_stays(ann: Person, kind: str) -> None:
    frame = await upload(ann, picture(kind) + HTML, "both.html")
    shown = await ann.http.get(frame["url"])
    assert b"<script>" not in shown.content
    assert shown.headers["content-type"].startswith("image/")
    assert not frame["name"].endswith(".html")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../secret.txt", "secret.txt"),
        ("..\\..\\secret.txt", "secret.txt"),
        ("报告.pdf", "报告.pdf"),
        ("harmless\u202etxt.exe", "harmlesstxt.exe"),
        ("two\r\nlines.txt", "two lines.txt"),
        ('a"quote;b.txt', 'a"quote;b.txt'),
        ("长" * 300 + ".pdf", None),
    ],
)
async def test_names_are_made_safe(ann: Person, given: str, kept: str | None) -> None:
    frame = await upload(ann, b"x", given)
    assert len(frame["name"].encode()) <= 255
    if kept is None:
        assert frame["name"].startswith("长长")
    else:
        assert frame["name"] == kept
    response = await ann.http.get(frame["url"])
    assert response.status_code == 200
    assert "\n" not in response.headers["content-disposition"]


async def test_what_is_no_upload_is_refused(ann: Person) -> None:
    post = ann.http.post
    assert (await post("/api/v1/uploads/", files={"picture": ("a.txt", b"x")})).status_code == 400
    assert (await post("/api/v1/uploads/", json={"file": "x"})).status_code in (400, 415)
    assert (await post("/api/v1/uploads/", data={"file": "x"}, files={"other": ("", b"")})).status_code == 400
    assert (await send_file(ann, b"x", ref="not a uuid")).status_code == 400
    raw = await post("/api/v1/uploads/", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert raw.status_code == 400
    broken = await post(
        "/api/v1/uploads/", content=b"--b\r\nnonsense", headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert broken.status_code == 400


async def test_a_file_of_26_megabytes_is_refused_with_a_word(ann: Person) -> None:
    response = await send_file(ann, b"x" * (26 * MEGABYTE), "large.bin")
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert "25 MB" in response.json()["detail"]
    # Just over, so that only counting finds it.
    response = await send_file(ann, b"x" * (25 * MEGABYTE + 1), "large.bin")
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


async def test_one_that_grows_too_large_on_the_way_is_refused_too(ann: Person) -> None:
    async def body():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
        for _part in range(27):
            yield b"x" * MEGABYTE
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = await ann.http.post("/api/v1/uploads/", content=body(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


async def test_the_largest_is_taken(ann: Person) -> None:
    frame = await upload(ann, b"x" * (25 * MEGABYTE), "large.bin")
    assert frame["size"] == 25 * MEGABYTE
    await ann.api("DELETE", f"uploads/{frame['id']}/")


async def test_strangers_and_the_banned_are_refused_before_they_send_anything(
    server: Site, newcomer: Callable[..., object]
) -> None:
    announced = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(20 * MEGABYTE)}
    mallory = await newcomer("mallory")  # type: ignore[misc]
    server.backstage("ban", mallory.id)
    for headers, status in (({}, 401), ({"Authorization": "Bearer x"}, 401), (mallory.headers, 403)):
        assert await _first_line(server, "/api/v1/uploads/", {**announced, **headers}) == status


async def _first_line(site: Site, path: str, headers: dict[str, str]) -> int:
    """Send the head of a POST and nothing of its body; return the status that is answered."""
    address = urlsplit(site.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {address.netloc}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    async with asyncio.timeout(10):
        answer = (await reader.readline()).decode()
    writer.close()
    return int(answer.split()[1])


async def test_an_interrupted_upload_leaves_nothing_and_can_be_repeated(
    fresh_server: Callable[..., Site],
) -> None:
    site = fresh_server()
    ann = await arrive(site, "ann")
    address, ref = urlsplit(site.url), str(uuid.uuid4())
    with socket.create_connection((address.hostname or "", address.port or 0)) as line:
        head = "\r\n".join([
            "POST /api/v1/uploads/ HTTP/1.1", f"Host: {address.netloc}", f"Authorization: Bearer {ann.token}",
            "Content-Type: multipart/form-data; boundary=b", f"Content-Length: {5 * MEGABYTE}", "", "",
            f'--b\r\nContent-Disposition: form-data; name="ref"\r\n\r\n{ref}',
            '--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n',
        ])  # fmt: skip
        line.sendall(head.encode() + b"x" * MEGABYTE)
    await asyncio.sleep(0.5)
    assert stored(site) == []
    assert (await ann.api("GET", "uploads/limits/"))["used_bytes"] == 0
    assert (await send_file(ann, b"whole", "a.bin", ref=ref)).status_code == 201
    assert len(stored(site)) == 1
    await ann.leave_site()


async def test_limits_are_settings(fresh_server: Callable[..., Site]) -> None:
    site = fresh_server(CHATSITE_UPLOAD_MB="1", CHATSITE_UPLOAD_GUEST_QUOTA_MB="1.5", CHATSITE_RATE_LIMITS="on")
    ann = await arrive(site, "ann")
    assert (await send_file(ann, b"x" * (MEGABYTE + 1))).status_code == 413
    assert (await send_file(ann, b"x" * MEGABYTE)).status_code == 201
    full = await send_file(ann, b"x" * MEGABYTE)
    assert (full.status_code, full.json()["code"]) == (413, "too_large")
    assert "1.5 MB" in full.json()["detail"]
    assert len(stored(site)) == 1
    codes = [(await send_file(ann, b"", "empty")).json()["code"] for _ in range(80)]
    assert codes[-1] == "rate_limited"
    await ann.leave_site()


async def test_a_full_disk_is_said_and_nothing_else_suffers(fresh_server: Callable[..., Site]) -> None:
    site = fresh_server(CHATSITE_UPLOAD_FREE_DISK_MB=str(2**40))
    ann = await arrive(site, "ann")
    response = await send_file(ann, b"x")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    room = await ann.make_room("public")
    await ann.post("hello", room)
    await ann.leave_site()


async def test_many_uploads_of_one_take_turns(ann: Person) -> None:
    answers = await asyncio.gather(*(send_file(ann, picture("JPEG", (900, 900))) for _ in range(12)))
    assert [answer.status_code for answer in answers] == [201] * 12


async def test_fifty_who_download_slowly_keep_nobody_waiting(server: Site, ann: Person, bob: Person, room: int) -> None:
    content = bytes(8 * MEGABYTE)
    frame = await upload(ann, content, "large.bin")
    await ann.post("", room, attachments=[frame["id"]])
    people = [ann, bob]
    lines = []
    address = urlsplit(server.url)
    for number in range(50):
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect((address.hostname, address.port))
        asked = f"GET {frame['url']} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        line.sendall(f"{asked}Authorization: Bearer {people[number % 2].token}\r\n\r\n".encode())
        lines.append(line)
    await asyncio.sleep(1)
    began = time.monotonic()
    reader = await bob.connect()
    for number in range(10):
        await ann.post(f"still here {number}", room)
        await reader.wait_for(
            "message.created", where=lambda event, n=number: event["message"]["body"].endswith(f" {n}")
        )
        await ann.api("GET", f"rooms/{room}/messages/")
    assert (await bob.http.get(frame["url"], headers={"Range": "bytes=0-9"})).content == bytes(10)
    assert time.monotonic() - began < 10
    # And what they get is whole.
    lines[0].settimeout(30)
    first = await asyncio.to_thread(_read_all, lines[0], len(content))
    assert first == content
    for line in lines:
        line.close()


def _read_all(line: socket.socket, size: int) -> bytes:
    got = b""
    parts = []
    while b"\r\n\r\n" not in got:
        got += line.recv(65536)
    parts.append(got.split(b"\r\n\r\n", 1)[1])
    while sum(map(len, parts)) < size:
        parts.append(line.recv(1 << 20))
    return b"".join(parts)


async def test_the_panel_of_a_room_has_its_files_and_pins(ann: Person, bob: Person, eve: Person, room: int) -> None:
    frame = await upload(ann, b"x", "a.txt")
    ack = await ann.post("", room, attachments=[frame["id"]])
    page = await bob.api("GET", f"rooms/{room}/files/", params={"limit": 1})
    assert page["more"] is False
    (file,) = page["files"]
    assert {name: file[name] for name in frame} == frame
    assert (file["message"], file["seq"], file["author"]) == (ack["id"], ack["seq"], ann.user)
    assert (await bob.api("GET", f"rooms/{room}/files/?kind=image"))["files"] == []
    assert (await bob.api("GET", f"rooms/{room}/files/?kind=other"))["files"] == page["files"]
    await bob.api("GET", f"rooms/{room}/files/?kind=nonsense", expect=400)
    await bob.api("GET", f"rooms/{room}/files/?unknown=1", expect=400)
    socket_ = await ann.connect()
    await socket_.command("message.pin", id=ack["id"])
    pins = (await bob.api("GET", f"rooms/{room}/pins/"))["messages"]
    assert [message["id"] for message in pins] == [ack["id"]]
    private = await ann.make_room("private")
    for path in ("files", "pins"):
        await eve.api("GET", f"rooms/{private}/{path}/", expect=404)


async def test_the_desk_shows_the_files_of_what_was_taken_down(
    server: Site, ann: Person, bob: Person, room: int
) -> None:
    frame = await upload(bob, picture(), "photo.png")
    ack = await bob.post("", room, attachments=[frame["id"]])
    server.backstage("make_moderator", ann.id)
    await ann.api("DELETE", f"messages/{ack['id']}/")
    desk = frame["url"].replace("/media/files/", "/media/desk/files/")
    assert (await bob.http.get(frame["url"])).status_code == 404
    assert (await ann.http.get(frame["url"])).status_code == 404
    assert (await ann.http.get(desk)).status_code == 200
    assert (await bob.http.get(desk)).status_code == 404
    async with http_client(server, cookies={}) as stranger:
        assert (await stranger.get(desk)).status_code == 401
    assert json.loads((await bob.http.get(desk)).text)["code"] == "not_found"
