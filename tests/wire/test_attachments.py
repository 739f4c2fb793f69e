"""Files go with messages, whichever way those come to somebody."""

from tests.client import Person, new_ref
from tests.files import upload
from tests.servers import Site


async def test_a_message_shows_its_files_in_their_order(ann: Person, bob: Person, room: int):
    first, second = await upload(ann, name="b.png"), await upload(ann, b"some text", "a.txt")
    sender, reader = await ann.connect(), await bob.connect()
    ack = await sender.send("look", room, attachments=[first["id"], second["id"]])
    assert ack["type"] == "ack", ack
    for socket in (sender, reader):
        message = (await socket.wait_for("message.created", room=room))["message"]
        assert message["attachments"] == [first, second]
    assert (await bob.messages(room))[0]["attachments"] == [first, second]


async def test_with_a_file_a_text_may_be_empty(ann: Person, bob: Person, room: int):
    socket, reader = await ann.connect(), await bob.connect()
    assert (await socket.send("  ", room, attachments=[(await upload(ann))["id"]]))["type"] == "ack"
    message = (await reader.wait_for("message.created", room=room))["message"]
    assert message["body"] == ""
    assert (await socket.send("", room))["code"] == "invalid"
    # And may become so.
    assert (await socket.command("message.edit", id=message["id"], body="words"))["type"] == "ack"
    assert (await socket.command("message.edit", id=message["id"], body=""))["type"] == "ack"
    updated = await reader.wait_for("message.updated", where=lambda event: event["message"]["body"] == "")
    assert updated["message"]["attachments"] == message["attachments"]


async def test_a_file_is_of_one_message_and_of_who_uploaded_it(ann: Person, bob: Person, room: int):
    mine, his = await upload(ann), await upload(bob)
    socket = await ann.connect()
    assert (await socket.send("not mine", room, attachments=[his["id"]]))["code"] == "not_found"
    assert (await socket.send("nor there", room, attachments=[2**50]))["code"] == "not_found"
    assert (await socket.send("once", room, attachments=[mine["id"]]))["type"] == "ack"
    assert (await socket.send("again", room, attachments=[mine["id"]]))["code"] == "not_found"
    assert [message["body"] for message in await bob.messages(room)] == ["once"]


async def test_a_repeat_is_answered_before_its_files_are_looked_at(ann: Person, room: int):
    attachment, ref = await upload(ann), new_ref()
    socket = await ann.connect()
    first = await socket.send("once", room, ref=ref, attachments=[attachment["id"]])
    again = await socket.send("once", room, ref=ref, attachments=[attachment["id"]])
    assert (again["duplicate"], again["id"]) == (True, first["id"])


async def test_what_was_refused_leaves_its_files_for_the_next(server: Site, ann: Person, room: int):
    attachment = await upload(ann)
    socket = await ann.connect()
    server.backstage("mute", ann.id)
    assert (await socket.send("hush", room, attachments=[attachment["id"]]))["code"] == "muted"
    server.backstage("unmute", ann.id)
    assert (await socket.send("hello", room, attachments=[attachment["id"]]))["type"] == "ack"


async def test_a_message_takes_ten_files(ann: Person, room: int):
    ids = [(await upload(ann, b"x", f"{number}.txt"))["id"] for number in range(11)]
    socket = await ann.connect()
    assert (await socket.send("many", room, attachments=ids))["code"] == "invalid"
    assert (await socket.send("ten", room, attachments=ids[:10]))["type"] == "ack"
    message = (await socket.wait_for("message.created", room=room))["message"]
    assert [attachment["id"] for attachment in message["attachments"]] == ids[:10]


async def test_a_deleted_message_shows_none_and_a_restored_one_does(ann: Person, bob: Person, room: int):
    socket, reader = await ann.connect(), await bob.connect()
    ack = await socket.send("look", room, attachments=[(await upload(ann))["id"]])
    await socket.command("message.delete", id=ack["id"])
    deleted = await reader.wait_for("message.deleted")
    assert "attachments" not in deleted["message"]
    await socket.command("message.restore", id=ack["id"])
    assert (await reader.wait_for("message.updated"))["message"]["attachments"][0]["name"] == "photo.png"


async def test_who_was_away_is_told_of_files_when_coming_back(ann: Person, bob: Person, room: int):
    attachment = await upload(ann)
    await ann.post("look", room, attachments=[attachment["id"]])
    socket = await bob.connect(rooms={room: 0})
    synced = await socket.wait_for("room.synced", room=room)
    assert synced["messages"][0]["attachments"] == [attachment]


async def test_a_long_poll_tells_of_files(ann: Person, bob: Person, room: int):
    attachment = await upload(ann)
    epoch = (await bob.api("GET", "sync/"))["epoch"]
    await ann.post("look", room, attachments=[attachment["id"]])
    polled = await bob.api("GET", "sync/", params={"epoch": epoch, "rooms": f"{room}:0", "wait": 5})
    messages = [message for event in polled["events"] for message in event.get("messages", [event.get("message")])]
    assert attachment in [found for message in messages if message for found in message.get("attachments", ())]


async def test_a_private_chat_takes_files_from_its_first_message(ann: Person, eve: Person):
    attachment = await upload(ann)
    sender, reader = await ann.connect(), await eve.connect()
    assert (await sender.command("message.send", to=eve.id, body="", attachments=[attachment["id"]]))["type"] == "ack"
    message = (await reader.wait_for("message.created"))["message"]
    assert message["attachments"] == [attachment]


async def test_who_quotes_a_file_without_words_quotes_its_name(ann: Person, bob: Person, room: int):
    ack = await ann.post("", room, attachments=[(await upload(ann, b"x", "报告.pdf"))["id"]])
    await bob.post("thanks", room, reply_to=ack["id"])
    assert (await ann.messages(room))[1]["reply_to"]["excerpt"] == "报告.pdf"
