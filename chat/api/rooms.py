"""Rooms, their messages and their people, over REST."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.views import REFUSALS
from accounts.limits import NEW_ROOMS, limiter
from accounts.models import User
from chat.actions.direct import open_direct_room
from chat.actions.rooms import create_room, join_room, leave_room
from chat.api.serializers import (
    DirectSerializer,
    MembersQuerySerializer,
    MembersSerializer,
    MessagesSerializer,
    NewRoomSerializer,
    PageSerializer,
    RoomSerializer,
    RoomsSerializer,
)
from chat.frames import open_room_frames, room_frame_for, room_frames
from chat.history import page_of_messages
from chat.members import page_of_members
from chat.permissions import get_room_for


def caller_of(request: Request) -> User:
    """Return who calls."""
    return cast(User, request.user)


def valid(serializer_class: type[Any], given: Any) -> dict[str, Any]:
    """Return the validated content of a body or query. Raises DRF's ValidationError."""
    serializer = serializer_class(data=given)
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)


class RoomsView(APIView):
    """The rooms."""

    @extend_schema(operation_id="rooms_list", responses={200: RoomsSerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """List my rooms, then the public ones that I may join."""
        user = caller_of(request)
        return Response({"rooms": room_frames(user) + open_room_frames(user)})

    @extend_schema(request=NewRoomSerializer, responses={201: RoomSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Make a public or private room, owned by the caller."""
        body = valid(NewRoomSerializer, request.data)
        user = caller_of(request)
        limiter.take(NEW_ROOMS, user.pk)
        room = create_room(user, body["name"], body["kind"], body.get("topic", ""))
        return Response(room_frame_for(user, room), 201)


class RoomView(APIView):
    """A room."""

    @extend_schema(responses={200: RoomSerializer, **REFUSALS})
    def get(self, request: Request, room_id: int) -> Response:
        """Return a room."""
        user = caller_of(request)
        return Response(room_frame_for(user, get_room_for(user.pk, room_id)))


class JoinView(APIView):
    """Into a room."""

    @extend_schema(request=None, responses={200: RoomSerializer, **REFUSALS})
    def post(self, request: Request, room_id: int) -> Response:
        """Join a public room, or show a private chat again."""
        user = caller_of(request)
        return Response(room_frame_for(user, join_room(user, room_id)))


class LeaveView(APIView):
    """Out of a room."""

    @extend_schema(request=None, responses={204: None, **REFUSALS})
    def post(self, request: Request, room_id: int) -> Response:
        """Leave a room; a private chat is only hidden."""
        leave_room(caller_of(request), room_id)
        return Response(status=204)


class RoomMessagesView(APIView):
    """What was said in a room."""

    @extend_schema(parameters=[PageSerializer], responses={200: MessagesSerializer, **REFUSALS})
    def get(self, request: Request, room_id: int) -> Response:
        """Return a page of messages in order of seq: the newest, or those before, after or around a seq."""
        query = valid(PageSerializer, request.query_params.dict())
        return Response(page_of_messages(caller_of(request).pk, room_id, **query))


class MembersView(APIView):
    """Who is in a room."""

    @extend_schema(parameters=[MembersQuerySerializer], responses={200: MembersSerializer, **REFUSALS})
    def get(self, request: Request, room_id: int) -> Response:
        """Return a page of the people in a room, those online first."""
        query = valid(MembersQuerySerializer, request.query_params.dict())
        room = get_room_for(caller_of(request).pk, room_id)
        return Response(page_of_members(room, query=query["q"], offset=query["offset"], limit=query["limit"]))


class DirectView(APIView):
    """Private chats."""

    @extend_schema(request=DirectSerializer, responses={200: RoomSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Return the private chat with a person, made if there is none."""
        body = valid(DirectSerializer, request.data)
        user = caller_of(request)
        return Response(room_frame_for(user, open_direct_room(user, body["user"])))
