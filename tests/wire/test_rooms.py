"""Rooms are entered and left."""

from tests.client import Person
from tests.servers import Site


async def test_joining_is_told_to_every_tab_and_brings_what_is_said_from_then_on(ann: Person, eve: Person, room: int):
    tab, other_tab = await eve.connect(), await eve.connect()
    assert (await tab.command("room.join", room=room))["type"] == "ack"
    for socket in (tab, other_tab):
        frame = (await socket.wait_for("room.joined"))["room"]
        assert (frame["id"], frame["role"], frame["members"]) == (room, "member", 3)
    sent = await ann.post("welcome", room)
    for socket in (tab, other_tab):
        assert (await socket.wait_for("message.created", room=room))["message"]["id"] == sent["id"]


async def test_the_head_in_room_joined_leaves_no_gap_to_the_first_event(ann: Person, eve: Person, room: int):
    writer, reader = await ann.connect(), await eve.connect()
    for number in range(20):
        await writer.say(type="message.send", ref=f"{'0' * 30}{number:02x}", room=room, body=f"{number}")
        if number == 10:
            await reader.say(type="room.join", room=room)
    head = (await reader.wait_for("room.joined"))["room"]["head"]["change"]
    await writer.wait_for("message.created", change=20)
    last = await reader.wait_for("message.created", change=20)
    told = [*reader.of("message.created", room=room), last]
    changes = [event["change"] for event in told if event["change"] > head]
    assert changes == list(range(head + 1, 21))


async def test_leaving_is_told_to_every_tab_and_ends_what_is_said(ann: Person, bob: Person, room: int):
    writer, tab, other_tab = await ann.connect(), await bob.connect(), await bob.connect()
    assert (await tab.command("room.leave", room=room))["type"] == "ack"
    for socket in (tab, other_tab):
        left = await socket.wait_for("room.left")
        assert left["room"] == room
        assert left["reason"]
    await writer.send("is he gone?", room)
    await writer.wait_for("message.created", room=room)
    for socket in (tab, other_tab):
        await socket.settle()
        assert not socket.of("message.created")
    assert (await tab.send("I am", room))["code"] == "forbidden"


async def test_the_others_hear_how_many_are_in_the_room(ann: Person, eve: Person, room: int):
    socket = await ann.connect()
    await eve.join(room)
    updated = (await socket.wait_for("room.updated", where=lambda event: event["room"]["members"] == 3))["room"]
    told = {"id": room, "name": "a room", "topic": "", "kind": "public", "writable": True, "members": 3}
    assert {name: updated[name] for name in told} == told


async def test_a_private_room_can_be_neither_joined_nor_seen(eve: Person, private_room: int):
    socket = await eve.connect()
    for command in ("room.join", "room.leave"):
        hidden, missing = await socket.command(command, room=private_room), await socket.command(command, room=2**52)
        assert hidden["code"] == "not_found"
        assert hidden | {"ref": ""} == missing | {"ref": ""}
    assert private_room not in [room["id"] for room in (await eve.api("GET", "rooms/"))["rooms"]]


async def test_leaving_a_room_one_is_not_in_is_refused(eve: Person, room: int):
    assert (await (await eve.connect()).command("room.leave", room=room))["type"] == "error"


async def test_joining_twice_counts_once(bob: Person, room: int):
    socket = await bob.connect()
    assert (await socket.command("room.join", room=room))["type"] == "ack"
    assert (await bob.room_frame(room))["members"] == 2


async def test_who_left_a_private_room_does_not_see_it_any_more(bob: Person, private_room: int):
    socket = await bob.connect()
    assert (await socket.command("room.leave", room=private_room))["type"] == "ack"
    await bob.api("GET", f"rooms/{private_room}/", 404)
    assert (await socket.command("room.join", room=private_room))["code"] == "not_found"


async def test_making_a_room_is_told_to_every_tab_of_its_maker(ann: Person):
    socket = await ann.connect()
    made = await ann.make_room("private", "a den")
    frame = (await socket.wait_for("room.joined"))["room"]
    assert (frame["id"], frame["name"], frame["kind"], frame["role"]) == (made, "a den", "private", "owner")


async def test_nobody_writes_in_an_archived_room_nor_joins_it(server: Site, ann: Person, eve: Person, room: int):
    server.backstage("archive", room)
    assert (await (await ann.connect()).send("still?", room))["code"] == "read_only"
    assert (await (await eve.connect()).command("room.join", room=room))["code"] == "forbidden"


async def test_a_new_nickname_is_told_to_everyone(ann: Person, eve: Person):
    socket = await eve.connect()
    await ann.api("PATCH", "me/", json={"nickname": f"{ann.nickname} the second", "avatar": "panda"})
    user = (await socket.wait_for("user.updated", where=lambda event: event["user"]["id"] == ann.id))["user"]
    assert user["nickname"] == f"{ann.nickname} the second"
    assert "panda" in user["avatar_url"]


async def test_a_deleted_account_is_former_to_everyone_and_its_messages_stay(ann: Person, bob: Person, room: int):
    socket = await ann.connect()
    await bob.post("I was here", room)
    await bob.api("DELETE", "me/", 204)
    assert (await socket.wait_for("user.updated"))["user"]["former"] is True
    [message] = await ann.messages(room)
    assert (message["body"], message["author"]["former"]) == ("I was here", True)
