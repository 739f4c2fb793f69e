"""Browsers: one for each worker, and in it a context for each person.

One server, shared: make people and rooms of your own.
"""

import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from tests.browser import launch
from tests.client import Person, arrive
from tests.pages.visitor import Visitor, new_visitor
from tests.servers import Site, Template

PATIENCE = 15_000
"""Milliseconds after which something expected counts as missing, on a machine that is busy."""
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
LANGUAGE = "en-US"
POLLED = ("test_talking", "test_message_actions", "test_writing")
"""What is tried twice: over sockets, and where sockets are blocked (CHATSITE_TEST_POLL=1 tries all so)."""
NO_SOCKETS = """
window.WebSocket = class {
  static OPEN = 1;
  readyState = 0;
  constructor() { setTimeout(() => { this.readyState = 3; this.onerror?.({}); this.onclose?.({ code: 1006 }); }, 50); }
  send() {}
  close() {}
};
"""
Visit = Callable[..., Awaitable[Visitor]]
_numbers = itertools.count(101)

expect.set_options(timeout=PATIENCE)


def unlike_others(name: str) -> str:
    """Return a nickname that nobody has on this worker's server, though the test may run twice."""
    return f"{name}{next(_numbers)}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try some modules over both lines."""
    if "line" in metafunc.fixturenames:
        both = metafunc.module.__name__.rpartition(".")[2] in POLLED
        if os.environ.get("CHATSITE_TEST_POLL"):
            both = True
        if metafunc.definition.get_closest_marker("over_sockets"):
            both = False
        metafunc.parametrize("line", ["sockets", "polls"] if both else ["sockets"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser belongs to the event loop it was started on: all tests here run on the session's."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser of this worker."""
    async with async_playwright() as playwright:
        browser = await launch(playwright, os.environ.get("CHATSITE_BROWSER", "chromium"))
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def site(site_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running server that these tests share. Its log must stay clean."""
    site = Site(tmp_path_factory.mktemp("pages"), site_template, "sqlite", CHATSITE_RATE_LIMITS="off").start()
    yield site
    site.stop()
    site.check_log()


@pytest.fixture
def patience() -> int:
    """Milliseconds that pages have for what is expected of them."""
    return PATIENCE


@pytest_asyncio.fixture(loop_scope="session")
async def new_context(
    browser: Browser, line: str, patience: int
) -> AsyncIterator[Callable[..., Awaitable[BrowserContext]]]:
    """A factory of browsers' memories, as fresh as from the shop."""
    contexts: list[BrowserContext] = []

    async def make(**options: Any) -> BrowserContext:
        # A service worker would hide requests from those who watch or route them (test_app.py has one).
        ordinary = {"viewport": DESK, "locale": LANGUAGE, "timezone_id": "UTC", "service_workers": "block"}
        if browser.browser_type.name == "firefox":
            # What it cannot be told yet over WebDriver BiDi.
            del ordinary["service_workers"]
            ordinary |= dict.fromkeys(("color_scheme", "reduced_motion", "forced_colors", "contrast"), "null")
        options = ordinary | options
        contexts.append(await browser.new_context(**options))
        contexts[-1].set_default_timeout(patience)
        if line == "polls":
            await contexts[-1].add_init_script(NO_SOCKETS)
        return contexts[-1]

    yield make
    for context in contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_tab(new_context: Callable[..., Awaitable[BrowserContext]], site: Site) -> AsyncIterator[Visit]:
    """A factory of tabs of people who have not come in yet: `await open_tab()`. No tab may have had any trouble."""
    visitors: list[Visitor] = []

    async def make(
        server: Site | None = None, context: BrowserContext | None = None, script: str = "", **options: Any
    ) -> Visitor:
        context = context or await new_context(**options)
        if script:
            await context.add_init_script(script)
        visitors.append(await new_visitor(context, server or site))
        return visitors[-1]

    yield make
    for visitor in visitors:
        assert not visitor.troubles, f"in the browser of {visitor.nickname or 'someone'}: {visitor.troubles}"


@pytest_asyncio.fixture(loop_scope="session")
async def visit(open_tab: Visit) -> Visit:
    """A factory of people who have come in: `await visit("Ann", room=room, locale="zh-CN")`."""

    async def come(
        name: str, room: int | None = None, path: str | None = None, exactly: bool = False, **options: Any
    ) -> Visitor:
        visitor = await open_tab(**options)
        visitor.nickname = name if exactly else unlike_others(name)
        response = await visitor.context.request.post(
            f"{visitor.site.url}/api/v1/guests/",
            data={"nickname": visitor.nickname},
            headers={"Origin": visitor.site.url},
        )
        assert response.status == 201, await response.text()
        visitor.user = (await response.json())["user"]["id"]
        if room is not None:
            await visitor.api("POST", f"rooms/{room}/join/")
        await visitor.open(path or (f"/rooms/{room}/" if room else "/"))
        return visitor

    return come


@pytest_asyncio.fixture(loop_scope="session")
async def newcomer(site: Site) -> AsyncIterator[Callable[..., Awaitable[Person]]]:
    """A factory of people without a browser, who speak REST: `await newcomer("Mia")`."""
    people: list[Person] = []

    async def come(name: str, server: Site | None = None) -> Person:
        people.append(await arrive(server or site, f"{name}{next(_numbers)}"))
        return people[-1]

    yield come
    for person in people:
        await person.leave_site()


@pytest_asyncio.fixture(loop_scope="session")
async def mia(newcomer: Callable[..., Awaitable[Person]]) -> Person:
    """The owner of `room`, who is in no browser."""
    return await newcomer("Mia")


@pytest_asyncio.fixture(loop_scope="session")
async def room(mia: Person) -> int:
    """The id of a public room that nobody has written in."""
    return await mia.make_room("public", f"Kitchen {next(_numbers)}")
