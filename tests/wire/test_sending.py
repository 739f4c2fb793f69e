"""Messages are sent, acknowledged, numbered, and stored once."""

import asyncio
import uuid
from datetime import UTC, datetime

from tests.client import Person, new_ref
from tests.servers import Site


async def test_an_ack_says_where_the_message_stands(ann: Person, room: int):
    socket = await ann.connect()
    ack = await socket.send("hi", room)
    message_id, created_at = ack.pop("id"), datetime.fromisoformat(ack.pop("created_at"))
    assert abs((datetime.now(UTC) - created_at).total_seconds()) < 60
    assert message_id > 0
    uuid.UUID(ack.pop("ref"))
    assert ack == {"type": "ack", "room": room, "seq": 1, "change": 1, "duplicate": False}


async def test_everyone_in_the_room_gets_the_message_with_all_its_fields(ann: Person, bob: Person, room: int):
    sender, sender_too, reader = await ann.connect(), await ann.connect(), await bob.connect()
    ack = await sender.send("hello *world*", room)
    events = [await socket.wait_for("message.created", room=room) for socket in (sender, sender_too, reader)]
    assert events[0] == events[1] == events[2]
    message = events[0]["message"]
    assert events[0]["change"] == 1
    assert message.pop("html") == "<p>hello <em>world</em></p>"
    assert message == {
        "id": ack["id"], "room": room, "seq": 1, "change": 1, "kind": "text", "author": ann.user,
        "body": "hello *world*", "ref": ack["ref"], "created_at": ack["created_at"],
    }  # fmt: skip


async def test_a_text_that_needs_no_markup_has_no_html(ann: Person, room: int):
    socket = await ann.connect()
    await socket.send("just text, 5 < 6 & so on", room)
    assert "html" not in (await socket.wait_for("message.created"))["message"]


async def test_nobody_outside_the_room_hears_of_the_message(ann: Person, eve: Person, room: int, private_room: int):
    sender, outsider = await ann.connect(), await eve.connect()
    for place in (room, private_room):
        await sender.send("not for eve", place)
        await sender.wait_for("message.created", room=place)
    assert not [event for event in await outsider.settle() if event.get("room") in (room, private_room)]


async def test_messages_are_numbered_without_holes_in_the_order_of_one_socket(ann: Person, bob: Person, room: int):
    sender, reader = await ann.connect(), await bob.connect()
    for number in range(30):
        await sender.say(type="message.send", ref=new_ref(), room=room, body=f"{number}")
    received = [await reader.wait_for("message.created", room=room) for _ in range(30)]
    assert [event["message"]["body"] for event in received] == [f"{number}" for number in range(30)]
    assert [event["message"]["seq"] for event in received] == list(range(1, 31))
    assert [event["change"] for event in received] == list(range(1, 31))


async def test_what_one_socket_asks_for_at_once_is_answered_in_that_order(ann: Person, room: int):
    socket = await ann.connect()
    commands = [{"type": "message.send", "ref": new_ref(), "room": room, "body": f"{number}"} for number in range(40)]
    # Refused before the database is asked, in it, and by it; and what is no message waits for all before it.
    commands[7] |= {"room": None}
    commands[8] |= {"body": " "}
    commands[9] |= {"room": 2**40}
    commands[20:20] = [{"type": "room.sync", "room": room, "since": 0}]
    commands[30:30] = [{"type": "ping", "t": "then"}]
    before = len(socket.events)
    for command in commands:
        await socket.say(**command)
    await socket.settle()
    answers = [event for event in socket.events[before:] if event["type"] in ("ack", "error", "room.synced", "pong")]
    expected = {"room.sync": "room.synced", "ping": "pong"}
    assert [event.get("ref", event["type"]) for event in answers] == [
        command.get("ref") or expected[str(command["type"])] for command in commands
    ]
    assert [event["type"] for event in answers[7:10]] == ["error"] * 3
    assert answers[20]["head"] == {"seq": 17, "change": 17}
    stored = [event["seq"] for event in answers if event["type"] == "ack"]
    assert stored == list(range(1, 38))


async def test_a_message_of_which_the_sender_hears_no_more_is_stored(ann: Person, bob: Person, room: int):
    sender, reader = await ann.connect(), await bob.connect()
    for number in range(10):
        await sender.say(type="message.send", ref=new_ref(), room=room, body=f"{number}")
    await sender.close()
    received = [await reader.wait_for("message.created", room=room) for _ in range(10)]
    assert [event["message"]["body"] for event in received] == [f"{number}" for number in range(10)]


async def test_everyone_sees_the_same_order_when_many_send_at_once(ann: Person, bob: Person, room: int):
    sockets = [await person.connect() for person in (ann, ann, bob, bob)]

    async def send_ten(socket) -> None:
        for number in range(10):
            await socket.say(type="message.send", ref=new_ref(), room=room, body=f"{number}")

    await asyncio.gather(*map(send_ten, sockets))
    orders = [
        [(await socket.wait_for("message.created", room=room))["message"]["id"] for _ in range(40)]
        for socket in sockets
    ]
    assert orders[0] == orders[1] == orders[2] == orders[3]
    assert [message["id"] for message in await ann.messages(room)] == orders[0]


async def test_a_repeated_ref_is_answered_with_the_first_result_whatever_it_now_says(ann: Person, room: int):
    socket = await ann.connect()
    first = await socket.send("hi", room)
    elsewhere = await ann.make_room("public")
    repeats = [
        await socket.send("hi", room, ref=first["ref"]),
        await socket.send("something else", room, ref=first["ref"]),
        await socket.send("hi", elsewhere, ref=first["ref"]),
        await socket.send("hi", 2**52, ref=first["ref"]),
        await ann.post("hi", room, ref=first["ref"]),
    ]
    assert repeats == [first | {"duplicate": True}] * 5
    assert [message["body"] for message in await ann.messages(room)] == ["hi"]
    assert await ann.messages(elsewhere) == []


async def test_twenty_sends_of_one_ref_at_once_over_socket_and_rest_store_one_message(ann: Person, room: int):
    sockets = [await ann.connect() for _ in range(5)]
    ref = new_ref()
    acks = await asyncio.gather(
        *(socket.command("message.send", ref=ref, room=room, body="once") for socket in sockets for _ in range(2)),
        *(ann.post("once", room, ref=ref) for _ in range(10)),
    )
    assert [ack["type"] for ack in acks] == ["ack"] * 20
    assert len({ack["id"] for ack in acks}) == 1
    assert sorted(ack["duplicate"] for ack in acks) == [False] + [True] * 19
    assert len(await ann.messages(room)) == 1


async def test_two_people_may_use_the_same_ref(ann: Person, bob: Person, room: int):
    ref = new_ref()
    first, second = await ann.post("mine", room, ref=ref), await bob.post("mine", room, ref=ref)
    assert first["id"] != second["id"]
    assert second["duplicate"] is False


async def test_someone_muted_since_still_learns_that_it_was_stored(server: Site, ann: Person, bob: Person, room: int):
    socket = await bob.connect()
    first = await socket.send("quick", room)
    server.backstage("mute", bob.id)
    assert (await socket.send("slow", room))["code"] == "muted"
    assert await socket.send("quick", room, ref=first["ref"]) == first | {"duplicate": True}


async def test_only_moderators_write_in_a_read_only_room(server: Site, ann: Person, bob: Person, room: int):
    server.backstage("make_read_only", room)
    assert (await (await bob.connect()).send("may I?", room))["code"] == "read_only"
    assert (await (await ann.connect()).send("I may", room))["type"] == "ack"


async def test_an_outsider_can_send_neither_to_a_public_nor_to_a_private_room(
    eve: Person, room: int, private_room: int
):
    socket = await eve.connect()
    assert (await socket.send("hi", room))["code"] == "forbidden"
    hidden, missing = await socket.send("hi", private_room), await socket.send("hi", 2**52)
    assert hidden["code"] == "not_found"
    assert hidden | {"ref": ""} == missing | {"ref": ""}


async def test_a_refused_message_leaves_no_hole(ann: Person, room: int):
    socket = await ann.connect()
    await socket.send("one", room)
    assert (await socket.send("   ", room))["code"] == "invalid"
    assert (await socket.send("a reply to nothing", room, reply_to=2**52))["code"] == "not_found"
    assert (await socket.send("with what?", room, attachments=[1]))["type"] == "error"
    assert (await socket.send("two", room))["seq"] == 2


async def test_a_message_goes_to_a_room_or_to_a_person_but_not_both_or_neither(ann: Person, bob: Person, room: int):
    socket = await ann.connect()
    assert (await socket.send("both", room, to=bob.id))["code"] == "invalid"
    assert (await socket.send("neither"))["code"] == "invalid"


async def test_an_answer_repeats_the_ref_of_any_command(ann: Person, room: int):
    socket = await ann.connect()
    for kind, fields in [
        ("room.join", {"room": room}),
        ("room.leave", {"room": 2**52}),
        ("message.pin", {"id": 2**52}),
    ]:
        await socket.say(type=kind, ref="my ref", **fields)
        assert (await socket.wait_for(("ack", "error")))["ref"] == "my ref"
