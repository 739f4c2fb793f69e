"""Messages and commands over REST: the socket's dispatcher, called from a thread."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.addresses import address_of_request
from accounts.api.requests import REFUSALS, user_of, valid
from accounts.credentials import Identity
from chat import process
from chat.actions.versions import versions_for
from chat.api.serializers import (
    ChangedSerializer,
    CommandSerializer,
    EditSerializer,
    EventsSerializer,
    NewMessageSerializer,
    PostedSerializer,
    ReasonSerializer,
    VersionsSerializer,
)
from chat.commands import Caller, answer, carry_out, error_event
from chat.errors import ChatError, Invalid
from chat.protocol import decode_command, ref_of
from live.envelope import Event


class RawParser(BaseParser):
    """Leaves the body as it is: the dispatcher decodes it."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:  # noqa: ARG002
        return stream.read()


class MessagesView(APIView):
    """New messages."""

    # The dispatcher counts these calls, with the socket's commands.
    throttle_classes: list[Any] = []

    @extend_schema(request=NewMessageSerializer, responses={201: PostedSerializer, 200: PostedSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Post a message; 200 with `duplicate` where this `ref` was posted before."""
        posted = _carry_out(request, "message.send", request.data)
        return Response(posted, 200 if posted["duplicate"] else 201)


class MessageView(APIView):
    """A message that stands."""

    throttle_classes: list[Any] = []

    @extend_schema(request=EditSerializer, responses={200: ChangedSerializer, **REFUSALS})
    def patch(self, request: Request, message_id: int) -> Response:
        """Give one's own message another text."""
        return Response(_carry_out(request, "message.edit", request.data, id=message_id))

    @extend_schema(request=ReasonSerializer, responses={200: ChangedSerializer, **REFUSALS})
    def delete(self, request: Request, message_id: int) -> Response:
        """Take down a message, whose author is told a reason; `message.restore` brings it back."""
        return Response(_carry_out(request, "message.delete", valid(ReasonSerializer, request.data), id=message_id))


class VersionsView(APIView):
    """What a message said before it was edited."""

    @extend_schema(operation_id="message_versions", responses={200: VersionsSerializer, **REFUSALS})
    def get(self, request: Request, message_id: int) -> Response:
        """Return the earlier texts of a message, the newest first, to who moderates its room."""
        versions = versions_for(user_of(request), message_id)
        return Response(VersionsSerializer({"versions": versions}).data)


class CommandsView(APIView):
    """Any one command of the socket, for where no socket opens."""

    parser_classes = [RawParser]
    throttle_classes: list[Any] = []

    @extend_schema(request=CommandSerializer, responses={200: EventsSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Carry out a command and return the events that answer it; a refusal is an `error` among them."""
        body: Any = request.data
        if not isinstance(body, bytes):
            raise Invalid(_("A command is one JSON object."))
        try:
            command = decode_command(body)
        except ChatError as error:
            ref = ref_of(body)
            return Response({"events": [error_event(error) | ({"ref": ref} if ref else {})]})
        return Response({"events": process.call(lambda parts: answer(parts, _caller(request), command))})


def _carry_out(request: Request, kind: str, body: Any, **more: Any) -> Event:
    if not isinstance(body, dict):
        raise Invalid(_("A command is one JSON object."))
    command = decode_command(msgspec.json.encode({**body, **more, "type": kind}))
    events = process.call(lambda parts: carry_out(parts, _caller(request), command))
    return events[0]


def _caller(request: Request) -> Caller:
    return Caller(cast(Identity, request.auth), address_of_request(request._request), {})
