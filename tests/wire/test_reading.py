"""How far someone has read, in every tab the same."""

from tests.client import Person, Socket


async def mark_of(person: Person, room: int) -> tuple[int, int, int]:
    """Return (read_seq, unread, version) as a fresh load shows it."""
    frame = await person.room_frame(room)
    return frame["read_seq"], frame["unread"], frame["version"]


async def read_state(socket: Socket, room: int, **fields: int) -> tuple[int, int, int]:
    """Return (seq, unread, mentions) of the next `read.updated` with these fields."""
    event = await socket.wait_for("read.updated", room=room, **fields)
    return event["seq"], event["unread"], event["mentions"]


async def write_three(author: Person, room: int, to: Person) -> None:
    """Post three messages, the last of which mentions someone."""
    for body in ("one", "two", f"three @{to.nickname}"):
        await author.post(body, room)


async def test_reading_moves_the_mark_in_every_tab_of_the_reader_and_in_no_other(ann: Person, bob: Person, room: int):
    await write_three(ann, room, bob)
    tab, other_tab, writer = await bob.connect(), await bob.connect(), await ann.connect()
    assert (await tab.command("room.read", room=room, seq=2))["type"] == "ack"
    for socket in (tab, other_tab):
        assert await read_state(socket, room, version=0) == (2, 1, 1)
    await writer.settle()
    assert not writer.of("read.updated", seq=2)
    assert await mark_of(bob, room) == (2, 1, 0)


async def test_what_is_read_no_longer_counts_as_a_mention(ann: Person, bob: Person, room: int):
    await write_three(ann, room, bob)
    tab = await bob.connect()
    assert (await bob.room_frame(room))["mentions"] == 1
    await tab.command("room.read", room=room, seq=3)
    assert await read_state(tab, room) == (3, 0, 0)


async def test_a_mark_never_goes_back_by_reading(ann: Person, bob: Person, room: int):
    await write_three(ann, room, bob)
    tab = await bob.connect()
    await tab.command("room.read", room=room, seq=3)
    await read_state(tab, room, seq=3)
    await tab.command("room.read", room=room, seq=1)
    await read_state(tab, room, seq=3)
    assert await mark_of(bob, room) == (3, 0, 0)


async def test_a_mark_past_the_head_stands_at_the_head(ann: Person, bob: Person, room: int):
    await write_three(ann, room, bob)
    tab = await bob.connect()
    await tab.command("room.read", room=room, seq=2**52)
    assert (await read_state(tab, room))[0] == 3
    await ann.post("four", room)
    assert await mark_of(bob, room) == (3, 1, 0)


async def test_marking_unread_goes_back_and_raises_the_version(ann: Person, bob: Person, room: int):
    await write_three(ann, room, bob)
    tab, other_tab = await bob.connect(), await bob.connect()
    await tab.command("room.read", room=room, seq=3)
    await read_state(tab, room, seq=3)
    assert (await tab.command("room.unread", room=room, seq=2))["type"] == "ack"
    assert await read_state(other_tab, room, version=1) == (1, 2, 1)
    assert await mark_of(bob, room) == (1, 2, 1)


async def test_a_late_mark_of_a_tab_that_does_not_know_of_the_marking_is_ignored(ann: Person, bob: Person, room: int):
    await write_three(ann, room, bob)
    tab, other_tab = await bob.connect(), await bob.connect()
    await tab.command("room.unread", room=room, seq=1)
    await other_tab.command("room.read", room=room, seq=3, version=0)
    await other_tab.command("room.read", room=room, seq=2, version=1)
    assert await read_state(tab, room, seq=2, version=1) == (2, 1, 1)
    assert await mark_of(bob, room) == (2, 1, 1)


async def test_ones_own_message_is_read(ann: Person, bob: Person, room: int):
    await write_three(ann, room, bob)
    tab = await bob.connect()
    await tab.send("four", room)
    assert await read_state(tab, room, seq=4) == (4, 0, 0)
    assert await mark_of(bob, room) == (4, 0, 0)


async def test_joining_sets_the_mark_to_the_head(ann: Person, eve: Person, room: int):
    await write_three(ann, room, eve)
    await eve.join(room)
    assert await mark_of(eve, room) == (3, 0, 0)


async def test_deleted_messages_count_as_numbers_do(ann: Person, bob: Person, room: int):
    sent = await ann.post("one", room)
    await ann.api("DELETE", f"messages/{sent['id']}/")
    assert await mark_of(bob, room) == (0, 1, 0)


async def test_an_outsider_has_no_mark(eve: Person, room: int, private_room: int):
    outsider = await eve.connect()
    for command in ("room.read", "room.unread"):
        assert (await outsider.command(command, room=room, seq=1))["code"] == "forbidden"
        hidden = await outsider.command(command, room=private_room, seq=1)
        missing = await outsider.command(command, room=2**52, seq=1)
        assert hidden["code"] == "not_found"
        assert hidden | {"ref": ""} == missing | {"ref": ""}
