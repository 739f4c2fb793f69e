"""Hooks for schemathesis, which finds them by SCHEMATHESIS_HOOKS: calls that end a sign-in get one of their own."""

import itertools
import os
from typing import Any

import httpx
import schemathesis

ENDING = ("/api/v1/me/", "/api/v1/tokens/current/")
_numbers = itertools.count()


def _newcomer() -> str:
    nickname = f"hostile {os.getpid()} {next(_numbers)}"
    answer = httpx.post(f"{os.environ['HOSTILE_SITE']}/api/v1/guests/", json={"nickname": nickname}, trust_env=False)
    return str(answer.json()["token"])


@schemathesis.auth(refresh_interval=None)
class Tokens:
    """Who calls: one person for all calls, and somebody new for each that signs out."""

    def get(self, case: Any, _context: Any) -> str:
        """Return a token."""
        is_ending = case.method != "GET" and case.operation.path.startswith(ENDING)
        return _newcomer() if is_ending else os.environ["HOSTILE_TOKEN"]

    def set(self, case: Any, token: str, _context: Any) -> None:
        """Put it where it belongs."""
        case.headers["Authorization"] = f"Bearer {token}"
