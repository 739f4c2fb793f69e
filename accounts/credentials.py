"""Recognises people: by token, by ticket, by session (PROTOCOL, "Who is asking"). Synchronous: call it in a thread."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.errors import Banned, ChatError, TokenExpired, Unauthenticated
from accounts.models import AccessToken, SocketTicket, User
from accounts.origins import is_allowed_origin
from accounts.secrets import digest
from accounts.sessions import SessionStore, note_use
from database.transactions import write_transaction


@dataclass(frozen=True, slots=True)
class Credential:
    """By what someone was recognised, so that it can be looked at again."""

    token_id: int | None = None
    session_key: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Someone recognised."""

    user: User
    credential: Credential
    expires_at: datetime


def sign_in_socket(headers: Mapping[str, str], query: str, *, secure: bool) -> Identity:
    """Return who opens a socket with these headers (lower-case names) and this query string.

    The first credential present decides: bearer token, then ticket, then session cookie with an allowed Origin.
    Raises Unauthenticated, TokenExpired or Banned.
    """
    if "authorization" in headers:
        return sign_in_bearer(headers["authorization"])
    ticket = parse_qs(query, keep_blank_values=True).get("ticket")
    if ticket:
        return redeem_ticket(ticket[0])
    if not is_allowed_origin(headers.get("origin", ""), headers.get("host", ""), secure=secure):
        raise Unauthenticated
    return look_up(
        Credential(session_key=parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, ""))
    )


def sign_in_bearer(authorization: str) -> Identity:
    """Return whose token an Authorization header (RFC 6750) carries; raises as `sign_in_socket`."""
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    token = AccessToken.objects.select_related("user").filter(digest=digest(secret.strip())).first()
    return _by_token(token)


def redeem_ticket(secret: str) -> Identity:
    """Return whose ticket `secret` is and use it up; raises as `sign_in_socket`."""
    ticket = SocketTicket.objects.filter(digest=digest(secret)).first()
    # The row that delete() counts is ours alone: of two who redeem at once one gets 0.
    if ticket is None or not _use_up(ticket):
        raise Unauthenticated
    if ticket.expires_at <= timezone.now():
        raise TokenExpired
    return look_up(Credential(ticket.token_id, ticket.session_key))


def _use_up(ticket: SocketTicket) -> bool:
    with write_transaction():
        return bool(SocketTicket.objects.filter(digest=ticket.digest).delete()[0])


def look_up(credential: Credential) -> Identity:
    """Return who `credential` stands for as of now; raises as `sign_in_socket`."""
    if credential.token_id is not None:
        token = AccessToken.objects.select_related("user").filter(id=credential.token_id).first()
        return _by_token(token)
    return _by_session(credential.session_key)


def ban_of(authorization: str | None, session_key: str | None) -> Banned | None:
    """Return the ban of whose token (an Authorization header) or session this is; None for all others.

    Whoever has neither learns nothing of anybody's ban by it.
    """
    try:
        if authorization:
            sign_in_bearer(authorization)
        elif session_key:
            look_up(Credential(session_key=session_key))
    except Banned as ban:
        return ban
    except ChatError:
        pass
    return None


def _by_token(token: AccessToken | None) -> Identity:
    if token is None:
        raise Unauthenticated
    # Who was banned is told so, though the token was revoked with it.
    user = _admitted(token.user)
    if token.revoked_at is not None:
        raise Unauthenticated
    if token.expires_at <= timezone.now():
        raise TokenExpired
    return Identity(user, Credential(token_id=token.pk), token.expires_at)


def _by_session(session_key: str) -> Identity:
    if not session_key:
        raise Unauthenticated
    store = SessionStore(session_key)
    session = store.get_model_class().objects.select_related("user").filter(session_key=session_key).first()
    if session is None:
        raise Unauthenticated
    _check_expiry(session.expire_date)
    data = store.decode(session.session_data)
    user = session.user
    if user is None or str(user.pk) != data.get(SESSION_KEY) or not _hash_matches(user, data.get(HASH_SESSION_KEY, "")):
        raise Unauthenticated
    admitted = _admitted(user)
    note_use(session)
    return Identity(admitted, Credential(session_key=session_key), session.expire_date)


def _check_expiry(expires_at: datetime) -> None:
    if expires_at <= timezone.now():
        raise TokenExpired


def _hash_matches(user: User, session_hash: str) -> bool:
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(session_hash, candidate) for candidate in hashes)


def _admitted(user: User) -> User:
    if user.is_former:
        raise Unauthenticated
    if not user.is_active:
        raise Banned(user.banned_until, user.ban_reason)
    return user
