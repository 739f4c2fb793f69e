"""`POST commands/`: any one command of the socket, for where no socket opens."""

from typing import Any

import pytest

from tests.client import Event, Person, new_ref


async def run(person: Person, **command: Any) -> list[Event]:
    """Give one command over REST and return the events that answer it."""
    events: list[Event] = (await person.api("POST", "commands/", 200, json=command))["events"]
    return events


async def test_every_command_is_answered_as_on_a_socket(ann: Person, room: int):
    ref = new_ref()
    [sent] = await run(ann, type="message.send", ref=ref, room=room, body="hi")
    assert (sent["type"], sent["ref"], sent["seq"], sent["duplicate"]) == ("ack", ref, 1, False)
    changes = []
    for kind, fields in [
        ("edit", {"body": "hello"}),
        ("pin", {}),
        ("unpin", {}),
        ("react", {"emoji": "👍"}),
        ("unreact", {"emoji": "👍"}),
        ("delete", {}),
        ("restore", {}),
    ]:
        [ack] = await run(ann, type=f"message.{kind}", id=sent["id"], ref="r", **fields)
        assert (ack["type"], ack["ref"], ack["id"], ack["room"]) == ("ack", "r", sent["id"], room)
        changes.append(ack["change"])
    assert changes == list(range(2, 9))
    [synced] = await run(ann, type="room.sync", room=room, since=0)
    assert (synced["type"], synced["upto"], len(synced["messages"])) == ("room.synced", 8, 1)


async def test_the_other_commands_too(ann: Person, eve: Person, room: int):
    await ann.post("hi", room)
    for kind, fields in [("join", {}), ("read", {"seq": 1}), ("unread", {"seq": 1}), ("leave", {})]:
        [ack] = await run(eve, type=f"room.{kind}", room=room, ref="r", **fields)
        assert (ack["type"], ack["ref"]) == ("ack", "r"), kind
    assert await run(ann, type="typing", room=room, active=True) == []
    assert await run(ann, type="ping", t=5) == [{"type": "pong", "t": 5}]
    events = await run(ann, type="hello", protocol=1, rooms={str(room): 0})
    assert [event["type"] for event in events] == ["welcome", "room.synced"]


async def test_what_is_done_reaches_the_sockets_of_the_room(ann: Person, bob: Person, room: int):
    socket = await bob.connect()
    [ack] = await run(ann, type="message.send", ref=new_ref(), room=room, body="hi")
    assert (await socket.wait_for("message.created", room=room))["message"]["id"] == ack["id"]
    await run(ann, type="typing", room=room, active=True)
    assert (await socket.wait_for("typing.changed", room=room))["users"] == [ann.user]


async def test_a_ref_is_the_same_over_socket_and_rest(ann: Person, room: int):
    socket = await ann.connect()
    first = await socket.send("hi", room)
    [again] = await run(ann, type="message.send", ref=first["ref"], room=room, body="hi")
    assert again == first | {"duplicate": True}


async def test_a_refusal_is_an_error_among_the_events(eve: Person, private_room: int):
    [error] = await run(eve, type="message.send", ref=(ref := new_ref()), room=private_room, body="hi")
    assert (error["type"], error["ref"], error["code"]) == ("error", ref, "not_found")
    socket = await eve.connect()
    assert error | {"ref": ""} == (await socket.send("hi", private_room)) | {"ref": ""}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b"null",
        b'{"type":"nonsense"}',
        b'{"type":"message.pin"}',
        b'{"type":"message.pin","id":"x"}',
        b'{"type":"ping","x":1}',
        b"\xff",
        b'{"type":"message.send","room":1,"body":"x"}',
        b"[" * 5000,
    ],
)
async def test_a_command_that_makes_no_sense_is_invalid(ann: Person, content: bytes):
    response = await ann.http.post("/api/v1/commands/", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code in (200, 400)
    body = response.json()
    assert (body["events"][0] if "events" in body else body)["code"] == "invalid"
