"""A browser's session begins."""

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.sessions import BEGAN_AT, USER_AGENT

BACKEND = "accounts.backends.NicknameBackend"


def start_session(request: HttpRequest, user: User) -> None:
    """Sign `user` in with a session of this browser, and note what browser it is."""
    login(request, user, BACKEND)
    request.session[BEGAN_AT] = timezone.now().isoformat()
    request.session[USER_AGENT] = request.headers.get("User-Agent", "")[:200]
