"""What travels through the channel layer: events for a group, encoded once, with what the hubs must know of them."""

import struct
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple, TypedDict

import msgspec

Event = dict[str, Any]
_encoder = msgspec.json.Encoder()
_FINAL_TEXT, _SHORT, _LONG = 0x81, 126, 65536


class Span(NamedTuple):
    """The numbers `first` to `last` of a numbered `stream` that an envelope carries, none left out."""

    stream: str
    first: int
    last: int


class Fence(NamedTuple):
    """The version of a group's member set that an envelope assumes.

    `base` is the version before the change that this envelope itself announces (and carries out, by its signal);
    the same as `version` if it announces none.
    """

    version: int
    base: int


class Envelope(TypedDict):
    """A channel layer message. `events` is JSON: the events, comma-separated, without brackets."""

    type: str
    group: str
    events: str
    signal: dict[str, Any] | None
    span: tuple[str, int, int] | None
    fence: tuple[int, int] | None
    origin: str


class Frame(str):  # noqa: SLOT000 - what is cached needs a place
    """One wire frame, the same string for all its receivers."""

    @cached_property
    def framed(self) -> bytes:
        """The frame as it goes over the line: final, text, not masked (RFC 6455 section 5.2). Made once."""
        payload = self.encode()
        size = len(payload)
        if size < _SHORT:
            return struct.pack("!BB", _FINAL_TEXT, size) + payload
        if size < _LONG:
            return struct.pack("!BBH", _FINAL_TEXT, _SHORT, size) + payload
        return struct.pack("!BBQ", _FINAL_TEXT, _SHORT + 1, size) + payload


def encode_events(events: Iterable[Event]) -> str:
    """Return `events` as JSON, comma-separated and without brackets; "" for none."""
    return _encoder.encode(list(events))[1:-1].decode()


def frame(*encoded: str) -> Frame:
    """Return one wire frame, a JSON array, of events that `encode_events` encoded."""
    return Frame(f"[{','.join(encoded)}]")


def encode_frame(events: Iterable[Event]) -> Frame:
    """Return one wire frame, a JSON array, of `events`."""
    return Frame(_encoder.encode(list(events)), "utf-8")
