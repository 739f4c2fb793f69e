"""Where a push may go. Anybody can name an endpoint: it must not lead the server into its own network (SSRF)."""

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

HTTPS = 443
# Names are looked up apart from everything else: a slow name server holds up nothing but pushes.
_resolvers = ThreadPoolExecutor(8, "push-resolver")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ForbiddenTarget(Exception):
    """An endpoint leads where nothing is sent to."""


class Target(NamedTuple):
    """An endpoint in parts. `is_ours`: the operator named its origin, so it may be anywhere."""

    origin: str
    host: str
    port: int
    path: str
    is_encrypted: bool
    is_ours: bool


def target_of(endpoint: str) -> Target:
    """Return the parts of an endpoint. Raises ForbiddenTarget for one that nobody may name; looks nothing up."""
    try:
        url = urlsplit(endpoint)
        port = url.port or (HTTPS if url.scheme == "https" else 80)
    except ValueError:
        raise ForbiddenTarget from None
    host = (url.hostname or "").encode("ascii", "replace").decode()
    origin = f"{url.scheme}://{url.netloc}"
    if not host or "?" in host or url.username or url.password or not endpoint.isascii() or not endpoint.isprintable():
        raise ForbiddenTarget
    is_ours = origin in settings.PUSH_ORIGINS
    if not is_ours and (url.scheme != "https" or port != HTTPS or "." not in host or _is_private_literal(host)):
        raise ForbiddenTarget
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    if " " in path:
        raise ForbiddenTarget
    return Target(origin, host, port, path, url.scheme == "https", is_ours)


async def resolve(target: Target) -> str:
    """Return the address to connect to; a connection to the name would look it up again and might find another.

    Raises ForbiddenTarget if any of its addresses is not a public one, OSError if it has none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_resolvers, _look_up, target.host, target.port)
    if not target.is_ours and not all(is_public(ipaddress.ip_address(address)) for address in found):
        raise ForbiddenTarget
    return found[0]


def _look_up(host: str, port: int) -> list[str]:
    return [str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the open Internet, the IPv4 address inside an IPv6 one included."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast


def _is_private_literal(host: str) -> bool:
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return False
