"""Starts what is measured, each on a free port of the loopback interface, and stops it again."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from tests.servers import Postgres, Redis

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
START_SECONDS = 30.0
STOP_SECONDS = 10.0
INSTALL_SECONDS = 90.0
SEED_SECONDS = 900.0
_MANAGE = [sys.executable, str(PROJECT / "manage.py")]
_OURS_ALONE = ("DATABASE_URL", "REDIS_URL", "HOST", "PORT", "CHATSITE_DEBUG", "CHATSITE_HOSTS", "CHATSITE_ORIGINS")


class CannotStart(Exception):
    """A server that is left out, and why."""


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    name: str
    port: int
    pid: int
    path: str = "/"
    speaks_protocol: bool = False
    tokens: list[str] = field(default_factory=list, repr=False)
    dialect: str = "plain"
    pids: tuple[int, ...] = ()
    """All its processes, where there are several."""


@contextmanager
def ours(data: Path, users: int, rooms: int = 1, messages: int = 0, *, search: bool = False) -> Iterator[Server]:
    """The site as `make run` serves it, with a new database in `data` and `users` members in the room "bench".

    With several `rooms` the users are spread over them. `search`: all messages are in the search index.
    """
    environment = _environment(data)
    tokens = _seed(environment, users, rooms, messages, varied=search)
    if search:
        environment["CHATSITE_SEARCH"] = "on"
        run([*_MANAGE, "index_messages"], environment, SEED_SECONDS)
    with _serving(environment, tokens) as server:
        yield server


@dataclass(frozen=True)
class Grown:
    """Servers that are one site."""

    servers: list[Server]
    tokens: list[str] = field(repr=False)


@contextmanager
def ours_grown(data: Path, users: int, processes: int, rooms: int = 1, *, redis: bool = True) -> Iterator[Grown]:
    """The site as several processes over PostgreSQL and Redis, as tests start those; each listens for itself."""
    postgres, broker = Postgres(durable=True), Redis() if redis else None
    try:
        postgres.create("bench")
        environment = _environment(data) | {"DATABASE_URL": postgres.url("bench")}
        environment |= {"REDIS_URL": broker.url} if broker else {}
        tokens = _seed(environment, users, rooms, 0)
        with ExitStack() as stack:
            servers = [stack.enter_context(_serving(environment, [])) for _ in range(processes)]
            yield Grown(servers, tokens)
    finally:
        postgres.stop()
        if broker:
            broker.stop()


def _environment(data: Path) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _OURS_ALONE}
    # Messages are indexed for the search when nobody talks, which here would be while the others are measured.
    return environment | {
        "CHATSITE_DATA": str(data),
        "CHATSITE_RATE_LIMITS": "off",
        "CHATSITE_DEBUG": "0",
        "CHATSITE_SEARCH": "off",
    }


def _seed(environment: Mapping[str, str], users: int, rooms: int, messages: int, *, varied: bool = False) -> list[str]:
    run([*_MANAGE, "prepare"], environment)
    options = ["--users", str(users), "--room", "bench", "--rooms", str(rooms), "--messages", str(messages)]
    options += ["--varied"] if varied else []
    tokens = run([*_MANAGE, "seed_load", *options], environment, SEED_SECONDS).split()
    if len(tokens) != users:
        raise CannotStart(f"seed_load gave {len(tokens)} tokens for {users} users")
    return tokens


@contextmanager
def _serving(environment: Mapping[str, str], tokens: list[str]) -> Iterator[Server]:
    port = free_port()
    with _running([*_MANAGE, "serve", "--host", "127.0.0.1", "--port", str(port)], port, environment) as pid:
        yield Server("ours", port, pid, "/ws/chat/", speaks_protocol=True, tokens=tokens)


@contextmanager
def node_ws() -> Iterator[Server]:
    """The broadcast loop of Node's `ws`. Raises CannotStart where there is no Node or the package cannot be had."""
    node = shutil.which("node")
    if node is None:
        raise CannotStart("there is no node on this machine")
    install_packages("ws")
    port = free_port()
    with _running([node, str(HERE / "peers" / "ws.js"), str(port)], port) as pid:
        yield Server("ws", port, pid)


@contextmanager
def socket_io() -> Iterator[Server]:
    """The broadcast loop of Socket.IO. Raises CannotStart as `node_ws`."""
    node = shutil.which("node")
    if node is None:
        raise CannotStart("there is no node on this machine")
    install_packages("socket.io")
    port = free_port()
    with _running([node, str(HERE / "peers" / "socketio.js"), str(port)], port) as pid:
        yield Server("socket.io", port, pid, "/socket.io/?EIO=4&transport=websocket", dialect="socket.io")


@contextmanager
def tutorial(server: str) -> Iterator[Server]:
    """The first chat room of a newcomer to Channels, on `daphne` or `uvicorn`."""
    port = free_port()
    with _running([sys.executable, "-m", "bench.peers.tutorial", server, str(port)], port) as pid:
        yield Server(f"tutorial, {server}", port, pid)


@contextmanager
def bare_loop(event_bytes: int, *, gathers: bool) -> Iterator[Server]:
    """The least that can be done for a message (see bench.bare_loop), with events of our size.

    `gathers`: all that is ready goes out in one send a receiver, and not each message in one of its own.
    """
    port = free_port()
    command = [sys.executable, "-m", "bench.bare_loop", str(port), str(event_bytes), "gather" if gathers else "single"]
    with _running(command, port) as pid:
        yield Server("bare, gathered" if gathers else "bare, single", port, pid)


def versions() -> dict[str, str]:
    """Return the versions of what was measured."""
    found = {name: version(name) for name in ("Django", "channels", "uvicorn", "uvloop", "websockets", "msgspec")}
    found["Python"] = sys.version.split()[0]
    node = shutil.which("node")
    if node:
        found["Node"] = run([node, "--version"]).strip().removeprefix("v")
        for name in ("ws", "socket.io"):
            package = HERE / "node_modules" / name / "package.json"
            if package.exists():
                found[name] = run([node, "-p", "require(process.argv[1]).version", str(package)]).strip()
    return found


def install_packages(*names: str) -> None:
    """Have these of `package.json` on this machine. Raises CannotStart if they cannot be had."""
    if all((HERE / "node_modules" / name).exists() for name in names):
        return
    npm = shutil.which("npm")
    if npm is None:
        raise CannotStart("there is no npm on this machine")
    run([npm, "install", "--prefix", str(HERE), "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"])


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, seconds: float = INSTALL_SECONDS) -> str:
    """Run a program to its end and return what it printed. Raises CannotStart if it fails, or takes over `seconds`."""
    try:
        done = subprocess.run(
            command, env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise CannotStart(f"{Path(command[0]).name} took over {seconds:.0f} s") from None
    if done.returncode:
        raise CannotStart(f"{' '.join(command[1:3])} failed: {done.stderr.strip()[-800:]}")
    return done.stdout


@contextmanager
def _running(command: Sequence[str], port: int, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    process = subprocess.Popen(
        command, env=environment, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        _wait_until_listening(process, port)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise CannotStart(f"it ended at once, with {process.returncode}")
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise CannotStart(f"it did not listen within {START_SECONDS:.0f} s")


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
