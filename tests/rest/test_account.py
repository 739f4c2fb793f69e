"""One's own account, its tokens and its session."""

import asyncio

import pytest

from tests.client import Event, Person, arrive, http_client
from tests.servers import Site

PASSWORD = {"password": "correct horse battery"}


async def test_me_is_what_others_see_and_what_only_i_see(ann: Person):
    me = await ann.api("GET", "me/", 200)
    assert ann.user.items() <= me.items()
    assert me["is_staff"] is False


async def test_nothing_is_answered_without_signing_in(server: Site, ann: Person, room: int):
    async with http_client(server) as http:
        for path in ("me/", "rooms/", f"rooms/{room}/", f"rooms/{room}/messages/", f"rooms/{room}/members/", "sync/"):
            response = await http.get(f"/api/v1/{path}")
            assert (response.status_code, response.json()["code"]) == (401, "unauthenticated"), path
        for path in ("messages/", "commands/", "direct/", "rooms/", "socket-tickets/", f"rooms/{room}/join/"):
            response = await http.post(f"/api/v1/{path}", json={})
            assert response.status_code in (401, 403), path
            assert response.json()["code"] in ("unauthenticated", "forbidden")


async def test_a_bad_token_is_refused_even_beside_a_good_session(server: Site, ann: Person):
    async with http_client(server, headers={"Origin": server.url}) as http:
        await http.post("/api/v1/guests/", json={"nickname": f"{ann.nickname}x"})
        for path in ("me/", "sync/"):
            response = await http.get(f"/api/v1/{path}", headers={"Authorization": "Bearer bad"})
            assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")


async def test_an_expired_token_is_told_that_it_expired(server: Site, ann: Person):
    server.backstage("expire_tokens", ann.id)
    for path in ("me/", "sync/"):
        assert (await ann.api("GET", path, 401))["code"] == "token_expired"


async def test_a_revoked_token_is_no_good(ann: Person):
    await ann.api("DELETE", "tokens/current/", 204)
    assert (await ann.api("GET", "me/", 401))["code"] == "unauthenticated"


async def test_a_session_changes_something_only_with_the_csrf_token(server: Site, ann: Person, room: int):
    async with http_client(server, headers={"Origin": server.url}) as http:
        await http.post("/api/v1/guests/", json={"nickname": f"{ann.nickname}x"})
        calls = [
            ("POST", "socket-tickets/"),
            ("POST", "rooms/"),
            ("POST", f"rooms/{room}/join/"),
            ("POST", "messages/"),
            ("POST", "commands/"),
            ("POST", "direct/"),
            ("PATCH", "me/"),
            ("DELETE", "me/"),
            ("DELETE", "tokens/current/"),
        ]
        for method, path in calls:
            refusal = await http.request(method, f"/api/v1/{path}", json={})
            assert (refusal.status_code, refusal.json()["code"]) == (403, "forbidden"), path
        assert (await http.get("/api/v1/me/")).status_code == 200
        with_token = {"X-CSRFToken": http.cookies["csrftoken"]}
        assert (await http.post("/api/v1/socket-tickets/", headers=with_token)).status_code == 201
        foreign = with_token | {"Origin": "https://evil.example"}
        assert (await http.post("/api/v1/socket-tickets/", headers=foreign)).status_code == 403


async def test_the_csrf_check_cannot_be_evaded_by_another_content_type(server: Site, ann: Person):
    async with http_client(server, headers={"Origin": server.url}) as http:
        await http.post("/api/v1/guests/", json={"nickname": f"{ann.nickname}x"})
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            response = await http.post(
                "/api/v1/commands/", content=b'{"type":"ping"}', headers={"Content-Type": kind, "Origin": "null"}
            )
            assert response.status_code in (403, 415)


async def test_a_profile_is_changed_field_by_field(ann: Person):
    changed = await ann.api("PATCH", "me/", 200, json={"nickname": f"{ann.nickname} II", "language": "zh-hans"})
    assert (changed["nickname"], changed["language"]) == (f"{ann.nickname} II", "zh-hans")
    assert (await ann.api("PATCH", "me/", 200, json={"avatar": "owl"}))["avatar"] == "owl"
    assert (await ann.api("GET", "me/"))["nickname"] == f"{ann.nickname} II"


@pytest.mark.parametrize(
    "change",
    [
        {"nickname": ""},
        {"nickname": "\u200b"},
        {"avatar": "nonsense"},
        {"language": "tlh"},
        {"password": "123"},
        {"is_staff": True},
        {"id": 1},
        {"nickname": None},
        {"password": ["x"]},
    ],
    ids=str,
)
async def test_a_change_that_makes_no_sense_is_invalid_and_changes_nothing(ann: Person, change: dict):
    before = await ann.api("GET", "me/")
    assert (await ann.api("PATCH", "me/", 400, json=change))["code"] == "invalid"
    assert await ann.api("GET", "me/") == before


async def test_nobody_takes_the_name_of_another(ann: Person, bob: Person):
    answer = await ann.api("PATCH", "me/", 400, json={"nickname": bob.nickname.upper()})
    assert answer["suggestion"]


async def test_with_a_password_one_signs_in_again_by_name(server: Site, ann: Person):
    assert (await ann.api("PATCH", "me/", json=PASSWORD))["is_guest"] is False
    async with http_client(server) as http:
        good = await http.post("/api/v1/tokens/", json={"nickname": ann.nickname.upper(), **PASSWORD})
        bad = await http.post("/api/v1/tokens/", json={"nickname": ann.nickname, "password": "guess"})
    assert (good.status_code, good.json()["user"]["id"]) == (201, ann.id)
    assert (bad.status_code, bad.json()["code"]) == (401, "unauthenticated")


async def test_a_guest_cannot_be_signed_in_to_without_a_password(server: Site, ann: Person):
    async with http_client(server) as http:
        refusal = await http.post("/api/v1/tokens/", json={"nickname": ann.nickname, "password": ""})
        assert refusal.status_code in (400, 401)


async def test_deleting_an_account_frees_the_name_and_ends_every_sign_in(server: Site, ann: Person, room: int):
    await ann.post("I stay", room)
    await ann.api("DELETE", "me/", 204)
    assert (await ann.api("GET", "me/", 401))["code"] == "unauthenticated"
    heir = await arrive(server, ann.nickname)
    assert heir.id != ann.id
    [message] = await heir.messages(room)
    assert (message["body"], message["author"]["former"]) == ("I stay", True)
    assert (await heir.api("POST", "direct/", 404, json={"user": ann.id}))["code"] == "not_found"
    await heir.leave_site()


async def test_accounts_are_deleted_while_others_write_in_their_room_and_every_message_is_taken(
    server: Site, ann: Person, bob: Person, newcomer
):
    """Those who write name those who go: both ask for the same rows."""
    writers = [await person.connect() for person in (ann, bob, ann, bob)]
    [lobby] = [frame["id"] for frame in writers[0].welcome["rooms"] if frame["name"] == "Lobby"]
    leavers = [await newcomer("leaver") for _ in range(6)]
    names = " ".join(f"@{person.nickname}" for person in leavers)
    answers: list[Event] = []
    is_over = asyncio.Event()

    async def write(socket) -> None:
        while not is_over.is_set():
            answers.append(await socket.send(f"bye {names}", lobby))
            socket.events.clear()

    writing = [asyncio.create_task(write(socket)) for socket in writers]
    for person in leavers:
        before = len(answers)
        await person.api("DELETE", "me/", 204)
        async with asyncio.timeout(20):
            while len(answers) < before + 5:
                await asyncio.sleep(0.01)
    is_over.set()
    await asyncio.gather(*writing)
    assert [answer for answer in answers if answer["type"] != "ack"] == []
