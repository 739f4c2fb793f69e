"""A browser's session begins."""

from django.contrib.auth import login
from django.http import HttpRequest

from accounts.models import Session, User
from database.transactions import write_transaction

BACKEND = "accounts.backends.NicknameBackend"


def start_session(request: HttpRequest, user: User) -> None:
    """Sign `user` in with a session of this browser, and note what browser it is."""
    login(request, user, BACKEND)
    if request.session.session_key is None:
        request.session.save()
    with write_transaction():
        Session.objects.filter(session_key=request.session.session_key).update(
            user_agent=request.headers.get("User-Agent", "")[:200]
        )
