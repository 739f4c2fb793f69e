"""The long poll: what a socket would have brought (PROTOCOL, client rule 8)."""

import math
import re
from http import HTTPStatus

import msgspec
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from accounts.addresses import address_of_request
from accounts.api.authentication import identify
from accounts.errors import Unauthenticated
from accounts.limits import ADDRESS, COMMANDS, limiter
from chat import process
from chat.commands import Caller
from chat.errors import ChatError, Invalid, Unavailable
from chat.polling import MAX_WAIT, poll
from chat.protocol import MAX_NUMBER, MAX_ROOMS
from database.threads import read

_ROOM = re.compile(r"([1-9][0-9]{0,15}):(0|[1-9][0-9]{0,15})")


@csrf_exempt
async def sync(request: HttpRequest) -> HttpResponse:
    """Answer `GET sync/?epoch=…&rooms=ID:CHANGE,…&wait=25` with `{epoch, events}`."""
    if request.method != "GET":
        refused = _refused(ChatError("invalid", _("Only GET is answered here."), 405))
        refused.headers["Allow"] = "GET"
        return refused
    try:
        identity = await read(identify, request)
        if identity is None:
            raise Unauthenticated
        limiter.take(COMMANDS, identity.user.pk)
        limiter.take(ADDRESS, address_of_request(request))
        caller = Caller(identity, address_of_request(request), {})
        wait, rooms = _wait(request.GET.get("wait", "0")), _rooms(request.GET.get("rooms", ""))
        body = await poll(await process.start(), caller, request.GET.get("epoch", ""), rooms, wait)
    except ChatError as error:
        return _refused(error)
    except Error:
        return _refused(Unavailable())
    return HttpResponse(body, "application/json", headers={"Cache-Control": "no-store"})


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


def _refused(error: ChatError) -> HttpResponse:
    body: dict[str, object] = {"code": error.code, "detail": str(error.detail)}
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
    if error.retry_after is not None:
        body["retry_after"] = error.retry_after
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    return HttpResponse(msgspec.json.encode(body), "application/json", status=error.status, headers=headers)
