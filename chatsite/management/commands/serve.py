"""Serves the site: Uvicorn, set right for it."""

import os
import socket
import sys
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.urls import reverse

from accounts.actions import create_set_up_link
from chat import process
from chatsite.hosts import EVERYWHERE, LOOPBACK, is_loopback, own_hosts, shown_host
from chatsite.http import BoundedHttpProtocol
from chatsite.websocket import SharedFramesProtocol

UNREAD_MILLISECONDS = 20_000
MAX_FRAME = 64 * 1024
SHUTDOWN_SECONDS = 10
BACKLOG = 2048
MANY_FILES = 65_536

if sys.platform != "win32":
    import resource


class Command(BaseCommand):
    help = "Serve the site on HOST:PORT (default 127.0.0.1:8000)."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on (HOST)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port to listen on (PORT)")

    def handle(self, *_args: Any, host: str, port: int, **_options: Any) -> None:
        if not settings.RATE_LIMITS and not is_loopback(host):
            raise CommandError("CHATSITE_RATE_LIMITS=off is refused here: listen on loopback, or leave the limits on.")
        _allow_many_files()
        listening = _listen(host, port)
        self._greet(f"http://{shown_host(host)}:{listening.getsockname()[1]}", host)
        # This thread has no more use for the database; an open connection would keep SQLite's log apart at the end.
        connections.close_all()
        try:
            _Server(_config(host, port)).run(sockets=[listening])
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        self.stdout.flush()
        # Not by way of the interpreter's end, which waits for threads that may wait for a database that hangs.
        os._exit(0)

    def _greet(self, site: str, host: str) -> None:
        self.stdout.write(f"The chat is at {site}/ (stop it with Ctrl+C)")
        if host in EVERYWHERE:
            self.stdout.write(f"Others reach it under: {' '.join(own_hosts(host)[len(LOOPBACK) :])}")
        secret = create_set_up_link()
        if secret:
            link = site + reverse("set-up", args=[secret])
            self.stdout.write(
                f"It has no administrator yet. This link makes the first one, once, within a day:\n{link}"
            )
        self.stdout.flush()


class _Server(uvicorn.Server):
    """Uvicorn's server, which takes leave of everyone before it closes their sockets."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await process.take_leave()
        await super().shutdown(sockets)


def _allow_many_files() -> None:
    """Raise the limit of open files, and with it of sockets, as far as this user may: 1,024 is the usual start."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sys.platform == "linux":
        # Inherited by what is accepted. A peer that stopped reading would stay for ever: a close waits for it too.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MILLISECONDS)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}. PORT=… chooses another.") from None
    listening.listen(BACKLOG)
    listening.set_inheritable(True)
    return listening


def _config(host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        "chatsite.asgi:application",
        host=host,
        port=port,
        loop="uvloop" if sys.platform != "win32" else "auto",
        http=BoundedHttpProtocol,
        ws=SharedFramesProtocol,
        ws_max_size=MAX_FRAME,
        ws_per_message_deflate=False,
        # Clients send the heartbeats (PROTOCOL, "How a client stays right"); pings of our own would cost memory.
        ws_ping_interval=None,
        ws_ping_timeout=None,
        lifespan="on",
        access_log=False,
        # Uvicorn logs a socket's whole URL, ticket and all, as information.
        log_level="warning",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        backlog=BACKLOG,
    )
