"""Messages are edited, deleted, restored and pinned, by those who may."""

import pytest

from tests.client import Person, Socket
from tests.servers import Site

ACTS = [
    ("message.edit", {"body": "changed"}),
    ("message.delete", {}),
    ("message.restore", {}),
    ("message.pin", {}),
    ("message.unpin", {}),
    ("message.react", {"emoji": "👍"}),
    ("message.unreact", {"emoji": "👍"}),
]
each_act = pytest.mark.parametrize(("act", "fields"), ACTS, ids=[act for act, _fields in ACTS])


async def last_event(socket: Socket, change: int) -> dict:
    """Return the event that carries a change."""
    return await socket.wait_for(("message.updated", "message.deleted"), change=change)


async def test_an_edit_reaches_everyone_and_keeps_seq_id_and_time(ann: Person, bob: Person, room: int):
    mine, theirs = await ann.connect(), await bob.connect()
    sent = await mine.send("frist", room)
    ack = await mine.command("message.edit", id=sent["id"], body="**first**")
    assert ack == {"type": "ack", "ref": ack["ref"], "room": room, "id": sent["id"], "change": 2}
    for socket in (mine, theirs):
        event = await socket.wait_for("message.updated", room=room, change=2)
        message = event["message"]
        assert (message["id"], message["seq"], message["change"]) == (sent["id"], 1, 2)
        assert (message["body"], message["html"]) == ("**first**", "<p><strong>first</strong></p>")
        assert message["created_at"] == sent["created_at"] < message["edited_at"]


async def test_an_edit_to_the_same_text_changes_nothing(ann: Person, room: int):
    socket = await ann.connect()
    sent = await socket.send("same", room)
    assert (await socket.command("message.edit", id=sent["id"], body="same"))["change"] == 1
    await socket.settle()
    assert not socket.of("message.updated")


async def test_only_the_author_edits_a_message(server: Site, ann: Person, bob: Person, mia: Person, room: int):
    sent = await bob.post("mine", room)
    server.backstage("add_member", room, mia.id, "moderator")
    for person in (ann, mia):
        answer = await (await person.connect()).command("message.edit", id=sent["id"], body="ours")
        assert answer["code"] == "forbidden"
    assert [message["body"] for message in await bob.messages(room)] == ["mine"]


async def test_a_deleted_message_has_neither_text_nor_anything_made_of_it(ann: Person, bob: Person, room: int):
    mine, theirs = await ann.connect(), await bob.connect()
    sent = await mine.send(f"**secret** @{bob.nickname}", room)
    await theirs.command("message.react", id=sent["id"], emoji="👍")
    ack = await mine.command("message.delete", id=sent["id"])
    for socket in (mine, theirs):
        event = await socket.wait_for("message.deleted", room=room, change=ack["change"])
        assert event["message"]["deleted_at"]
        assert not {"body", "html", "reactions", "mentions"} & event["message"].keys()
    assert not [message for message in await bob.messages(room) if "secret" in str(message)]
    assert "secret" not in str((await mine.sync(room, 0))["messages"])


async def test_a_restored_message_is_what_it_was(ann: Person, bob: Person, room: int):
    mine, theirs = await ann.connect(), await bob.connect()
    sent = await mine.send("**here** again", room)
    before = (await theirs.wait_for("message.created"))["message"]
    await mine.command("message.delete", id=sent["id"])
    ack = await mine.command("message.restore", id=sent["id"])
    after = (await theirs.wait_for("message.updated", room=room, change=ack["change"]))["message"]
    assert after == before | {"change": 3}


async def test_a_moderator_and_the_owner_delete_and_restore_what_others_wrote(
    server: Site, ann: Person, bob: Person, mia: Person, room: int
):
    server.backstage("add_member", room, mia.id, "moderator")
    for person in (ann, mia):
        sent = await bob.post("mine", room)
        socket = await person.connect()
        assert (await socket.command("message.delete", id=sent["id"]))["type"] == "ack"
        assert (await socket.command("message.restore", id=sent["id"]))["type"] == "ack"


async def test_a_member_deletes_nothing_of_others_and_restores_nothing_that_a_moderator_deleted(
    ann: Person, bob: Person, room: int
):
    member, owner = await bob.connect(), await ann.connect()
    hers, his = await ann.post("hers", room), await bob.post("his", room)
    assert (await member.command("message.delete", id=hers["id"]))["code"] == "forbidden"
    await owner.command("message.delete", id=his["id"])
    assert (await member.command("message.restore", id=his["id"]))["code"] == "forbidden"
    await owner.command("message.delete", id=hers["id"])
    assert (await member.command("message.restore", id=hers["id"]))["code"] == "forbidden"


async def test_deleting_twice_and_restoring_what_stands_change_nothing(ann: Person, room: int):
    socket = await ann.connect()
    sent = await socket.send("once", room)
    assert (await socket.command("message.restore", id=sent["id"]))["change"] == 1
    first = await socket.command("message.delete", id=sent["id"])
    assert (await socket.command("message.delete", id=sent["id"]))["change"] == first["change"]


@pytest.mark.parametrize(
    ("act", "fields"), [(act, fields) for act, fields in ACTS if act not in ("message.delete", "message.restore")]
)
async def test_nothing_can_be_done_to_a_deleted_message(ann: Person, room: int, act: str, fields: dict):
    socket = await ann.connect()
    sent = await socket.send("gone", room)
    deleted = await socket.command("message.delete", id=sent["id"])
    assert (await socket.command(act, id=sent["id"], **fields))["type"] == "error"
    assert (await ann.room_frame(room))["head"]["change"] == deleted["change"]


async def test_a_pin_is_put_on_and_taken_off_for_everyone(ann: Person, bob: Person, room: int):
    mine, theirs = await ann.connect(), await bob.connect()
    sent = await mine.send("important", room)
    pin = await theirs.command("message.pin", id=sent["id"])
    assert (await last_event(mine, pin["change"]))["message"]["pinned_at"]
    assert (await theirs.command("message.pin", id=sent["id"]))["change"] == pin["change"]
    unpin = await mine.command("message.unpin", id=sent["id"])
    assert "pinned_at" not in (await last_event(theirs, unpin["change"]))["message"]
    assert (await mine.command("message.unpin", id=sent["id"]))["change"] == unpin["change"]


@each_act
async def test_an_outsider_is_refused_in_a_public_room(ann: Person, eve: Person, room: int, act: str, fields: dict):
    sent = await ann.post("public", room)
    outsider = await eve.connect()
    assert (await outsider.command(act, id=sent["id"], **fields))["code"] == "forbidden"
    assert (await ann.room_frame(room))["head"]["change"] == 1


@each_act
async def test_for_an_outsider_a_message_of_a_private_room_does_not_exist(
    ann: Person, eve: Person, private_room: int, act: str, fields: dict
):
    sent = await ann.post("private", private_room)
    outsider = await eve.connect()
    hidden = await outsider.command(act, id=sent["id"], **fields)
    missing = await outsider.command(act, id=2**52, **fields)
    assert hidden["code"] == "not_found"
    assert hidden | {"ref": ""} == missing | {"ref": ""}
    assert (await ann.room_frame(private_room))["head"]["change"] == 1


async def test_over_rest_too_a_message_of_a_private_room_does_not_exist_for_an_outsider(
    ann: Person, eve: Person, private_room: int
):
    sent = await ann.post("private", private_room)
    for method, body in (("PATCH", {"json": {"body": "x"}}), ("DELETE", {})):
        hidden = await eve.api(method, f"messages/{sent['id']}/", 404, **body)
        assert hidden == await eve.api(method, f"messages/{2**52}/", 404, **body)


@pytest.mark.parametrize(("act", "fields"), [ACTS[0], ACTS[2], ACTS[3], ACTS[4], ACTS[5]])
async def test_someone_muted_changes_nothing_but_may_delete(
    server: Site, bob: Person, ann: Person, room: int, act: str, fields: dict
):
    socket = await bob.connect()
    sent = await socket.send("careless", room)
    if act == "message.restore":
        await socket.command("message.delete", id=sent["id"])
    server.backstage("mute", bob.id)
    assert (await socket.command(act, id=sent["id"], **fields))["code"] == "muted"
    assert (await socket.command("message.delete", id=sent["id"]))["type"] == "ack"


async def test_in_a_read_only_room_members_neither_edit_nor_pin_nor_react(
    server: Site, ann: Person, bob: Person, room: int
):
    member, owner = await bob.connect(), await ann.connect()
    sent = await member.send("before", room)
    server.backstage("make_read_only", room)
    for act, fields in (ACTS[0], ACTS[3], ACTS[5]):
        assert (await member.command(act, id=sent["id"], **fields))["code"] == "read_only"
    assert (await owner.command("message.pin", id=sent["id"]))["type"] == "ack"


async def test_every_change_takes_the_next_number_without_a_hole(ann: Person, room: int):
    socket = await ann.connect()
    sent = await socket.send("one", room)
    each_once = [ACTS[0], *ACTS[3:], ACTS[1], ACTS[2]]
    acks = [await socket.command(act, id=sent["id"], **fields) for act, fields in each_once]
    assert [ack["change"] for ack in acks] == list(range(2, 9))
    changes = [event["change"] for event in await socket.settle() if event["type"].startswith("message.")]
    assert changes == list(range(1, 9))
