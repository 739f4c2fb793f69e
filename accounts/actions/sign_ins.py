"""Where someone is signed in: sessions and tokens are listed and ended, tokens are made."""

from datetime import timedelta
from hashlib import sha256

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.access import end_access, raise_access_version
from accounts.actions.validation import invalid
from accounts.errors import ChatError
from accounts.models import AccessToken, Session, User
from accounts.secrets import digest, new_secret
from database.transactions import write_transaction

MAX_TOKENS = 50


def session_id(session_key: str) -> str:
    """Return what a session is called where it is listed: its key would let one in."""
    return sha256(session_key.encode()).hexdigest()[:24]


def live_sessions(user: User) -> QuerySet[Session]:
    """Return someone's sessions that are good, the last used first."""
    return user.sessions.filter(expire_date__gt=timezone.now()).order_by("-last_used_at")


def live_tokens(user: User) -> QuerySet[AccessToken]:
    """Return someone's tokens that are good, the newest first."""
    return user.tokens.filter(expires_at__gt=timezone.now(), revoked_at=None).order_by("-pk")


def sign_out_everywhere(user: User) -> None:
    """End every session, token and ticket of `user`; open sockets close at once."""
    with write_transaction():
        end_access(user)


def end_session(user: User, wanted: str) -> None:
    """End one session of `user`, by what `session_id` calls it. Raises ChatError `not_found`."""
    with write_transaction():
        for session in user.sessions.all():
            if session_id(session.session_key) == wanted:
                session.delete()
                raise_access_version(user)
                return
    raise _not_found()


def create_token(user: User, name: str, age: timedelta) -> tuple[AccessToken, str]:
    """Return a new token of `user` and its secret, which is not kept. Raises ChatError `invalid`."""
    secret = new_secret()
    with write_transaction():
        if live_tokens(user).count() >= MAX_TOKENS:
            raise invalid("name", _("You have too many tokens already: revoke some."))
        token = AccessToken.objects.create(user=user, name=name, digest=digest(secret), expires_at=timezone.now() + age)
    return token, secret


def revoke_own_token(user: User, token_id: int) -> None:
    """Revoke a token of `user`. Raises ChatError `not_found`."""
    with write_transaction():
        if not live_tokens(user).filter(pk=token_id).update(revoked_at=timezone.now()):
            raise _not_found()
        raise_access_version(user)


def _not_found() -> ChatError:
    return ChatError("not_found", _("There is no such thing here, or you may not see it."), 404)
