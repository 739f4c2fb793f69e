"""The commands of the wire, decoded and refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import protocol
from chat.errors import Invalid
from chat.protocol import decode_command, ref_of

REF = "0191d9a0-0000-7000-8000-000000000001"
COMMANDS: dict[type, dict[str, Any]] = {
    protocol.Hello: {"type": "hello", "protocol": 1, "epoch": "e", "rooms": {"7": 3}},
    protocol.MessageSend: {
        "type": "message.send",
        "ref": REF,
        "body": "hi",
        "room": 7,
        "reply_to": 2,
        "attachments": [1],
    },
    protocol.MessageEdit: {"type": "message.edit", "id": 3, "body": "x"},
    protocol.MessageDelete: {"type": "message.delete", "id": 3, "reason": "x"},
    protocol.MessageRestore: {"type": "message.restore", "id": 3},
    protocol.MessagePin: {"type": "message.pin", "id": 3},
    protocol.MessageUnpin: {"type": "message.unpin", "id": 3},
    protocol.MessageReact: {"type": "message.react", "id": 3, "emoji": "👍"},
    protocol.MessageUnreact: {"type": "message.unreact", "id": 3, "emoji": "👍"},
    protocol.RoomSync: {"type": "room.sync", "room": 7, "since": 0},
    protocol.RoomRead: {"type": "room.read", "room": 7, "seq": 4, "version": 1},
    protocol.RoomUnread: {"type": "room.unread", "room": 7, "seq": 4},
    protocol.RoomJoin: {"type": "room.join", "room": 7},
    protocol.RoomLeave: {"type": "room.leave", "room": 7},
    protocol.Typing: {"type": "typing", "room": 7, "active": True},
    protocol.Ping: {"type": "ping", "t": 1.5},
}
OPTIONAL = {"ref", "reason", "epoch", "rooms", "reply_to", "attachments", "version", "t"}
EVERY = pytest.mark.parametrize(("kind", "command"), COMMANDS.items(), ids=[c["type"] for c in COMMANDS.values()])
FIELDS = [(command, field) for command in COMMANDS.values() for field in command if field != "type"]
IDS = [f"{command['type']}.{field}" for command, field in FIELDS]


def refused(command: Any) -> Invalid:
    """Return why a command is refused."""
    text = command if isinstance(command, str | bytes) else json.dumps(command)
    with pytest.raises(Invalid) as error:
        decode_command(text)
    assert error.value.code == "invalid"
    assert str(error.value.detail).endswith(".")
    return error.value


def names(error: Invalid, field: str) -> bool:
    """Tell whether an error names a field, to the person and to the program."""
    return f"“{field}" in str(error.detail) and any(key.startswith(field) for key in error.fields or ())


@EVERY
def test_every_command_decodes(kind: type, command: dict[str, Any]) -> None:
    decoded = decode_command(json.dumps(command | {"ref": REF}))
    assert type(decoded) is kind
    assert {field: getattr(decoded, field) for field in command if field != "type"} == {
        field: value for field, value in command.items() if field != "type"
    }
    assert decoded.ref == REF


@EVERY
def test_an_unknown_field_is_refused_by_name(kind: type, command: dict[str, Any]) -> None:
    assert names(refused(command | {"colour": "red"}), "colour")


@pytest.mark.parametrize(("command", "field"), FIELDS, ids=IDS)
def test_a_missing_field_is_refused_by_name_unless_it_is_optional(command: dict[str, Any], field: str) -> None:
    without = {name: value for name, value in command.items() if name != field}
    if field in OPTIONAL - {"ref"} or (command["type"], field) == ("message.send", "room"):
        assert decode_command(json.dumps(without))
    else:
        assert names(refused(without), field)


@pytest.mark.parametrize(("command", "field"), FIELDS, ids=IDS)
@pytest.mark.parametrize("wrong", [{"a": []}, True, [[]], -1, 2**53, "\n"])
def test_a_field_of_the_wrong_kind_is_refused_by_name(command: dict[str, Any], field: str, wrong: Any) -> None:
    fits = field in ("body", "emoji", "epoch", "reason", "t") and wrong == "\n"
    fits = fits or (field == "active" and wrong is True)
    fits = fits or (field in ("t", "protocol") and isinstance(wrong, int) and not isinstance(wrong, bool))
    if fits:
        assert decode_command(json.dumps(command | {field: wrong}))
    else:
        assert names(refused(command | {field: wrong}), field)


@pytest.mark.parametrize("kind", ["", "hello.hello", "message.created", "ack", 5, None, ["ping"]])
def test_there_are_no_other_commands(kind: Any) -> None:
    refused({"type": kind})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1",
        '"ping"',
        "null",
        '{"type":"ping"}x',
        "[" * 5000,
        '{"type":"ping","t":1e999}',
        b"\xff",
        "{}",
        "[{}]",
    ],
)
def test_what_is_no_json_object_is_refused(text: str | bytes) -> None:
    refused(text)


@pytest.mark.parametrize("ref", ["", "x", REF[:-1], REF + "0", f"{REF}\n", None, 5])
def test_a_message_carries_a_uuid(ref: Any) -> None:
    assert names(refused(COMMANDS[protocol.MessageSend] | {"ref": ref}), "ref")


@pytest.mark.parametrize("rooms", [{"0": 1}, {"-1": 1}, {"x": 1}, {"7": -1}, {"7": None}, {"07": 1}, [7]])
def test_hello_names_rooms_by_id_and_change(rooms: Any) -> None:
    refused(COMMANDS[protocol.Hello] | {"rooms": rooms})


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        (json.dumps({"type": "nonsense", "ref": "r"}), "r"),
        (json.dumps({"ref": "r", "id": []}), "r"),
        (json.dumps({"ref": 5}), None),
        (json.dumps({"ref": "x" * 65}), None),
        ("{", None), ("[]", None), ("", None), (b"\xff", None), ("[" * 5000, None), ("{}", None),
    ],
)  # fmt: skip
def test_the_ref_of_what_did_not_decode(text: str | bytes, ref: str | None) -> None:
    assert ref_of(text) == ref


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_types = st.sampled_from([command["type"] for command in COMMANDS.values()]) | st.text(max_size=5)
_names = st.sampled_from(["ref", "id", "room", "body", "seq", "since", "rooms", "emoji", "t", "x"])


@given(st.dictionaries(_names, _json, max_size=4), _types)
def test_nothing_raises_but_invalid(fields: dict[str, Any], kind: str) -> None:
    for text in (json.dumps(fields | {"type": kind}), json.dumps(fields)):
        try:
            decode_command(text)
        except Invalid:
            ref_of(text)
