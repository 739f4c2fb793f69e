"""The same site in Firefox, where there is one that Playwright can drive."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, async_playwright

from tests.browser import launch


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The Firefox of this worker. Where CHATSITE_FIREFOX names one it must start."""
    async with async_playwright() as playwright:
        try:
            browser = await launch(playwright, "firefox")
            # Playwright 1.65 asks of a new page what Firefox 153 ESR does not know; 1.64 does not.
            await (await browser.new_context()).close()
        except (Error, RuntimeError) as error:
            if "CHATSITE_FIREFOX" in os.environ:
                raise
            pytest.skip(f"no Firefox to be driven: {str(error).splitlines()[0]}")
        yield browser
        await browser.close()
