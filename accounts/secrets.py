"""Random secrets and what is kept of them."""

import hashlib
import secrets


def new_secret() -> str:
    """Return 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return the hex SHA-256 of `secret`, under which it is found again."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
