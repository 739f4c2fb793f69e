"""Private chats are opened by the first message `to` someone."""

import asyncio

from tests.client import Event, Person, Socket
from tests.servers import Site


async def test_both_hear_of_the_chat_before_its_first_message(ann: Person, bob: Person):
    mine, theirs = await ann.connect(), await bob.connect()
    ack = await mine.send("psst", to=bob.id)
    for socket, other, unread in ((mine, bob, 0), (theirs, ann, 0)):
        await socket.wait_for("message.created", room=ack["room"])
        await socket.settle()
        joined = [event["room"] for event in socket.of("room.joined")]
        assert [(frame["id"], frame["kind"], frame["with"]["id"]) for frame in joined] == [
            (ack["room"], "direct", other.id)
        ]
        assert joined[0]["head"] == {"seq": 0, "change": 0}
        assert joined[0]["unread"] == unread
        frames = "".join(socket.frames)
        assert frames.index('"room.joined"') < frames.index('"psst"')


async def test_the_name_of_a_chat_is_the_others_nickname_and_its_members_are_two(ann: Person, bob: Person):
    room = (await (await ann.connect()).send("psst", to=bob.id))["room"]
    frame = await bob.room_frame(room)
    assert (frame["name"], frame["members"], frame["unread"]) == (ann.nickname, 2, 1)


async def test_the_second_message_opens_nothing(ann: Person, bob: Person):
    mine, theirs = await ann.connect(), await bob.connect()
    first = await mine.send("psst", to=bob.id)
    second = await theirs.send("what?", to=ann.id)
    assert (second["room"], second["seq"]) == (first["room"], 2)
    await mine.wait_for("message.created", where=lambda event: event["message"]["body"] == "what?")
    await mine.settle()
    assert len(mine.of("room.joined")) == 1


async def test_two_who_open_at_once_share_one_chat(server: Site, ann: Person, bob: Person):
    mine, theirs = await ann.connect(), await bob.connect()
    acks = await asyncio.gather(
        *(mine.send(f"a{number}", to=bob.id) for number in range(5)),
        *(theirs.send(f"b{number}", to=ann.id) for number in range(5)),
        ann.api("POST", "direct/", json={"user": bob.id}),
    )
    assert len({ack.get("room", ack["id"]) for ack in acks}) == 1
    assert sorted(ack["seq"] for ack in acks[:10]) == list(range(1, 11))
    assert server.backstage("count_direct_rooms", ann.id, bob.id) == 1


async def test_a_chat_with_oneself_is_invalid_and_with_nobody_not_found(ann: Person):
    socket = await ann.connect()
    assert (await socket.send("me", to=ann.id))["code"] == "invalid"
    assert (await socket.send("nobody", to=2**52))["code"] == "not_found"
    assert (await ann.api("POST", "direct/", 400, json={"user": ann.id}))["code"] == "invalid"
    assert (await ann.api("POST", "direct/", 404, json={"user": 2**52}))["code"] == "not_found"


async def test_an_outsider_hears_and_sees_nothing_of_it(ann: Person, bob: Person, eve: Person):
    mine, outsider = await ann.connect(), await eve.connect()
    room = (await mine.send("psst", to=bob.id))["room"]
    await mine.wait_for("message.created")
    assert not [event for event in await outsider.settle() if "psst" in str(event) or event.get("room") == room]
    missing = await eve.api("GET", f"rooms/{2**52}/messages/", 404)
    assert await eve.api("GET", f"rooms/{room}/messages/", 404) == missing
    assert (await outsider.send("me too", room))["code"] == "not_found"
    assert (await outsider.command("room.join", room=room))["code"] == "not_found"


async def test_a_chat_opened_without_a_message_is_seen_by_the_opener_alone(ann: Person, bob: Person):
    mine, theirs = await ann.connect(), await bob.connect()
    room = (await ann.api("POST", "direct/", json={"user": bob.id}))["id"]
    assert (await mine.wait_for("room.joined"))["room"]["id"] == room
    await theirs.settle()
    assert not theirs.of("room.joined")
    assert (await theirs.send("hi", to=ann.id))["room"] == room
    assert (await theirs.wait_for("room.joined"))["room"]["id"] == room


async def test_who_is_typed_at_hears_nothing_of_the_chat_before_its_first_message(ann: Person, bob: Person):
    def heard(socket: Socket) -> list[Event]:
        kinds = ("room.joined", "room.updated", "presence.changed", "typing.changed", "message.created")
        return [event for event in socket.of(*kinds) if _id(event["room"]) == room]

    mine, earlier = await ann.connect(), await bob.connect()
    room = (await ann.api("POST", "direct/", json={"user": bob.id}))["id"]
    await mine.wait_for("room.joined", where=lambda event: event["room"]["id"] == room)
    later = await bob.connect()
    assert room not in [frame["id"] for frame in later.welcome["rooms"]]
    await mine.say(type="typing", room=room, active=True)
    await mine.settle()
    # Presence and typing are told after a second at the latest.
    await asyncio.sleep(1.5)
    for socket in (earlier, later):
        await socket.settle()
        assert heard(socket) == []
    await mine.send("hi", room)
    for socket in (earlier, later):
        await socket.wait_for("message.created", where=lambda event: event["message"]["body"] == "hi")
    # `wait_for` takes what it waited for; where it stood is read from the frames.
    for socket in (earlier, later):
        [joined] = socket.of("room.joined")
        assert (joined["room"]["id"], heard(socket)[0]) == (room, joined)
        frames = "".join(socket.frames)
        assert frames.index('"room.joined"') < frames.index('"hi"')


def _id(room: Event | int) -> int:
    return room["id"] if isinstance(room, dict) else room


async def test_leaving_only_hides_it_until_the_next_message(ann: Person, bob: Person):
    mine, theirs = await ann.connect(), await bob.connect()
    room = (await mine.send("psst", to=bob.id))["room"]
    await theirs.wait_for("message.created", room=room)
    theirs.events.clear()
    assert (await theirs.command("room.leave", room=room))["type"] == "ack"
    assert (await theirs.wait_for("room.left"))["room"] == room
    assert room not in [known["id"] for known in (await bob.connect()).welcome["rooms"]]
    await mine.send("still there?", room)
    joined = await theirs.wait_for("room.joined")
    assert (joined["room"]["id"], joined["room"]["head"]) == (room, {"seq": 1, "change": 1})
    assert (await theirs.wait_for("message.created", room=room))["message"]["body"] == "still there?"
    assert len(await bob.messages(room)) == 2


async def test_nobody_moderates_in_a_private_chat(ann: Person, bob: Person):
    mine, theirs = await ann.connect(), await bob.connect()
    ack = await mine.send("psst", to=bob.id)
    assert (await theirs.command("message.delete", id=ack["id"]))["code"] == "forbidden"
    assert (await theirs.command("message.edit", id=ack["id"], body="mine"))["code"] == "forbidden"


async def test_edits_and_reactions_in_it_reach_both(ann: Person, bob: Person):
    mine, theirs = await ann.connect(), await bob.connect()
    ack = await mine.send("psst", to=bob.id)
    await theirs.command("message.react", id=ack["id"], emoji="👍")
    for socket in (mine, theirs):
        updated = await socket.wait_for("message.updated", room=ack["room"])
        assert updated["message"]["reactions"] == [{"emoji": "👍", "count": 1, "by": [bob.id]}]
