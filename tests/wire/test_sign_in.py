"""Who is asking: token, ticket or session, and what ends it."""

import asyncio

import pytest

from tests.client import Event, Person, Socket, http_client, open_socket
from tests.servers import Site


async def refusal(socket: Socket) -> tuple[str, int | None]:
    """Return the code of the error that a refused socket is told, and its close code."""
    error = await socket.wait_for("error")
    assert error["detail"]
    assert socket.events == []
    return error["code"], await socket.closed()


async def ticket_of(person: Person) -> str:
    """Return a new socket ticket of a person."""
    return str((await person.api("POST", "socket-tickets/", 201))["ticket"])


async def browser_cookie(site: Site, nickname: str) -> str:
    """Come in as a browser does and return the Cookie header of its session."""
    async with http_client(site) as http:
        response = await http.post("/api/v1/guests/", json={"nickname": nickname}, headers={"Origin": site.url})
    assert response.json()["token"] is None
    return f"sessionid={response.cookies['sessionid']}"


def unique(person: Person) -> str:
    """Return a nickname that is free."""
    return f"{person.nickname} browser"


async def test_a_bearer_token_signs_in(server: Site, ann: Person):
    socket = await open_socket(server, headers=ann.headers)
    assert (await socket.hello())["user"]["id"] == ann.id
    await socket.close()


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic YTpi", "", "Bearer \xff"])
async def test_a_bad_token_is_told_so_after_accepting_and_closed_with_4401(server: Site, header: str):
    socket = await open_socket(server, headers={"Authorization": header})
    assert await refusal(socket) == ("unauthenticated", 4401)


async def test_nothing_presented_is_closed_with_4401(server: Site):
    assert await refusal(await open_socket(server)) == ("unauthenticated", 4401)


async def test_an_expired_token_is_told_that_it_expired(server: Site, ann: Person):
    server.backstage("expire_tokens", ann.id)
    assert await refusal(await ann.open()) == ("token_expired", 4401)


async def test_a_ticket_signs_in_once(server: Site, ann: Person):
    query = f"?ticket={await ticket_of(ann)}"
    socket = await open_socket(server, query=query)
    assert (await socket.hello())["user"]["id"] == ann.id
    assert await refusal(await open_socket(server, query=query)) == ("unauthenticated", 4401)
    await socket.close()


async def test_an_old_ticket_has_expired(server: Site, ann: Person):
    ticket = await ticket_of(ann)
    server.backstage("expire_tickets", ann.id)
    assert await refusal(await open_socket(server, query=f"?ticket={ticket}")) == ("token_expired", 4401)


async def test_a_ticket_of_a_revoked_token_is_no_good(server: Site, ann: Person):
    ticket = await ticket_of(ann)
    await ann.api("DELETE", "tokens/current/", 204)
    assert await refusal(await open_socket(server, query=f"?ticket={ticket}")) == ("unauthenticated", 4401)


async def test_a_ticket_is_in_no_output_of_the_server(fresh_server, newcomer):
    site = fresh_server()
    ann = await newcomer("ann", site)
    good, unused = await ticket_of(ann), await ticket_of(ann)
    socket = await open_socket(site, query=f"?ticket={good}")
    await socket.hello()
    await refusal(await open_socket(site, query=f"?ticket={good}"))
    await ann.http.get(f"/ws/chat/?ticket={unused}")
    with pytest.raises(Exception, match="403"):
        await open_socket(site, query=f"elsewhere/?ticket={unused}")
    await socket.close()
    site.stop()
    outputs = site.log_text() + site.printed.read_text()
    assert good not in outputs
    assert unused not in outputs


async def test_a_session_cookie_signs_in_from_our_own_pages(server: Site, ann: Person):
    cookie = await browser_cookie(server, unique(ann))
    socket = await open_socket(server, headers={"Cookie": cookie}, origin=server.url)
    assert (await socket.hello())["user"]["nickname"] == unique(ann)
    await socket.close()


async def test_a_session_cookie_without_our_origin_is_refused(server: Site, ann: Person):
    cookie = {"Cookie": await browser_cookie(server, unique(ann))}
    port = server.url.rpartition(":")[2]
    foreign = ["https://evil.example", "null", f"https://127.0.0.1:{port}", "http://127.0.0.1:1", "http://127.0.0.1",
               f"{server.url}.evil.example"]  # fmt: skip
    for origin in [None, *foreign]:
        socket = await open_socket(server, headers=cookie, origin=origin)
        assert await refusal(socket) == ("unauthenticated", 4401), origin


async def test_a_page_under_a_rebound_name_is_refused(server: Site, ann: Person):
    cookie = await browser_cookie(server, unique(ann))
    headers = {"Cookie": cookie, "Origin": "http://evil.example", "Host": "evil.example"}
    assert await refusal(await open_socket(server, headers=headers)) == ("unauthenticated", 4401)


async def test_an_expired_session_is_told_that_it_expired(server: Site, ann: Person):
    async with http_client(server) as http:
        origin = {"Origin": server.url}
        response = await http.post("/api/v1/guests/", json={"nickname": unique(ann)}, headers=origin)
    server.backstage("expire_sessions", response.json()["user"]["id"])
    cookie = f"sessionid={response.cookies['sessionid']}"
    socket = await open_socket(server, headers={"Cookie": cookie}, origin=server.url)
    assert await refusal(socket) == ("token_expired", 4401)


async def test_a_session_lasts_its_full_age_again_while_a_socket_uses_it(server: Site, ann: Person):
    async with http_client(server, headers={"Origin": server.url}) as http:
        user = (await http.post("/api/v1/guests/", json={"nickname": unique(ann)})).json()["user"]
        cookie = {"Cookie": f"sessionid={http.cookies['sessionid']}"}
    server.backstage("age_sessions", user["id"], 3)
    assert server.backstage("days_left", user["id"]) < 4
    socket = await open_socket(server, headers=cookie, origin=server.url)
    await socket.hello()
    async with asyncio.timeout(5):
        while server.backstage("days_left", user["id"]) < 59:
            await asyncio.sleep(0.1)
    await socket.settle()
    await socket.close()


async def test_the_first_credential_decides_even_if_it_is_bad(server: Site, ann: Person):
    cookie, ticket = await browser_cookie(server, unique(ann)), await ticket_of(ann)
    bad_token = await open_socket(
        server, headers={"Authorization": "Bearer no", "Cookie": cookie}, query=f"?ticket={ticket}", origin=server.url
    )
    assert await refusal(bad_token) == ("unauthenticated", 4401)
    bad_ticket = await open_socket(server, headers={"Cookie": cookie}, query="?ticket=no", origin=server.url)
    assert await refusal(bad_ticket) == ("unauthenticated", 4401)
    unspent = await open_socket(server, query=f"?ticket={ticket}")
    await unspent.hello()
    await unspent.close()


async def test_an_empty_ticket_is_a_bad_one(server: Site, ann: Person):
    cookie = await browser_cookie(server, unique(ann))
    socket = await open_socket(server, headers={"Cookie": cookie}, query="?ticket=", origin=server.url)
    assert await refusal(socket) == ("unauthenticated", 4401)


async def test_a_banned_person_is_told_and_closed_with_4403(server: Site, ann: Person):
    server.backstage("ban", ann.id)
    assert await refusal(await ann.open()) == ("banned", 4403)
    assert (await ann.api("GET", "me/", 403))["code"] == "banned"


async def test_only_who_knows_the_password_is_told_of_a_ban(server: Site, ann: Person):
    password = {"password": "a long enough one"}
    await ann.api("PATCH", "me/", 200, json=password)
    server.backstage("ban", ann.id)
    async with http_client(server) as http:
        for given, code, status in ((password, "banned", 403), ({"password": "another one"}, "unauthenticated", 401)):
            answer = await http.post("/api/v1/tokens/", json={"nickname": ann.nickname, **given})
            assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_ban_closes_open_sockets_with_4403(server: Site, ann: Person):
    socket = await ann.connect()
    server.backstage("ban", ann.id)
    assert (await socket.wait_for("error"))["code"] == "banned"
    assert await socket.closed() == 4403


async def test_revoking_a_token_closes_its_sockets_and_no_others(server: Site, ann: Person, bob: Person):
    first, second, other = await ann.connect(), await ann.connect(), await bob.connect()
    await ann.api("DELETE", "tokens/current/", 204)
    for socket in (first, second):
        assert (await socket.wait_for("error"))["code"] == "unauthenticated"
        assert await socket.closed() == 4401
    await other.settle()


async def test_signing_out_closes_the_sockets_of_that_session(server: Site, ann: Person):
    async with http_client(server, headers={"Origin": server.url}) as http:
        await http.post("/api/v1/guests/", json={"nickname": unique(ann)})
        socket = await open_socket(
            server, headers={"Cookie": f"sessionid={http.cookies['sessionid']}"}, origin=server.url
        )
        await socket.hello()
        answer = await http.post("/sign-out/", headers={"X-CSRFToken": http.cookies["csrftoken"]})
        assert answer.status_code == 302
    assert await socket.closed() == 4401


async def test_a_new_password_closes_every_other_sign_in(server: Site, ann: Person):
    async with http_client(server) as http:
        password = {"password": "a long enough one"}
        await ann.api("PATCH", "me/", 200, json=password)
        signed_in: Event = (await http.post("/api/v1/tokens/", json={"nickname": ann.nickname, **password})).json()
    old = await ann.connect()
    new = Person(server, signed_in["user"], signed_in["token"])
    kept = await new.connect()
    await new.api("PATCH", "me/", 200, json={"password": "another long enough one"})
    assert await old.closed() == 4401
    await kept.settle()
    await new.leave_site()


async def test_a_deleted_account_loses_its_sockets(ann: Person):
    socket = await ann.connect()
    await ann.api("DELETE", "me/", 204)
    assert await socket.closed() == 4401


async def test_the_detail_of_an_error_is_in_the_language_asked_for(server: Site):
    socket = await open_socket(server, headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert not (await socket.wait_for("error"))["detail"].isascii()
