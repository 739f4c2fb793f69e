"""What ends or renews what someone signed in with."""

from functools import partial

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts.credentials import Credential
from accounts.models import AccessToken, SocketTicket, User
from database.transactions import write_transaction
from live.publisher import envelope, publish

SITE = "site"
"""The group of everyone."""


def user_group(user_id: int) -> str:
    """Return the name of the group of a user's own sockets."""
    return f"user.{user_id}"


def announce_access(user_id: int) -> None:
    """Have every socket of a user look again whether it is still welcome."""
    publish(envelope(user_group(user_id), signal={"type": "access"}))


def raise_access_version(user: User) -> None:
    """Have every socket of `user` look again, even if the announcement is lost; within a transaction."""
    User.objects.filter(pk=user.pk).update(access_version=F("access_version") + 1, access_changed_at=Now())
    transaction.on_commit(partial(announce_access, user.pk))


def end_access(user: User, keep: Credential | None = None) -> None:
    """End every session, token and ticket of `user` but `keep`; within a transaction."""
    keep = keep or Credential()
    # Those that were revoked before too: what revoked them may be taken back, this is not.
    tokens = AccessToken.objects.filter(user=user).exclude(id=keep.token_id or 0)
    tokens.update(revoked_at=timezone.now())
    SocketTicket.objects.filter(user=user).delete()
    user.sessions.exclude(session_key=keep.session_key).delete()
    raise_access_version(user)


def note_sign_out(user: User) -> None:
    """Have the sockets of `user` look again, because one of his or her sessions has just ended."""
    with write_transaction():
        raise_access_version(user)
