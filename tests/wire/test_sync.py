"""What changed since: `room.sync`, and resuming after a reconnect."""

import uuid

from tests.client import Person, RoomView
from tests.servers import Site


async def test_sync_brings_the_rows_that_changed_in_order_of_change(ann: Person, room: int):
    socket = await ann.connect()
    first = await socket.send("one", room)
    await socket.send("two", room)
    await socket.command("message.edit", id=first["id"], body="one, changed")
    synced = await socket.sync(room, 0)
    assert [(message["seq"], message["change"], message["body"]) for message in synced["messages"]] == [
        (2, 2, "two"),
        (1, 3, "one, changed"),
    ]
    assert (synced["upto"], synced["head"]) == (3, {"seq": 2, "change": 3})
    assert (synced["more"], synced["reset"]) == (False, False)
    assert [message["seq"] for message in (await socket.sync(room, 2))["messages"]] == [1]
    assert (await socket.sync(room, 3))["messages"] == []


async def test_sync_carries_at_most_a_hundred_rows_and_more_comes_on_asking(server: Site, ann: Person, room: int):
    server.backstage("seed_messages", ann.id, room, 250)
    socket = await ann.connect()
    since, seqs, flags = 0, [], []
    while not flags or flags[-1]:
        synced = await socket.sync(room, since)
        assert len(synced["messages"]) <= 100
        seqs += [message["seq"] for message in synced["messages"]]
        since = synced["upto"]
        flags.append(synced["more"])
    assert seqs == list(range(1, 251))
    assert flags == [True, True, False]


async def test_sync_carries_at_most_256_kilobytes(server: Site, ann: Person, room: int):
    server.backstage("post", ann.id, room, *["大" * 4000] * 40)
    socket = await ann.connect()
    synced = await socket.sync(room, 0)
    assert synced["more"] is True
    assert 0 < len(synced["messages"]) < 40
    assert len(socket.frames[-1].encode()) < 300_000
    assert synced["upto"] == synced["messages"][-1]["change"]


async def test_who_is_over_five_hundred_behind_starts_over(server: Site, ann: Person, room: int):
    server.backstage("seed_messages", ann.id, room, 501)
    socket = await ann.connect()
    behind = await socket.sync(room, 0)
    assert (behind["reset"], behind["messages"], behind["head"]) == (True, [], {"seq": 501, "change": 501})
    assert (await socket.sync(room, 1))["reset"] is False
    resumed = await ann.connect(rooms={room: 0})
    assert (await resumed.wait_for("room.synced"))["reset"] is True


async def test_who_is_above_the_head_starts_over(ann: Person, room: int):
    socket = await ann.connect()
    await socket.send("one", room)
    assert (await socket.sync(room, 2))["reset"] is True


async def test_who_knew_another_epoch_starts_over_in_every_room(ann: Person, room: int):
    await ann.post("one", room)
    socket = await ann.connect(epoch=str(uuid.uuid4()), rooms={room: 1})
    assert (await socket.wait_for("room.synced"))["reset"] is True
    same = await ann.connect(epoch=socket.welcome["epoch"], rooms={room: 1})
    assert (await same.wait_for("room.synced"))["reset"] is False


async def test_a_private_room_cannot_be_synced_by_an_outsider(ann: Person, eve: Person, private_room: int):
    await ann.post("secret", private_room)
    socket = await eve.connect()
    hidden = await socket.command("room.sync", room=private_room, since=0)
    missing = await socket.command("room.sync", room=2**52, since=0)
    assert hidden["code"] == "not_found"
    assert hidden | {"ref": ""} == missing | {"ref": ""}
    resumed = await eve.connect(rooms={private_room: 0})
    assert (await resumed.wait_for("room.left"))["room"] == private_room
    assert not resumed.of("room.synced")


async def test_everything_that_happened_while_one_was_away_is_there_after_resuming(ann: Person, bob: Person, room: int):
    writer, reader = await ann.connect(), await bob.connect()
    view = RoomView(room)
    ids = [(await writer.send(f"number {number}", room))["id"] for number in range(8)]
    await writer.command("message.delete", id=ids[6])
    await view.catch_up(reader)
    assert len(view.messages) == 8
    reader.drop()
    await writer.command("message.edit", id=ids[0], body="edited")
    await writer.command("message.delete", id=ids[1])
    await writer.command("message.react", id=ids[2], emoji="🎉")
    await writer.command("message.pin", id=ids[3])
    await writer.command("message.delete", id=ids[4])
    await writer.command("message.restore", id=ids[4])
    await writer.command("message.restore", id=ids[6])
    await writer.send("new", room)
    resumed = await bob.connect(epoch=reader.welcome["epoch"], rooms={room: view.last})
    view.take(await resumed.wait_for("room.synced"))
    fresh = await bob.messages(room)
    assert sorted(view.messages.values(), key=lambda message: message["seq"]) == fresh
    assert view.last == (await bob.room_frame(room))["head"]["change"]
    assert [message.get("body") for message in fresh][:2] == ["edited", None]


async def test_ones_own_reaction_is_named_among_more_than_a_hundred(server: Site, ann: Person, bob: Person, room: int):
    sent = await ann.post("popular", room)
    server.backstage("react_by_many", sent["id"], "👍", 120)
    socket = await bob.connect()
    await socket.command("message.react", id=sent["id"], emoji="👍")
    for message in ((await socket.sync(room, 0))["messages"][0], (await bob.messages(room))[0]):
        [reaction] = message["reactions"]
        assert (reaction["count"], len(reaction["by"])) == (121, 100)
        assert bob.id in reaction["by"]
