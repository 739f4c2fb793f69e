"""One's own account over REST."""

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions import change_profile, delete_account, issue_ticket, set_picture
from accounts.actions.validation import invalid
from accounts.api.requests import REFUSALS, identity_of, user_of, valid
from accounts.api.serializers import MeSerializer, PictureSerializer, ProfileSerializer, TicketSerializer
from accounts.frames import user_frame
from accounts.limits import PROFILES, limiter
from accounts.models import AccessToken, User
from accounts.pictures import store_picture
from accounts.throttling import throttle_password


class MeView(APIView):
    """One's own account."""

    @extend_schema(responses={200: MeSerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return one's own account."""
        return Response(me_frame(user_of(request)))

    @extend_schema(request=ProfileSerializer, responses={200: MeSerializer, **REFUSALS})
    def patch(self, request: Request) -> Response:
        """Change nickname, avatar, language or password. A new password ends every other sign-in."""
        body = valid(ProfileSerializer, request.data)
        limiter.take(PROFILES, user_of(request).pk)
        _check_current_password(request, body)
        user = change_profile(user_of(request), body, identity_of(request).credential)
        return Response(me_frame(user))

    @extend_schema(request=None, responses={204: None, **REFUSALS})
    def delete(self, request: Request) -> Response:
        """Delete one's own account; what one wrote stays under a former name. A password is right if given."""
        current = request.data.get("current_password") if isinstance(request.data, dict) else None
        if current is not None and user_of(request).has_usable_password():
            throttle_password(request._request, user_of(request).nickname)
            if not isinstance(current, str) or not user_of(request).check_password(current):
                raise invalid("current_password", _("The present password is wrong."))
        delete_account(user_of(request))
        logout(request._request)
        return Response(status=204)


class PictureView(APIView):
    """One's own picture."""

    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": PictureSerializer}, responses={200: MeSerializer, **REFUSALS})
    def put(self, request: Request) -> Response:
        """Show a picture instead of the drawn avatar. It is kept as a square of 256 pixels without metadata."""
        limiter.take(PROFILES, user_of(request).pk)
        file = valid(PictureSerializer, request.data)["file"]
        return Response(me_frame(set_picture(user_of(request), store_picture(file))))

    @extend_schema(request=None, responses={200: MeSerializer, **REFUSALS})
    def delete(self, request: Request) -> Response:
        """Show the drawn avatar again."""
        return Response(me_frame(set_picture(user_of(request), "")))


class SocketTicketsView(APIView):
    """Tickets for clients that can set no header on a socket."""

    @extend_schema(request=None, responses={201: TicketSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Return a ticket for one socket."""
        return Response({"ticket": issue_ticket(identity_of(request))}, 201)


def _check_current_password(request: Request, body: dict[str, Any]) -> None:
    """Refuse a new password to who does not know the old one: a session may have been left open somewhere."""
    user, current = user_of(request), body.pop("current_password", None)
    token_id = identity_of(request).credential.token_id
    # A token that was made in a session, and has a name, opens no more doors than the session.
    is_needed = token_id is None or AccessToken.objects.filter(pk=token_id).exclude(name="").exists()
    if "password" not in body or not user.has_usable_password() or (current is None and not is_needed):
        return
    throttle_password(request._request, user.nickname)
    if not user.check_password(current or ""):
        raise invalid("current_password", _("The present password is wrong."))


def me_frame(user: User) -> dict[str, Any]:
    """Return ME: USER with what only its owner sees."""
    return user_frame(user) | {
        "avatar": user.avatar,
        "picture": bool(user.picture),
        "language": user.language,
        "is_staff": user.is_staff,
        "is_admin": user.is_superuser,
        "has_password": user.has_usable_password(),
        "room_order": user.room_order,
        "created_at": user.created_at,
        "taken_away": import_string(settings.TAKEN_FROM)(user),
    }
