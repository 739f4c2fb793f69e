"""A push service of our own, which plays Google's, Mozilla's or Apple's: it takes what a site sends, checks its
signature (RFC 8292), and answers as it is told to.

A `Device` is the browser behind it: only that can read what comes (RFC 8291).

service = PushService()
phone = service.device()
await bob.api("POST", "push/subscriptions/", json=phone.subscription)
letter = await phone.letter()            # {"title": …}; letter.headers has what came with it
"""

import asyncio
import json
import os
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.client import Person

PATIENCE = 20.0
DELAY = 0.4
LARGEST = 4096


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def decrypt(body: bytes, key: ec.EllipticCurvePrivateKey, secret: bytes) -> bytes:
    """Return what an aes128gcm body says, by RFC 8291, 3.3 and 3.4, and RFC 8188, 2."""
    salt, length = body[:16], body[20]
    sender, sealed = body[21 : 21 + length], body[21 + length :]
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    info = b"WebPush: info\0" + _point(key) + sender
    first = HKDF(SHA256(), 32, secret, info).derive(shared)
    content_key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(first)
    nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(first)
    plain = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\0")
    assert plain.endswith(b"\2"), "not the last record"
    return plain[:-1]


class Letter(dict[str, Any]):
    """What came, decrypted, with the headers it came with (lower-case names)."""

    headers: dict[str, str]


@dataclass
class Device:
    """A browser that has subscribed. `answers`: what the service says next, as (status, headers); then always 201."""

    service: "PushService"
    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    letters: list[Letter] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    asked: int = 0
    before_answer: threading.Event | None = None

    @property
    def subscription(self) -> dict[str, Any]:
        """What the browser's `PushSubscription.toJSON()` says."""
        keys = {"p256dh": _encode(_point(self.key)), "auth": _encode(self.secret)}
        return {"endpoint": f"{self.service.origin}/push/{self.name}", "keys": keys}

    async def letter(self, within: float = PATIENCE) -> Letter:
        """Take the first letter, waiting for it if need be."""
        deadline = time.monotonic() + within
        while not self.letters:
            assert not self.faults, self.faults
            assert time.monotonic() < deadline, f"no letter within {within} s"
            await asyncio.sleep(0.05)
        return self.letters.pop(0)

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """Take a call and return the answer."""
        self.asked += 1
        if self.before_answer:
            self.before_answer.wait(PATIENCE)
        status, said = self.answers.pop(0) if self.answers else (201, {})
        try:
            self.service.check_signature(headers["authorization"])
            assert headers["content-encoding"] == "aes128gcm"
            assert len(body) <= LARGEST
            letter = Letter(json.loads(decrypt(body, self.key, self.secret)))
        except Exception as error:
            self.faults.append(repr(error))
            return 400, {}
        letter.headers = headers
        if status == 201:
            self.letters.append(letter)
        return status, said


class PushService:
    """The server, on a free port of this machine, until `stop`."""

    def __init__(self) -> None:
        self.devices: dict[str, Device] = {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                device = service.devices.get(self.path.rpartition("/")[2])
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, said = device.take(headers, body) if device else (404, {})
                self.send_response(status)
                for name, value in said.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def device(self) -> Device:
        """Return a new browser."""
        made = Device(self, _encode(os.urandom(12)))
        self.devices[made.name] = made
        return made

    def check_signature(self, authorization: str) -> None:
        """Assert that who sends signed for this service, for less than a day (RFC 8292, 2)."""
        scheme, _, rest = authorization.partition(" ")
        assert scheme == "vapid"
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        signed, _, signature = parts["t"].rpartition(".")
        header, claims = (json.loads(_decode(part)) for part in signed.split("."))
        raw = _decode(signature)
        numbers = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decode(parts["k"]))
        key.verify(numbers, signed.encode(), ec.ECDSA(SHA256()))
        assert header == {"typ": "JWT", "alg": "ES256"}
        assert claims["aud"] == self.origin
        assert 0 < claims["exp"] - time.time() <= 24 * 3600
        assert claims["sub"].startswith(("mailto:", "https:"))

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


def calling_soon(service: PushService) -> dict[str, str]:
    """Return the settings of a site that calls devices of this service soon."""
    return {
        "CHATSITE_RATE_LIMITS": "off", "CHATSITE_PUSH_DELAY": str(DELAY), "CHATSITE_PUSH_ORIGINS": service.origin,
    }  # fmt: skip


async def phone_of(person: Person, service: PushService) -> Device:
    """Return a device of a person, subscribed."""
    phone = service.device()
    await person.api("POST", "push/subscriptions/", 201, json=phone.subscription)
    return phone
