"""Where one is signed in, over REST; and links for those who lost their password."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import logout
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions import (
    create_reset_link,
    create_token,
    end_session,
    live_sessions,
    live_tokens,
    revoke_own_token,
    session_id,
    sign_out_everywhere,
)
from accounts.api.requests import REFUSALS, identity_of, user_of, valid
from accounts.api.serializers import (
    AccessTokensSerializer,
    LinkSerializer,
    MadeTokenSerializer,
    NewTokenSerializer,
    SessionsSerializer,
)
from accounts.browsers import browser_name
from accounts.errors import ChatError
from accounts.limits import PROFILES, limiter
from accounts.models import AccessToken, Session, User
from audit.log import record
from audit.models import Verb
from database.transactions import write_transaction


class SessionsView(APIView):
    """One's own sessions."""

    @extend_schema(operation_id="me_sessions_list", responses={200: SessionsSerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """List the browsers in which one is signed in, the last used first."""
        current = identity_of(request).credential.session_key
        sessions = [_session_frame(session, current) for session in live_sessions(user_of(request))]
        return Response({"sessions": sessions})

    @extend_schema(operation_id="me_sessions_end_all", request=None, responses={204: None, **REFUSALS})
    def delete(self, request: Request) -> Response:
        """Sign out everywhere: end all sessions, this one too, and all tokens."""
        sign_out_everywhere(user_of(request))
        logout(request._request)
        return Response(status=204)


class SessionView(APIView):
    """One of them."""

    @extend_schema(operation_id="me_sessions_end", request=None, responses={204: None, **REFUSALS})
    def delete(self, request: Request, session: str) -> Response:
        """End a session; its sockets close at once."""
        end_session(user_of(request), session)
        return Response(status=204)


class AccessTokensView(APIView):
    """One's own tokens."""

    @extend_schema(operation_id="me_tokens_list", responses={200: AccessTokensSerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """List the tokens that are good, the newest first."""
        current = identity_of(request).credential.token_id
        return Response({"tokens": [_token_frame(token, current) for token in live_tokens(user_of(request))]})

    @extend_schema(
        operation_id="me_tokens_create", request=NewTokenSerializer, responses={201: MadeTokenSerializer, **REFUSALS}
    )
    def post(self, request: Request) -> Response:
        """Make a token for a program; its secret is told this once."""
        body = valid(NewTokenSerializer, request.data)
        limiter.take(PROFILES, user_of(request).pk)
        if user_of(request).is_bot:
            raise ChatError("forbidden", _("A bot comes in with its tokens, which administrators issue."), 403)
        token, secret = create_token(user_of(request), body["name"], timedelta(days=body["days"]))
        return Response(_token_frame(token, None) | {"secret": secret}, 201)


class AccessTokenView(APIView):
    """One of them."""

    @extend_schema(operation_id="me_tokens_revoke", request=None, responses={204: None, **REFUSALS})
    def delete(self, request: Request, token_id: int) -> Response:
        """Revoke a token; its sockets close at once."""
        revoke_own_token(user_of(request), token_id)
        return Response(status=204)


class PasswordLinksView(APIView):
    """Links for those who lost their password."""

    @extend_schema(request=None, responses={201: LinkSerializer, **REFUSALS})
    def post(self, request: Request, user_id: int) -> Response:
        """Make a link, good once within a day, by which somebody sets a new password. For administrators."""
        if not user_of(request).is_superuser:
            raise ChatError("forbidden", _("Only administrators do that."), 403)
        caller = user_of(request)
        with write_transaction():
            secret, expires_at = create_reset_link(user_id)
            user = User.objects.get(pk=user_id)
            if user.is_superuser and user.pk != caller.pk:
                raise ChatError("forbidden", _("Administrators look after their own passwords."), 403)
            record(caller, Verb.RESET, user)
        url = request._request.build_absolute_uri(reverse("reset", args=[secret]))
        return Response({"url": url, "expires_at": expires_at}, 201)


def _session_frame(session: Session, current: str) -> dict[str, Any]:
    return {
        "id": session_id(session.session_key),
        "current": session.session_key == current,
        "browser": browser_name(session.user_agent),
        "created_at": session.created_at,
        "last_used_at": session.last_used_at,
    }


def _token_frame(token: AccessToken, current: int | None) -> dict[str, Any]:
    return {
        "id": token.pk,
        "name": token.name,
        "current": token.pk == current,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
    }
