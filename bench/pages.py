"""Pages as Lighthouse finds them: on a slow line, with a phone of the middle class.

That phone Lighthouse makes of a fast desk machine, by taking each task for four times as long. On another machine it
has to be told by how much (its docs/throttling.md, "Calibrating the CPU slowdown"): visits here are in pairs, the first
by the default, from which comes what the machine is worth at that moment, and the second by what follows from that.
"""

import json
import os
import shutil
import statistics
from bisect import bisect
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from bench.client import LoadError
from bench.finding import Finding
from bench.servers import HERE, CannotStart, Server, free_port, install_packages, ours, run
from tests.browser import ARGUMENTS, chromium

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
GOAL = 95
ROUNDS = 3
SECONDS = 120.0
DEFAULT = 4.0
SLOWDOWNS = ((150.0, 1.0), (800.0, 2.0), (1300.0, 3.0), (2000.0, 6.0))
"""How many times as long a task takes on that phone, by Lighthouse's index of the machine: points on straight lines,
from the calculator that its documentation names (lighthouse-cpu-throttling-calculator.vercel.app)."""


def pages(folder: Path, say: Callable[[str], None]) -> list[Finding]:
    """The card by which one comes in, and a room with a page of messages: the least of the four scores of each."""
    node = shutil.which("node")
    if node is None:
        raise CannotStart("there is no node on this machine")
    install_packages("lighthouse")
    findings = []
    with ours(folder / "data", 20, messages=60) as server:
        cookies, room = _come_in(server)
        site = f"http://127.0.0.1:{server.port}"
        visits: list[tuple[str, str, dict[str, str]]]
        visits = [("the sign-in page", "/", {}), ("a room", f"/rooms/{room}/", cookies)]
        for name, path, theirs in visits:
            by_default, found = [], []
            for _ in range(ROUNDS):
                by_default.append(_scores(node, site + path, theirs, folder, DEFAULT))
                found.append(_scores(node, site + path, theirs, folder, slowdown(by_default[-1]["index"])))
            scores = {category: [one[category] for one in found] for category in CATEGORIES}
            medians = {category: statistics.median(values) for category, values in scores.items()}
            first = [f"{one['performance']:.0f} ({one['index']:.0f})" for one in by_default]
            say(f"{name}: {medians}; performance by default, with the machine's index: {', '.join(first)}")
            value = ", ".join(f"{category} {round(score)}" for category, score in medians.items())
            value += f" (performance by the default of {DEFAULT:.0f} x, at an index of the machine: {', '.join(first)})"
            is_met = min(medians.values()) >= GOAL
            findings.append(Finding(f"Lighthouse: {name}", f"≥ {GOAL}", value, is_met, scores, "of 100"))
    return findings


def slowdown(index: float) -> float:
    """How many times as long a task takes on a phone of the middle class as on a machine of that index."""
    if index <= SLOWDOWNS[0][0]:
        return SLOWDOWNS[0][1]
    at = min(bisect(SLOWDOWNS, (index,)), len(SLOWDOWNS) - 1)
    (low, least), (high, most) = SLOWDOWNS[at - 1 : at + 1]
    return least + (most - least) * (index - low) / (high - low)


def _come_in(server: Server) -> tuple[dict[str, str], int]:
    """Come in as a guest, into the room "bench"; return what a browser would have for cookies, and the room's id."""
    site = f"http://127.0.0.1:{server.port}"
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=30)) as line:

        def call(method: str, path: str, body: Any = None, **headers: str) -> tuple[Any, dict[str, str]]:
            sent = {"Content-Type": "application/json", "Origin": site} | headers
            line.request(method, f"/api/v1/{path}", body=json.dumps(body) if body else None, headers=sent)
            with line.getresponse() as answer:
                text = answer.read()
                if answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
                    raise LoadError(f"{path}: {answer.status} {text[:200]!r}")
                cookies = [value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") or ()]
            return json.loads(text), dict(cookie.split("=", 1) for cookie in cookies)

        _guest, cookies = call("POST", "guests/", {"nickname": "Lighthouse"})
        mine = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        rooms, _cookies = call("GET", "rooms/directory/", **mine)
        room = next(int(room["id"]) for room in rooms["rooms"] if room["name"] == "bench")
        call("POST", f"rooms/{room}/join/", **mine, **{"X-CSRFToken": cookies["csrftoken"]})
    return cookies, room


def _scores(node: str, url: str, cookies: dict[str, str], folder: Path, times: float) -> dict[str, float]:
    """Return the scores of one visit, of 100, by category, and the "index" of the machine. Tasks take `times` as long.

    The browser holds the cookies: as headers of Lighthouse they would be missing from what is asked for last.
    """
    report, port = folder / "lighthouse.json", free_port()
    arguments = [*ARGUMENTS, f"--remote-debugging-port={port}"]
    with sync_playwright() as playwright, TemporaryDirectory(dir=folder) as profile:
        browser = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium(playwright), args=arguments, no_viewport=True
        )
        with closing(browser):
            host = urlsplit(url).hostname
            browser.add_cookies(
                [{"name": name, "value": value, "domain": host, "path": "/"} for name, value in cookies.items()]
            )
            run(
                [
                    node, str(HERE / "node_modules" / "lighthouse" / "cli" / "index.js"), url, "--quiet",
                    "--output=json", f"--output-path={report}", f"--only-categories={','.join(CATEGORIES)}",
                    f"--port={port}", "--disable-storage-reset", f"--throttling.cpuSlowdownMultiplier={times:.2f}",
                ],
                os.environ, SECONDS,
            )  # fmt: skip
    found = json.loads(report.read_text())
    scores = {category: found["categories"][category]["score"] * 100 for category in CATEGORIES}
    return scores | {"index": found["environment"]["benchmarkIndex"]}
