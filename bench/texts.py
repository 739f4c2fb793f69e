"""The texts that are sent: each tells who sent it and which one it is, so that nothing else needs to be parsed."""

import re

MARK = b"Kq7Zvx"
"""Stands once in each text and nowhere else in what a server sends: counting it counts deliveries."""
TOKEN_SIZE = len(MARK) + 3 + 8
TEXT_SIZE = 130
_FILLING = (
    " and this is what people write to each other when they have something to say, neither long nor short, on most days"
)
TOKEN = re.compile(MARK + rb"(\d{3})(\d{8})")


def own_mark(sender: int) -> bytes:
    """Return what each text of one sender begins with."""
    return MARK + b"%03d" % sender


def text(sender: int, number: int) -> bytes:
    """Return the `number`th text, 130 characters that need no markup."""
    return (own_mark(sender) + b"%08d" % number + _FILLING.encode())[:TEXT_SIZE]
