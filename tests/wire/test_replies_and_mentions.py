"""Messages that answer messages, and that name people."""

from tests.client import Person


async def created(socket, body: str) -> dict:
    """Return the new message with this text."""
    event = await socket.wait_for("message.created", where=lambda event: event["message"]["body"] == body)
    return event["message"]


async def test_a_reply_quotes_the_beginning_of_what_it_answers_on_one_line(ann: Person, bob: Person, room: int):
    socket = await ann.connect()
    question = await bob.post("a long\nquestion " + "x" * 200, room)
    await socket.send("an answer", room, reply_to=question["id"])
    reply = (await created(socket, "an answer"))["reply_to"]
    assert (reply["id"], reply["seq"], reply["author"]) == (question["id"], 1, bob.user)
    assert reply["excerpt"].startswith("a long question xxx")
    assert len(reply["excerpt"]) <= 120


async def test_a_reply_goes_to_a_message_of_the_same_room(ann: Person, room: int, private_room: int):
    socket = await ann.connect()
    elsewhere = await ann.post("elsewhere", private_room)
    assert (await socket.send("an answer", room, reply_to=elsewhere["id"]))["code"] == "not_found"


async def test_a_reply_to_a_deleted_message_quotes_nothing(ann: Person, bob: Person, room: int):
    question = await bob.post("a secret question", room)
    await ann.post("an answer", room, reply_to=question["id"])
    await bob.api("DELETE", f"messages/{question['id']}/")
    assert "secret" not in str(await ann.messages(room))


async def test_a_mention_is_listed_linked_and_counted(ann: Person, bob: Person, room: int):
    mine, theirs = await ann.connect(), await bob.connect()
    await mine.send(f"@{bob.nickname}: look", room)
    message = await created(theirs, f"@{bob.nickname}: look")
    assert message["mentions"] == [bob.id]
    assert f'data-user="{bob.id}"' in message["html"]
    frame = await bob.room_frame(room)
    assert (frame["unread"], frame["mentions"]) == (1, 1)
    assert (await ann.room_frame(room))["mentions"] == 0


async def test_mentions_are_found_whatever_the_case_and_next_to_chinese(ann: Person, bob: Person, room: int):
    socket = await ann.connect()
    for body in (f"@{bob.nickname.upper()} hi", f"@{bob.nickname}你好"):
        await socket.send(body, room)
        assert (await created(socket, body))["mentions"] == [bob.id]


async def test_a_longer_word_mail_addresses_and_code_mention_nobody(ann: Person, bob: Person, room: int):
    socket = await ann.connect()
    for body in (f"@{bob.nickname}x", f"someone@{bob.nickname}", f"`@{bob.nickname}`"):
        await socket.send(body, room)
        assert "mentions" not in await created(socket, body)


async def test_nobody_outside_the_room_is_mentioned(ann: Person, eve: Person, room: int):
    socket = await ann.connect()
    await socket.send(f"@{eve.nickname}", room)
    assert "mentions" not in await created(socket, f"@{eve.nickname}")


async def test_a_deleted_mention_does_not_count_and_a_restored_one_does(ann: Person, bob: Person, room: int):
    socket = await ann.connect()
    sent = await socket.send(f"@{bob.nickname}", room)
    await socket.command("message.delete", id=sent["id"])
    assert (await bob.room_frame(room))["mentions"] == 0
    await socket.command("message.restore", id=sent["id"])
    assert (await bob.room_frame(room))["mentions"] == 1


async def test_an_edit_moves_the_mention(ann: Person, bob: Person, room: int):
    socket = await ann.connect()
    sent = await socket.send("hello", room)
    await socket.command("message.edit", id=sent["id"], body=f"hello @{bob.nickname}")
    assert (await bob.room_frame(room))["mentions"] == 1
    await socket.command("message.edit", id=sent["id"], body="hello")
    assert (await bob.room_frame(room))["mentions"] == 0


async def test_the_owner_mentions_everyone_and_a_member_does_not(ann: Person, bob: Person, room: int):
    owner, member = await ann.connect(), await bob.connect()
    await owner.send("@all come", room)
    assert (await created(member, "@all come"))["mentions_all"] is True
    assert (await bob.room_frame(room))["mentions"] == 1
    await member.send("@all stay", room)
    assert "mentions_all" not in await created(member, "@all stay")
