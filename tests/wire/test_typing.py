"""Who is typing."""

import asyncio

from tests.client import Person
from tests.wire import on_sqlite


async def test_typing_is_told_to_the_room_and_has_no_answer(ann: Person, bob: Person, eve: Person, room: int):
    typist, reader, outsider = await bob.connect(), await ann.connect(), await eve.connect()
    await typist.say(type="typing", room=room, active=True, ref="mine")
    event = await reader.wait_for("typing.changed", room=room)
    assert [user["id"] for user in event["users"]] == [bob.id]
    assert event["users"] == [bob.user]
    await typist.settle()
    assert not typist.of("ack", "error")
    await outsider.settle()
    assert not outsider.of("typing.changed")


@on_sqlite
async def test_more_than_one_sign_in_three_seconds_is_dropped_silently(ann: Person, bob: Person, room: int):
    typist, reader = await bob.connect(), await ann.connect()
    await typist.say(type="typing", room=room, active=True)
    await reader.wait_for("typing.changed", room=room)
    await typist.say(type="typing", room=room, active=True)
    await typist.settle()
    await asyncio.sleep(1.5)
    await reader.settle()
    assert not reader.of("typing.changed")
    assert not typist.of("error")


async def test_the_signs_of_a_second_are_told_together(ann: Person, bob: Person, room: int):
    first, second, reader = await ann.connect(), await bob.connect(), await ann.connect()
    await first.say(type="typing", room=room, active=True)
    await reader.wait_for("typing.changed", room=room)
    await second.say(type="typing", room=room, active=True)
    event = await reader.wait_for("typing.changed", room=room, within=3)
    assert [user["id"] for user in event["users"]] == [bob.id]


async def test_typing_in_a_private_chat_reaches_the_other(ann: Person, bob: Person):
    typist, reader = await ann.connect(), await bob.connect()
    room = (await typist.send("psst", to=bob.id))["room"]
    await typist.say(type="typing", room=room, active=True)
    assert [user["id"] for user in (await reader.wait_for("typing.changed", room=room))["users"]] == [ann.id]


@on_sqlite
async def test_nobody_types_in_a_room_that_he_is_not_in(ann: Person, eve: Person, room: int, private_room: int):
    outsider, reader = await eve.connect(), await ann.connect()
    for place in (room, private_room):
        await outsider.say(type="typing", room=place, active=True)
    await outsider.settle()
    await asyncio.sleep(1.2)
    await reader.settle()
    assert not reader.of("typing.changed")


async def test_who_has_a_new_nickname_types_under_it(ann: Person, bob: Person, room: int):
    typist, reader = await bob.connect(), await ann.connect()
    renamed = f"{bob.nickname} II"
    await bob.api("PATCH", "me/", 200, json={"nickname": renamed})
    await typist.wait_for("user.updated", where=lambda event: event["user"]["nickname"] == renamed)
    await typist.say(type="typing", room=room, active=True)
    event = await reader.wait_for("typing.changed", room=room)
    assert [(user["id"], user["nickname"]) for user in event["users"]] == [(bob.id, renamed)]
