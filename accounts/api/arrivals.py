"""Coming in over REST: as a guest, with a new account, with a password; and going out again."""

import secrets
from typing import Any

from django.contrib.auth import authenticate, logout
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions import Newcomer, admit_guest, create_account, issue_token, note_sign_out, revoke_token
from accounts.addresses import address_of_request
from accounts.admission import admission
from accounts.api.requests import REFUSALS, identity_of, valid
from accounts.api.serializers import (
    AccountSerializer,
    GuestSerializer,
    PasswordSerializer,
    SignedInSerializer,
    SiteSerializer,
)
from accounts.avatars import drawn_avatars
from accounts.credentials import ban_of
from accounts.errors import ChatError
from accounts.frames import user_frame
from accounts.models import User
from accounts.origins import is_allowed_origin
from accounts.sign_in_log import log_sign_in
from accounts.signing_in import start_session
from accounts.throttling import throttle_arrival, throttle_password


class GuestsView(APIView):
    """Come in as a guest."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(request=GuestSerializer, responses={201: SignedInSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Make a guest. With an Origin (a browser) a session is started, without one a token is returned."""
        check_origin(request)
        _refuse_banned(request)
        body = valid(GuestSerializer, request.data)
        throttle_arrival(request._request)
        return Response(_signed_in(request, admit_guest(_newcomer(request, body))), 201)


class AccountsView(APIView):
    """Come in with an account from the start."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(request=AccountSerializer, responses={201: SignedInSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Make an account with a password. With an Origin a session is started, without one a token is returned."""
        check_origin(request)
        _refuse_banned(request)
        body = valid(AccountSerializer, request.data)
        throttle_arrival(request._request)
        return Response(_signed_in(request, create_account(_newcomer(request, body), body["password"])), 201)


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
        if "Origin" not in request.headers:
            # A session's beginning is told by Django's own signal.
            log_sign_in(None, request._request, user)
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


def check_origin(request: Request) -> None:
    """Raise PermissionDenied for a call from a page that is not ours."""
    origin = request.headers.get("Origin")
    http: HttpRequest = request._request
    if origin is not None and not is_allowed_origin(origin, http.get_host(), secure=http.is_secure()):
        raise PermissionDenied(_("This page may not sign people in here."))


def _refuse_banned(request: Request) -> None:
    """Raise Banned for who comes with the session or token of somebody banned: no new account is a way around it."""
    if ban := ban_of(request.headers.get("Authorization"), request._request.session.session_key):
        raise ban


def _signed_in(request: Request, user: User) -> dict[str, Any]:
    if "Origin" in request.headers:
        start_session(request._request, user)
        return {"user": user_frame(user), "token": None}
    return {"user": user_frame(user), "token": issue_token(user)}


def _newcomer(request: Request, body: dict[str, Any]) -> Newcomer:
    avatar = body.get("avatar") or secrets.choice(drawn_avatars())
    address = address_of_request(request._request)
    return Newcomer(body["nickname"], avatar, get_language() or "", body["invitation"], address=address)
