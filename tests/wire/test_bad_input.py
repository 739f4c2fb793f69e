"""Whatever is sent: a clear error or harmless text, the socket stays open, nobody else notices."""

import json
import typing
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from chat import protocol
from tests.client import Event, Person, Socket, new_ref

COMMANDS = typing.get_args(protocol.AnyCommand)
WRONG: dict[type, list[Any]] = {
    inspect.IntType: ["1", "", 1.5, True, [], {}, [1], -1, 2**53, 2**63, 2**64, 10**40],
    inspect.StrType: [1, 0, 1.5, True, [], {}, ["x"]],
    inspect.BoolType: [0, 1, "true", "", [], {}],
    inspect.ListType: [1, "1", {}, {"0": 1}, True, ["1"], [0], [-1], [None], [[]], [2**53], [1] * 101],
    inspect.DictType: [1, "1", [], [1], True, {"x": 1}, {"0": 1}, {"-1": 1}, {"1": -1}, {"1": "1"}, {"1": 2**53},
                       {"1": None}, {"1": 1.5}, {"99999999999999999": 1}],
}  # fmt: skip
LONG = {"ref": "r" * 65, "epoch": "e" * 65, "body": "b" * 4001, "emoji": "👍" * 41, "t": "t" * 65,
        "rooms": {str(number): 0 for number in range(1, 2002)}}  # fmt: skip


def kind_of(struct: Any) -> str:
    """Return the `type` of a command."""
    return str(struct.__struct_config__.tag)


def types_of(field: msgspec.structs.FieldInfo) -> list[type]:
    """Return which JSON types a field may have."""
    info = inspect.type_info(field.type)
    while isinstance(info, inspect.Metadata):
        info = info.type
    options = info.types if isinstance(info, inspect.UnionType) else (info,)
    return [type(option) for option in options]


def wrong_values(field: msgspec.structs.FieldInfo) -> list[Any]:
    """Return values that a field may not have."""
    allowed = types_of(field)
    wrong = [value for kind in allowed for value in WRONG.get(kind, [])] if len(allowed) <= 2 else [[], {}, True, [1]]
    nothing = [] if inspect.NoneType in allowed else [None]
    return wrong + nothing + ([LONG[field.name]] if field.name in LONG else [])


def bad_variants(good: Event, struct: Any) -> Iterator[Event]:
    """Return a command with each of its fields missing, wrong and too large in turn, and with one too many."""
    for field in msgspec.structs.fields(struct):
        if field.required:
            yield {name: value for name, value in good.items() if name != field.name}
        for value in wrong_values(field):
            yield good | {field.name: value}
    yield good | {"surprise": 1}
    yield good | {"type": [kind_of(struct)]}
    yield good | {"type": kind_of(struct).upper()}


def good_command(struct: Any, room: int, message: int) -> Event:
    """Return a command that would be carried out."""
    fields = {
        "protocol": 1, "ref": new_ref(), "body": "never stored", "room": room, "id": message, "emoji": "👍", "since": 0,
        "seq": 1, "active": True,
    }  # fmt: skip
    wanted = {field.name for field in msgspec.structs.fields(struct) if field.required}
    wanted |= {"room"} if struct is protocol.MessageSend else set()
    return {"type": kind_of(struct)} | {name: value for name, value in fields.items() if name in wanted}


class Bystander:
    """Someone else in the room, who must not notice."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket

    async def noticed(self) -> list[Event]:
        """Return what came that is more than people coming and going."""
        idle = ("presence.changed", "room.updated", "user.updated")
        return [event for event in await self.socket.settle() if event["type"] not in idle]


@pytest.fixture
async def bystander(bob: Person, room: int) -> Bystander:
    """Bob, who reads along."""
    return Bystander(await bob.connect())


async def answer_to(socket: Socket, frame: str | bytes) -> Event:
    """Send a frame and return its `error` or `ack`; the socket must live on."""
    await socket.raw(frame)
    answer = await socket.wait_for(("error", "ack", "pong", "room.synced"))
    await socket.settle()
    return answer


async def invalid(person: Person, frames: list[str | bytes]) -> None:
    """Send frames each of which must be answered `invalid`, on as many sockets as the limit of fifty asks for."""
    for start in range(0, len(frames), 40):
        socket = await person.connect()
        for frame in frames[start : start + 40]:
            answer = await answer_to(socket, frame)
            assert answer.get("code") == "invalid", (frame[:200], answer)
            assert answer["detail"]
        await socket.close()


@pytest.mark.parametrize("struct", COMMANDS, ids=kind_of)
async def test_a_field_that_is_missing_wrong_unknown_or_oversized_is_invalid(
    ann: Person, room: int, bystander: Bystander, struct: Any
):
    message = (await ann.post("stays as it is", room))["id"]
    await bystander.socket.wait_for("message.created")
    bad = list(bad_variants(good_command(struct, room, message), struct))
    assert len(bad) > 3
    await invalid(ann, [json.dumps(variant) for variant in bad])
    assert await bystander.noticed() == []
    assert (await ann.room_frame(room))["head"] == {"seq": 1, "change": 1}


async def test_an_error_repeats_the_ref_of_a_command_that_is_otherwise_wrong(ann: Person):
    socket = await ann.connect()
    answer = await socket.command("message.pin", id="x", ref="mine")
    assert (answer["ref"], answer["code"]) == ("mine", "invalid")


async def test_what_is_not_one_json_object_is_invalid(ann: Person, room: int, bystander: Bystander):
    frames: list[str | bytes] = [
        "",
        " ",
        "{",
        "}",
        "null",
        "1",
        '"ping"',
        "[]",
        '[{"type":"ping"}]',
        "{}",
        '{"type":"ping"}{"type":"ping"}',
        "{'type':'ping'}",
        '{"type":"ping",}',
        '{"type":null}',
        '{"type":"nonsense"}',
        '{"type":"__class__"}',
        '{"type":"websocket.close"}',
        "NaN",
        '{"type":"ping","t":NaN}',
        '{"type":"ping","t":Infinity}',
        "\ufeff" + '{"type":"ping"}',
        "\x00",
        '{"type":"ping","t":"\x00"}',
        b"",
        b"{}",
        b'{"type":"ping"}',
        b"\xff\xfe",
        b"\x00" * 1000,
    ]
    await invalid(ann, frames)
    assert await bystander.noticed() == []


@pytest.mark.parametrize(
    "nested",
    [
        "[" * 5000,
        "[" * 5000 + "]" * 5000,
        '{"a":' * 5000 + "1" + "}" * 5000,
        '{"type":"ping","t":' + "[" * 5000 + "]" * 5000 + "}",
        '{"type":"ping","x":' + "[" * 5000 + "]" * 5000 + "}",
        '{"type":' + "[" * 5000 + "]" * 5000 + "}",
    ],
    ids=["open", "lists", "objects", "in a field", "in an unknown field", "in the type"],
)
async def test_json_five_thousand_levels_deep_is_invalid(ann: Person, bystander: Bystander, nested: str):
    await invalid(ann, [nested])
    for path in ("commands/", "messages/", "rooms/", "direct/"):
        response = await ann.http.post(f"/api/v1/{path}", content=nested, headers={"Content-Type": "application/json"})
        assert "invalid" in response.text, (path, response.text[:300])
        assert response.status_code in (200, 400)
    assert await bystander.noticed() == []


async def test_lone_surrogates_are_refused_or_left_out(ann: Person, room: int, bob: Person):
    socket, reader = await ann.connect(), await bob.connect()
    for text in (r"\ud800", r"a\udfffb", r"\ud83d x", r"\udc00\ud800"):
        frame = f'{{"type":"message.send","ref":"{new_ref()}","room":{room},"body":"{text}"}}'
        answer = await answer_to(socket, frame)
        assert answer.get("code") == "invalid" or answer["type"] == "ack"
        await reader.settle()
    for message in await bob.messages(room):
        message["body"].encode()


async def test_bodies_of_rest_calls_that_are_not_utf_8_are_invalid(ann: Person, room: int):
    for bad in (b"\xed\xa0\x80", b"\xff", b"\xc0\xaf"):
        body = b'{"ref":"' + new_ref().encode() + b'","room":' + str(room).encode() + b',"body":"' + bad + b'"}'
        for path, content in (("messages/", body), ("commands/", b'{"type":"message.send",' + body[1:])):
            response = await ann.http.post(
                f"/api/v1/{path}", content=content, headers={"Content-Type": "application/json"}
            )
            assert "invalid" in response.text
            assert response.status_code in (200, 400)
    assert await ann.messages(room) == []


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ("nul \x00 nul", "nul  nul"),
        ("bell \x07 escape \x1b[31m", "bell  escape [31m"),
        ("line\r\nline\rline\u2028line", None),
        ("\u202egnirts desrever\u202c", None),
        ("😀" * 4000, "😀" * 4000),
        ("👩‍👩‍👧‍👦" * 500, "👩‍👩‍👧‍👦" * 500),
        ("x" * 4000, "x" * 4000),
        ("\u0301" * 3999 + "a", None),
        ("'; DROP TABLE chat_message; --", "'; DROP TABLE chat_message; --"),
        ("%s %d {0} ${x} {{ x }}", "%s %d {0} ${x} {{ x }}"),
        ("\ufffe\uffff\U0010ffff noncharacters", None),
    ],
    ids=[
        "nul",
        "controls",
        "line ends",
        "right to left",
        "emoji",
        "families",
        "longest",
        "marks",
        "sql",
        "templates",
        "non",
    ],
)
async def test_odd_text_arrives_harmless(ann: Person, bob: Person, room: int, body: str, stored: str | None):
    sender, reader = await ann.connect(), await bob.connect()
    ack = await sender.send(body, room)
    assert ack["type"] == "ack"
    shown = (await reader.wait_for("message.created"))["message"]
    assert shown["id"] == ack["id"]
    assert "\x00" not in shown["body"]
    assert stored is None or shown["body"] == stored
    assert [message["body"] for message in await bob.messages(room)] == [shown["body"]]


@pytest.mark.parametrize(
    "body", ["", " ", "\n\t ", "\u200b", "\u3164", "\x00", "\u00a0\u2003", "\u202e", "x" * 4001, "😀" * 4001]
)
async def test_a_text_that_shows_nothing_or_is_too_long_is_invalid(
    ann: Person, room: int, bystander: Bystander, body: str
):
    socket = await ann.connect()
    sent = await socket.send("stays", room)
    assert (await socket.send(body, room))["code"] == "invalid"
    assert (await socket.command("message.edit", id=sent["id"], body=body))["code"] == "invalid"
    answer = await ann.api("POST", "messages/", 400, json={"ref": new_ref(), "room": room, "body": body})
    assert answer["code"] == "invalid"
    assert [message["body"] for message in await ann.messages(room)] == ["stays"]


async def test_duplicate_keys_and_huge_numbers_do_no_harm(ann: Person, room: int, bystander: Bystander):
    socket = await ann.connect()
    for frame in (
        '{"type":"ping","type":"ping"}',
        '{"type":"ping","t":1,"t":2}',
        '{"type":"ping","t":1e400}',
        '{"type":"ping","t":-1e400}',
        '{"type":"ping","t":123456789012345678901234567890}',
        '{"type":"ping","t":1e-400}',
        '{"type":"room.sync","room":1e300,"since":0}',
        '{"type":"room.sync","room":9007199254740993,"since":0}',
    ):
        await answer_to(socket, frame)
    assert await bystander.noticed() == []


async def test_a_frame_over_64_kilobytes_closes_its_own_socket_alone_with_1009(
    ann: Person, bob: Person, room: int, bystander: Bystander
):
    big, other = await ann.connect(), await ann.connect()
    await big.raw('{"type":"ping","t":"' + "x" * 65536 + '"}')
    assert await big.closed() == 1009
    await other.settle()
    assert await bystander.noticed() == []


async def test_a_frame_of_64_kilobytes_is_read(ann: Person):
    socket = await ann.connect()
    frame = '{"type":"ping"' + " " * (65536 - 15) + "}"
    assert len(frame) == 65536
    assert (await answer_to(socket, frame))["type"] == "pong"


async def test_invalid_utf_8_closes_its_own_socket_alone_with_1007(fresh_server, newcomer):
    ann = await newcomer("ann", fresh_server())
    broken, other = await ann.connect(), await ann.connect()
    await broken.connection.send(b'{"type":"ping","t":"\xff"}', text=True)
    assert await broken.closed() == 1007
    await other.settle()


async def test_fifty_invalid_frames_in_a_minute_close_the_socket_with_4400(ann: Person):
    socket, other = await ann.connect(), await ann.connect()
    for _ in range(49):
        await socket.raw("{")
    await socket.settle()
    await socket.raw("{")
    assert await socket.closed() == 4400
    assert len(socket.of("error", code="invalid")) == 50
    await other.settle()


async def test_refusals_other_than_invalid_never_close_the_socket(ann: Person):
    socket = await ann.connect()
    for _ in range(60):
        await socket.say(type="message.pin", id=2**52, ref="x")
    await socket.settle()
    assert len(socket.of("error", code="not_found")) == 60
