"""Over REST and the socket: reasons of a room's moderators, who has gone, and what became of held messages."""

import asyncio

import pytest

from tests.client import Person, new_ref
from tests.servers import Site

REASON = "not in this kitchen"


async def test_reasons_reach_the_person_by_each_call(server: Site, ann: Person, bob: Person, room: int):
    first, second = [await bob.post(body, room) for body in ("one", "two")]
    socket = await bob.connect()
    await ann.api("DELETE", f"messages/{first['id']}/", 200, json={"reason": REASON})
    event = await socket.wait_for("moderated", act="taken_down")
    assert (event["message"], event["detail"].endswith(REASON)) == (first["id"], True)
    watcher = await ann.connect()
    # What would turn round the rest of the line is left out.
    turned = f"\u202e{REASON}"
    assert (await watcher.command("message.delete", id=second["id"], reason=turned))["type"] == "ack"
    event = await socket.wait_for("moderated", act="taken_down")
    assert (event["message"], "\u202e" in event["detail"]) == (second["id"], False)
    muted = {"muted_until": "2099-01-01T00:00:00Z", "reason": turned}
    await ann.api("PATCH", f"rooms/{room}/members/{bob.id}/", 200, json=muted)
    event = await socket.wait_for("moderated", act="muted")
    assert (event["detail"].endswith(REASON), "\u202e" in event["detail"]) == (True, False)
    await ann.api("DELETE", f"rooms/{room}/members/{bob.id}/", 204, json={"reason": REASON})
    assert (await socket.wait_for("moderated", act="removed"))["detail"].endswith(REASON)
    assert (await socket.wait_for("room.left", room=room))["reason"] == "removed"
    assert (await watcher.wait_for("member.updated", room=room, user=bob.id))["role"] is None
    for one in (socket, watcher):
        await one.close()


async def test_calls_without_a_reason_are_as_before(ann: Person, bob: Person, room: int):
    message = await bob.post("one", room)
    await ann.api("DELETE", f"messages/{message['id']}/", 200)
    (shown,) = await ann.messages(room)
    assert shown["deleted_by"] == "moderator"
    await ann.api("DELETE", f"rooms/{room}/members/{bob.id}/", 204)


@pytest.mark.parametrize("reason", ["x" * 201, 5, None, ["x"], "\x00"])
async def test_what_is_no_reason_is_refused(ann: Person, bob: Person, room: int, reason: object):
    message = await bob.post("one", room)
    for path in (f"messages/{message['id']}/", f"rooms/{room}/members/{bob.id}/"):
        if reason == 5:
            # A form's field is a text.
            continue
        assert (await ann.api("DELETE", path, 400, json={"reason": reason}))["code"] == "invalid"
    socket = await ann.connect()
    assert (await socket.command("message.delete", id=message["id"], reason=reason))["code"] == "invalid"
    await socket.close()


async def test_what_became_of_held_messages_is_told_to_their_author_alone(
    server: Site, ann: Person, bob: Person, room: int
):
    held = server.backstage("make_filter", "words", "poker", "hold", room)
    await asyncio.sleep(0.8)
    refs = [new_ref(), new_ref()]
    for ref in refs:
        answer = await bob.http.post("/api/v1/messages/", json={"ref": ref, "room": room, "body": "poker"})
        assert answer.json()["code"] == "held"
    query = f"held/?refs={','.join([*refs, new_ref()])}"
    found = (await bob.api("GET", query, 200))["held"]
    assert [(one["ref"], one["room"], one["status"]) for one in found] == [(ref, room, "waiting") for ref in refs]
    server.backstage("refuse_held", bob.id, REASON)
    found = (await bob.api("GET", query, 200))["held"]
    assert [(one["status"], one["detail"]) for one in found] == [("refused", REASON)] * 2
    assert (await ann.api("GET", query, 200))["held"] == []
    for wrong in ("", "?refs=", "?refs=x", f"?refs={'-' * 36}", "?refs=" + ",".join(new_ref() for _ in range(51))):
        assert (await bob.api("GET", f"held/{wrong}", 400))["code"] == "invalid"
    server.backstage("drop_filter", held)
