"""Accounts over REST."""

import secrets
from typing import Any, cast

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions import (
    change_profile,
    create_guest,
    delete_account,
    issue_ticket,
    issue_token,
    note_sign_out,
    revoke_token,
)
from accounts.api.serializers import (
    ErrorSerializer,
    GuestSerializer,
    MeSerializer,
    PasswordSerializer,
    ProfileSerializer,
    SignedInSerializer,
    TicketSerializer,
)
from accounts.avatars import drawn_avatars
from accounts.credentials import Identity
from accounts.errors import ChatError
from accounts.frames import user_frame
from accounts.limits import PROFILES, limiter
from accounts.models import User
from accounts.origins import is_allowed_origin
from accounts.throttling import throttle_arrival, throttle_password
from accounts.views import BACKEND

REFUSALS = dict.fromkeys((400, 401, 403, 404, 429), ErrorSerializer)


class GuestsView(APIView):
    """Come in as a guest."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(request=GuestSerializer, responses={201: SignedInSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Make a guest. With an Origin (a browser) a session is started, without one a token is returned."""
        check_origin(request)
        body = _valid(GuestSerializer, request)
        throttle_arrival(request._request)
        avatar = body.get("avatar") or secrets.choice(drawn_avatars())
        user = create_guest(body["nickname"], avatar, get_language() or "")
        return Response(_signed_in(request, user), 201)


class TokensView(APIView):
    """Come in with a password."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(request=PasswordSerializer, responses={201: SignedInSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Sign in by nickname and password. With an Origin a session is started, without one a token is returned."""
        check_origin(request)
        body = _valid(PasswordSerializer, request)
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
        identity = cast(Identity, request.auth)
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
        return Response(_me(_user(request)))

    @extend_schema(request=ProfileSerializer, responses={200: MeSerializer, **REFUSALS})
    def patch(self, request: Request) -> Response:
        """Change nickname, avatar, language or password. A new password ends every other sign-in."""
        body = _valid(ProfileSerializer, request)
        limiter.take(PROFILES, _user(request).pk)
        user = change_profile(_user(request), body, cast(Identity, request.auth).credential)
        if "password" in body and request._request.session.session_key:
            user.backend = BACKEND
            update_session_auth_hash(request._request, user)
        return Response(_me(user))

    @extend_schema(request=None, responses={204: None, **REFUSALS})
    def delete(self, request: Request) -> Response:
        """Delete one's own account; what one wrote stays under a former name."""
        delete_account(_user(request))
        logout(request._request)
        return Response(status=204)


class SocketTicketsView(APIView):
    """Tickets for clients that can set no header on a socket."""

    @extend_schema(request=None, responses={201: TicketSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Return a ticket for one socket."""
        return Response({"ticket": issue_ticket(cast(Identity, request.auth))}, 201)


def check_origin(request: Request) -> None:
    """Raise PermissionDenied for a call from a page that is not ours."""
    origin = request.headers.get("Origin")
    http: HttpRequest = request._request
    if origin is not None and not is_allowed_origin(origin, http.get_host(), secure=http.is_secure()):
        raise PermissionDenied(_("This page may not sign people in here."))


def _signed_in(request: Request, user: User) -> dict[str, Any]:
    if "Origin" in request.headers:
        login(request._request, user, BACKEND)
        return {"user": user_frame(user), "token": None}
    return {"user": user_frame(user), "token": issue_token(user)}


def _user(request: Request) -> User:
    return cast(User, request.user)


def _me(user: User) -> dict[str, Any]:
    return user_frame(user) | {"avatar": user.avatar, "language": user.language, "is_staff": user.is_staff}


def _valid(serializer_class: type[Any], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)
