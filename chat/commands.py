"""Carries out commands: the same for a socket, for POST commands/ and for the rest of REST."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import Error
from django.utils.translation import gettext_lazy as _

from accounts.credentials import Identity
from accounts.frames import person_of, user_frame
from accounts.limits import ADDRESS, COMMANDS, SENDS, limiter
from accounts.models import User
from chat import protocol
from chat.actions.memberships import join_room, leave_room
from chat.actions.messages import (
    Changed,
    delete_message,
    edit_message,
    pin_message,
    react_to_message,
    restore_message,
    unpin_message,
    unreact_to_message,
)
from chat.actions.posting import Draft, Posted
from chat.actions.reading import ReadMark, mark_unread
from chat.errors import ChatError, Invalid, Unavailable
from chat.frames import Frame
from chat.history import sync_room
from chat.models import Room
from chat.permissions import blocked_by, blocks_among, get_membership_for, get_room_for, refusal_to_meet
from chat.process import ChatProcess
from chat.protocol import AnyCommand
from chat.room_frames import room_frames
from chat.texts import visible
from database.threads import read, write
from live.envelope import Event, encode_events

logger = logging.getLogger(__name__)

HEARTBEAT = 25
ROOMS_A_TOKEN = 20
MAX_HELLO_BYTES = 512 * 1024
"""Messages that the answer to one `hello` holds, about; past that each room has one, and `more`."""
RECONNECT = 0.5


@dataclass(slots=True)
class Caller:
    """Who gives commands, and from which address. `rooms` are known to be his or hers, as ROOM by id."""

    identity: Identity
    address: str
    rooms: dict[int, Frame]

    @property
    def user(self) -> User:
        """Who it is."""
        return self.identity.user


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a `hello` is answered with, and the rooms that it speaks of."""

    events: list[Event]
    rooms: list[Frame]
    is_ahead: bool = False
    """Whether the client holds more than there is, of the history that there is."""


async def answer(process: ChatProcess, caller: Caller, command: AnyCommand) -> list[Event]:
    """Carry out a command and return the events that answer it, an `error` if it was refused."""
    try:
        events = await carry_out(process, caller, command)
    except ChatError as error:
        events = [error_event(error)]
        _repeat_ref(command, events)
    except Error:
        logger.exception("The database did not answer")
        events = [error_event(Unavailable())]
        _repeat_ref(command, events)
    return events


async def carry_out(process: ChatProcess, caller: Caller, command: AnyCommand) -> list[Event]:
    """Carry out a command and return the events that answer it. Raises ChatError, or what the database raises."""
    take_tokens(caller, command)
    events = await _execute(process, caller, command)
    _repeat_ref(command, events)
    return events


def _repeat_ref(command: AnyCommand, events: list[Event]) -> None:
    if command.ref is not None:
        for event in events:
            if event["type"] in ("ack", "error"):
                event["ref"] = command.ref


async def begin_to_send(
    process: ChatProcess, caller: Caller, command: protocol.MessageSend, say: Callable[[list[Event]], None]
) -> list[Event]:
    """Queue a message; `say` gets the events that answer it, once it is stored or refused.

    Returns the events that answer it at once, in which case `say` gets nothing.
    """
    try:
        take_tokens(caller, command)
        result = await process.writer.queue(_draft(caller, command))
    except ChatError as error:
        return [error_event(error) | {"ref": command.ref}]
    except Error:
        logger.exception("The database did not answer")
        return [error_event(Unavailable()) | {"ref": command.ref}]
    result.add_done_callback(lambda result: say([_outcome(result) | {"ref": command.ref}]))
    return []


def _outcome(result: asyncio.Future[Posted]) -> Event:
    error = result.exception()
    return error_event(cast("ChatError", error)) if error else _stored(result.result())


def take_tokens(caller: Caller, command: AnyCommand) -> None:
    """Count a command against its user's and its address's rate. Raises RateLimited.

    The address pays only for what its users may do: one who floods does not spend what the others there have.
    """
    rooms = len(command.rooms) if isinstance(command, protocol.Hello) else 0
    limiter.take(COMMANDS, caller.user.pk, 1 + rooms / ROOMS_A_TOKEN)
    if isinstance(command, _CHANGES):
        limiter.take(SENDS, caller.user.pk)
    limiter.take(ADDRESS, caller.address)


def error_event(error: ChatError) -> Event:
    """Return the `error` that tells a client of `error`, in the language that is active."""
    event: Event = {"type": "error", "code": error.code, "detail": str(error.detail)}
    if error.retry_after is not None:
        event["retry_after"] = error.retry_after
    return event


def greet(user_id: int, epoch: str, hello: protocol.Hello) -> Greeting:
    """Return `welcome`, and for each room named in `hello` what moved in it. Synchronous; the groups are joined."""
    user = User.objects.get(pk=user_id)
    rooms = room_frames(user)
    welcome: Event = {
        "type": "welcome",
        "protocol": protocol.VERSION,
        "epoch": epoch,
        "user": user_frame(user),
        "is_staff": user.is_staff,
        "is_admin": user.is_superuser,
        "heartbeat": HEARTBEAT,
        "reconnect": RECONNECT,
        "rooms": rooms,
        "blocked": blocked_by(user_id),
        "room_order": user.room_order,
    }
    held = {int(room_id): change for room_id, change in hello.rooms.items()}
    same_epoch = hello.epoch is None or hello.epoch == epoch
    synced = sync_rooms(user, held, same_epoch=same_epoch)
    is_ahead = hello.epoch == epoch and any(
        event["type"] == "room.synced" and event["since"] > event["head"]["change"] for event in synced
    )
    return Greeting([welcome, *synced], rooms, is_ahead)


def sync_rooms(user: User, held: dict[int, int], *, same_epoch: bool) -> list[Event]:
    """Return for each room in `held` (id: change) `room.synced`, or `room.left` if the user is not in it."""

    own = {room.pk: room for room in Room.objects.filter(pk__in=held, memberships__user=user)}
    events: list[Event] = []
    left = MAX_HELLO_BYTES
    for room_id, since in held.items():
        if room_id in own:
            event = sync_room(user, own[room_id], since, same_epoch=same_epoch, max_bytes=max(1, left))
            left -= len(encode_events(event["messages"]))
        else:
            event = {"type": "room.left", "room": room_id, "reason": "left"}
        events.append(event)
    return events


async def _execute(process: ChatProcess, caller: Caller, command: AnyCommand) -> list[Event]:  # noqa: PLR0911, PLR0912, C901 - a table of commands
    user = caller.user
    match command:
        case protocol.MessageSend():
            return [_stored(await process.writer.post(_draft(caller, command)))]
        case protocol.MessageEdit(id=message_id, body=body):
            return [_changed(await write(edit_message, user.pk, message_id, body))]
        case protocol.MessageReact(id=message_id, emoji=emoji):
            return [_changed(await write(react_to_message, user.pk, message_id, emoji))]
        case protocol.MessageUnreact(id=message_id, emoji=emoji):
            return [_changed(await write(unreact_to_message, user.pk, message_id, emoji))]
        case protocol.MessageDelete(id=message_id, reason=reason):
            return [_changed(await write(delete_message, user.pk, message_id, visible(reason)))]
        case (
            protocol.MessageRestore(id=message_id)
            | protocol.MessagePin(id=message_id)
            | protocol.MessageUnpin(id=message_id)
        ):
            return [_changed(await write(_ACTS[type(command)], user.pk, message_id))]
        case protocol.RoomSync(room=room_id, since=since):
            return [await read(_sync, user, room_id, since)]
        case protocol.RoomRead():
            return [await _read(process, caller, command)]
        case protocol.RoomUnread(room=room_id, seq=seq):
            process.read_marks.forget(user.pk, room_id)
            await write(mark_unread, user.pk, room_id, seq)
            return [{"type": "ack", "room": room_id}]
        case protocol.RoomJoin(room=room_id):
            await write(join_room, user, room_id)
            return [{"type": "ack", "room": room_id}]
        case protocol.RoomLeave(room=room_id):
            await write(leave_room, user, room_id)
            return [{"type": "ack", "room": room_id}]
        case protocol.Typing(room=room_id, active=active):
            room = await _own_room(caller, room_id)
            if "with" not in room or await read(_may_meet, user.pk, room["with"]["id"]):
                process.typing.note(person_of(user), room, active=active)
            return []
        case protocol.Presence():
            # It says something of a connection; this one ends with its answer.
            return []
        case protocol.Ping(t=t):
            return [{"type": "pong"} | ({} if t is None else {"t": t})]
        case protocol.Hello():
            if command.protocol != protocol.VERSION:
                raise Invalid(_("This site speaks version 1 of the protocol."), "protocol")
            return (await read(greet, user.pk, process.epoch, command)).events


_CHANGES = (
    protocol.MessageSend,
    protocol.MessageEdit,
    protocol.MessageDelete,
    protocol.MessageRestore,
    protocol.MessagePin,
    protocol.MessageUnpin,
    protocol.MessageReact,
    protocol.MessageUnreact,
)
_ACTS: dict[type[Any], Any] = {
    protocol.MessageRestore: restore_message,
    protocol.MessagePin: pin_message,
    protocol.MessageUnpin: unpin_message,
}


def _draft(caller: Caller, command: protocol.MessageSend) -> Draft:
    if (command.room is None) == (command.to is None):
        raise Invalid(_("A message goes to a room or to a person: give one of them."), "room")
    return Draft(
        author_id=caller.user.pk,
        ref=UUID(command.ref),
        body=command.body,
        room=command.room,
        to=command.to,
        reply_to=command.reply_to,
        attachments=command.attachments,
        is_action=command.action,
    )


def _stored(posted: Posted) -> Event:
    return {"type": "ack", **posted._asdict()}


async def _read(process: ChatProcess, caller: Caller, command: protocol.RoomRead) -> Event:
    await _own_room(caller, command.room)
    process.read_marks.move(ReadMark(caller.user.pk, command.room, command.seq, command.version))
    return {"type": "ack", "room": command.room}


async def _own_room(caller: Caller, room_id: int) -> Frame:
    """Return a room that the caller is in, as ROOM; raises NotFound or Forbidden."""
    if room := caller.rooms.get(room_id):
        return room
    return await read(_own_room_frame, caller.user, room_id)


def _own_room_frame(user: User, room_id: int) -> Frame:
    get_membership_for(user.pk, room_id)
    return room_frames(user, [room_id])[0]


def _may_meet(user_id: int, other_id: int) -> bool:
    return refusal_to_meet(user_id, other_id, blocks_among([user_id, other_id])) is None


def _changed(changed: Changed) -> Event:
    return {"type": "ack", **changed._asdict()}


def _sync(user: User, room_id: int, since: int) -> Event:
    return sync_room(user, get_room_for(user.pk, room_id), since)
