"""Accounts over REST."""

import secrets
from typing import Any

from django.contrib.auth import authenticate, logout, update_session_auth_hash
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions import (
    Newcomer,
    admit_guest,
    change_profile,
    create_account,
    delete_account,
    issue_ticket,
    issue_token,
    note_sign_out,
    revoke_token,
    set_picture,
)
from accounts.actions.validation import invalid
from accounts.admission import admission
from accounts.api.requests import REFUSALS, identity_of, user_of, valid
from accounts.api.serializers import (
    AccountSerializer,
    GuestSerializer,
    MeSerializer,
    PasswordSerializer,
    PictureSerializer,
    ProfileSerializer,
    SignedInSerializer,
    SiteSerializer,
    TicketSerializer,
)
from accounts.avatars import drawn_avatars
from accounts.errors import ChatError
from accounts.frames import user_frame
from accounts.limits import PROFILES, limiter
from accounts.models import User
from accounts.origins import is_allowed_origin
from accounts.pictures import store_picture
from accounts.signing_in import BACKEND, start_session
from accounts.throttling import throttle_arrival, throttle_password


class GuestsView(APIView):
    """Come in as a guest."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(request=GuestSerializer, responses={201: SignedInSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Make a guest. With an Origin (a browser) a session is started, without one a token is returned."""
        check_origin(request)
        body = valid(GuestSerializer, request.data)
        throttle_arrival(request._request)
        return Response(_signed_in(request, admit_guest(_newcomer(body))), 201)


class AccountsView(APIView):
    """Come in with an account from the start."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(request=AccountSerializer, responses={201: SignedInSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Make an account with a password. With an Origin a session is started, without one a token is returned."""
        check_origin(request)
        body = valid(AccountSerializer, request.data)
        throttle_arrival(request._request)
        return Response(_signed_in(request, create_account(_newcomer(body), body["password"])), 201)


class SiteView(APIView):
    """The site."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(responses={200: SiteSerializer, **REFUSALS})
    def get(self, _request: Request) -> Response:
        """Return who may come in."""
        policy = admission()
        return Response({"guests": policy.guests, "sign_up": policy.sign_up})


class TokensView(APIView):
    """Come in with a password."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(request=PasswordSerializer, responses={201: SignedInSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Sign in by nickname and password. With an Origin a session is started, without one a token is returned."""
        check_origin(request)
        body = valid(PasswordSerializer, request.data)
        throttle_password(request._request, body["nickname"])
        user = authenticate(request._request, username=body["nickname"], password=body["password"])
        if not isinstance(user, User):
            raise ChatError("unauthenticated", _("The nickname or the password is wrong."), 401)
        return Response(_signed_in(request, user), 201)


class CurrentTokenView(APIView):
    """The token, or session, of this call."""

    @extend_schema(request=None, responses={204: None, **REFUSALS})
    def delete(self, request: Request) -> Response:
        """Revoke the token that this call came with, or end its session."""
        identity = identity_of(request)
        if identity.credential.token_id is not None:
            revoke_token(identity.credential.token_id)
        else:
            logout(request._request)
            note_sign_out(identity.user)
        return Response(status=204)


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
        if "password" in body and request._request.session.session_key:
            user.backend = BACKEND
            update_session_auth_hash(request._request, user)
        return Response(me_frame(user))

    @extend_schema(request=None, responses={204: None, **REFUSALS})
    def delete(self, request: Request) -> Response:
        """Delete one's own account; what one wrote stays under a former name."""
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


def check_origin(request: Request) -> None:
    """Raise PermissionDenied for a call from a page that is not ours."""
    origin = request.headers.get("Origin")
    http: HttpRequest = request._request
    if origin is not None and not is_allowed_origin(origin, http.get_host(), secure=http.is_secure()):
        raise PermissionDenied(_("This page may not sign people in here."))


def _signed_in(request: Request, user: User) -> dict[str, Any]:
    if "Origin" in request.headers:
        start_session(request._request, user)
        return {"user": user_frame(user), "token": None}
    return {"user": user_frame(user), "token": issue_token(user)}


def _newcomer(body: dict[str, Any]) -> Newcomer:
    avatar = body.get("avatar") or secrets.choice(drawn_avatars())
    return Newcomer(body["nickname"], avatar, get_language() or "", body["invitation"])


def _check_current_password(request: Request, body: dict[str, Any]) -> None:
    """Refuse a new password to who does not know the old one: a session may have been left open somewhere."""
    user, current = user_of(request), body.pop("current_password", None)
    by_session = identity_of(request).credential.token_id is None
    if "password" not in body or not user.has_usable_password() or (current is None and not by_session):
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
    }
