"""What is measured in which order: the servers in turns, so that whatever else the machine does meets them all."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.client import LoadError, Sample, Target
from bench.goals import ALL, Finding, findings_of
from bench.machine import seconds_to_store
from bench.servers import CannotStart, Server, bare_loop, node_ws, ours
from bench.workers import Crew, crew

HEADLINE = 16
CHECK_REPEATS = 3
PAUSE = 0.1


@dataclass(frozen=True)
class Options:
    """How much is measured. Times in seconds."""

    seconds: float = 1.5
    warm_up: float = 0.5
    repeats: int = 5
    sockets: int = 200
    senders: int = 20
    in_flight: tuple[int, ...] = (1, 4, 16, 64)
    only: tuple[str, ...] = ()
    goals: tuple[str, ...] = tuple(ALL)
    limit: float = 210.0
    """After which no further round begins, as on a machine that is busy."""


@dataclass(frozen=True)
class Run:
    """One window of one server. Latencies in milliseconds, shares in cores."""

    server: str
    in_flight: int
    repeat: int
    client_processes: int
    deliveries_per_second: float
    messages_per_second: float
    p50: float
    p99: float
    server_microseconds_per_delivery: float
    server_share: float
    client_share: float
    bytes_per_delivery: float


@dataclass
class Results:
    """All windows, and what was left out and why."""

    options: Options
    store_milliseconds: float = 0.0
    runs: list[Run] = field(default_factory=list)
    check_runs: list[Run] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)


class Bench:
    """One `make bench`. `say` takes each line of progress."""

    def __init__(self, options: Options, say: Callable[[str], None]) -> None:
        self.options = options
        self.say = say
        self.results = Results(options)

    def run(self) -> Results:
        """Measure everything; raise CannotStart if the site itself does not start."""
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
            self.results.store_milliseconds = seconds_to_store(Path(folder)) * 1000
            servers = self._start(Path(folder), stack)
            self._measure_in_turns(servers)
            self._check_client([server for server in servers if server.name in {"ours", "ws"}])
        self._measure_goals()
        return self.results

    def _measure_goals(self) -> None:
        """Measure what has servers of its own, one after the other; what cannot be is left out with a word."""
        for name in self.options.goals:
            self.say(f"{name} ...")
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                try:
                    self.results.findings += findings_of(name, Path(folder) / "data", self.say)
                except (CannotStart, LoadError, OSError, TimeoutError) as error:
                    self.results.left_out[name] = f"{type(error).__name__}: {error}"
                    self.say(f"{name} is left out: {error}")

    def _start(self, folder: Path, stack: ExitStack) -> list[Server]:
        self.say("starting the servers ...")
        site = stack.enter_context(ours(folder, self.options.sockets))
        size = self._event_size(site)
        servers = [site]
        starts: dict[str, Callable[[], AbstractContextManager[Server]]] = {
            "ws": node_ws,
            "bare, gathered": lambda: bare_loop(size, gathers=True),
            "bare, single": lambda: bare_loop(size, gathers=False),
        }
        for name, start in starts.items():
            if self.options.only and name not in self.options.only:
                self.results.left_out[name] = "not asked for"
                continue
            try:
                servers.append(stack.enter_context(start()))
            except CannotStart as error:
                self.results.left_out[name] = str(error)
                self.say(f"{name} is left out: {error}")
        return servers

    def _event_size(self, site: Server) -> int:
        with self._crew(site) as people:
            sample = people.measure(HEADLINE, 0.5, 0.5)
        return round(sample.received / max(1, sample.deliveries))

    def _measure_in_turns(self, servers: list[Server]) -> None:
        with ExitStack() as stack:
            crews = [(server, stack.enter_context(self._crew(server))) for server in servers]
            until = time.monotonic() + self.options.limit
            for repeat in range(self.options.repeats):
                if time.monotonic() > until:
                    self.results.left_out[f"rounds after {repeat}"] = "time was up"
                    break
                self._round(repeat, crews)

    def _round(self, repeat: int, crews: list[tuple[Server, Crew]]) -> None:
        for in_flight in self.options.in_flight:
            for server, people in crews:
                self.results.runs.append(self._window(server, people, in_flight, repeat))

    def _check_client(self, servers: list[Server]) -> None:
        """Measure with one and with two client processes by turns: were one the bottleneck, two would see more."""
        for repeat in range(min(CHECK_REPEATS, self.options.repeats)):
            for server in servers:
                for processes in (1, 2):
                    with self._crew(server, processes) as people:
                        run = self._window(server, people, HEADLINE, repeat, processes)
                    self.results.check_runs.append(run)

    def _window(self, server: Server, people: Crew, in_flight: int, repeat: int, processes: int = 1) -> Run:
        time.sleep(PAUSE)
        sample = people.measure(in_flight, self.options.warm_up, self.options.seconds)
        run = _run(server.name, in_flight, repeat, processes, sample)
        self.say(
            f"{repeat + 1}/{self.options.repeats} {in_flight:3} in flight, {processes} client: {server.name:15}"
            f"{run.deliveries_per_second:12,.0f}/s  p50 {run.p50:7.2f} ms  p99 {run.p99:7.2f} ms"
            f"  server {run.server_share:4.0%}  client {run.client_share:4.0%}"
        )
        return run

    @contextmanager
    def _crew(self, server: Server, processes: int = 1) -> Iterator[Crew]:
        options = self.options
        target = Target(
            port=server.port,
            path=server.path,
            pid=server.pid,
            speaks_protocol=server.speaks_protocol,
            tokens=server.tokens,
            sockets=options.sockets,
            room_sockets=options.sockets,
            senders=range(options.senders),
        )
        with crew(target, processes) as people:
            yield people


def _run(server: str, in_flight: int, repeat: int, processes: int, sample: Sample) -> Run:
    cuts = statistics.quantiles(sample.latencies, n=100) if len(sample.latencies) > 1 else [0.0] * 99
    deliveries = max(1, sample.deliveries)
    return Run(
        server=server,
        in_flight=in_flight,
        repeat=repeat,
        client_processes=processes,
        deliveries_per_second=sample.deliveries / sample.seconds,
        messages_per_second=sample.messages / sample.seconds,
        p50=cuts[49] * 1000,
        p99=cuts[98] * 1000,
        server_microseconds_per_delivery=sample.server_cpu / deliveries * 1e6,
        server_share=sample.server_cpu / sample.seconds,
        client_share=sample.client_cpu / sample.seconds,
        bytes_per_delivery=sample.received / deliveries,
    )
