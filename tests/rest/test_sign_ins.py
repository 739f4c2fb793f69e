"""Where one is signed in: sessions and tokens are listed and ended, and open sockets close with them."""

from collections.abc import Awaitable, Callable

import httpx

from tests.client import Person, http_client, new_ref, open_socket
from tests.servers import Site

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def browser_of(site: Site, nickname: str, agent: str = FIREFOX) -> httpx.AsyncClient:
    """Return a client with a session of someone new."""
    http = http_client(site, headers={"Origin": site.url, "User-Agent": agent})
    response = await http.post("/api/v1/guests/", json={"nickname": nickname})
    assert response.status_code == 201, response.text
    http.headers["X-CSRFToken"] = http.cookies["csrftoken"]
    return http


async def second_browser(site: Site, nickname: str, password: str) -> httpx.AsyncClient:
    """Return a client in which someone signed in by password."""
    http = http_client(site, headers={"Origin": site.url})
    response = await http.post("/api/v1/tokens/", json={"nickname": nickname, "password": password})
    assert response.status_code == 201, response.text
    http.headers["X-CSRFToken"] = http.cookies["csrftoken"]
    return http


async def test_ones_sessions_are_listed_by_browser_and_not_by_key(server: Site) -> None:
    http = await browser_of(server, f"ann {new_ref()[:8]}")
    (session,) = (await http.get("/api/v1/me/sessions/")).json()["sessions"]
    assert session["browser"] == "Firefox · Linux"
    assert session["current"] is True
    assert session["id"] not in str(http.cookies["sessionid"])
    assert http.cookies["sessionid"] not in str(session)
    # A later request writes the row anew.
    await http.get("/rooms/1/")
    (again,) = (await http.get("/api/v1/me/sessions/")).json()["sessions"]
    assert (again["browser"], again["created_at"]) == (session["browser"], session["created_at"])
    await http.aclose()


async def test_ending_another_session_closes_its_sockets_at_once_and_no_others(server: Site) -> None:
    nickname, password = f"ann {new_ref()[:8]}", "a good long password"
    first = await browser_of(server, nickname)
    assert (await first.patch("/api/v1/me/", json={"password": password})).status_code == 200
    first.headers["X-CSRFToken"] = first.cookies["csrftoken"]
    second = await second_browser(server, nickname, password)
    sockets = []
    for http in (first, second):
        headers = {"Cookie": f"sessionid={http.cookies['sessionid']}", "Origin": server.url}
        sockets.append(await open_socket(server, headers=headers))
        await sockets[-1].hello()
    others = [one for one in (await first.get("/api/v1/me/sessions/")).json()["sessions"] if not one["current"]]
    assert (await first.delete(f"/api/v1/me/sessions/{others[0]['id']}/")).status_code == 204
    assert await sockets[1].closed(2) == 4401
    await sockets[0].settle()
    assert (await second.get("/api/v1/me/")).status_code == 401
    for one in (*sockets, first, second):
        await (one.close() if hasattr(one, "close") else one.aclose())


async def test_signing_out_everywhere_ends_sessions_and_tokens_and_closes_sockets(server: Site) -> None:
    http = await browser_of(server, f"ann {new_ref()[:8]}")
    made = (await http.post("/api/v1/me/tokens/", json={"name": "bot"})).json()
    headers = {"Authorization": f"Bearer {made['secret']}"}
    socket = await open_socket(server, headers=headers)
    await socket.hello()
    assert (await http.delete("/api/v1/me/sessions/")).status_code == 204
    assert await socket.closed(2) == 4401
    async with http_client(server, headers=headers) as bot:
        assert (await bot.get("/api/v1/me/")).status_code == 401
    assert (await http.get("/api/v1/me/")).status_code == 401
    await http.aclose()


async def test_a_token_is_made_used_listed_and_revoked(ann: Person) -> None:
    made = await ann.api("POST", "me/tokens/", 201, json={"name": "weather bot", "days": 7})
    bot = Person(ann.site, ann.user, made["secret"])
    assert (await bot.api("GET", "me/"))["id"] == ann.id
    listed = (await bot.api("GET", "me/tokens/"))["tokens"]
    assert [token["name"] for token in listed if token["current"]] == ["weather bot"]
    assert all("secret" not in token for token in listed)
    socket = await bot.connect()
    await ann.api("DELETE", f"me/tokens/{made['id']}/", 204)
    assert await socket.closed(2) == 4401
    assert (await bot.http.get("/api/v1/me/")).status_code == 401
    await bot.leave_site()


async def test_nobody_ends_what_is_another_persons(ann: Person, bob: Person) -> None:
    made = await ann.api("POST", "me/tokens/", 201, json={"name": "mine"})
    await bob.api("DELETE", f"me/tokens/{made['id']}/", 404)
    await bob.api("DELETE", "me/sessions/nothing/", 404)


async def test_how_long_and_how_many_tokens(ann: Person) -> None:
    for fields in ({"name": "x", "days": 0}, {"name": "x", "days": 366}, {"name": ""}, {"name": "x" * 81}, {}):
        await ann.api("POST", "me/tokens/", 400, json=fields)
    for number in range(49):
        await ann.api("POST", "me/tokens/", 201, json={"name": str(number)})
    await ann.api("POST", "me/tokens/", 400, json={"name": "one too many"})


async def test_a_session_needs_the_present_password_for_a_new_one(server: Site) -> None:
    http = await browser_of(server, f"ann {new_ref()[:8]}")

    async def change(**fields: str) -> httpx.Response:
        http.headers["X-CSRFToken"] = http.cookies["csrftoken"]
        return await http.patch("/api/v1/me/", json=fields)

    assert (await change(password="a good long password")).status_code == 200
    for current in ({}, {"current_password": "wrong"}):
        refused = await change(password="another good one", **current)
        assert refused.status_code == 400
        assert list(refused.json()["fields"]) == ["current_password"]
    assert (await change(password="another good one", current_password="a good long password")).status_code == 200
    assert (await change(nickname=f"anna {new_ref()[:8]}")).status_code == 200
    await http.aclose()


async def test_a_wrong_password_deletes_no_account(ann: Person) -> None:
    await ann.api("PATCH", "me/", 200, json={"password": "a good long password"})
    for wrong in ("wrong", 7, ["a good long password"]):
        await ann.api("DELETE", "me/", 400, json={"current_password": wrong})
    await ann.api("DELETE", "me/", 204, json={"current_password": "a good long password"})


async def test_a_token_made_in_a_session_is_no_way_around_the_present_password(ann: Person) -> None:
    await ann.api("PATCH", "me/", 200, json={"password": "a good long password"})
    made = await ann.api("POST", "me/tokens/", 201, json={"name": "bot"})
    bot = Person(ann.site, ann.user, made["secret"])
    await bot.api("PATCH", "me/", 400, json={"password": "another good one"})
    await bot.leave_site()


async def test_an_administrator_hands_out_a_link_for_a_new_password(
    server: Site, ann: Person, bob: Person, newcomer: Callable[..., Awaitable[Person]]
) -> None:
    await ann.api("POST", f"users/{bob.id}/password-links/", 403)
    server.backstage("make_administrator", ann.id)
    old = await ann.api("POST", f"users/{bob.id}/password-links/", 201)
    link = await ann.api("POST", f"users/{bob.id}/password-links/", 201)
    socket = await bob.connect()
    async with http_client(server) as http:
        assert (await http.get(old["url"])).status_code == 404
        assert (await http.get(link["url"])).status_code == 200
        form = {"password": "short", "csrfmiddlewaretoken": http.cookies["csrftoken"]}
        assert (await http.post(link["url"], data=form)).status_code == 400
        form["password"] = "a good long password"
        assert (await http.post(link["url"], data=form)).status_code == 302
        assert (await http.get("/api/v1/me/")).json()["nickname"] == bob.nickname
        assert (await http.get(link["url"])).status_code == 404
    assert await socket.closed(2) == 4401
    await ann.api("POST", "users/4503599627370495/password-links/", 404)
