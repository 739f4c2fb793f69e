"""The same site in Firefox, where there is one that Playwright can drive."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, async_playwright, expect

from tests.browser import launch
from tests.pages.conftest import PATIENCE


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where second chances are given, these have a third: Firefox takes several times as long on a busy machine."""
    if not config.getoption("reruns"):
        return
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.flaky(reruns=2, only_rerun=["."]), append=False)


@pytest.fixture(autouse=True)
def patience() -> Iterator[int]:
    """Milliseconds that pages have here for what is expected of them."""
    patience = 3 * PATIENCE
    expect.set_options(timeout=patience)
    yield patience
    expect.set_options(timeout=PATIENCE)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The Firefox of this worker, while it has tests for one. Where CHATSITE_FIREFOX names one it must start."""
    async with async_playwright() as playwright:
        try:
            browser = await launch(playwright, "firefox")
            # Each asks of a new page what the other may not know: Playwright 1.65 what Firefox 153 ESR does not.
            await (await browser.new_context()).close()
        except (Error, RuntimeError) as error:
            if "CHATSITE_FIREFOX" in os.environ:
                raise
            pytest.skip(f"no Firefox to be driven: {str(error).splitlines()[0]}")
        yield browser
        await browser.close()
