"""Rooms and their messages, over REST."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import REFUSALS, valid
from accounts.api.requests import user_of as caller_of
from accounts.api.serializers import PictureSerializer
from accounts.limits import NEW_ROOMS, PROFILES, limiter
from accounts.models import User
from accounts.pictures import store_picture
from chat.actions.direct import open_direct_room
from chat.actions.memberships import join_room, leave_room
from chat.actions.preferences import order_rooms, set_preferences
from chat.actions.rooms import create_group, create_room, edit_room, set_room_picture
from chat.api.serializers import (
    DirectorySerializer,
    DirectSerializer,
    EditRoomSerializer,
    MessagesSerializer,
    NewRoomSerializer,
    OrderedSerializer,
    OrderSerializer,
    PageSerializer,
    PreferencesSerializer,
    RoomSerializer,
    RoomsSerializer,
    SearchSerializer,
)
from chat.directory import page_of_rooms
from chat.errors import Invalid
from chat.history import page_of_messages
from chat.models import Room
from chat.permissions import get_room_for, get_room_to
from chat.room_frames import open_room_frames, room_frame_for, room_frames
from database.transactions import write_transaction


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
        return Response(room_frame_for(user, _create(user, body)), 201)


def _create(user: User, body: dict[str, Any]) -> Room:
    people, name, topic = body["people"], body["name"], body["topic"]
    if body["group"]:
        if body["kind"] != "private":
            raise Invalid(_("A group is private."), "kind")
        return create_group(user, people, name, topic)
    return create_room(user, name, body["kind"], topic, people=people, is_read_only=body["read_only"])


class DirectoryView(APIView):
    """The directory of public rooms."""

    @extend_schema(parameters=[SearchSerializer], responses={200: DirectorySerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return a page of the public rooms that are not archived, those with most members first."""
        query = valid(SearchSerializer, request.query_params.dict())
        page = page_of_rooms(caller_of(request), query=query["q"], offset=query["offset"], limit=query["limit"])
        return Response(page)


class OrderView(APIView):
    """The order of one's own list of rooms."""

    @extend_schema(request=OrderSerializer, responses={200: OrderedSerializer, **REFUSALS})
    def put(self, request: Request) -> Response:
        """Order one's rooms by last activity, or by hand as `rooms` stand."""
        body = valid(OrderSerializer, request.data)
        return Response({
            "order": body["order"], "positions": order_rooms(caller_of(request), body["order"], body.get("rooms"))
        })  # fmt: skip


class RoomView(APIView):
    """A room."""

    @extend_schema(responses={200: RoomSerializer, **REFUSALS})
    def get(self, request: Request, room_id: int) -> Response:
        """Return a room."""
        user = caller_of(request)
        return Response(room_frame_for(user, get_room_for(user.pk, room_id)))

    @extend_schema(request=EditRoomSerializer, responses={200: RoomSerializer, **REFUSALS})
    def patch(self, request: Request, room_id: int) -> Response:
        """Change a room: its name, topic, who writes in it and how often; archive it or bring it back."""
        body = valid(EditRoomSerializer, request.data)
        user = caller_of(request)
        limiter.take(PROFILES, user.pk)
        return Response(room_frame_for(user, edit_room(user, room_id, body)))


class RoomPictureView(APIView):
    """The picture of a room."""

    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": PictureSerializer}, responses={200: RoomSerializer, **REFUSALS})
    def put(self, request: Request, room_id: int) -> Response:
        """Give the room a picture: PNG, JPEG, WebP or GIF, at most 8 MB. It is kept as a square without metadata."""
        user = caller_of(request)
        limiter.take(PROFILES, user.pk)
        with write_transaction():
            get_room_to("edit", user, room_id)
        file = valid(PictureSerializer, request.data)["file"]
        return Response(room_frame_for(user, set_room_picture(user, room_id, store_picture(file))))

    @extend_schema(request=None, responses={200: RoomSerializer, **REFUSALS})
    def delete(self, request: Request, room_id: int) -> Response:
        """Take the picture away."""
        user = caller_of(request)
        return Response(room_frame_for(user, set_room_picture(user, room_id, "")))


class PreferencesView(APIView):
    """What a room is to oneself."""

    @extend_schema(request=PreferencesSerializer, responses={200: RoomSerializer, **REFUSALS})
    def patch(self, request: Request, room_id: int) -> Response:
        """Make the room a favourite or not, and say of what one wants to be told there."""
        body = valid(PreferencesSerializer, request.data)
        user = caller_of(request)
        return Response(room_frame_for(user, set_preferences(user, room_id, body)))


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


class DirectView(APIView):
    """Private chats."""

    @extend_schema(request=DirectSerializer, responses={200: RoomSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Return the private chat with a person, made if there is none."""
        body = valid(DirectSerializer, request.data)
        user = caller_of(request)
        return Response(room_frame_for(user, open_direct_room(user, body["user"])))
