"""Who is here: people, not sockets."""

import asyncio

from tests.client import Event, Person, Socket
from tests.wire import on_sqlite

GRACE = 2.0
TELLING = 1.2


async def told(socket: Socket, room: int, **fields: int) -> Event:
    """Return the next `presence.changed` of a room."""
    return await socket.wait_for("presence.changed", room=room, **fields)


def ids(users: list[Event]) -> list[int]:
    """Return the ids of users."""
    return [user["id"] for user in users]


async def test_coming_and_going_are_told_to_the_room_with_a_count(ann: Person, bob: Person, eve: Person, room: int):
    here, outsider = await ann.connect(), await eve.connect()
    await told(here, room, online=1)
    guest = await bob.connect()
    came = await told(here, room)
    assert (came["online"], came["joined"], came["left"]) == (2, [bob.user], [])
    assert next(known["online"] for known in (await ann.connect()).welcome["rooms"] if known["id"] == room) == 2
    await guest.close()
    gone = await told(here, room)
    assert (gone["online"], gone["joined"], ids(gone["left"])) == (1, [], [bob.id])
    await outsider.settle()
    assert not outsider.of("presence.changed", room=room)


@on_sqlite
async def test_two_tabs_are_one_person(ann: Person, bob: Person, room: int):
    here = await ann.connect()
    first, second = await bob.connect(), await bob.connect()
    came = await told(here, room, online=2)
    assert bob.id in ids(came["joined"])
    await first.close()
    await asyncio.sleep(GRACE + TELLING)
    await here.settle()
    assert not here.of("presence.changed", room=room)
    await second.close()
    assert ids((await told(here, room))["left"]) == [bob.id]


@on_sqlite
async def test_a_reload_is_no_departure(ann: Person, bob: Person, room: int):
    here = await ann.connect()
    page = await bob.connect()
    await told(here, room, online=2)
    await page.close()
    await asyncio.sleep(TELLING)
    await bob.connect()
    await asyncio.sleep(GRACE + TELLING)
    await here.settle()
    assert not here.of("presence.changed", room=room)


@on_sqlite
async def test_a_lost_connection_is_a_departure_too(ann: Person, bob: Person, room: int):
    here = await ann.connect()
    page = await bob.connect()
    await told(here, room, online=2)
    page.drop()
    assert ids((await told(here, room))["left"]) == [bob.id]


async def test_joining_and_leaving_the_room_are_told_too(ann: Person, eve: Person, room: int):
    here, visitor = await ann.connect(), await eve.connect()
    await told(here, room, online=1)
    await visitor.command("room.join", room=room)
    assert ids((await told(here, room, online=2))["joined"]) == [eve.id]
    await visitor.command("room.leave", room=room)
    assert ids((await told(here, room, online=1))["left"]) == [eve.id]


async def test_in_a_private_chat_each_sees_whether_the_other_is_here(ann: Person, bob: Person):
    here = await ann.connect()
    chat = (await here.send("psst", to=bob.id))["room"]
    guest = await bob.connect()
    assert bob.id in ids((await told(here, chat, online=2))["joined"])
    await guest.close()
    gone = await here.wait_for("presence.changed", room=chat, where=lambda event: bool(event["left"]))
    assert (ids(gone["left"]), gone["online"]) == ([bob.id], 1)


async def test_the_list_of_members_says_who_is_online(ann: Person, bob: Person, room: int):
    here = await ann.connect()
    await told(here, room, online=1)
    members = (await bob.api("GET", f"rooms/{room}/members/"))["members"]
    assert [(member["user"]["id"], member["role"], member["online"]) for member in members] == [
        (ann.id, "owner", True),
        (bob.id, "member", False),
    ]
