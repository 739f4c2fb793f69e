"""The site's own key, and its signature on what it sends (VAPID, RFC 8292)."""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from database.transactions import write_transaction
from push.models import Keys

GOOD_FOR = 12 * 3600
"""Seconds; push services refuse signatures that are good for more than a day."""
_NUMBER = 32


def encode(data: bytes) -> str:
    """Return base64url without padding, as all of Web Push has it."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url with or without padding. Raises ValueError."""
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def private_key() -> ec.EllipticCurvePrivateKey:
    """Return the site's key, made and stored at the first call."""
    row = Keys.objects.filter(pk=1).first()
    if row is None:
        number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        with write_transaction():
            row, _is_new = Keys.objects.get_or_create(
                pk=1, defaults={"private": encode(number.to_bytes(_NUMBER, "big"))}
            )
    return _derive(row.private)


@cache
def _derive(private: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decode(private), "big"), ec.SECP256R1())


def public_key(key: ec.EllipticCurvePrivateKey) -> str:
    """Return what browsers subscribe with (`applicationServerKey`)."""
    return encode(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def authorization(key: ec.EllipticCurvePrivateKey, audience: str) -> str:
    """Return the Authorization header for a push service, named by its origin."""
    claims = {"aud": audience, "exp": int(time.time()) + GOOD_FOR, "sub": contact()}
    parts = ({"typ": "JWT", "alg": "ES256"}, claims)
    signed = ".".join(encode(msgspec.json.encode(part)) for part in parts)
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = r.to_bytes(_NUMBER, "big") + s.to_bytes(_NUMBER, "big")
    return f"vapid t={signed}.{encode(signature)}, k={public_key(key)}"


def contact() -> str:
    """Return whom a push service may turn to: as is set, else the site's own address."""
    origins = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if origin.startswith("https://")]
    return settings.PUSH_CONTACT or (origins or [f"https://{settings.ALLOWED_HOSTS[0].strip('[].')}"])[0]
