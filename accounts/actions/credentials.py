"""Tokens and tickets are given out and taken back."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.actions.access import raise_access_version
from accounts.credentials import Identity
from accounts.models import AccessToken, SocketTicket, User
from accounts.secrets import digest, new_secret
from database.transactions import write_transaction


def issue_token(user: User, name: str = "", age: timedelta | None = None) -> str:
    """Return the secret of a new access token for `user`, good for `age` (by default TOKEN_AGE)."""
    secret = new_secret()
    with write_transaction():
        AccessToken.objects.create(
            user=user, name=name, digest=digest(secret), expires_at=timezone.now() + (age or settings.TOKEN_AGE)
        )
    return secret


def revoke_token(token_id: int) -> None:
    """Revoke an access token and have the sockets that came with it look again."""
    with write_transaction():
        token = AccessToken.objects.select_related("user").get(id=token_id)
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        raise_access_version(token.user)


def issue_ticket(identity: Identity) -> str:
    """Return the secret of a socket ticket, good once within TICKET_AGE, that stands for what `identity` came with."""
    secret = new_secret()
    now = timezone.now()
    with write_transaction():
        SocketTicket.objects.filter(expires_at__lt=now - settings.TICKET_AGE).delete()
        SocketTicket.objects.create(
            digest=digest(secret),
            user=identity.user,
            token_id=identity.credential.token_id,
            session_key=identity.credential.session_key,
            expires_at=now + settings.TICKET_AGE,
        )
    return secret
