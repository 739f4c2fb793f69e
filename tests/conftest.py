"""The servers and the cast: ann (owner), bob (member), mia (moderator), gus (guest), eve (outsider), the bot rex."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client import Person, arrive
from tests.servers import KINDS, Site, Template

_numbers = itertools.count(1)
_REAL = ("rest", "wire", "faults", "pages")
"""Tests of real servers and browsers, which share the machine with whatever else runs on it."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where second chances are given (`--reruns`), tests of real servers get one whatever went wrong.

    Each is listed at the end of the run, and worth a look: `make soak`, and pytest by itself, give none.
    """
    if not config.getoption("reruns"):
        return
    here = Path(__file__).parent
    for item in items:
        if any(item.path.is_relative_to(here / folder) for folder in _REAL):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["."]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why a second chance was needed: pytest lists which tests, not what went wrong at first."""
    reports = terminalreporter.stats.get("rerun", [])
    if reports:
        terminalreporter.section("what went wrong at first")
    for report in reports:
        crash = getattr(report.longrepr, "reprcrash", None)
        said = f"{crash.path}:{crash.lineno}: {crash.message}" if crash else str(report.longrepr)
        terminalreporter.write_line(f"{report.nodeid} ({report.when})")
        terminalreporter.write_line("    " + " ".join(said.split())[:500])


@pytest.fixture(scope="session")
def site_template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Template]:
    """What sites start from. Its files are shared by all workers."""
    base = tmp_path_factory.getbasetemp()
    template = Template((base if worker_id == "master" else base.parent) / "site-template")
    yield template
    template.stop()


@pytest.fixture(scope="session")
def shared_sites(site_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    """The servers that ordinary tests share, by kind of database; empty at first. Their logs must stay clean."""
    sites: dict[str, Site] = {}
    yield sites
    for site in sites.values():
        site.stop()
    for site in sites.values():
        site.check_log()


@pytest.fixture(params=KINDS)
def server(
    request: pytest.FixtureRequest,
    shared_sites: dict[str, Site],
    site_template: Template,
    tmp_path_factory: pytest.TempPathFactory,
) -> Site:
    """A running server without rate limits, shared with other tests: make people and rooms of your own."""
    kind = request.param
    if kind not in shared_sites:
        data = tmp_path_factory.mktemp(kind)
        shared_sites[kind] = Site(data, site_template, kind, CHATSITE_RATE_LIMITS="off").start()
    return shared_sites[kind]


@pytest.fixture
def fresh_server(site_template: Template, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """A factory of servers of a test's own: `fresh_server("sqlite", CHATSITE_RATE_LIMITS="on")`."""
    sites: list[Site] = []

    def make(kind: str = "sqlite", **variables: str) -> Site:
        data = tmp_path / f"{kind}{next(_numbers)}-{tmp_path.name}"
        sites.append(Site(data, site_template, kind, **{"CHATSITE_RATE_LIMITS": "off"} | variables))
        return sites[-1].start()

    yield make
    for site in sites:
        site.stop()


@pytest.fixture
async def newcomer(request: pytest.FixtureRequest) -> AsyncIterator[Callable[..., Awaitable[Person]]]:
    """A factory of guests: `await newcomer("ann")`, or of another site `await newcomer("ann", site)`."""
    people: list[Person] = []

    async def come(name: str, site: Site | None = None) -> Person:
        site = site or request.getfixturevalue("server")
        people.append(await arrive(site, f"{name}{next(_numbers)}"))
        return people[-1]

    yield come
    for person in people:
        await person.leave_site()


@pytest.fixture
async def ann(server: Site, newcomer: Callable[..., Awaitable[Person]]) -> Person:
    """The owner of `room`."""
    return await newcomer("ann")


@pytest.fixture
async def bob(server: Site, newcomer: Callable[..., Awaitable[Person]]) -> Person:
    """A member of `room`."""
    return await newcomer("bob")


@pytest.fixture
async def mia(server: Site, newcomer: Callable[..., Awaitable[Person]]) -> Person:
    """Someone who can be made a moderator."""
    return await newcomer("mia")


@pytest.fixture
async def eve(server: Site, newcomer: Callable[..., Awaitable[Person]]) -> Person:
    """An outsider: in no room but the default one."""
    return await newcomer("eve")


@pytest.fixture
async def room(ann: Person, bob: Person) -> int:
    """The id of a public room of ann's that bob is in."""
    made = await ann.make_room("public")
    await bob.join(made)
    return made


@pytest.fixture
async def private_room(server: Site, ann: Person, bob: Person) -> int:
    """The id of a private room of ann's that bob is in."""
    made = await ann.make_room("private")
    server.backstage("add_member", made, bob.id)
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Attach the servers' logs to failures."""
    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, Site):
                report.sections.append((f"log of {name}", value.log_text()[-5000:]))
    return report
