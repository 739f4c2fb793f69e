"""From which address someone comes."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def address_of(scope: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Return the peer's address of an ASGI scope; behind our own proxy the last that it put in X-Forwarded-For."""
    if settings.BEHIND_PROXY and (forwarded := headers.get("x-forwarded-for")):
        return forwarded.rpartition(",")[2].strip()
    client = scope.get("client")
    return str(client[0]) if client else ""


def known_address(address: str) -> str | None:
    """Return an IP address in its usual form; None for what is none."""
    try:
        known = ip_address(address)
    except ValueError:
        return None
    mapped = getattr(known, "ipv4_mapped", None)
    return str(mapped or known)


def address_of_request(request: HttpRequest) -> str:
    """Return the address that a request comes from."""
    client = (request.META.get("REMOTE_ADDR", ""), 0)
    headers = {"x-forwarded-for": request.headers.get("X-Forwarded-For", "")}
    return address_of({"client": client}, headers)
