"""The files of a room, and what is pinned there, over REST."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import REFUSALS, valid
from accounts.api.requests import user_of as caller_of
from chat.api.serializers import FilesQuerySerializer, FilesSerializer, PinsSerializer
from chat.files import page_of_files, pinned_messages


class RoomFilesView(APIView):
    """The files that were sent in a room."""

    @extend_schema(parameters=[FilesQuerySerializer], responses={200: FilesSerializer, **REFUSALS})
    def get(self, request: Request, room_id: int) -> Response:
        """Return a page of the files of a room, the newest first; those of one message are never on two pages."""
        query = valid(FilesQuerySerializer, request.query_params.dict())
        return Response(page_of_files(caller_of(request).pk, room_id, **query))


class RoomPinsView(APIView):
    """What is pinned in a room."""

    @extend_schema(responses={200: PinsSerializer, **REFUSALS})
    def get(self, request: Request, room_id: int) -> Response:
        """Return the pinned messages, what was pinned last first; at most 100."""
        return Response({"messages": pinned_messages(caller_of(request).pk, room_id)})
