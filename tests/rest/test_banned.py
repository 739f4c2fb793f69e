"""Who was banned finds out why at every door, and nobody else does."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.client import Person, http_client
from tests.servers import Site

REASON = "Advertising again"


@pytest.fixture
async def browser(server: Site, ann: Person) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of a guest who was banned, for three days."""
    async with http_client(server, headers={"Origin": server.url}) as http:
        answer = await http.post("/api/v1/guests/", json={"nickname": f"{ann.nickname}x"})
        http.headers["X-User"] = str(answer.json()["user"]["id"])
        server.backstage("ban", answer.json()["user"]["id"], REASON, 3)
        yield http


@pytest.mark.parametrize("path", ["/", "/?next=/rooms/1/", "/sign-up/", "/invite/whatever/"])
async def test_each_door_tells_the_banned_until_when_and_why(browser: httpx.AsyncClient, path: str):
    sentences = {"en": ("This account is banned until", "Reason: "), "zh-CN": ("此账号被封禁至", "原因：")}
    for language, (sentence, why) in sentences.items():
        page = await browser.get(path, headers={"Accept-Language": language})
        assert page.status_code == 403
        assert sentence in page.text
        assert why + REASON in page.text
        assert 'name="nickname"' not in page.text
        assert "no-store" in page.headers["cache-control"]


async def test_a_reload_of_a_room_leads_to_the_sentence(browser: httpx.AsyncClient):
    page = await browser.get("/rooms/1/", follow_redirects=True)
    assert (page.status_code, REASON in page.text) == (403, True)


async def test_no_new_account_is_a_way_around_it(server: Site, browser: httpx.AsyncClient, ann: Person):
    new = {"nickname": f"{ann.nickname}y", "avatar": "fox", "password": "a long enough one"}
    for path in ("/api/v1/guests/", "/api/v1/accounts/"):
        fields = new if "accounts" in path else {"nickname": new["nickname"]}
        answer = await browser.post(path, json=fields)
        assert (answer.status_code, answer.json()["code"]) == (403, "banned")
        assert REASON in answer.json()["detail"]
    browser.cookies.set("csrftoken", "a" * 32)
    for path in ("/", "/sign-up/"):
        page = await browser.post(path, data=new | {"csrfmiddlewaretoken": "a" * 32})
        assert (page.status_code, REASON in page.text) == (403, True)
    async with http_client(server) as other:
        free = await other.post("/api/v1/guests/", json={"nickname": new["nickname"]})
        assert free.status_code == 201


async def test_the_token_of_somebody_banned_tells_it_too(server: Site, ann: Person):
    server.backstage("ban", ann.id, REASON)
    page = await ann.http.get("/")
    assert (page.status_code, REASON in page.text) == (403, True)
    answer = await ann.http.post("/api/v1/guests/", json={"nickname": f"{ann.nickname}z"})
    assert answer.json()["code"] == "banned"


async def test_nobody_else_learns_of_it(server: Site, browser: httpx.AsyncClient):
    async with http_client(server) as other:
        for cookie in ("", "sessionid=0123456789abcdefghijklmnopqrstuv", "sessionid=.."):
            page = await other.get("/", headers={"Cookie": cookie})
            assert (page.status_code, "banned" in page.text, 'name="nickname"' in page.text) == (200, False, True)
        page = await other.get("/", headers={"Authorization": "Bearer nonsense"})
        assert page.status_code == 200


async def test_who_has_a_password_still_signs_in_at_that_browser(browser: httpx.AsyncClient, ann: Person):
    await ann.api("PATCH", "me/", 200, json={"password": "a long enough one"})
    assert (await browser.get("/sign-in/")).status_code == 200
    fields = {"nickname": ann.nickname, "password": "a long enough one"}
    assert (await browser.post("/api/v1/tokens/", json=fields)).status_code == 201
    assert (await browser.get("/api/v1/me/")).json()["nickname"] == ann.nickname


async def test_when_the_ban_is_lifted_the_same_cookie_lets_in(server: Site, browser: httpx.AsyncClient):
    server.backstage("unban", int(browser.headers["X-User"]))
    page = await browser.get("/")
    assert page.status_code == 302
    assert (await browser.get("/api/v1/me/")).status_code == 200
