"""Pages as Lighthouse finds them, by its own default: a phone of the middle class on a slow line."""

import json
import os
import shutil
import statistics
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import SetCookieParam, sync_playwright

from bench.client import LoadError
from bench.finding import Finding
from bench.servers import HERE, CannotStart, Server, free_port, install_packages, ours, run
from tests.browser import ARGUMENTS, chromium

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
GOAL = 95
ROUNDS = 3
SECONDS = 120.0


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
        held: list[SetCookieParam] = [{"name": name, "value": value, "url": site} for name, value in cookies.items()]
        visits: list[tuple[str, str, list[SetCookieParam]]]
        visits = [("the sign-in page", "/", []), ("a room", f"/rooms/{room}/", held)]
        for name, path, theirs in visits:
            found = [_scores(node, site + path, theirs, folder) for _ in range(ROUNDS)]
            scores = {category: [one[category] for one in found] for category in CATEGORIES}
            medians = {category: statistics.median(values) for category, values in scores.items()}
            say(f"{name}: {medians}")
            value = ", ".join(f"{category} {round(score)}" for category, score in medians.items())
            is_met = min(medians.values()) >= GOAL
            findings.append(Finding(f"Lighthouse: {name}", f"≥ {GOAL}", value, is_met, scores, "of 100"))
    return findings


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


def _scores(node: str, url: str, cookies: list[SetCookieParam], folder: Path) -> dict[str, float]:
    """Return the scores of one visit, of 100, by category.

    The browser holds the cookies: as headers of Lighthouse they would be missing from what is asked for last.
    """
    report, port = folder / "lighthouse.json", free_port()
    arguments = [*ARGUMENTS, f"--remote-debugging-port={port}"]
    with sync_playwright() as playwright, TemporaryDirectory(dir=folder) as profile:
        browser = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium(playwright), args=arguments, no_viewport=True
        )
        with closing(browser):
            browser.add_cookies(cookies)
            run(
                [
                    node, str(HERE / "node_modules" / "lighthouse" / "cli" / "index.js"), url, "--quiet",
                    "--output=json", f"--output-path={report}", f"--only-categories={','.join(CATEGORIES)}",
                    f"--port={port}", "--disable-storage-reset",
                ],
                os.environ, SECONDS,
            )  # fmt: skip
    found = json.loads(report.read_text())["categories"]
    return {category: found[category]["score"] * 100 for category in CATEGORIES}
