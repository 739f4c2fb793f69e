"""The ASGI application: pages and REST by Django, the socket by Channels, and the life of the process."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

import django
from channels.routing import ProtocolTypeRouter, URLRouter

django.setup(set_prefix=False)

# These need the apps.
from chat import process  # noqa: E402
from chat.api import downloads, sync  # noqa: E402
from chat.routing import websocket_urlpatterns  # noqa: E402
from chatsite import health, upload_gate  # noqa: E402
from chatsite.bodies import Receive, Scope, Send, limit_bodies  # noqa: E402
from chatsite.pages import PagesHandler  # noqa: E402

_pages = limit_bodies(PagesHandler())


async def _http(scope: Scope, receive: Receive, send: Send) -> None:
    # Daphne has no lifespan; there the first request starts what the site keeps running.
    if scope["path"] in health.PATHS:
        await health.answer(scope, send)
        return
    await process.start()
    if scope["path"] == sync.PATH:
        await sync.serve(scope, receive, send)
        return
    if scope["path"].startswith(downloads.PREFIXES):
        await downloads.serve(scope, receive, send)
        return
    if scope["path"] == upload_gate.PATH:
        await upload_gate.serve(scope, receive, send, _pages)
        return
    await _pages(scope, receive, send)


async def _lifespan(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await process.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await process.stop()
    await send({"type": "lifespan.shutdown.complete"})


_sockets = URLRouter(websocket_urlpatterns)
_PATHS = frozenset(f"/{route.pattern}" for route in websocket_urlpatterns)


async def _websocket(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] in _PATHS:
        await _sockets(scope, receive, send)
    else:
        # The router would raise. Closing before accepting answers 403.
        await receive()
        await send({"type": "websocket.close"})


application = ProtocolTypeRouter({"http": _http, "websocket": _websocket, "lifespan": _lifespan})
