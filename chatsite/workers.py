"""Several server processes on one machine, watched by the one that started them."""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from types import FrameType

from prometheus_client.multiprocess import mark_process_dead

RESTART_SECONDS = 1.0
"""At most one start a place in that time: a worker that ends at once is not started in a frenzy."""
CHECK_SECONDS = 0.2
SPARE_SECONDS = 5.0


class Workers:
    """Runs `count` times `manage.py serve` on one address, and starts anew what ends.

    On Linux each listens for itself and the kernel shares connections out evenly (SO_REUSEPORT); elsewhere they accept
    from one socket that they inherit. Each ends when this process does, however that comes about: it reads from a
    pipe that closes then. Through another it says that it is ready.
    """

    def __init__(self, count: int, host: str, listening: socket.socket, stop_seconds: float) -> None:
        self._count = count
        self._host = host
        self._listening = listening
        self._stop_seconds = stop_seconds
        self._watched, self._held = os.pipe()
        self._heard, self._told = os.pipe()
        self._metrics = tempfile.mkdtemp(prefix="chatsite-metrics-")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._started: list[float] = []
        self._is_stopping = False

    def run(self, greet: Callable[[], None], say: Callable[[str], None]) -> None:
        """Serve until SIGTERM or SIGINT, then stop all and return.

        `greet` is called once all are ready for the first time. `say` takes a line for the operator.
        """
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        for _place in range(self._count):
            self._processes.append(self._start())
            self._started.append(time.monotonic())
        self._wait_until_ready(greet, say)
        while not self._is_stopping:
            time.sleep(CHECK_SECONDS)
            self._replace_ended(say)
        self._stop_all()

    def _wait_until_ready(self, greet: Callable[[], None], say: Callable[[str], None]) -> None:
        ready = 0
        while not self._is_stopping and ready < self._count:
            if select.select([self._heard], [], [], CHECK_SECONDS)[0]:
                ready += len(os.read(self._heard, self._count))
            self._replace_ended(say)
        if not self._is_stopping:
            greet()

    def _start(self) -> subprocess.Popen[bytes]:
        descriptor = self._listening.fileno()
        command = [
            sys.executable, sys.argv[0], "serve", "--host", self._host,
            "--port", str(self._listening.getsockname()[1]), "--worker", str(self._watched), str(self._told),
        ]  # fmt: skip
        if not SHARES_PORT:
            command += ["--inherit", str(descriptor)]
        # Where the workers keep their counts, so that each of them can tell the sums (/metrics).
        environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": self._metrics}
        kept = (self._watched, self._told) + (() if SHARES_PORT else (descriptor,))
        # In a group of its own: Ctrl+C reaches this process alone, which passes it on once.
        return subprocess.Popen(command, env=environment, pass_fds=kept, start_new_session=True)  # noqa: S603 - our own

    def _replace_ended(self, say: Callable[[str], None]) -> None:
        for place, process in enumerate(self._processes):
            if process.poll() is None or time.monotonic() - self._started[place] < RESTART_SECONDS:
                continue
            mark_process_dead(process.pid, self._metrics)  # type: ignore[no-untyped-call]
            say(f"Worker {place} ended with {process.returncode}; starting it again")
            self._processes[place] = self._start()
            self._started[place] = time.monotonic()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _stop_all(self) -> None:
        for process in self._processes:
            process.terminate()
        until = time.monotonic() + self._stop_seconds + SPARE_SECONDS
        for process in self._processes:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self._metrics, ignore_errors=True)


SHARES_PORT = sys.platform == "linux"


def tell_ready(descriptor: int) -> None:
    """Say to the process that started this one that it serves."""
    os.write(descriptor, b".")


def end_with(descriptor: int) -> None:
    """Wait until the other end of a pipe is closed, then ask this process to stop. For a thread of its own."""
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)
