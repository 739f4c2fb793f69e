"""Files are shown to those who may read their messages, asked for again at each request.

It is answered on the event loop: who downloads slowly holds no thread and no connection to the database, only an open
file and one piece of it.
"""

import asyncio
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import IO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.db import Error
from django.http import HttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address_of_request
from accounts.api.authentication import identify_by
from accounts.errors import RateLimited, Unauthenticated
from accounts.limits import ADDRESS_DOWNLOADS, DOWNLOADS, limiter
from accounts.middleware import language_of
from chat.api.plain import Receive, Scope, Send, encoded, refused, send_whole, while_there
from chat.api.ranges import Part, Unsatisfiable, is_known, part_of
from chat.errors import ChatError, NotFound, Unavailable
from chat.models import Attachment, AttachmentKind
from chat.permissions import get_attachment_for
from chat.uploads import store
from database.threads import read_aside

PREFIXES = ("/media/files/", "/media/thumbs/", "/media/desk/")
_PATH = re.compile(r"/media/(desk/)?(files|thumbs)/([0-9]{1,16})/([A-Za-z0-9_-]{22})(?:/.*|\.webp)", re.DOTALL)
PIECE = 128 * 1024
PIECE_SECONDS = 60.0
"""For a piece that a client takes no faster is broken off."""
MAX_OF_ONE, MAX_AT_ONCE = 40, 2000
"""Downloads of one person, and of all, at one process."""
_POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
)
_disk = ThreadPoolExecutor(4, "file-reader")
_busy: Counter[int] = Counter()


@dataclass(frozen=True)
class Wanted:
    """What is asked for, by whom it may be."""

    is_at_desk: bool
    is_thumb: bool
    attachment_id: int
    token: str


@dataclass(frozen=True)
class Served:
    """A file that may be shown to who asks."""

    user_id: int
    attachment: Attachment
    is_thumb: bool

    @property
    def etag(self) -> str:
        """What is another one for other content."""
        return f'"{self.attachment.digest[:32]}{"-small" if self.is_thumb else ""}"'

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.attachment.thumb_size if self.is_thumb else self.attachment.size

    @property
    def headers(self) -> dict[str, str]:
        """What is said of the file, whichever part of it is sent."""
        file = self.attachment
        content_type = "image/webp" if self.is_thumb else file.type
        disposition = content_disposition_header(file.kind == AttachmentKind.FILE, file.name)
        return SAFE | {"Content-Type": content_type, "Content-Disposition": disposition or "", "ETag": self.etag}


SAFE = {
    # It is one's own, and asked for again each time: tomorrow one may not see it any more.
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization, Cookie",
    "Accept-Ranges": "bytes",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `GET /media/files/ID/TOKEN/NAME` and what else begins with PREFIXES; an ASGI application."""
    await while_there(receive, _answer(scope, send))


async def _answer(scope: Scope, send: Send) -> None:
    request = ASGIRequest(scope, BytesIO())
    with translation.override(language_of(request)):
        try:
            request.get_host()
            served = await _find(request)
        except ChatError as error:
            await send_whole(refused(error), send)
            return
        except Error:
            await send_whole(refused(Unavailable()), send)
            return
        except (SuspiciousOperation, RequestDataTooBig, UnicodeDecodeError):
            await send_whole(HttpResponse(status=HTTPStatus.BAD_REQUEST), send)
            return
    await _send(request, served, send)


async def _find(request: ASGIRequest) -> Served:
    """Return the file that a request asks for. Raises ChatError."""
    if request.method not in ("GET", "HEAD"):
        raise ChatError("invalid", _("Only GET is answered here."), 405)
    match = _PATH.fullmatch(request.path)
    if match is None:
        raise NotFound
    wanted = Wanted(bool(match[1]), match[2] == "thumbs", int(match[3]), match[4])
    limiter.take(ADDRESS_DOWNLOADS, address_of_request(request))
    session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return await read_aside(_look_up, request.headers.get("Authorization"), session_key, wanted)


def _look_up(authorization: str | None, session_key: str | None, wanted: Wanted) -> Served:
    identity = identify_by(authorization, session_key)
    if identity is None:
        raise Unauthenticated
    limiter.take(DOWNLOADS, identity.user.pk)
    if wanted.is_at_desk:
        attachment = import_string(settings.INSPECT_ATTACHMENT)(identity.user, wanted.attachment_id, wanted.token)
    else:
        attachment = get_attachment_for(identity.user.pk, wanted.attachment_id, wanted.token)
    if wanted.is_thumb and not attachment.thumb_size:
        raise NotFound
    return Served(identity.user.pk, attachment, wanted.is_thumb)


async def _send(request: ASGIRequest, served: Served, send: Send) -> None:
    if is_known(request.headers.get("If-None-Match"), served.etag):
        await _send_head(send, HTTPStatus.NOT_MODIFIED, served.headers)
        return
    try:
        part = part_of(served.size, request.headers.get("Range"), request.headers.get("If-Range"), served.etag)
    except Unsatisfiable:
        headers = SAFE | {"Content-Range": f"bytes */{served.size}", "Content-Length": "0"}
        await _send_head(send, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers)
        return
    sent = part or Part(0, served.size - 1)
    headers = served.headers | {"Content-Length": str(sent.length)}
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.end}/{served.size}"
    status = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
    if request.method == "HEAD":
        await _send_head(send, status, headers)
        return
    if _busy[served.user_id] >= MAX_OF_ONE or _busy.total() >= MAX_AT_ONCE:
        await send_whole(refused(RateLimited(2.0)), send)
        return
    _busy[served.user_id] += 1
    try:
        await _send_part(send, served, sent, status, headers)
    finally:
        _busy[served.user_id] -= 1
        if not _busy[served.user_id]:
            del _busy[served.user_id]


async def _send_head(send: Send, status: HTTPStatus, headers: dict[str, str]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": encoded(headers)})
    await send({"type": "http.response.body", "body": b""})


async def _send_part(send: Send, served: Served, part: Part, status: HTTPStatus, headers: dict[str, str]) -> None:
    loop = asyncio.get_running_loop()
    try:
        file = await loop.run_in_executor(_disk, _opened, served, part.start)
    except FileNotFoundError:
        # It was destroyed just now.
        await send_whole(refused(NotFound()), send)
        return
    left = part.length
    try:
        await send({"type": "http.response.start", "status": status, "headers": encoded(headers)})
        while left:
            piece = await loop.run_in_executor(_disk, file.read, min(PIECE, left))
            left -= len(piece)
            async with asyncio.timeout(PIECE_SECONDS):
                await send({"type": "http.response.body", "body": piece, "more_body": bool(left)})
            if not piece:
                break
    except TimeoutError:
        # Its reader does not read. The server ends the connection, since the answer is not whole.
        pass
    finally:
        loop.run_in_executor(_disk, file.close)


def _opened(served: Served, start: int) -> IO[bytes]:
    attachment = served.attachment
    file = store.open_file(attachment.folder, attachment.token, is_thumb=served.is_thumb)
    file.seek(start)
    return file
