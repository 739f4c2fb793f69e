"""The commands of the wire, typed (PROTOCOL, "Commands"). What does not fit, an unknown field included, is refused."""

import re
from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext as _
from msgspec import Meta

from chat.errors import Invalid

VERSION = 1
MAX_NUMBER = 2**53 - 1
MAX_REF = 64
MAX_REASON = 200
"""Characters of the reason that a moderator gives."""
MAX_NAMED = 100
"""Attachments that a command may name; how many a message takes is for it to say."""
MAX_ROOMS = 2000
"""Rooms that one `hello` or poll may name."""

Id = Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
Number = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
Ref = Annotated[str, Meta(min_length=1, max_length=MAX_REF)]
UuidRef = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\Z")]
RoomKey = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,15}\Z")]
Reason = Annotated[str, Meta(max_length=MAX_REASON, pattern=r"^[^\x00]*\Z")]
Emoji = Annotated[str, Meta(min_length=1, max_length=40)]


class Command(msgspec.Struct, tag_field="type", forbid_unknown_fields=True, kw_only=True):
    """Something that a client asks for; the answer repeats `ref`."""

    ref: Ref | None = None


class Hello(Command, tag="hello"):
    protocol: int
    epoch: Annotated[str, Meta(max_length=64)] | None = None
    rooms: Annotated[dict[RoomKey, Number], Meta(max_length=MAX_ROOMS)] = {}


class MessageSend(Command, tag="message.send"):
    ref: UuidRef
    body: str
    room: Id | None = None
    to: Id | None = None
    reply_to: Id | None = None
    attachments: Annotated[list[Id], Meta(max_length=MAX_NAMED)] = []
    action: bool = False


class MessageEdit(Command, tag="message.edit"):
    id: Id
    body: str


class MessageDelete(Command, tag="message.delete"):
    id: Id
    reason: Reason = ""


class MessageRestore(Command, tag="message.restore"):
    id: Id


class MessagePin(Command, tag="message.pin"):
    id: Id


class MessageUnpin(Command, tag="message.unpin"):
    id: Id


class MessageReact(Command, tag="message.react"):
    id: Id
    emoji: Emoji


class MessageUnreact(Command, tag="message.unreact"):
    id: Id
    emoji: Emoji


class RoomSync(Command, tag="room.sync"):
    room: Id
    since: Number


class RoomRead(Command, tag="room.read"):
    room: Id
    seq: Number
    version: Number | None = None


class RoomUnread(Command, tag="room.unread"):
    room: Id
    seq: Id


class RoomJoin(Command, tag="room.join"):
    room: Id


class RoomLeave(Command, tag="room.leave"):
    room: Id


class Typing(Command, tag="typing"):
    room: Id
    active: bool


class Presence(Command, tag="presence"):
    away: bool


class Ping(Command, tag="ping"):
    t: int | float | Annotated[str, Meta(max_length=64)] | None = None


AnyCommand = (
    Hello
    | MessageSend
    | MessageEdit
    | MessageDelete
    | MessageRestore
    | MessagePin
    | MessageUnpin
    | MessageReact
    | MessageUnreact
    | RoomSync
    | RoomRead
    | RoomUnread
    | RoomJoin
    | RoomLeave
    | Typing
    | Presence
    | Ping
)

_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)
_MISSING = re.compile(r"missing required field `(\w+)`")
_UNKNOWN = re.compile(r"contains unknown field `(.*?)`", re.DOTALL)
_AT = re.compile(r" - at `(?:key` in `)?\$\.?([\w.\[\]]*)`")


def decode_command(text: str | bytes) -> AnyCommand:
    """Return the command that a JSON text is. Raises Invalid with a sentence about what is wrong with it."""
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise _explain(str(error)) from None
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise Invalid(_("This is not valid JSON.")) from None


def ref_of(text: str | bytes) -> str | None:
    """Return the `ref` of a command that did not decode, so that its error can repeat it; None where there is none."""
    try:
        ref = msgspec.json.decode(text, type=_AnyRef).ref
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    return ref if isinstance(ref, str) and len(ref) <= MAX_REF else None


class _AnyRef(msgspec.Struct):
    ref: Any = None


def _explain(error: str) -> Invalid:
    if match := _MISSING.search(error):
        field, sentence = match[1], _("The field “%(field)s” is missing.")
    elif match := _UNKNOWN.search(error):
        field, sentence = match[1][:40], _("There is no field “%(field)s” here.")
    elif match := _AT.search(error):
        field, sentence = match[1], _("The field “%(field)s” is not what it should be.")
        if field == "type":
            sentence = _("There is no such command.")
    else:
        return Invalid(_("A command is one JSON object."))
    return Invalid(sentence % {"field": field} if "%(" in sentence else sentence, field)
