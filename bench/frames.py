"""As much of the WebSocket protocol (RFC 6455) as a load client needs, by hand."""

import os
from collections.abc import Iterator

TEXT = 0x81
"""First byte of an unfragmented text frame."""


def handshake(port: int, path: str, token: str | None) -> bytes:
    """Return the request that opens a socket (section 4.1), with a bearer token if there is one."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def client_frame(payload: bytes) -> bytes:
    """Return a masked text frame (section 5.3)."""
    key = os.urandom(4)
    return _head(len(payload), 0x80) + key + masked(payload, key)


def server_frame(payload: bytes) -> bytes:
    """Return an unmasked text frame."""
    return _head(len(payload), 0) + payload


def masked(payload: bytes, key: bytes) -> bytes:
    """Return `payload` masked or unmasked with a key of four bytes."""
    size = len(payload)
    pad = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")


def split_frames(stream: bytearray) -> Iterator[bytes]:
    """Yield the payloads of the whole frames at the beginning of `stream`, masked or not, and remove them from it."""
    while len(stream) >= 2:
        size, start = stream[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(stream[2:start], "big")
        is_masked = bool(stream[1] & 0x80)
        body = start + 4 * is_masked
        if len(stream) < body + size:
            return
        payload = bytes(stream[body : body + size])
        key = bytes(stream[start:body])
        del stream[: body + size]
        yield masked(payload, key) if is_masked else payload


def _head(size: int, mask: int) -> bytes:
    if size < 126:
        return bytes((TEXT, mask | size))
    if size < 65536:
        return bytes((TEXT, mask | 126)) + size.to_bytes(2, "big")
    return bytes((TEXT, mask | 127)) + size.to_bytes(8, "big")
