"""The socket: commands in, events out."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, cast

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.db import Error
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.actions import SITE, user_group
from accounts.addresses import address_of
from accounts.credentials import Identity, look_up, sign_in_socket
from accounts.errors import Banned, ChatError
from accounts.frames import person_of
from accounts.languages import supported_language
from accounts.limits import CONNECTS, limiter
from chat import process as chat_process
from chat.actions.announce import room_group, room_groups_of, room_stream
from chat.commands import Caller, Greeting, answer, begin_to_send, error_event, greet, take_tokens
from chat.errors import Invalid, Unavailable
from chat.frames import Frame
from chat.metrics import HANDSHAKES, SLOW_CUTS
from chat.process import ChatProcess
from chat.protocol import VERSION, AnyCommand, Hello, MessageSend, Presence, decode_command, ref_of
from chat.room_frames import room_frames
from database.threads import read
from live.envelope import Event, encode_frame
from live.outlet import WRITE_FRAME, Outlet, Send

HELLO_SECONDS = 10.0
SILENT_SECONDS = 60.0
MAX_INVALID = 50
MAX_SENDING = 32
"""Messages of one socket that wait for a commit; it is read on when there are fewer."""
CLOSE_SECONDS = 1.0
MAX_PAUSE = 1.0

CLOSE_PROTOCOL = 4400
CLOSE_UNAUTHENTICATED = 4401
CLOSE_BANNED = 4403
CLOSE_SILENT = 4408
CLOSE_TOO_SLOW = 4413
CLOSE_TRY_LATER = 1013


class _Waiting:
    """Stands in a room's group for a socket whose client does not know the room yet."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.frames: list[str] = []

    def deliver(self, frame: str) -> None:
        """Keep a frame."""
        self.frames.append(frame)


class ChatConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """One socket. It is a `live.hub.Member` and a `chat.process.Connection`.

    It receives for itself instead of through Channels' dispatch, which hops through the database thread for each
    event and keeps a channel and two tasks a socket. Everything that goes out goes through its outlet.
    """

    process: ChatProcess
    outlet: Outlet
    caller: Caller
    deliver: Callable[[str], None]

    def __init__(self) -> None:
        super().__init__()
        self.user_id = 0
        self.address = ""
        self.language = ""
        self.groups: list[str] = []
        self.is_greeted = False
        self.is_cut = False
        self.is_present = False
        self.is_away = False
        self.opened_at = self.heard_at = time.monotonic()
        self._invalid: deque[float] | None = None
        self._task: asyncio.Task[Any] | None = None
        self._is_busy = False
        self._sending = 0
        self._answered: asyncio.Future[None] | None = None
        self._pause = 0.0
        self.is_gone = False
        self._deferred: list[Callable[[], None]] = []

    @property
    def identity(self) -> Identity:
        """Who this is, and by what."""
        return self.caller.identity

    @identity.setter
    def identity(self, identity: Identity) -> None:
        self.caller.identity = identity

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send
    ) -> None:
        self.scope = scope
        self.process = await chat_process.start()
        offered = scope.get("extensions", {}).get(WRITE_FRAME, {})
        self.outlet = Outlet(send, self._on_overflow, offered.get("write"))
        self.deliver = self.outlet.deliver
        self._task = asyncio.current_task()
        try:
            await receive()
            if (seconds := self.process.door.refuse()) is not None:
                await self._turn_away(send, seconds)
                return
            await send({"type": "websocket.accept"})
            with self.process.door.coming_in():
                is_known = await self._sign_in()
            HANDSHAKES.labels("signed in" if is_known else "refused").inc()
            if is_known:
                await self._talk(receive)
        except asyncio.CancelledError:
            if not self.is_cut:
                raise
            await _close_at_most(send, CLOSE_TOO_SLOW)
        except OSError:
            # The peer went away while it was being spoken to.
            return
        finally:
            self._part()

    async def _turn_away(self, send: Send, seconds: int) -> None:
        """Answer the handshake 503 with Retry-After, or 403 where the server knows no better (ASGI extension)."""
        HANDSHAKES.labels("turned away").inc()
        if "websocket.http.response" not in self.scope.get("extensions", {}):
            await send({"type": "websocket.close"})
            return
        headers = [(b"retry-after", str(seconds).encode()), (b"content-type", b"text/plain")]
        await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"Too many are coming in; try again later.\n"})

    async def _sign_in(self) -> bool:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.scope["headers"]}
        address = address_of(self.scope, headers)
        self.language = supported_language(headers.get("accept-language", "").split(",")[0])
        query = self.scope.get("query_string", b"").decode("latin-1")
        secure = self.scope.get("scheme") == "wss" or (
            settings.BEHIND_PROXY and headers.get("x-forwarded-proto") == "https"
        )
        # Neither is needed again, and a socket may live for weeks. The server's own scope has the same list.
        if isinstance(self.scope["headers"], list):
            self.scope["headers"].clear()
        self.scope["query_string"] = b""
        try:
            limiter.take(CONNECTS, address)
            identity = await read(lambda: sign_in_socket(headers, query, secure=secure))
            self.process.check_room_for(identity.user.pk, address)
        except ChatError as error:
            self._refuse(error)
            return False
        except Error:
            self._refuse(Unavailable())
            return False
        self.caller = Caller(identity, address, {})
        self.address = address
        self.opened_at = time.monotonic()
        self._recognise(identity)
        self.process.add(cast("chat_process.Connection", self))
        if self.language:
            # For this socket's task alone, and the threads it asks.
            translation.activate(self.language)
        return True

    def _recognise(self, identity: Identity) -> None:
        self.caller.identity = identity
        self.user_id = identity.user.pk
        self.language = identity.user.language or self.language

    def _refuse(self, error: ChatError) -> None:
        with translation.override(self.language or None):
            self.deliver(encode_frame([error_event(error)]))
        self.outlet.close(_CLOSE_CODES.get(error.code, CLOSE_TRY_LATER))

    async def _talk(self, receive: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return
            if self.outlet.is_closing:
                # It was read before the close; the disconnect stands behind it.
                continue
            self.heard_at = time.monotonic()
            self._is_busy = True
            try:
                await self._take(message.get("text"))
            finally:
                self._is_busy = False
            self._do_deferred()
            # A read brings many frames; without this one who floods would have the loop until they are done.
            await asyncio.sleep(0 if self.outlet.dead else self._pause)
            self._pause = 0.0

    async def _take(self, text: str | None) -> None:
        if not text:
            await self._answer_all_but(0)
            self._say([error_event(Invalid(_("A command is a text frame with one JSON object.")))])
            return
        try:
            command = decode_command(text)
        except ChatError as error:
            ref = ref_of(text)
            await self._answer_all_but(0)
            self._say([error_event(error) | ({"ref": ref} if ref else {})])
            return
        if isinstance(command, MessageSend) and self.is_greeted:
            await self._send_on(command)
            return
        await self._answer_all_but(0)
        if isinstance(command, Hello) or not self.is_greeted:
            await self._greet(command)
        elif isinstance(command, Presence):
            self._note_presence(command)
        else:
            self._say(await answer(self.process, self.caller, command))

    async def _send_on(self, command: MessageSend) -> None:
        """Queue a message behind those of this socket that are under way; they may share a commit, in their order."""
        await self._answer_all_but(MAX_SENDING - 1)
        self._sending += 1
        if refusal := await begin_to_send(self.process, self.caller, command, self._say_sent):
            await self._answer_all_but(1)
            self._say_sent(refusal)

    async def _answer_all_but(self, count: int) -> None:
        """Wait until at most so many messages of this socket are unanswered."""
        while self._sending > count:
            self._answered = asyncio.get_running_loop().create_future()
            await self._answered

    def _say_sent(self, events: list[Event]) -> None:
        self._sending -= 1
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(None)
        if not self.is_gone:
            self._say(events)

    def _note_presence(self, command: Presence) -> None:
        try:
            take_tokens(self.caller, command)
        except ChatError as error:
            self._say([error_event(error) | ({"ref": command.ref} if command.ref else {})])
            return
        if command.away != self.is_away:
            self.is_away = command.away
            self.process.presence.set_away(self.user_id, away=command.away)

    def _say(self, events: list[Event]) -> None:
        if events:
            self.deliver(encode_frame(events))
            if events[0]["type"] == "error":
                self._slow_down(events[0])

    def _slow_down(self, error: Event) -> None:
        """Read on later after a refusal that costs more than it should; the server then stops reading the peer."""
        if error["code"] == "invalid":
            self._count_invalid()
        elif error["code"] == "rate_limited":
            self._pause = min(error["retry_after"], MAX_PAUSE)

    def _count_invalid(self) -> None:
        now = time.monotonic()
        if self._invalid is None:
            self._invalid = deque(maxlen=MAX_INVALID)
        self._invalid.append(now)
        if len(self._invalid) == MAX_INVALID and now - self._invalid[0] < SILENT_SECONDS:
            self.end(CLOSE_PROTOCOL)

    async def _greet(self, command: AnyCommand) -> None:
        try:
            take_tokens(self.caller, command)
            if not isinstance(command, Hello):
                raise Invalid(_("Say hello first."))
            if self.is_greeted:
                raise Invalid(_("You have said hello already."))
            if command.protocol != VERSION:
                raise Invalid(_("This site speaks version 1 of the protocol."), "protocol")
            with self.process.door.coming_in(), self.process.entering(self.user_id):
                await self._enter(command)
        except (ChatError, Error) as error:
            event = error_event(error if isinstance(error, ChatError) else Unavailable())
            self._say([event | ({"ref": command.ref} if command.ref else {})])

    async def _enter(self, hello: Hello) -> None:
        """Join first, read second: what lands between is seen twice, never missed (PROTOCOL, rule 1)."""
        own = [user_group(self.user_id), SITE]
        self.outlet.hold()
        try:
            self._join(own)
            rooms = await read(room_groups_of, self.user_id)
            self._join(rooms)
            await self.process.hub.subscribed([*own, *rooms])
            greeting = await self._greet_in(own, hello)
        except (ChatError, Error) as error:
            self.outlet.release(encode_frame([error_event(error if isinstance(error, ChatError) else Unavailable())]))
            self.end(CLOSE_TRY_LATER)
            return
        self._settle(greeting)
        self.outlet.release(encode_frame(greeting.events))
        if greeting.is_ahead:
            await self.process.heads.claim(self.caller.user)

    def _settle(self, greeting: Greeting) -> None:
        self.is_greeted = True
        self.is_present = True
        for frame in greeting.rooms:
            self._keep(frame)
        self.process.presence.connect(person_of(self.caller.user), greeting.rooms)

    def _keep(self, frame: Frame) -> None:
        room_id = frame["id"]
        self.caller.rooms[room_id] = {
            "id": room_id, "kind": frame["kind"], "members": frame["members"],
            **({"with": {"id": frame["with"]["id"]}} if "with" in frame else {}),
        }  # fmt: skip
        self.process.see_mark(self.user_id, room_id, frame["version"], frame["read_seq"])
        group = user_group(self.user_id) if frame["kind"] == "direct" else room_group(room_id)
        self.process.hub.stream(group, room_stream(room_id), frame["head"]["change"])

    def _join(self, names: list[str]) -> None:
        self.groups += names
        for name in names:
            self.process.hub.join(name, self)

    async def _greet_in(self, own: list[str], hello: Hello) -> Greeting:
        """Read the greeting. Who was removed between the two looks was in no group yet to be dropped from."""
        while True:
            greeting = await read(greet, self.user_id, self.process.epoch, hello)
            may_hear = {*own, *(room_group(room["id"]) for room in greeting.rooms)}
            left = [name for name in self.groups if name not in may_hear]
            if not left:
                return greeting
            for name in left:
                self.process.hub.leave(name, self)
            self.groups = [name for name in self.groups if name in may_hear]
            # What was heard meanwhile goes; the next greeting has what may be heard of it.
            self.outlet.hold()

    def _on_overflow(self) -> None:
        self._cut()

    def _cut(self) -> None:
        self.is_cut = True
        SLOW_CUTS.inc()
        self.outlet.cut()
        self._part()
        if self._task is not None:
            self._task.cancel()

    def _part(self) -> None:
        """Leave everything; a second call finds nothing left to leave."""
        self.is_gone = True
        for name in self.groups:
            self.process.hub.leave(name, self)
        self.groups = []
        if self.user_id:
            self.process.remove(cast("chat_process.Connection", self))
        if self.is_present:
            self.is_present = False
            self.process.presence.disconnect(self.user_id, was_away=self.is_away)

    # What the process says (chat.process.Connection).

    def knows(self, room_id: int) -> bool:
        """Tell whether the client knows of a room, or hears of it anyway."""
        return not self.is_greeted or room_id in self.caller.rooms or room_group(room_id) in self.groups

    def room_joined(self, room_id: int) -> None:
        """Enter a room's group, then tell the client of the room as it is after that."""
        self._after_command(lambda: self.process.spawn(self._tell_joined(room_id)))

    def room_opened(self, room: Frame) -> None:
        """Know a private chat that the client was told of."""
        if self.is_greeted:
            self._keep(room)
            self.process.presence.enter(self.user_id, room)

    def room_left(self, room_id: int, reason: str) -> None:
        """Tell the client that it is no longer in a room, if it was."""
        name = room_group(room_id)
        was_in = self.caller.rooms.pop(room_id, None) is not None or name in self.groups
        self.groups = [group for group in self.groups if group != name]
        if was_in:
            event = encode_frame([{"type": "room.left", "room": room_id, "reason": reason}])
            self._after_command(lambda: self.deliver(event))

    def look_again(self) -> None:
        """See whether what this person signed in with still counts; if not, say so and close."""
        self.process.spawn(self._check_identity())

    def end(self, code: int) -> None:
        """Close with `code`, after what was said before."""
        self.outlet.close(code)

    def check_time(self, now: float) -> None:
        """Close a socket that was silent too long, or whose sign-in has run out."""
        limit, since = (SILENT_SECONDS, self.heard_at) if self.is_greeted else (HELLO_SECONDS, self.opened_at)
        if self._is_busy or self._sending:
            return
        if now - since > limit + CLOSE_SECONDS * 10:
            self._cut()
        elif now - since > limit:
            self.end(CLOSE_SILENT)
        elif timezone.now() >= self.caller.identity.expires_at:
            self.look_again()

    def _after_command(self, act: Callable[[], None]) -> None:
        # The ack of a command comes before what the command brings about.
        if self._is_busy:
            self._deferred.append(act)
        else:
            act()

    def _do_deferred(self) -> None:
        deferred, self._deferred = self._deferred, []
        for act in deferred:
            act()

    async def _tell_joined(self, room_id: int) -> None:
        """Tell the client of a room, and only then what happens there; what happens meanwhile waits for that."""
        name = room_group(room_id)
        if not self.is_greeted or self.is_gone or name in self.groups:
            return
        self.groups.append(name)
        waiting = _Waiting(self.user_id)
        self.process.hub.join(name, waiting)
        try:
            await self.process.hub.subscribed([name])
            frames = await read(lambda: room_frames(self.caller.user, [room_id]))
            await self.process.hub.settled(name)
            # Who was removed meanwhile is in no group any more.
            if name in self.groups and not self.is_gone:
                self._open_room(name, frames, waiting.frames)
        finally:
            self.process.hub.leave(name, waiting)

    def _open_room(self, name: str, frames: list[Frame], waiting: list[str]) -> None:
        if not frames or frames[0]["kind"] == "direct":
            self.groups.remove(name)
        else:
            self.process.hub.join(name, self)
        if frames:
            self._keep(frames[0])
            self.process.presence.enter(self.user_id, frames[0])
            self.deliver(encode_frame([{"type": "room.joined", "room": frames[0]}]))
        for text in waiting:
            self.deliver(text)

    async def _check_identity(self) -> None:
        try:
            self._recognise(await read(look_up, self.identity.credential))
        except ChatError as error:
            self._refuse(error)


_CLOSE_CODES = {
    "unauthenticated": CLOSE_UNAUTHENTICATED,
    "token_expired": CLOSE_UNAUTHENTICATED,
    Banned().code: CLOSE_BANNED,
}


async def _close_at_most(send: Send, code: int) -> None:
    """Try for a second to tell a peer that does not read that it is being closed."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await send({"type": "websocket.close", "code": code})
    except (TimeoutError, OSError):
        return
