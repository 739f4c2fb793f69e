"""The browsers that the tests drive. `python -m tests.browser` tells whether there is a Chromium that starts."""

import os
import shutil
import sys
from pathlib import Path

from playwright.async_api import Browser
from playwright.async_api import Playwright as AsyncPlaywright
from playwright.sync_api import Error, Playwright, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


async def launch(playwright: AsyncPlaywright, name: str) -> Browser:
    """Start a "chromium" or a "firefox". Raises RuntimeError if there is none, Error if it cannot be driven."""
    if name == "firefox":
        return await playwright.firefox.launch(channel="moz-firefox", executable_path=firefox())
    return await playwright.chromium.launch(executable_path=chromium(playwright), args=ARGUMENTS)


def firefox() -> str:
    """Return the path of a Firefox: the one named by CHATSITE_FIREFOX, or the system's. Raises RuntimeError."""
    for candidate in (os.environ.get("CHATSITE_FIREFOX"), shutil.which("firefox-esr"), shutil.which("firefox")):
        if candidate:
            return candidate
    raise RuntimeError("There is no Firefox: CHATSITE_FIREFOX=/path/to/it names one.")


def chromium(playwright: Playwright | AsyncPlaywright) -> str:
    """Return the path of a Chromium: the one named by CHATSITE_CHROMIUM, Playwright's own, or the system's.

    Raises RuntimeError if there is none.
    """
    candidates = [os.environ.get("CHATSITE_CHROMIUM"), playwright.chromium.executable_path]
    candidates += [shutil.which(name) for name in _NAMES]
    for candidate in [*candidates, _MACOS]:
        if candidate and Path(candidate).exists():
            return candidate
    raise RuntimeError("There is no Chromium: `make test` installs one, or CHATSITE_CHROMIUM=/path/to/it names one.")


def main() -> int:
    """Start a browser once, and say what it is."""
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(playwright), args=ARGUMENTS)
            print(f"Chromium {browser.version}")
            browser.close()
    except (Error, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
