"""Messages that say what their author does, and links to rooms."""

import asyncio
from datetime import UTC, datetime, timedelta

from tests.client import Person, new_ref
from tests.desk import MESSAGES, PASSWORD, Desk
from tests.servers import Site


async def test_an_action_is_marked_as_one_everywhere(ann: Person, bob: Person, room: int):
    mine, theirs = await ann.connect(), await bob.connect()
    ack = await mine.send("waves at *you*", room, action=True)
    message = (await theirs.wait_for("message.created"))["message"]
    assert (message["kind"], message["action"], message["body"]) == ("text", True, "waves at *you*")
    assert "<em>you</em>" in message["html"]
    assert (await bob.messages(room))[0]["action"] is True
    synced = await theirs.sync(room, 0)
    assert synced["messages"][0]["action"] is True
    await mine.command("message.edit", id=ack["id"], body="nods")
    edited = (await theirs.wait_for("message.updated"))["message"]
    assert (edited["body"], edited["action"]) == ("nods", True)
    found = await bob.post("nothing special", room)
    assert "action" not in (await bob.messages(room))[found["seq"] - 1]


async def test_an_action_over_rest_and_in_private(ann: Person, bob: Person):
    socket = await bob.connect()
    body = {"ref": new_ref(), "to": bob.id, "body": "waves", "action": True}
    await ann.api("POST", "messages/", 201, json=body)
    assert (await socket.wait_for("message.created"))["message"]["action"] is True


async def test_a_public_room_is_linked_for_everyone(ann: Person, bob: Person, room: int):
    garden = await ann.make_room("public", f"Garden {new_ref()[:8]}")
    name = (await ann.room_frame(garden))["name"]
    socket = await bob.connect()
    await ann.post(f"over in #{name}, please", room)
    html = (await socket.wait_for("message.created"))["message"]["html"]
    assert f'href="/rooms/{garden}/"' in html
    assert f'data-room="{garden}"' in html


async def test_a_private_room_is_never_linked_not_even_for_its_members(ann: Person, room: int):
    name = f"Vault {new_ref()[:8]}"
    vault = await ann.make_room("private", name)
    for place in (room, vault):
        await ann.post(f"over in #{name}", place)
        message = (await ann.messages(place))[-1]
        assert "html" not in message
    # Nor does a private room stand in the way of a public one of its name.
    public = await ann.make_room("public", name)
    await ann.post(f"over in #{name}", room)
    assert f'data-room="{public}"' in (await ann.messages(room))[-1]["html"]


async def test_an_edit_links_rooms_too_and_keeps_the_earlier_text(ann: Person, bob: Person, room: int):
    posted = await bob.post("where?", room)
    await bob.api("PATCH", f"messages/{posted['id']}/", json={"body": "in #Lobby"})
    assert "data-room" in (await ann.messages(room))[-1]["html"]
    (version,) = (await ann.api("GET", f"messages/{posted['id']}/versions/"))["versions"]
    assert (version["body"], version["written_at"]) == ("where?", posted["created_at"])
    await bob.api("GET", f"messages/{posted['id']}/versions/", 403)
    await ann.api("GET", f"messages/{2**52}/versions/", 404)


async def test_a_page_at_a_time_is_around_the_first_message_since(ann: Person, room: int):
    times = []
    for number in range(5):
        times.append((await ann.post(f"number {number}", room))["created_at"])
        await asyncio.sleep(0.01)

    async def at(moment: str) -> int | None:
        page = await ann.api("GET", f"rooms/{room}/messages/", params={"at": moment, "limit": 3})
        assert page["at"] is None or page["at"] in [message["seq"] for message in page["messages"]]
        return page["at"]

    assert [await at(moment) for moment in times] == [1, 2, 3, 4, 5]
    assert await at("2000-01-01T00:00:00Z") == 1
    assert await at((datetime.fromisoformat(times[1]) + timedelta(microseconds=1)).isoformat()) == 3
    assert await at((datetime.now(UTC) + timedelta(days=1)).isoformat()) is None
    await ann.api("GET", f"rooms/{room}/messages/", 400, params={"at": "yesterday"})
    await ann.api("GET", f"rooms/{room}/messages/", 400, params={"at": times[0], "around": 1})


async def test_a_page_at_a_time_of_an_empty_room_is_empty(ann: Person, room: int):
    page = await ann.api("GET", f"rooms/{room}/messages/", params={"at": "2000-01-01T00:00:00Z"})
    assert (page["messages"], page["at"]) == ([], None)


async def test_the_desk_shows_what_a_message_said_before_even_when_it_was_deleted(
    server: Site, ann: Person, bob: Person, mia: Person, room: int
):
    server.backstage("give_password", mia.id, PASSWORD)
    server.backstage("make_moderator", mia.id)
    posted = await bob.post("first <words>", room)
    await bob.api("PATCH", f"messages/{posted['id']}/", json={"body": "harmless"})
    await bob.api("DELETE", f"messages/{posted['id']}/")
    await ann.api("GET", f"messages/{posted['id']}/versions/", 404)
    desk = await Desk(mia).sign_in()
    page = await desk.get(f"{MESSAGES}{posted['id']}/change/")
    assert "first &lt;words&gt;" in page.text
    chat = (await bob.api("POST", "direct/", json={"user": ann.id}))["id"]
    private = await bob.post("between us", chat)
    await bob.api("PATCH", f"messages/{private['id']}/", json={"body": "harmless"})
    page = await desk.get(f"{MESSAGES}{private['id']}/change/")
    assert "between us" not in page.text
    await desk.close()


async def test_the_names_of_emoji_are_told_in_both_languages(ann: Person):
    groups = (await ann.api("GET", "emoji/"))["groups"]
    named = {one[0]: one[1:] for group in groups for one in group["emoji"]}
    assert named["👍"] == ["thumbs_up thumbsup +1", "拇指向上"]
    assert len(named) > 1500
    assert not any("\U0001f3fb" in character for character in named)
    await ann.post("look", await ann.make_room("public"))


async def test_an_action_that_a_filter_holds_is_one_when_it_is_let_through(server: Site, ann: Person, bob: Person):
    room = await ann.make_room("public")
    await bob.join(room)
    rule = server.backstage("make_filter", "words", "waves", "hold", room)
    await asyncio.sleep(1)
    socket = await bob.connect()
    assert (await socket.send("waves", room, action=True))["code"] == "held"
    server.backstage("let_through", bob.id)
    assert (await socket.wait_for("message.created"))["message"]["action"] is True
    server.backstage("drop_filter", rule)
