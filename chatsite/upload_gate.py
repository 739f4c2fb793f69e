"""Who uploads is looked at before the file is taken in: a stranger's, or one too many, is not read from the line."""

from collections.abc import Awaitable, Callable
from io import BytesIO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.db import Error
from django.utils import translation

from accounts.api.authentication import identify_by
from accounts.errors import Unauthenticated
from accounts.middleware import language_of
from chat.actions.uploads import check_disk, check_size
from chat.api.places import Places
from chat.api.plain import Receive, Scope, Send, encoded, refused
from chat.errors import ChatError, Unavailable
from chatsite.bodies import FORM_BYTES, UPLOADS, announced, refuse
from database.threads import read_aside

PATH = UPLOADS
MAX_AT_ONCE, MAX_OF_ONE, PATIENCE = 64, 4, 20.0
"""Uploads of all and of one person at one process; seconds that the next may wait."""
COPIES = 3
"""A file is on disk as the body of its request, as the file in that, and where it is kept."""
_places = Places(MAX_AT_ONCE, MAX_OF_ONE, PATIENCE)


async def serve(
    scope: Scope, receive: Receive, send: Send, application: Callable[[Scope, Receive, Send], Awaitable[None]]
) -> None:
    """Have `application` answer an upload, or refuse it before its body is read; an ASGI application."""
    if scope["method"] != "POST":
        await application(scope, receive, send)
        return
    request = ASGIRequest(scope, BytesIO())
    try:
        user_id = await _admit(request, announced(scope))
        async with _places.take(user_id):
            await application(scope, receive, send)
    except ChatError as error:
        with translation.override(language_of(request)):
            answer = refused(error)
        headers = tuple(encoded({name: value for name, value in answer.headers.items() if name != "Content-Type"}))
        await refuse(receive, send, answer.content, answer.status_code, headers)


async def _admit(request: ASGIRequest, size: int) -> int:
    """Return who uploads a body of `size` bytes. Raises ChatError."""
    session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    try:
        identity = await read_aside(identify_by, request.headers.get("Authorization"), session_key)
    except Error:
        raise Unavailable from None
    except (SuspiciousOperation, RequestDataTooBig, UnicodeDecodeError):
        raise Unauthenticated from None
    if identity is None:
        raise Unauthenticated
    check_size(max(0, size - FORM_BYTES))
    check_disk(size * COPIES)
    return identity.user.pk
