"""The first words on a socket."""

import pytest
from websockets.exceptions import InvalidStatus

from tests.client import Person, open_socket
from tests.servers import Site
from tests.wire import on_sqlite


async def test_welcome_is_the_first_event_and_says_who_and_where_one_is(ann: Person, room: int):
    socket = await ann.connect()
    assert '"welcome"' in socket.frames[0][:40]
    assert socket.welcome["protocol"] == 1
    assert socket.welcome["user"] == ann.user
    assert socket.welcome["heartbeat"] == 25
    assert socket.welcome["reconnect"] > 0
    assert room in [known["id"] for known in socket.welcome["rooms"]]


async def test_welcome_lists_the_default_rooms_first(ann: Person, room: int):
    socket = await ann.connect()
    await socket.send("the newest activity is here", room)
    names = [known["name"] for known in (await ann.connect()).welcome["rooms"]]
    assert names == ["Lobby", "a room"]


async def test_a_room_in_welcome_has_every_field_of_its_shape(ann: Person, room: int):
    frame = (await ann.connect()).welcome["rooms"][1]
    assert {"id": room, "kind": "public", "name": "a room", "topic": "", "head": {"seq": 0, "change": 0}}.items() <= (
        frame.items()
    )
    assert {"read_seq": 0, "version": 0, "unread": 0, "mentions": 0, "members": 2}.items() <= frame.items()
    assert {"role": "owner", "writable": True}.items() <= frame.items()
    assert "online" in frame


async def test_a_second_hello_is_invalid_and_the_socket_stays_open(ann: Person):
    socket = await ann.connect()
    answer = await socket.command("hello", protocol=1)
    assert answer["code"] == "invalid"
    await socket.settle()


@pytest.mark.parametrize(
    "command",
    [
        {"type": "ping"},
        {"type": "room.sync", "room": 1, "since": 0},
        {"type": "typing", "room": 1, "active": True},
        {"type": "message.send", "ref": "7d3ddd4d-71ae-4b57-8e6f-2b8a4d2f1a52", "room": 1, "body": "early"},
    ],
)
async def test_anything_before_hello_is_invalid(ann: Person, command: dict[str, object]):
    socket = await ann.open()
    await socket.say(**command)
    assert (await socket.wait_for("error"))["code"] == "invalid"
    await socket.hello()
    assert not socket.of("ack", "pong", "room.synced")


async def test_another_version_of_the_protocol_is_refused_and_hello_can_be_said_again(ann: Person):
    socket = await ann.open()
    answer = await socket.command("hello", protocol=2)
    assert answer["code"] == "invalid"
    assert (await socket.hello())["protocol"] == 1


@on_sqlite
async def test_who_says_nothing_for_ten_seconds_is_closed_with_4408(ann: Person):
    socket = await ann.open()
    assert await socket.closed(within=15) == 4408
    assert socket.events == []


async def test_hello_brings_room_synced_for_each_room_named_and_room_left_for_those_one_is_not_in(
    ann: Person, eve: Person, room: int
):
    await ann.post("hi", room)
    elsewhere = await eve.make_room("private")
    socket = await ann.connect(rooms={room: 0, elsewhere: 3})
    synced = await socket.wait_for("room.synced")
    assert (synced["room"], synced["since"], synced["upto"], synced["more"], synced["reset"]) == (
        room,
        0,
        1,
        False,
        False,
    )
    assert [message["body"] for message in synced["messages"]] == ["hi"]
    assert (await socket.wait_for("room.left"))["room"] == elsewhere


async def test_hello_brings_nothing_to_fetch_where_the_head_is_held_already(ann: Person, room: int):
    await ann.post("hi", room)
    socket = await ann.connect(rooms={room: 1})
    synced = await socket.wait_for("room.synced")
    assert (synced["messages"], synced["upto"], synced["head"]) == ([], 1, {"seq": 1, "change": 1})


async def test_a_path_that_is_no_socket_is_refused(server: Site):
    with pytest.raises(InvalidStatus) as refusal:
        await open_socket(server, query="elsewhere/")
    assert refusal.value.response.status_code == 403
