"""Which host names are this machine's own."""

import socket

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to


def own_hosts(listen: str) -> list[str]:
    """Return the names under which a server that listens on the address `listen` may be called."""
    if listen in EVERYWHERE:
        return LOOPBACK + _machine_names()
    return [*LOOPBACK, f"[{listen}]" if ":" in listen else listen]


def shown_host(listen: str) -> str:
    """Return how a URL names a server that listens on the address `listen`, on this machine."""
    if listen in EVERYWHERE:
        return "127.0.0.1"
    return f"[{listen}]" if ":" in listen else listen


def is_loopback(listen: str) -> bool:
    """Tell whether a server that listens on the address `listen` is reached from this machine alone."""
    return listen in {"localhost", "::1"} or listen.startswith("127.")


def _machine_names() -> list[str]:
    name = socket.gethostname().lower()
    names = {name, f"{name.split('.')[0]}.local"}
    try:
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(name, None)}
    except OSError:
        addresses = set()
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        # Connecting a datagram socket sends nothing; it asks the routing table which address is ours (RFC 5737, 3849).
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((elsewhere, 9))
                addresses.add(probe.getsockname()[0])
            except OSError:
                continue
    return sorted(names | {f"[{a.split('%')[0]}]" if ":" in a else a for a in addresses})
