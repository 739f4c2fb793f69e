"""What the database knows and the sockets do not yet: the server finds out by itself."""

import asyncio

from tests.client import Person, RoomView
from tests.servers import Site
from tests.wire import on_sqlite

LOOKS = 8.0
"""Seconds in which the server has compared twice, and a little."""


async def test_a_message_written_behind_the_servers_back_reaches_the_sockets(
    server: Site, ann: Person, bob: Person, room: int
):
    sockets = [await ann.connect(), await bob.connect()]
    await ann.post("before", room)
    server.backstage("post_silently", ann.id, room, "from behind", "twice")
    for socket in sockets:
        synced = await socket.wait_for("room.synced", room=room, within=LOOKS)
        assert [message["body"] for message in synced["messages"]] == ["from behind", "twice"]
        assert (synced["since"], synced["upto"]) == (1, 3)


async def test_a_message_after_one_from_behind_comes_after_it_and_leaves_nobody_with_a_gap(
    server: Site, ann: Person, bob: Person, room: int
):
    writer, reader = await ann.connect(), await bob.connect()
    view = RoomView(room)
    server.backstage("post_silently", ann.id, room, "from behind")
    await writer.send("after", room)
    synced = await reader.wait_for("room.synced", room=room, within=LOOKS)
    view.take(synced)
    assert [message["body"] for message in view.messages.values()] == ["from behind", "after"]
    assert not view.has_gap


async def test_a_private_chat_is_repaired_for_both(server: Site, ann: Person, bob: Person):
    mine, theirs = await ann.connect(), await bob.connect()
    chat = (await mine.send("psst", to=bob.id))["room"]
    server.backstage("post_silently", bob.id, chat, "from behind")
    for socket in (mine, theirs):
        assert (await socket.wait_for("room.synced", room=chat, within=LOOKS))["messages"][0]["body"] == "from behind"


async def test_who_was_removed_behind_the_servers_back_hears_nothing_more(
    server: Site, ann: Person, bob: Person, private_room: int
):
    writer, removed = await ann.connect(), await bob.connect()
    await writer.send("for both", private_room)
    await removed.wait_for("message.created", room=private_room)
    server.backstage("remove_member", private_room, bob.id)
    await writer.send("for ann alone", private_room)
    await writer.wait_for("message.created", where=lambda event: event["message"]["body"] == "for ann alone")
    assert (await removed.wait_for("room.left", within=LOOKS))["room"] == private_room
    await removed.settle()
    assert not removed.of("message.created", "room.synced")
    assert "for ann alone" not in "".join(removed.frames)


async def test_a_removal_is_noticed_even_where_nothing_is_said(
    server: Site, ann: Person, bob: Person, private_room: int
):
    removed = await bob.connect()
    server.backstage("remove_member", private_room, bob.id)
    assert (await removed.wait_for("room.left", within=LOOKS))["room"] == private_room


@on_sqlite
async def test_nothing_is_repaired_where_nothing_is_missing(ann: Person, bob: Person, room: int):
    writer, reader = await ann.connect(), await bob.connect()
    await writer.send("all is well", room)
    await asyncio.sleep(LOOKS)
    await reader.settle()
    assert len(reader.of("message.created", room=room)) == 1
    assert not reader.of("room.synced")
