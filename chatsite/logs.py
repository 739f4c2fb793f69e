"""What the log leaves out."""

import logging

_NOT_OURS = (
    "Invalid UTF-8",
    # A handshake that was answered by an HTTP response, as ASGI has it, is one that did not complete.
    "ASGI callable returned without completing handshake",
    # A download that is broken off because its reader does not read.
    "ASGI callable returned without completing response",
)


class NotTheirMistakes(logging.Filter):
    """Drops what the server logs as a fault although it is none of ours, and anyone can repeat it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith(_NOT_OURS)
