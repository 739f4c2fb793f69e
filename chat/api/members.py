"""The people of a room, over REST."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import REFUSALS, valid
from accounts.api.requests import user_of as caller_of
from accounts.limits import ADDITIONS, limiter
from accounts.models import User
from chat.actions.memberships import add_member, change_role, expel_member, leave_room, mute_member
from chat.api.serializers import (
    EditMemberSerializer,
    MemberSerializer,
    MembersQuerySerializer,
    MembersSerializer,
    ReasonSerializer,
)
from chat.errors import NotFound
from chat.members import member_frame, page_of_members
from chat.models import Membership
from chat.permissions import get_room_for
from database.transactions import write_transaction


class MembersView(APIView):
    """Who is in a room."""

    @extend_schema(parameters=[MembersQuerySerializer], responses={200: MembersSerializer, **REFUSALS})
    def get(self, request: Request, room_id: int) -> Response:
        """Return a page of the people in a room, those online first."""
        query = valid(MembersQuerySerializer, request.query_params.dict())
        user = caller_of(request)
        room = get_room_for(user.pk, room_id)
        return Response(page_of_members(user, room, query=query["q"], offset=query["offset"], limit=query["limit"]))


class MemberView(APIView):
    """Someone in a room."""

    @extend_schema(request=None, responses={200: MemberSerializer, 201: MemberSerializer, **REFUSALS})
    def put(self, request: Request, room_id: int, user_id: int) -> Response:
        """Bring someone into the room; 200 if he or she was in it already."""
        user = caller_of(request)
        limiter.take(ADDITIONS, user.pk)
        _membership, is_new = add_member(user, room_id, user_id)
        return Response(_frame(user, room_id, user_id), 201 if is_new else 200)

    @extend_schema(request=EditMemberSerializer, responses={200: MemberSerializer, **REFUSALS})
    def patch(self, request: Request, room_id: int, user_id: int) -> Response:
        """Change someone's role, or keep him or her from writing until a time. The role `owner` hands the room over."""
        user = caller_of(request)
        body = valid(EditMemberSerializer, request.data)
        with write_transaction():
            if "role" in body:
                change_role(user, room_id, user_id, body["role"])
            if "muted_until" in body:
                mute_member(user, room_id, user_id, body["muted_until"], body["reason"])
        return Response(_frame(user, room_id, user_id))

    @extend_schema(request=ReasonSerializer, responses={204: None, **REFUSALS})
    def delete(self, request: Request, room_id: int, user_id: int) -> Response:
        """Remove someone from the room, who is told a reason; of oneself it is leaving."""
        user, body = caller_of(request), valid(ReasonSerializer, request.data)
        if user_id == user.pk:
            leave_room(user, room_id)
        else:
            expel_member(user, room_id, user_id, body["reason"])
        return Response(status=204)


def _frame(viewer: User, room_id: int, user_id: int) -> dict[str, object]:
    get_room_for(viewer.pk, room_id)
    membership = Membership.objects.select_related("room", "user").filter(room_id=room_id, user_id=user_id).first()
    if membership is None:
        raise NotFound
    return member_frame(viewer, membership)
