"""Serves the site: Uvicorn, set right for it."""

import os
import socket
import sys
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import IO, Any, NoReturn

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.urls import reverse

from accounts.actions import create_set_up_link
from chat import process
from chatsite.checks import several_processes_problem
from chatsite.hosts import EVERYWHERE, LOOPBACK, is_loopback, own_hosts, shown_host
from chatsite.http import BoundedHttpProtocol
from chatsite.websocket import SharedFramesProtocol
from chatsite.workers import SHARES_PORT, Workers, end_with, tell_ready

UNREAD_MILLISECONDS = 20_000
MAX_FRAME = 64 * 1024
SHUTDOWN_SECONDS = 10
KEEP_ALIVE_SECONDS = 75
"""Seconds that an idle connection stays: longer than proxies use theirs again (nginx: 60), or requests get lost."""
BACKLOG = 2048
MANY_FILES = 65_536

if sys.platform != "win32":
    import fcntl
    import resource


class Command(BaseCommand):
    help = "Serve the site on HOST:PORT (default 127.0.0.1:8000)."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on (HOST)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port to listen on (PORT)")
        parser.add_argument(
            "--workers", type=int, default=settings.WORKERS,
            help="server processes; more than one needs REDIS_URL and DATABASE_URL (WEB_CONCURRENCY)",
        )  # fmt: skip
        # How a process with workers starts each: a pipe that ends it, one to say ready, a socket if none can be shared.
        parser.add_argument("--worker", type=int, nargs=2, default=None, help=SUPPRESS)
        parser.add_argument("--inherit", type=int, default=None, help=SUPPRESS)

    def handle(self, *_args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        if not settings.RATE_LIMITS and not is_loopback(host):
            raise CommandError("CHATSITE_RATE_LIMITS=off is refused here: listen on loopback, or leave the limits on.")
        if workers > 1 and (problem := several_processes_problem()):
            raise CommandError(f"{problem.msg} {problem.hint}")
        _allow_many_files()
        if options["worker"] is not None:
            ending, ready = options["worker"]
            Thread(target=end_with, args=[ending], daemon=True).start()
            inherited = options["inherit"]
            listening = _listen(host, port, shared=True) if inherited is None else socket.socket(fileno=inherited)
            self._serve(host, port, listening, lambda: tell_ready(ready))
        only_one = self._claim_data()
        listening = _bind(host, port, shared=True) if workers > 1 else _listen(host, port)
        if workers > 1 and not SHARES_PORT:
            listening.listen(BACKLOG)
        address = f"http://{shown_host(host)}:{listening.getsockname()[1]}"
        if workers > 1:
            Workers(workers, host, listening, SHUTDOWN_SECONDS).run(
                lambda: self._greet(address, host), self.stderr.write
            )
        else:
            self._greet(address, host)
            self._serve(host, port, listening)
        del only_one

    def _serve(
        self, host: str, port: int, listening: socket.socket, ready: Callable[[], None] = lambda: None
    ) -> NoReturn:
        try:
            _Server(_config(host, port), ready).run(sockets=[listening])
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        self.stdout.flush()
        # Not by way of the interpreter's end, which waits for threads that may wait for a database that hangs.
        os._exit(0)

    def _claim_data(self) -> IO[str] | None:
        """Keep a second server off the same SQLite file: neither would hear what is said at the other."""
        if settings.REDIS_URL or sys.platform == "win32":
            return None
        claim = (settings.DATA / "serving").open("a+")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError(
                f"The site in {settings.DATA} is being served already. Stop that server first, or choose another "
                "folder by CHATSITE_DATA. Several processes need REDIS_URL and DATABASE_URL (docs/operations.md)."
            ) from None
        return claim

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
        # This thread has no more use for the database; an open connection would keep SQLite's log apart at the end.
        connections.close_all()


class _Server(uvicorn.Server):
    """Uvicorn's server, which says when it serves, and takes leave of everyone before it closes their sockets."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

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


def _listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    listening = _bind(host, port, shared=shared)
    listening.listen(BACKLOG)
    return listening


def _bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Return a socket that is bound and does not listen yet. `shared`: others of this user may bind there too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared and SHARES_PORT:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if sys.platform == "linux":
        # Inherited by what is accepted. A peer that stopped reading would stay for ever: a close waits for it too.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MILLISECONDS)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}. PORT=… chooses another.") from None
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
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        backlog=BACKLOG,
    )
