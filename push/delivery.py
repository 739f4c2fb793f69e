"""Sends one encrypted message to a push service (RFC 8030): one request, one answer, one deadline."""

import asyncio
import os
import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import NamedTuple

import h11
import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from push.targets import Target, resolve, target_of
from push.vapid import authorization, decode

SECONDS = 10.0
MOST = 8192
"""Bytes of an answer that are read: its head is all that matters."""
SALT = 16


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to one device, and how. `ttl` in seconds; of one `topic` the service keeps only the last."""

    endpoint: str
    p256dh: str
    auth: str
    content: bytes
    topic: str
    ttl: int
    urgency: str


class Answer(NamedTuple):
    """What a push service said. `retry_after` in seconds, 0 if it did not say."""

    status: int
    retry_after: float = 0.0


def encrypt(parcel: Parcel) -> bytes:
    """Return the body (aes128gcm) that the device alone can read. Raises ValueError for keys that are none."""
    encrypted: bytes = http_ece.encrypt(
        parcel.content,
        salt=os.urandom(SALT),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=decode(parcel.p256dh),
        auth_secret=decode(parcel.auth),
        version="aes128gcm",
    )
    return encrypted


async def deliver(parcel: Parcel, key: ec.EllipticCurvePrivateKey) -> Answer:
    """Send a parcel. Raises ForbiddenTarget, ValueError for bad keys, OSError or TimeoutError for no answer."""
    target = target_of(parcel.endpoint)
    body = encrypt(parcel)
    async with asyncio.timeout(SECONDS):
        address = await resolve(target)
        context = _trust() if target.is_encrypted else None
        reader, writer = await asyncio.open_connection(
            address, target.port, ssl=context, server_hostname=target.host if context else None, limit=MOST
        )
        try:
            return await _exchange(reader, writer, _request(target, parcel, key, len(body)), body)
        except h11.RemoteProtocolError as error:
            raise ConnectionError(str(error)) from error
        finally:
            writer.close()


def _request(target: Target, parcel: Parcel, key: ec.EllipticCurvePrivateKey, length: int) -> h11.Request:
    headers = {
        "Host": target.origin.partition("://")[2],
        "Authorization": authorization(key, target.origin),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "Content-Length": str(length),
        "TTL": str(parcel.ttl),
        "Topic": parcel.topic,
        "Urgency": parcel.urgency,
        "Connection": "close",
    }
    return h11.Request(method="POST", target=target.path, headers=list(headers.items()))


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: h11.Request, body: bytes
) -> Answer:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST)
    writer.write(connection.send(request) or b"")
    writer.write(connection.send(h11.Data(data=body)) or b"")
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    await writer.drain()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(MOST))
        elif isinstance(event, h11.Response):
            # Nothing is followed: a redirection could lead anywhere.
            return Answer(event.status_code, _patience(dict(event.headers).get(b"retry-after", b"").decode("latin-1")))
        elif not isinstance(event, h11.InformationalResponse):
            raise ConnectionError("no answer")


def _patience(said: str) -> float:
    """Return the seconds of a Retry-After header (RFC 9110, 10.2.3), 0 if it makes no sense."""
    if said.isdigit():
        return float(min(int(said), 10**6))
    try:
        return max(0.0, (parsedate_to_datetime(said) - timezone.now()).total_seconds())
    except (ValueError, TypeError):
        return 0.0


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
