"""Draws the PNG icons of the installed page from their SVG: `python -m tests.icons`, after a change of those."""

from base64 import b64encode
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import ARGUMENTS, chromium

FOLDER = Path(__file__).parent.parent / "static" / "icons"
SIZES = {"icon": (192, 512), "maskable": (192, 512, 180), "badge": (96,)}
NAMES = {("maskable", 180): "touch-180"}
PAGE = '<body style="margin:0"><img src="data:image/svg+xml;base64,{}" style="display:block;width:100vw;height:100vh">'


def main() -> None:
    """Draw them all."""

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(playwright), args=ARGUMENTS)
        for name, sizes in SIZES.items():
            drawing = b64encode((FOLDER / f"{name}.svg").read_bytes()).decode()
            for size in sizes:
                page = browser.new_page(viewport={"width": size, "height": size})
                page.set_content(PAGE.format(drawing))
                page.wait_for_timeout(100)
                path = FOLDER / f"{NAMES.get((name, size), f'{name}-{size}')}.png"
                page.screenshot(path=path, omit_background=True)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
