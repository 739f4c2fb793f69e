"""Errors as a client learns them: code, sentence, HTTP status (PROTOCOL, "Errors")."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class ChatError(Exception):
    """Something was refused. `detail` is a sentence for a person; `retry_after` is in seconds."""

    def __init__(
        self,
        code: str,
        detail: "str | _StrPromise",
        status: int = 400,
        *,
        retry_after: float | None = None,
        fields: "Mapping[str, Sequence[str | _StrPromise]] | None" = None,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.status = status
        self.retry_after = retry_after
        self.fields = fields


class Unauthenticated(ChatError):
    """Nobody was recognised by what was presented."""

    def __init__(self) -> None:
        super().__init__("unauthenticated", _("Please sign in."), 401)


class TokenExpired(ChatError):
    """The token, ticket or session was good once."""

    def __init__(self) -> None:
        super().__init__("token_expired", _("Your sign-in has expired. Please sign in again."), 401)


class Banned(ChatError):
    """The account was banned, `until` a time or for good."""

    def __init__(self, until: datetime | None = None, reason: str = "") -> None:
        super().__init__("banned", _words_of_a_ban(until, reason), 403)


def _say_of_a_ban(until: datetime | None, reason: str) -> str:
    detail = str(_("This account has been banned."))
    if until is not None:
        moment = date_format(timezone.localtime(until), "DATETIME_FORMAT")
        detail = _("This account is banned until %(moment)s (UTC).") % {"moment": moment}
    return f"{detail} {say_reason(reason)}" if reason else detail


def say_reason(reason: str) -> str:
    """Return the sentence that gives a moderator's reason, in the language that is active."""
    # Not within an f-string: what is to be translated is not found there.
    return _("Reason: %(reason)s") % {"reason": reason}


_words_of_a_ban = lazy(_say_of_a_ban, str)
"""Put together in the language of who is told, which is not that of who made the ban."""


class RateLimited(ChatError):
    """Too much in too short a time; it may be tried again `retry_after` seconds later."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("rate_limited", _("That was too fast. Please wait a moment."), 429, retry_after=retry_after)
