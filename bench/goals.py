"""What is measured once, for one goal each: crowds, a steady pace, two processes, sends, memory, long histories.

Each function starts what it compares, drives it in turns, and returns a `Finding`.
"""

import asyncio
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import uvloop
from websockets.asyncio.client import connect

from bench.client import LoadError, Sample, Target, allow_many_sockets
from bench.finding import Finding, at_least, at_most
from bench.machine import memory_bytes
from bench.pages import pages
from bench.sends import count_sends
from bench.servers import Grown, Server, node_ws, ours, ours_grown, socket_io, tutorial
from bench.workers import Crew, crew, crew_of

CROWD = 2_000
PACED = 1_000
MANY = 10_000
LONG = 1_000_000
QUERIES = (
    "message", "colour3", "river50", "stone77", "colour3 river50 stone77", "colour1 colour2", "777777", "天气",
    "col riv", "load in:bench", "river7 before:2020-01-01", '"colour3 river50"', "stone1 has:link",
)  # fmt: skip
"""Words of all messages, of some, of one and of none; beginnings, Chinese, phrases, filters."""
Say = Callable[[str], None]
Peers = dict[str, AbstractContextManager[Server]]


def target_of(server: Server, sockets: int, senders: int = 20, **options: float) -> Target:
    """Return how a server is driven by `sockets` in one room."""
    return Target(
        port=server.port, path=server.path, pid=server.pid, speaks_protocol=server.speaks_protocol,
        tokens=server.tokens[:sockets], sockets=sockets, room_sockets=sockets, senders=range(senders),
        dialect=server.dialect, **options,
    )  # fmt: skip


def peers(folder: Path, say: Say) -> list[Finding]:
    """200 sockets, 16 in flight: ours beside Socket.IO and the tutorial."""
    found = _beside(folder, 200, {"socket.io": socket_io(), **_tutorials()}, 3, 1.5, say)
    mine = found["ours"]
    return [
        at_least("200 sockets, 16 in flight, beside Socket.IO", 4, mine, found["socket.io"], found),
        *(
            at_least(f"200 sockets, 16 in flight, beside the {name}", 50, mine, found[name], found)
            for name in found if name.startswith("tutorial")
        ),
    ]  # fmt: skip


def crowd(folder: Path, say: Say) -> list[Finding]:
    """2,000 sockets, 16 in flight: ours beside `ws` and the tutorial."""
    found = _beside(folder, CROWD, {"ws": node_ws()}, 3, 2.0, say)
    # A round of the tutorial's takes many seconds, so it has one window of its own, with one message in flight.
    for name, server in _tutorials().items():
        with server as running, crew(target_of(running, CROWD, open_seconds=120, drain_seconds=120)) as people:
            sample = people.measure(1, 2.0, 10.0)
        found[name] = [sample.deliveries / sample.seconds]
        say(f"{name}: {found[name][0]:,.0f}/s")
    mine = found["ours"]
    return [
        at_least("2,000 sockets, 16 in flight, beside `ws`", 2, mine, found["ws"], found),
        *(
            at_least(f"2,000 sockets, 16 in flight, beside the {name}", 100, mine, found[name], found)
            for name in found if name.startswith("tutorial")
        ),
    ]  # fmt: skip


def pace(folder: Path, say: Say) -> list[Finding]:
    """1,000 sockets, 20 messages a second: p99 from send to receipt."""
    found: dict[str, list[float]] = {"ours": [], "ws": []}
    with ExitStack() as stack:
        servers = [stack.enter_context(ours(folder, PACED)), stack.enter_context(node_ws())]
        crews = [(server.name, stack.enter_context(crew(target_of(server, PACED)))) for server in servers]
        for _ in range(5):
            for name, people in crews:
                sample = people.pace(20, 1.0, 5.0)
                found[name].append(_percentile(sample, 99))
                say(f"{name}: p99 {found[name][-1]:.2f} ms")
    return [at_most("1,000 sockets, 20 messages/s: p99", 2, found["ours"], found["ws"], found, "ms")]


def two_processes(folder: Path, say: Say) -> list[Finding]:
    """Two processes over Redis and PostgreSQL, 200 sockets each: CPU time of the servers a delivery."""
    found: dict[str, list[float]] = {"one process": [], "two processes": []}
    with ExitStack() as stack:
        one = stack.enter_context(ours(folder / "one", 200))
        grown: Grown = stack.enter_context(ours_grown(folder / "two", 400, 2))
        alone = stack.enter_context(crew(target_of(one, 200)))
        both = stack.enter_context(crew_of(_halves(grown)))
        for _ in range(5):
            for name, people in (("one process", alone), ("two processes", both)):
                sample = people.measure(16, 0.5, 2.0)
                found[name].append(sample.server_cpu / max(1, sample.deliveries) * 1e6)
                say(f"{name}: {found[name][-1]:.2f} µs a delivery, {sample.deliveries / sample.seconds:,.0f}/s")
    name = "two processes over Redis and PostgreSQL: CPU time a delivery"
    return [at_most(name, 1.3, found["two processes"], found["one process"], found, "µs")]


def _halves(grown: Grown) -> list[Target]:
    return [
        Target(
            port=server.port, path=server.path, pid=server.pid, speaks_protocol=True,
            tokens=grown.tokens[number * 200 : (number + 1) * 200], sockets=200, room_sockets=400,
            senders=range(number * 10, (number + 1) * 10),
        )
        for number, server in enumerate(grown.servers)
    ]  # fmt: skip


def sends(folder: Path, say: Say) -> list[Finding]:
    """Acknowledged sends a second: one process, 100 rooms, 200 senders."""
    findings = []
    for name, goal, start in (
        ("SQLite", 5_000, lambda: ours(folder / "sqlite", 200, rooms=100)),
        ("PostgreSQL", 4_000, lambda: ours_grown(folder / "postgres", 200, 1, rooms=100, redis=False)),
    ):
        with start() as server:
            one = server.servers[0] if isinstance(server, Grown) else server
            rates = [uvloop.run(count_sends(one.port, one.path, server.tokens, 4.0)) for _ in range(5)]
        say(f"{name}: {statistics.median(rates):,.0f} sends/s")
        middle = statistics.median(rates)
        findings.append(
            Finding(
                f"acknowledged sends/s on {name}", f"≥ {goal:,}", f"{middle:,.0f}", middle >= goal,
                {name: rates}, "sends/s",
            )
        )  # fmt: skip
    return findings


def many(folder: Path, say: Say) -> list[Finding]:
    """10,000 signed-in sockets on one process: memory, and p99 at two messages a second."""
    allow_many_sockets()
    found: dict[str, list[float]] = {"ours": [], "ws": []}
    sizes: dict[str, float] = {}
    with ExitStack() as stack:
        for server in (stack.enter_context(ours(folder, MANY)), stack.enter_context(node_ws())):
            empty = memory_bytes(server.pid)
            began = time.monotonic()
            with crew(target_of(server, MANY, open_at_once=50, open_seconds=300, drain_seconds=60)) as people:
                took = time.monotonic() - began
                sizes[server.name] = (memory_bytes(server.pid) - empty) / MANY / 1024
                found[server.name] = [_percentile(people.pace(2, 2.0, 10.0), 99) for _ in range(3)]
            say(f"{server.name}: {took:.0f} s, {sizes[server.name]:.1f} KB each, p99 {found[server.name]} ms")
    return [
        Finding(
            "10,000 signed-in sockets: memory of each beyond the empty server", "≤ 25 KB",
            f"{sizes['ours']:.1f} KB (`ws` {sizes['ws']:.1f} KB)", sizes["ours"] <= 25,
            {name: [size] for name, size in sizes.items()}, "KB",
        ),
        at_most("10,000 sockets, 2 messages/s: p99", 2, found["ours"], found["ws"], found, "ms"),
    ]  # fmt: skip


def long_history(folder: Path, say: Say) -> list[Finding]:
    """History pages and resuming in a room of a million messages: p95 as a client sees it, the network included."""
    with ours(folder, 20, messages=LONG) as server:
        # One connection, as a browser keeps it: opening one each time would be a third of what is measured.
        with closing(HTTPConnection("127.0.0.1", server.port, timeout=30)) as line:
            room = _room_of(line, server)
            pages = sorted(_page_seconds(line, server, room) for _ in range(300))
        resumes = sorted(uvloop.run(_resume_seconds(server, room, 100)))
    findings = []
    for name, times in (("a history page", pages), ("a resume of 500 changes, each part", resumes)):
        slow = times[int(len(times) * 0.95)] * 1000
        say(f"{name}: p95 {slow:.2f} ms")
        rows = {name: [times[len(times) // 2] * 1000, slow]}
        findings.append(
            Finding(f"{name}, in a room of a million: p95", "≤ 10 ms", f"{slow:.2f} ms", slow <= 10, rows, "ms")
        )
    return findings


def searches(folder: Path, say: Say) -> list[Finding]:
    """Searching a million messages, each query of `QUERIES` 30 times: p95 as a client sees it."""
    with (
        ours(folder, 20, messages=LONG, search=True) as server,
        closing(HTTPConnection("127.0.0.1", server.port, timeout=30)) as line,
    ):
        took = {query: sorted(_search_seconds(line, server, query) for _ in range(30)) for query in QUERIES}
    rows = {query: [times[15] * 1000, times[28] * 1000] for query, times in took.items()}
    slowest = max(rows, key=lambda query: rows[query][1])
    slow = rows[slowest][1]
    say(f"search: p95 {slow:.1f} ms, of {slowest}")
    value = f"{slow:.1f} ms (“{slowest}”)"
    return [
        Finding("search in a million messages: p95 of the slowest query", "≤ 100 ms", value, slow <= 100, rows, "ms")
    ]


def _search_seconds(line: HTTPConnection, server: Server, query: str) -> float:
    began = time.perf_counter()
    _get(line, server, f"/api/v1/search/?q={quote(query)}")
    return time.perf_counter() - began


def _room_of(line: HTTPConnection, server: Server) -> int:
    rooms = json.loads(_get(line, server, "/api/v1/rooms/"))["rooms"]
    return int(next(room["id"] for room in rooms if room["name"] == "bench"))


def _get(line: HTTPConnection, server: Server, path: str) -> bytes:
    line.request("GET", path, headers={"Authorization": f"Bearer {server.tokens[0]}"})
    with line.getresponse() as answer:
        body = answer.read()
    if answer.status != HTTPStatus.OK:
        raise LoadError(f"{path}: {answer.status}")
    return body


def _page_seconds(line: HTTPConnection, server: Server, room: int) -> float:
    before = random.randint(100, LONG)
    began = time.perf_counter()
    _get(line, server, f"/api/v1/rooms/{room}/messages/?before={before}&limit=50")
    return time.perf_counter() - began


async def _resume_seconds(server: Server, room: int, times: int) -> list[float]:
    """Return how long each `room.synced` of a client that was 500 changes behind took to come."""
    headers = {"Authorization": f"Bearer {server.tokens[0]}"}
    address = f"ws://127.0.0.1:{server.port}{server.path}"
    seconds = []
    async with connect(address, additional_headers=headers, compression=None, proxy=None, max_size=None) as socket:
        await socket.send('{"type":"hello","protocol":1}')
        await socket.recv()
        for _ in range(times):
            since, more = LONG - 500, True
            while more:
                began = time.perf_counter()
                await socket.send(json.dumps({"type": "room.sync", "room": room, "since": since}))
                event = None
                while event is None:
                    event = next((e for e in json.loads(await socket.recv()) if e["type"] == "room.synced"), None)
                seconds.append(time.perf_counter() - began)
                since, more = event["upto"], event["more"]
            await asyncio.sleep(0)
    return seconds


def _tutorials() -> Peers:
    return {f"tutorial, {name}": tutorial(name) for name in ("daphne", "uvicorn")}


def _beside(folder: Path, sockets: int, others: Peers, rounds: int, seconds: float, say: Say) -> dict[str, list[float]]:
    """Return the deliveries a second of ours and others at 16 in flight, by turns."""
    found: dict[str, list[float]] = {}
    options = {"open_seconds": 120.0, "drain_seconds": 60.0}
    with ExitStack() as stack:
        servers = [stack.enter_context(ours(folder, sockets))]
        servers += [stack.enter_context(server) for server in others.values()]
        crews: list[tuple[str, Crew]] = [
            (server.name, stack.enter_context(crew(target_of(server, sockets, **options)))) for server in servers
        ]
        for _ in range(rounds):
            for name, people in crews:
                sample = people.measure(16, 1.0, seconds)
                found.setdefault(name, []).append(sample.deliveries / sample.seconds)
                say(f"{sockets} sockets, {name}: {found[name][-1]:,.0f}/s, p50 {_percentile(sample, 50):.1f} ms")
    return found


def _percentile(sample: Sample, percent: int) -> float:
    return statistics.quantiles(sample.latencies, n=100)[percent - 1] * 1000


ALL: dict[str, Callable[[Path, Say], list[Finding]]] = {
    "peers": peers,
    "crowd": crowd,
    "pace": pace,
    "two": two_processes,
    "sends": sends,
    "many": many,
    "history": long_history,
    "search": searches,
    "pages": pages,
}


def findings_of(name: str, folder: Path, say: Say) -> Iterator[Finding]:
    """Measure one of `ALL`."""
    folder.mkdir(parents=True, exist_ok=True)
    yield from ALL[name](folder, say)
