"""Rooms are found, made, changed and shared, and who is there hears of it at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from tests.client import Person, http_client, new_ref, until
from tests.servers import Site

SOON = 1.0


async def test_the_directory_has_public_rooms_by_words_and_by_pages(ann: Person, bob: Person) -> None:
    word = new_ref()[:8]
    made = []
    for number in range(5):
        fields = {"name": f"{word} {number}", "kind": "public", "topic": "tea" * (number % 2)}
        made.append((await ann.api("POST", "rooms/", json=fields))["id"])
    await ann.make_room("private", f"{word} hidden")
    archived = await ann.make_room("public", f"{word} old")
    await ann.api("PATCH", f"rooms/{archived}/", json={"archived": True})
    await bob.join(made[3])
    first = await bob.api("GET", "rooms/directory/", params={"q": word, "limit": 3})
    second = await bob.api("GET", "rooms/directory/", params={"q": word, "limit": 3, "offset": first["next"]})
    found = [room["id"] for room in first["rooms"] + second["rooms"]]
    assert set(found) == set(made)
    assert found[0] == made[3]
    assert second["next"] is None
    assert first["rooms"][0]["role"] == "member"
    by_topic = await bob.api("GET", "rooms/directory/", params={"q": f"tea {word.upper()}"})
    assert {room["id"] for room in by_topic["rooms"]} == {made[1], made[3]}


async def test_what_is_changed_of_a_room_is_seen_at_once(ann: Person, bob: Person, room: int) -> None:
    socket = await bob.connect()
    await ann.api("PATCH", f"rooms/{room}/", json={"name": "Tea house", "topic": "green", "slow_mode": 30})
    updated = (await socket.wait_for("room.updated", within=SOON, where=lambda e: e["room"]["topic"] == "green"))[
        "room"
    ]
    assert (updated["name"], updated["slug"], updated["slow_mode"]) == ("Tea house", "tea-house", 30)
    await ann.api("PATCH", f"rooms/{room}/", json={"read_only": True})
    updated = (await socket.wait_for("room.updated", within=SOON, where=lambda e: e["room"]["read_only"]))["room"]
    assert updated["writable"] is False
    assert (await bob.room_frame(room))["writable"] is False
    assert (await ann.room_frame(room))["writable"] is True


async def test_who_is_brought_in_is_in_and_who_is_removed_is_out_at_once(
    ann: Person, eve: Person, private_room: int
) -> None:
    socket = await eve.connect()
    await ann.api("PUT", f"rooms/{private_room}/members/{eve.id}/", 201)
    joined = await socket.wait_for("room.joined", within=SOON)
    assert joined["room"]["id"] == private_room
    await ann.post("Hello Eve", private_room)
    await socket.wait_for("message.created", room=private_room)
    await ann.api("PUT", f"rooms/{private_room}/members/{eve.id}/", 200)
    await ann.api("DELETE", f"rooms/{private_room}/members/{eve.id}/", 204)
    left = await socket.wait_for("room.left", within=SOON)
    assert (left["room"], left["reason"]) == (private_room, "removed")
    await ann.post("Without Eve", private_room)
    assert not [event for event in await socket.settle() if event["type"] == "message.created"]
    await eve.api("GET", f"rooms/{private_room}/", 404)


async def test_roles_and_mutes_are_told_at_once(ann: Person, bob: Person, room: int) -> None:
    socket, owners = await bob.connect(), await ann.connect()
    path = f"rooms/{room}/members/{bob.id}/"
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await ann.api("PATCH", path, json={"muted_until": until})
    told = await socket.wait_for("membership.updated", within=SOON)
    assert told["muted_until"]
    assert (await socket.send("may I", room))["code"] == "muted"
    await ann.api("PATCH", path, json={"muted_until": None})
    assert (await socket.send("thanks", room))["type"] == "ack"
    await ann.api("PATCH", path, json={"role": "moderator"})
    told = await socket.wait_for("membership.updated", within=SOON, role="moderator")
    assert "moderate" in told["abilities"]
    await owners.wait_for("member.updated", within=SOON, user=bob.id, role="moderator")


async def test_a_mute_is_told_to_moderators_and_the_one_alone(ann: Person, bob: Person, eve: Person, room: int) -> None:
    await eve.join(room)
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await ann.api("PATCH", f"rooms/{room}/members/{bob.id}/", json={"muted_until": until})
    seen = {}
    for person in (ann, bob, eve):
        members = (await person.api("GET", f"rooms/{room}/members/"))["members"]
        seen[person] = next(m["muted_until"] for m in members if m["user"]["id"] == bob.id)
    assert seen[ann]
    assert seen[bob]
    assert seen[eve] is None


async def test_the_owner_leaves_and_the_next_is_told(ann: Person, bob: Person, room: int) -> None:
    socket = await bob.connect()
    await ann.api("POST", f"rooms/{room}/leave/", 204)
    await socket.wait_for("membership.updated", within=SOON, role="owner")
    assert (await bob.room_frame(room))["role"] == "owner"


async def test_a_link_is_made_previewed_followed_and_taken_back(
    ann: Person, eve: Person, mia: Person, private_room: int
) -> None:
    link = await ann.api("POST", "invitations/", 201, json={"room": private_room, "days": 7, "max_uses": 2})
    assert link["url"].endswith(f"/invite/{link['code']}/")
    async with http_client(ann.site) as stranger:
        preview = (await stranger.get(f"/api/v1/invitations/{link['code']}/")).json()
        assert (preview["good"], preview["room"]["id"]) == (True, private_room)
        assert (await stranger.get(link["url"])).status_code == 200
        qr = await stranger.get(link["qr_url"])
        assert qr.headers["content-type"] == "image/svg+xml"
        assert (await stranger.post(f"/api/v1/invitations/{link['code']}/redeem/")).status_code == 401
    redeemed = await eve.api("POST", f"invitations/{link['code']}/redeem/", 200)
    assert redeemed["room"]["id"] == private_room
    (listed,) = (await ann.api("GET", "invitations/", params={"room": private_room}))["invitations"]
    assert (listed["uses"], listed["good"]) == (1, True)
    await ann.api("DELETE", f"invitations/{link['code']}/", 204)
    await mia.api("POST", f"invitations/{link['code']}/redeem/", 404)
    async with http_client(ann.site) as stranger:
        gone = (await stranger.get(f"/api/v1/invitations/{link['code']}/")).json()
        assert (gone["good"], gone["room"]) == (False, None)
        assert (await stranger.get(link["url"])).status_code == 404


async def test_a_newcomer_enters_by_a_link_and_is_in_the_room(server: Site, ann: Person, private_room: int) -> None:
    link = await ann.api("POST", "invitations/", 201, json={"room": private_room})
    async with http_client(server, follow_redirects=True) as http:
        page = await http.get(link["url"])
        assert f'value="{link["code"]}"' in page.text
        form = {
            "nickname": f"nia {new_ref()[:8]}", "avatar": "owl", "invitation": link["code"],
            "next": f"/invite/{link['code']}/", "csrfmiddlewaretoken": http.cookies["csrftoken"],
        }  # fmt: skip
        room_page = await http.post("/", data=form)
        assert room_page.status_code == 200
        assert f"/rooms/{private_room}-a-room/" in str(room_page.url)


async def test_a_newcomer_by_a_link_into_the_site_comes_to_its_rooms(server: Site, ann: Person) -> None:
    await ann.api("PATCH", "me/", json={"password": "a good long password"})
    link = await ann.api("POST", "invitations/", 201, json={"max_uses": 1})
    async with http_client(server, follow_redirects=True) as http:
        await http.get(link["url"])
        form = {
            "nickname": f"nia {new_ref()[:8]}", "avatar": "owl", "invitation": link["code"],
            "next": f"/invite/{link['code']}/", "csrfmiddlewaretoken": http.cookies["csrftoken"],
        }  # fmt: skip
        page = await http.post("/", data=form)
        assert page.status_code == 200
        assert "/rooms/" in str(page.url)


async def test_people_are_found_by_name_and_known_by_their_card(ann: Person, bob: Person) -> None:
    found = (await ann.api("GET", "users/", params={"q": bob.nickname.upper()}))["users"]
    assert found[0]["id"] == bob.id
    assert found[0]["online"] is False
    socket = await bob.connect()
    card = await until(lambda: ann.api("GET", f"users/{bob.id}/"), lambda card: card["online"])
    assert (card["online"], card["away"], card["blocked"]) == (True, False, False)
    await socket.say(type="presence", away=True)
    await until(lambda: ann.api("GET", f"users/{bob.id}/"), lambda card: card["away"])
    await ann.api("GET", "users/4503599627370495/", 404)


async def test_away_is_told_and_ends_with_the_first_sign(ann: Person, bob: Person, room: int) -> None:
    watcher = await ann.connect()
    first, second = await bob.connect(), await bob.connect()
    await watcher.wait_for("presence.changed", room=room, where=lambda e: any(u["id"] == bob.id for u in e["joined"]))
    await first.say(type="presence", away=True)
    await asyncio.sleep(1.5)
    assert not [e for e in await watcher.settle() if e["type"] == "presence.changed" and bob.id in e.get("away", [])]
    await second.say(type="presence", away=True)
    await watcher.wait_for("presence.changed", room=room, where=lambda e: bob.id in e.get("away", []))
    members = (await ann.api("GET", f"rooms/{room}/members/"))["members"]
    assert next(m["away"] for m in members if m["user"]["id"] == bob.id) is True
    await second.close()
    await first.say(type="presence", away=False)
    await watcher.wait_for("presence.changed", room=room, where=lambda e: bob.id in e.get("active", []))


async def test_when_someone_was_last_here_is_known(ann: Person, bob: Person) -> None:
    socket = await bob.connect()
    before = datetime.now(UTC)
    await socket.close()
    async with asyncio.timeout(20):
        while not (seen := (await ann.api("GET", f"users/{bob.id}/")))["last_seen_at"] or seen["online"]:
            await asyncio.sleep(0.3)
        while datetime.fromisoformat((await ann.api("GET", f"users/{bob.id}/"))["last_seen_at"]) < before:
            await asyncio.sleep(0.3)


async def test_a_block_is_told_to_ones_own_sockets_and_shuts_private_chats(ann: Person, bob: Person) -> None:
    socket = await ann.connect()
    chat = (await bob.api("POST", "direct/", json={"user": ann.id}))["id"]
    await ann.api("PUT", f"blocks/{bob.id}/", 204)
    assert (await socket.wait_for("blocks.updated", within=SOON))["blocked"] == [bob.id]
    await bob.api("POST", "direct/", 403, json={"user": ann.id})
    await bob.api("POST", "messages/", 403, json={"ref": new_ref(), "room": chat, "body": "hey"})
    assert [user["id"] for user in (await ann.api("GET", "blocks/"))["blocks"]] == [bob.id]
    again = await ann.connect()
    assert again.welcome["blocked"] == [bob.id]
    await ann.api("DELETE", f"blocks/{bob.id}/", 204)
    await bob.post("hey", chat)
    await ann.api("PUT", f"blocks/{ann.id}/", 400)


async def test_lists_are_kept_by_hand_and_by_favour(ann: Person, room: int, private_room: int) -> None:
    socket = await ann.connect()
    ordered = await ann.api("PUT", "rooms/order/", json={"order": "hand", "rooms": [private_room, room]})
    assert ordered == {"order": "hand", "positions": {str(private_room): 0, str(room): 1}}
    told = await socket.wait_for("rooms.ordered", within=SOON)
    assert told["order"] == "hand"
    assert (await ann.api("GET", "me/"))["room_order"] == "hand"
    frame = await ann.api("PATCH", f"rooms/{room}/preferences/", json={"favourite": True, "notify": "none"})
    assert (frame["favourite"], frame["notify"], frame["position"]) == (True, "none", 1)
    for wrong in ({"order": "size"}, {"order": "hand", "rooms": ["x"]}, {}):
        await ann.api("PUT", "rooms/order/", 400, json=wrong)


async def test_readable_urls_lead_to_the_room_whatever_they_say(ann: Person, room: int) -> None:
    async with http_client(ann.site, headers={"Origin": ann.site.url}) as http:
        await http.post("/api/v1/guests/", json={"nickname": f"nia {new_ref()[:8]}"})
        for path in (
            f"/rooms/{room}/",
            f"/rooms/{room}-a-room/",
            f"/rooms/{room}-another-name/",
            f"/rooms/{room}-x/1/",
        ):
            assert (await http.get(path)).status_code == 200, path
        for path in ("/rooms/x/", f"/rooms/{2**53}-x/", f"/rooms/{2**52}-a-room/"):
            assert (await http.get(path)).status_code == 404, path


async def test_two_who_join_at_once_are_both_in_and_counted(
    ann: Person, room: int, newcomer: Callable[..., Awaitable[Person]]
) -> None:
    people = [await newcomer("nia") for _number in range(8)]
    link = (await ann.api("POST", "invitations/", 201, json={"room": room}))["code"]
    ways = [f"rooms/{room}/join/", f"invitations/{link}/redeem/"]
    await asyncio.gather(*(person.api("POST", way) for person in people for way in ways for _twice in range(2)))
    frame = await ann.room_frame(room)
    assert frame["members"] == ann.site.backstage("count_members", room) == 2 + len(people)


async def test_the_last_use_of_a_link_is_had_by_one(
    ann: Person, private_room: int, newcomer: Callable[..., Awaitable[Person]]
) -> None:
    people = [await newcomer("nia") for _number in range(6)]
    link = (await ann.api("POST", "invitations/", 201, json={"room": private_room, "max_uses": 1}))["code"]
    answers = await asyncio.gather(*(p.http.post(f"/api/v1/invitations/{link}/redeem/") for p in people))
    assert sorted(answer.status_code for answer in answers) == [200, *[404] * 5]


async def test_nothing_of_one_who_is_removed_while_sending_comes_after_the_removal(
    ann: Person, bob: Person, private_room: int
) -> None:
    socket, owners = await bob.connect(), await ann.connect()

    async def send() -> list[str]:
        return [(await socket.send(f"number {n}", private_room)).get("code", "ack") for n in range(40)]

    sending = asyncio.create_task(send())
    await owners.wait_for("message.created", room=private_room)
    await ann.api("DELETE", f"rooms/{private_room}/members/{bob.id}/", 204)
    outcomes = await sending
    stored = len(await ann.messages(private_room))
    assert outcomes == ["ack"] * stored + ["not_found"] * (40 - stored)
    assert stored < 40


async def test_when_owner_and_moderators_leave_at_once_somebody_owns_the_room(
    ann: Person, bob: Person, room: int, newcomer: Callable[..., Awaitable[Person]]
) -> None:
    people = [await newcomer("nia") for _number in range(5)]
    for person in people:
        await person.join(room)
        await ann.api("PATCH", f"rooms/{room}/members/{person.id}/", json={"role": "moderator"})
    await asyncio.gather(*(person.api("POST", f"rooms/{room}/leave/") for person in (ann, *people[:4])))
    members = (await bob.api("GET", f"rooms/{room}/members/"))["members"]
    assert sorted(member["role"] for member in members) == ["member", "owner"]
    assert next(m["user"]["id"] for m in members if m["role"] == "owner") == people[4].id


async def test_people_of_a_large_room_come_by_pages_and_search(ann: Person, bob: Person, room: int) -> None:
    ann.site.backstage("fill_room", room, 1500)
    socket = await bob.connect()
    first = await until(
        lambda: ann.api("GET", f"rooms/{room}/members/"), lambda page: page["members"][0]["user"]["id"] == bob.id
    )
    assert len(first["members"]) == 100
    seen: list[int] = []
    offset: int | None = 0
    while offset is not None:
        page = await ann.api("GET", f"rooms/{room}/members/", params={"offset": offset})
        seen += [m["user"]["id"] for m in page["members"]]
        offset = page["next"]
    assert len(seen) == len(set(seen)) == 1502
    found = (await ann.api("GET", f"rooms/{room}/members/", params={"q": "p00077"}))["members"]
    assert len(found) == 1
    await socket.close()
