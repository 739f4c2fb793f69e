"""Django's database sessions, kept with whose they are, so that a person's sessions can be listed and ended."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.utils import timezone

from accounts.models import Session
from database.transactions import write_transaction

EXTEND_AFTER = timedelta(days=1)
NOTE_EVERY = timedelta(hours=1)
USER_AGENT, BEGAN_AT = "user_agent", "began_at"


class SessionStore(DatabaseSessionStore):
    """The session engine named in settings."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def save(self, must_create: bool = False) -> None:
        with write_transaction():
            super().save(must_create)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = super().create_model_instance(data)
        assert isinstance(session, Session)
        user_id = data.get(SESSION_KEY)
        session.user_id = int(user_id) if user_id else None
        # The row is written anew each time: what it says of the browser comes from what the session keeps.
        session.user_agent = data.get(USER_AGENT, "")
        if began_at := data.get(BEGAN_AT):
            session.created_at = datetime.fromisoformat(began_at)
        return session


def keep_session(session_key: str, session_hash: str) -> None:
    """Have a session go on though its user's password is another now; its sockets go on with it.

    Django would give it another key, and what was opened with the old one would be signed out.
    """
    store = SessionStore(session_key)
    store[HASH_SESSION_KEY] = session_hash
    store.save()


def extend_session(session_key: str) -> datetime:
    """Make a session, if it is there, last its full age from now; return until when that is.

    A socket lives longer than a request, and Django extends a session only when a request changes it.
    """
    store = SessionStore(session_key)
    expires = timezone.now() + timedelta(seconds=store.get_session_cookie_age())
    with write_transaction():
        Session.objects.filter(session_key=session_key).update(expire_date=expires, last_used_at=timezone.now())
    return expires


def note_use(session: Session) -> None:
    """Note that a session is in use, once an hour."""
    now = timezone.now()
    if now - session.last_used_at > NOTE_EVERY:
        session.last_used_at = now
        with write_transaction():
            Session.objects.filter(pk=session.pk).update(last_used_at=now)
