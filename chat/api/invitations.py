"""Links that let people in, over REST."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import REFUSALS, valid
from accounts.api.requests import user_of as caller_of
from accounts.limits import NEW_INVITATIONS, limiter
from chat.actions.invitations import (
    create_invitation,
    find_invitation,
    invitations_for,
    redeem_invitation,
    revoke_invitation,
)
from chat.api.serializers import (
    InvitationPreviewSerializer,
    InvitationSerializer,
    InvitationsQuerySerializer,
    InvitationsSerializer,
    NewInvitationSerializer,
    RedeemedSerializer,
)
from chat.invitations import invitation_frame, invitation_preview
from chat.room_frames import room_frame_for

MAX_SHOWN = 200


class InvitationsView(APIView):
    """Links into a room, or into the site."""

    @extend_schema(
        operation_id="invitations_list",
        parameters=[InvitationsQuerySerializer],
        responses={200: InvitationsSerializer, **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        """List the links into a room (moderators see all, others their own), or one's own into the site."""
        room_id = valid(InvitationsQuerySerializer, request.query_params.dict()).get("room")
        found = invitations_for(caller_of(request), room_id)[:MAX_SHOWN]
        return Response({"invitations": [invitation_frame(request._request, invitation) for invitation in found]})

    @extend_schema(request=NewInvitationSerializer, responses={201: InvitationSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Make a link into a room, or without one into the site."""
        body = valid(NewInvitationSerializer, request.data)
        user = caller_of(request)
        limiter.take(NEW_INVITATIONS, user.pk)
        invitation = create_invitation(user, body["room"], days=body["days"], max_uses=body["max_uses"])
        return Response(invitation_frame(request._request, invitation), 201)


class InvitationView(APIView):
    """A link."""

    def get_permissions(self) -> list[Any]:
        """Let everybody look at a link that he or she was given."""
        return [AllowAny()] if self.request.method == "GET" else list(super().get_permissions())

    @extend_schema(responses={200: InvitationPreviewSerializer, **REFUSALS})
    def get(self, _request: Request, code: str) -> Response:
        """Return who invites into what. Nobody needs to be signed in for that."""
        return Response(invitation_preview(find_invitation(code)))

    @extend_schema(request=None, responses={204: None, **REFUSALS})
    def delete(self, request: Request, code: str) -> Response:
        """Revoke a link."""
        revoke_invitation(caller_of(request), code)
        return Response(status=204)


class RedeemView(APIView):
    """In by a link."""

    @extend_schema(request=None, responses={200: RedeemedSerializer, **REFUSALS})
    def post(self, request: Request, code: str) -> Response:
        """Join the room that the link leads to."""
        user = caller_of(request)
        room = redeem_invitation(user, code)
        return Response({"room": room_frame_for(user, room) if room else None})
