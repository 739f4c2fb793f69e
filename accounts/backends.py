"""How people sign in."""

from typing import Any

from django.contrib.auth.backends import AllowAllUsersModelBackend, ModelBackend
from django.http import HttpRequest

from accounts.errors import Banned
from accounts.models import User


class NicknameBackend(ModelBackend):
    """Signs in by nickname and password; an unknown nickname takes as long as a wrong password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **fields: Any
    ) -> User | None:
        """Return whose nickname and password these are. Raises Banned, to those alone who know the password."""
        user = AllowAllUsersModelBackend().authenticate(request, username, password, **fields)
        if not isinstance(user, User) or user.is_former or user.is_bot:
            return None
        if not user.is_active:
            raise Banned(user.banned_until, user.ban_reason)
        return user
