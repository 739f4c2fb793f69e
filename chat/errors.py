"""The errors of the chat, by their codes (PROTOCOL, "Errors")."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.errors import ChatError, RateLimited

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Invalid(ChatError):
    """What was asked makes no sense. `fields` names the parts that do not."""

    def __init__(self, detail: "str | _StrPromise", field: str = "") -> None:
        super().__init__("invalid", detail, 400, fields={field: [detail]} if field else None)


class NotFound(ChatError):
    """There is no such thing, or this person may not see it: the two look alike."""

    def __init__(self) -> None:
        super().__init__("not_found", _("There is no such thing here, or you may not see it."), 404)


class Forbidden(ChatError):
    def __init__(self, detail: "str | _StrPromise") -> None:
        super().__init__("forbidden", detail, 403)


class Muted(ChatError):
    def __init__(self) -> None:
        super().__init__("muted", _("You have been muted here for a while."), 403)


class ReadOnly(ChatError):
    def __init__(self) -> None:
        super().__init__("read_only", _("Only moderators write in this room."), 403)


class Archived(ChatError):
    def __init__(self) -> None:
        super().__init__("read_only", _("This room is archived: it can be read, not written in."), 403)


class SlowMode(ChatError):
    """The room is in slow mode; `retry_after` seconds later this person may write there again."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(
            "rate_limited", _("This room is in slow mode. Please wait a moment."), 429, retry_after=retry_after
        )


class TooManyConnections(ChatError):
    """Someone has as many sockets and polls open as may be."""

    def __init__(self) -> None:
        super().__init__("rate_limited", _("You have this site open in too many places."), 429, retry_after=30.0)


class TooLarge(ChatError):
    def __init__(self) -> None:
        super().__init__("too_large", _("That is too large."), 413)


class Unavailable(ChatError):
    """The database did not answer: nothing was stored, or it cannot be known."""

    def __init__(self) -> None:
        super().__init__("unavailable", _("The site cannot store anything just now. Please try again."), 503)


__all__ = [
    "Archived", "ChatError", "Forbidden", "Invalid", "Muted", "NotFound", "RateLimited", "ReadOnly", "SlowMode",
    "TooLarge", "TooManyConnections", "Unavailable",
]  # fmt: skip
