"""What watches the site asks it: /healthz, /readyz and /metrics. Answered before Django, which may be what is ill."""

import hmac
import json
import os
from typing import Any

from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from chat import process
from chatsite.bodies import Scope, Send
from chatsite.hosts import is_loopback

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


async def answer(scope: Scope, send: Send) -> None:
    """Answer a request for one of `PATHS`."""
    if scope["method"] not in ("GET", "HEAD"):
        await _send(send, 405, b"", "text/plain")
    elif scope["path"] == "/healthz":
        await _send(send, 200, b"ok\n", "text/plain")
    elif scope["path"] == "/readyz":
        parts = await process.check_ready()
        if b"without=redis" in scope.get("query_string", b""):
            # For who would rather have a site that is late between servers than none while Redis is away.
            parts.pop("redis", None)
        is_ready = all(part in ("ok", "not used") for part in parts.values())
        await _send(send, 200 if is_ready else 503, json.dumps(parts).encode(), "application/json")
    elif _may_see_metrics(scope):
        await _send(send, 200, _metrics(), CONTENT_TYPE_LATEST)
    else:
        await _send(send, 404, b"", "text/plain")


def _may_see_metrics(scope: Scope) -> bool:
    """Return whether the caller has the token (CHATSITE_METRICS_TOKEN), or without one is on this machine."""
    if settings.METRICS_TOKEN:
        given = dict(scope["headers"]).get(b"authorization", b"")
        return hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode())
    host, _port = scope.get("client") or ("", 0)
    # Behind a proxy everyone comes from this machine.
    return is_loopback(host) and not settings.BEHIND_PROXY


def _metrics() -> bytes:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


async def _send(send: Send, status: int, body: bytes, content_type: str) -> None:
    headers: list[Any] = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
