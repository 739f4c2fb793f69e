"""Who calls over REST: by bearer token, else by session with CSRF."""

from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from accounts.actions.last_seen import note_seen
from accounts.credentials import Credential, Identity, look_up, sign_in_bearer
from accounts.errors import Unauthenticated
from accounts.models import User
from accounts.sessions import NOTE_EVERY


def identify(request: HttpRequest) -> Identity | None:
    """Return who calls; None if nothing was presented. Raises Unauthenticated, TokenExpired or Banned."""
    return identify_by(request.headers.get("Authorization"), request.session.session_key)


def identify_by(authorization: str | None, session_key: str | None) -> Identity | None:
    """Return who presents an Authorization header, or else a session; None and errors as `identify`."""
    if authorization:
        return sign_in_bearer(authorization)
    if not session_key:
        return None
    try:
        return look_up(Credential(session_key=session_key))
    except Unauthenticated:
        # An old cookie is like none: one can still sign in.
        return None


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`; present but bad, it is refused rather than passed over."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        if "Authorization" not in request.headers:
            return None
        identity = sign_in_bearer(request.headers["Authorization"])
        _note_seen(identity.user)
        return identity.user, identity

    def authenticate_header(self, _request: Request) -> str:
        return "Bearer"


class SessionAuthentication(BaseAuthentication):
    """The browser's session. What changes anything needs the CSRF token, signed in or not."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        identity = identify(request._request)
        if identity is None:
            return None
        check_csrf(request._request)
        _note_seen(identity.user)
        return identity.user, identity


def _note_seen(user: User) -> None:
    """Note once an hour that someone who calls is here."""
    if user.last_seen_at is None or timezone.now() - user.last_seen_at > NOTE_EVERY:
        note_seen([user.pk])


def check_csrf(request: HttpRequest) -> None:
    """Raise PermissionDenied unless an unsafe request carries the CSRF token."""
    check = CSRFCheck(lambda _request: None)  # type: ignore[arg-type]
    check.process_request(request)
    reason = check.process_view(request, None, (), {})  # type: ignore[arg-type]
    if reason:
        raise PermissionDenied(str(reason))


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes bearer tokens in the OpenAPI document."""

    target_class = BearerAuthentication
    name = "token"

    def get_security_definition(self, _auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes sessions in the OpenAPI document."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, _auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
