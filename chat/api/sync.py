"""The long poll: what a socket would have brought (PROTOCOL, client rule 8).

It is answered on the event loop: through Django's middleware each poll that waits would hold a thread.
"""

import re
from http import HTTPStatus
from io import BytesIO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.db import Error
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address_of_request
from accounts.api.authentication import identify_by
from accounts.errors import Unauthenticated
from accounts.limits import ADDRESS, COMMANDS, limiter
from accounts.middleware import language_of
from chat import process
from chat.api.plain import Receive, Scope, Send, refused, send_whole, while_there
from chat.commands import Caller
from chat.errors import ChatError, Invalid, Unavailable
from chat.polling import MAX_WAIT, poll
from chat.protocol import MAX_NUMBER, MAX_ROOMS
from database.threads import read

PATH = "/api/v1/sync/"
_ROOM = re.compile(r"([1-9][0-9]{0,15}):(0|[1-9][0-9]{0,15})")
_TAB = re.compile(r"[0-9A-Za-z-]{0,64}")


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `GET sync/?epoch=…&rooms=ID:CHANGE,…&wait=25&tab=…` with `{epoch, events}`; an ASGI application."""

    async def answer() -> None:
        await send_whole(await _answer(scope), send)

    await while_there(receive, answer())


async def _answer(scope: Scope) -> HttpResponse:
    request = ASGIRequest(scope, BytesIO())
    with translation.override(language_of(request)):
        try:
            request.get_host()
            return await _poll(request)
        except ChatError as error:
            return refused(error)
        except Error:
            return refused(Unavailable())
        except (SuspiciousOperation, RequestDataTooBig, UnicodeDecodeError):
            return HttpResponse(status=HTTPStatus.BAD_REQUEST)


async def _poll(request: ASGIRequest) -> HttpResponse:
    if request.method != "GET":
        wrong = refused(ChatError("invalid", _("Only GET is answered here."), 405))
        wrong.headers["Allow"] = "GET"
        return wrong
    session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    identity = await read(identify_by, request.headers.get("Authorization"), session_key)
    if identity is None:
        raise Unauthenticated
    limiter.take(COMMANDS, identity.user.pk)
    limiter.take(ADDRESS, address_of_request(request))
    caller = Caller(identity, address_of_request(request), {})
    asked = request.GET
    wait, rooms, tab = _wait(asked.get("wait", "0")), _rooms(asked.get("rooms", "")), _tab(asked.get("tab", ""))
    body = await poll(await process.start(), caller, asked.get("epoch", ""), rooms, wait, tab)
    return HttpResponse(body, "application/json")


def _rooms(text: str) -> dict[int, int]:
    rooms: dict[int, int] = {}
    for part in filter(None, text.split(",")):
        match = _ROOM.fullmatch(part)
        if match is None or len(rooms) == MAX_ROOMS or max(int(match[1]), int(match[2])) > MAX_NUMBER:
            raise Invalid(_("Rooms are given as ID:CHANGE, separated by commas."), "rooms")
        rooms[int(match[1])] = int(match[2])
    return rooms


def _wait(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise Invalid(_("The time to wait is given in whole seconds."), "wait")
    return min(float(text), MAX_WAIT)


def _tab(text: str) -> str:
    if not _TAB.fullmatch(text):
        raise Invalid(_("A tab is named by at most 64 letters, digits and hyphens."), "tab")
    return text
