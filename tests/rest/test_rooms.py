"""Rooms, their messages and their people over REST."""

import asyncio

import pytest

from tests.client import Event, Person, new_ref
from tests.servers import Site


async def page(person: Person, room: int, **query: int) -> list[int]:
    """Return the seqs of one page of messages."""
    answer = await person.api("GET", f"rooms/{room}/messages/", params=query)
    return [message["seq"] for message in answer["messages"]]


@pytest.fixture
async def long_room(server: Site, ann: Person, room: int) -> int:
    """A room with 120 messages."""
    server.backstage("seed_messages", ann.id, room, 120)
    return room


async def test_the_list_has_my_rooms_and_those_i_may_join(ann: Person, eve: Person, room: int, private_room: int):
    mine = {frame["id"]: frame for frame in (await ann.api("GET", "rooms/"))["rooms"]}
    theirs = {frame["id"]: frame for frame in (await eve.api("GET", "rooms/"))["rooms"]}
    assert (mine[room]["role"], mine[private_room]["role"]) == ("owner", "owner")
    assert theirs[room]["role"] is None
    assert private_room not in theirs


async def test_a_room_is_made_with_name_kind_and_topic(ann: Person):
    made = await ann.api("POST", "rooms/", 201, json={"name": " 茶馆  tea ", "kind": "public", "topic": "leaves"})
    assert (made["name"], made["kind"], made["topic"], made["role"]) == ("茶馆 tea", "public", "leaves", "owner")
    assert await ann.room_frame(made["id"]) == made


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"name": "", "kind": "public"},
        {"name": "\u200b", "kind": "public"},
        {"name": "x" * 65, "kind": "public"},
        {"name": "x", "kind": "direct"},
        {"name": "x", "kind": 1},
        {"name": ["x"], "kind": "public"},
        {"name": "x", "kind": "public", "topic": "t" * 251},
        {"name": "x", "kind": "public", "is_default": True},
    ],
    ids=str,
)
async def test_a_room_that_makes_no_sense_is_invalid(ann: Person, body: dict):
    answer = await ann.api("POST", "rooms/", 400, json=body)
    assert answer["code"] == "invalid"
    assert answer["detail"]


async def test_html_in_a_rooms_name_stays_text(ann: Person):
    name = "<script>alert(1)</script>"
    made = await ann.api("POST", "rooms/", 201, json={"name": name, "kind": "public", "topic": "[x](javascript:y)"})
    assert (made["name"], made["topic"]) == (name, "[x](javascript:y)")


async def test_pages_are_in_order_and_come_with_the_head(ann: Person, long_room: int):
    newest = await ann.api("GET", f"rooms/{long_room}/messages/")
    assert [message["seq"] for message in newest["messages"]] == list(range(71, 121))
    assert newest["head"] == {"seq": 120, "change": 120}
    assert await page(ann, long_room, before=71, limit=20) == list(range(51, 71))
    assert await page(ann, long_room, after=71, limit=20) == list(range(72, 92))
    assert await page(ann, long_room, around=60, limit=10) == list(range(55, 65))
    assert await page(ann, long_room, before=1) == []
    assert await page(ann, long_room, after=120) == []
    assert len(await page(ann, long_room, limit=100)) == 100


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 101},
        {"limit": 0},
        {"limit": "x"},
        {"before": -1},
        {"before": "x"},
        {"after": 2**53},
        {"around": 1.5},
        {"before": 5, "after": 1},
        {"surprise": 1},
        {"after": 10**30},
    ],
    ids=str,
)
async def test_a_page_that_makes_no_sense_is_invalid(ann: Person, room: int, query: dict):
    assert (await ann.api("GET", f"rooms/{room}/messages/", 400, params=query))["code"] == "invalid"


async def test_a_private_room_looks_like_none_to_an_outsider(eve: Person, private_room: int):
    for path in ("", "messages/", "members/"):
        missing = await eve.api("GET", f"rooms/{2**52}/{path}", 404)
        assert await eve.api("GET", f"rooms/{private_room}/{path}", 404) == missing
        assert missing["code"] == "not_found"
    for path in ("join/", "leave/"):
        assert await eve.api("POST", f"rooms/{private_room}/{path}", 404) == missing


@pytest.mark.parametrize("number", [0, 2**53, 2**63, 2**64, 10**30])
async def test_ids_that_cannot_be_are_not_found(ann: Person, number: int):
    for method, path in (
        ("GET", f"rooms/{number}/"),
        ("GET", f"rooms/{number}/messages/"),
        ("GET", f"rooms/{number}/members/"),
        ("POST", f"rooms/{number}/join/"),
        ("POST", f"rooms/{number}/leave/"),
        ("DELETE", f"messages/{number}/"),
    ):
        response = await ann.http.request(method, f"/api/v1/{path}")
        assert response.status_code in (400, 404), (method, path, response.status_code)
        assert response.json()["code"] in ("invalid", "not_found")


async def test_anyone_reads_a_public_room_before_joining_it(ann: Person, eve: Person, room: int):
    await ann.post("come in", room)
    assert await page(eve, room) == [1]
    assert (await eve.api("POST", f"rooms/{room}/join/", 200))["role"] == "member"
    await eve.api("POST", f"rooms/{room}/leave/", 204)
    assert (await eve.room_frame(room))["role"] is None


async def test_members_come_page_by_page_and_are_found_by_the_beginning_of_their_names(
    ann: Person, bob: Person, eve: Person, room: int
):
    await eve.join(room)
    first = await ann.api("GET", f"rooms/{room}/members/", params={"limit": 2})
    second = await ann.api("GET", f"rooms/{room}/members/", params={"limit": 2, "offset": first["next"]})
    assert [member["user"]["id"] for member in first["members"] + second["members"]] == [ann.id, bob.id, eve.id]
    assert second["next"] is None
    found = await ann.api("GET", f"rooms/{room}/members/", params={"q": bob.nickname[:3].upper()})
    assert [member["user"]["id"] for member in found["members"]] == [bob.id]


async def test_a_message_is_posted_edited_and_deleted(ann: Person, bob: Person, room: int):
    socket = await bob.connect()
    posted = await ann.api("POST", "messages/", 201, json={"ref": new_ref(), "room": room, "body": "one"})
    assert (posted["seq"], posted["change"], posted["duplicate"]) == (1, 1, False)
    edited = await ann.api("PATCH", f"messages/{posted['id']}/", 200, json={"body": "two"})
    deleted = await ann.api("DELETE", f"messages/{posted['id']}/", 200)
    assert (edited["change"], deleted["change"]) == (2, 3)
    for kind in ("message.created", "message.updated", "message.deleted"):
        assert (await socket.wait_for(kind, room=room))["message"]["id"] == posted["id"]


async def test_a_repeat_is_answered_200_with_the_first_result(ann: Person, room: int):
    body = {"ref": new_ref(), "room": room, "body": "one"}
    first = await ann.api("POST", "messages/", 201, json=body)
    assert await ann.api("POST", "messages/", 200, json=body | {"body": "two"}) == first | {"duplicate": True}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"ref": None}, 400, "invalid"),
        ({"ref": "x"}, 400, "invalid"),
        ({"body": None}, 400, "invalid"),
        ({"body": 5}, 400, "invalid"),
        ({"room": "1"}, 400, "invalid"),
        ({"room": 2**53}, 400, "invalid"),
        ({"room": 2**52}, 404, "not_found"),
        ({"surprise": 1}, 400, "invalid"),
        ({"type": "message.delete"}, 400, "invalid"),
        ({"to": 1}, 400, "invalid"),
    ],
    ids=str,
)
async def test_a_message_that_makes_no_sense_is_refused(ann: Person, room: int, change: Event, status: int, code: str):
    body = {"ref": new_ref(), "room": room, "body": "x"} | change
    refusal = await ann.http.post("/api/v1/messages/", json=body)
    if change == {"type": "message.delete"}:
        # The call says what it is; a `type` in the body is at most ignored.
        assert refusal.status_code in (201, 400)
        return
    assert (refusal.status_code, refusal.json()["code"]) == (status, code)
    assert await ann.messages(room) == []


async def test_nobody_acts_in_a_room_through_rest_who_may_not(ann: Person, eve: Person, room: int, private_room: int):
    sent = await ann.post("hers", room)
    assert (await eve.api("POST", "messages/", 403, json={"ref": new_ref(), "room": room, "body": "x"}))[
        "code"
    ] == "forbidden"
    assert (await eve.api("POST", "messages/", 404, json={"ref": new_ref(), "room": private_room, "body": "x"}))[
        "code"
    ] == "not_found"
    assert (await eve.api("PATCH", f"messages/{sent['id']}/", 403, json={"body": "x"}))["code"] == "forbidden"
    assert (await eve.api("DELETE", f"messages/{sent['id']}/", 403))["code"] == "forbidden"


async def test_a_private_chat_is_opened_once(ann: Person, bob: Person):
    first = await ann.api("POST", "direct/", json={"user": bob.id})
    assert (first["kind"], first["with"]) == ("direct", bob.user)
    assert (await ann.api("POST", "direct/", json={"user": bob.id}))["id"] == first["id"]
    assert (await bob.api("POST", "direct/", json={"user": ann.id}))["id"] == first["id"]


@pytest.mark.parametrize("user", [None, "x", 0, -1, 1.5, True, [], 2**53])
async def test_a_private_chat_with_nonsense_is_invalid(ann: Person, user: object):
    answer = await ann.http.post("/api/v1/direct/", json={"user": user})
    assert answer.status_code in (400, 404), answer.text
    assert answer.json()["code"] in ("invalid", "not_found")


async def test_joining_and_leaving_many_times_at_once_is_joining_and_leaving_once(
    server: Site, ann: Person, eve: Person, room: int
):
    async def four(act: str) -> list[int]:
        calls = (eve.http.post(f"/api/v1/rooms/{room}/{act}/") for _ in range(4))
        return sorted(response.status_code for response in await asyncio.gather(*calls))

    async def members() -> int:
        counted = (await ann.room_frame(room))["members"]
        assert counted == server.backstage("count_members", room)
        return counted

    for _round in range(5):
        assert await four("join") == [200] * 4
        assert await members() == 3
        assert await four("leave") == [204, 404, 404, 404]
        assert await members() == 2
