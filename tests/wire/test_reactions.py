"""Emoji under messages."""

import pytest

from tests.client import Person

TWENTY_ONE = list("😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓😔")


async def test_a_reaction_counts_people_and_names_them(ann: Person, bob: Person, room: int):
    mine, theirs = await ann.connect(), await bob.connect()
    sent = await mine.send("vote", room)
    await mine.command("message.react", id=sent["id"], emoji="👍")
    await theirs.command("message.react", id=sent["id"], emoji="👍")
    await theirs.command("message.react", id=sent["id"], emoji="🎉")
    shown = (await mine.wait_for("message.updated", room=room, change=4))["message"]["reactions"]
    assert shown == [{"emoji": "👍", "count": 2, "by": [ann.id, bob.id]}, {"emoji": "🎉", "count": 1, "by": [bob.id]}]


async def test_a_reaction_is_taken_back_by_its_owner_alone(ann: Person, bob: Person, room: int):
    mine, theirs = await ann.connect(), await bob.connect()
    sent = await mine.send("vote", room)
    await mine.command("message.react", id=sent["id"], emoji="👍")
    assert (await theirs.command("message.unreact", id=sent["id"], emoji="👍"))["change"] == 2
    ack = await mine.command("message.unreact", id=sent["id"], emoji="👍")
    assert "reactions" not in (await theirs.wait_for("message.updated", room=room, change=ack["change"]))["message"]


async def test_the_same_reaction_twice_counts_once(ann: Person, room: int):
    socket = await ann.connect()
    sent = await socket.send("vote", room)
    first = await socket.command("message.react", id=sent["id"], emoji="👍")
    assert (await socket.command("message.react", id=sent["id"], emoji="👍"))["change"] == first["change"]
    [message] = await ann.messages(room)
    assert message["reactions"] == [{"emoji": "👍", "count": 1, "by": [ann.id]}]


async def test_a_message_takes_twenty_kinds_and_more_of_those(ann: Person, bob: Person, room: int):
    mine, theirs = await ann.connect(), await bob.connect()
    sent = await mine.send("everything", room)
    answers = [await mine.command("message.react", id=sent["id"], emoji=emoji) for emoji in TWENTY_ONE]
    assert [answer["type"] for answer in answers] == ["ack"] * 20 + ["error"]
    assert answers[20]["code"] == "invalid"
    assert (await theirs.command("message.react", id=sent["id"], emoji=TWENTY_ONE[0]))["type"] == "ack"
    assert (await theirs.command("message.react", id=sent["id"], emoji=TWENTY_ONE[20]))["code"] == "invalid"


@pytest.mark.parametrize("emoji", ["👩‍👩‍👧‍👦", "🏳️‍🌈", "🇨🇳", "👍🏽", "❤️"])
async def test_one_emoji_may_be_of_many_code_points(ann: Person, room: int, emoji: str):
    socket = await ann.connect()
    sent = await socket.send("vote", room)
    await socket.command("message.react", id=sent["id"], emoji=emoji)
    assert (await socket.wait_for("message.updated"))["message"]["reactions"][0]["emoji"] == emoji


@pytest.mark.parametrize("emoji", ["a", "<b>", "👍👍", " 👍", "", "👍" * 41, "javascript:", "\u202e", "1"])
async def test_what_is_not_one_emoji_is_invalid(ann: Person, room: int, emoji: str):
    socket = await ann.connect()
    sent = await socket.send("vote", room)
    assert (await socket.command("message.react", id=sent["id"], emoji=emoji))["code"] == "invalid"
