"""Coming in as a guest, and what a nickname may be."""

import httpx
import pytest

from tests.client import Person, http_client
from tests.servers import Site


async def come(site: Site, nickname: object, **more: object) -> httpx.Response:
    """Ask for a guest account, as a script does."""
    async with http_client(site) as http:
        return await http.post("/api/v1/guests/", json={"nickname": nickname, **more})


async def test_a_script_gets_a_token_and_no_session(server: Site, ann: Person):
    response = await come(server, f"{ann.nickname}x")
    assert response.status_code == 201
    assert "set-cookie" not in response.headers or "sessionid" not in response.headers["set-cookie"]
    body = response.json()
    assert len(body["token"]) >= 40
    user = body["user"]
    assert (user["nickname"], user["is_guest"], user["former"]) == (f"{ann.nickname}x", True, False)
    assert set(user) == {"id", "nickname", "avatar_url", "is_guest", "former"}


async def test_a_page_gets_a_session_and_no_token(server: Site, ann: Person):
    async with http_client(server, headers={"Origin": server.url}) as http:
        response = await http.post("/api/v1/guests/", json={"nickname": f"{ann.nickname}x"})
        assert (response.status_code, response.json()["token"]) == (201, None)
        cookie = response.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        me = await http.get("/api/v1/me/")
        assert me.json()["nickname"] == f"{ann.nickname}x"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", ""])
async def test_a_foreign_page_is_refused(server: Site, ann: Person, origin: str):
    async with http_client(server, headers={"Origin": origin}) as http:
        for path, body in (("guests", {}), ("tokens", {"password": "x"})):
            response = await http.post(f"/api/v1/{path}/", json={"nickname": f"{ann.nickname}x", **body})
            assert response.status_code == 403
            assert response.json()["code"] == "forbidden"
            assert "sessionid" not in response.cookies


async def test_a_guest_chooses_a_drawn_avatar(server: Site, ann: Person):
    response = await come(server, f"{ann.nickname}x", avatar="panda")
    url = response.json()["user"]["avatar_url"]
    picture = await ann.http.get(url)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
    assert (await come(server, f"{ann.nickname}y", avatar="../secret_key")).status_code == 400


async def test_a_new_guest_is_in_the_lobby(ann: Person):
    rooms = (await ann.api("GET", "rooms/"))["rooms"]
    assert [(room["name"], room["role"], room["default"]) for room in rooms if room["role"]] == [
        ("Lobby", "member", True)
    ]


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda name: name.replace("a", "ａ"),
        lambda name: f"  {name} ",
        lambda name: name.replace("ss", "ß"),
        lambda name: f"{name}\ufe0f",
    ],
    ids=["case", "width", "spaces", "sharp s", "emoji style"],
)
async def test_names_that_look_alike_are_the_same_and_a_free_one_is_suggested(server: Site, ann: Person, change):
    name = f"{ann.nickname}ss"
    assert (await come(server, name)).status_code == 201
    refusal = await come(server, change(name))
    assert refusal.status_code == 400
    body = refusal.json()
    assert (body["code"], list(body["fields"])) == ("invalid", ["nickname"])
    assert body["detail"]
    assert (await come(server, body["suggestion"])).status_code == 201


async def test_a_name_is_normalised(server: Site, ann: Person):
    response = await come(server, f" ﬁ①Ａ  {ann.nickname} ")
    assert response.json()["user"]["nickname"] == f"fi1A {ann.nickname}"


@pytest.mark.parametrize("nickname", ["小明{}", "Ольга{}", "علي{}", "अमित{}", "😀{}", "日本語{}", "Jörg {}"])
async def test_a_name_may_be_of_any_script(server: Site, ann: Person, nickname: str):
    response = await come(server, nickname.format(ann.nickname))
    assert response.status_code == 201
    assert response.json()["user"]["nickname"] == nickname.format(ann.nickname)


@pytest.mark.parametrize(
    "nickname",
    [
        "",
        " ",
        "\u3000",
        "x" * 33,
        "小" * 33,
        "a\x00b",
        "a\nb",
        "a\x1bb",
        "a\u200bb",
        "a\u202eb",
        "a\u2066b",
        "\u3164",
        "a\u00adb",
        "a\ufeffb",
        "\u115f",
        "\ue000",
        "\U000e0041a",
        "\u0301",
        "a" + "\u0301" * 8,
        None,
        True,
        ["a"],
        {"a": 1},
    ],
    ids=ascii,
)
async def test_a_name_that_is_empty_long_or_invisible_is_invalid(server: Site, nickname: object):
    response = await come(server, nickname)
    assert response.status_code == 400, response.text
    assert response.json()["code"] == "invalid"
    assert "nickname" in response.json()["fields"]


async def test_a_name_of_thirty_two_characters_is_taken(server: Site, ann: Person):
    name = ann.nickname.ljust(32, "小")
    assert (await come(server, name)).status_code == 201
    suggestion = (await come(server, name)).json()["suggestion"]
    assert len(suggestion) <= 32
    assert (await come(server, suggestion)).status_code == 201


async def test_unknown_fields_and_bodies_that_are_no_object_are_invalid(server: Site, ann: Person):
    assert (await come(server, f"{ann.nickname}x", is_staff=True)).status_code == 400
    async with http_client(server) as http:
        for body in (b"", b"[]", b"1", b"null", b'"x"', b"{", b"\xff"):
            response = await http.post("/api/v1/guests/", content=body, headers={"Content-Type": "application/json"})
            assert (response.status_code, response.json()["code"]) == (400, "invalid"), body
