"""Pictures of every view into docs/screenshots: `make screenshots`, or `python -m tests.screenshots FOLDER`."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser import ARGUMENTS, chromium
from tests.pages.files import picture, text
from tests.pages.scene import CHINESE, ENGLISH, PASSWORD, Scene, Script, stage
from tests.servers import ROOT, Site, Template

FOLDER = ROOT / "docs" / "screenshots"
SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 800}}
THEMES = ("light", "dark")
SCRIPTS = {"en": ENGLISH, "zh": CHINESE}
AFTERNOON = 16
# Machines without a desktop have DejaVu as their system's font; what people have at home looks more like this.
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<alias binding="strong"><family>sans</family><prefer><family>Noto Sans CJK SC</family></prefer></alias>
<alias binding="strong"><family>sans-serif</family><prefer><family>Noto Sans CJK SC</family></prefer></alias>
<alias binding="strong"><family>system-ui</family><prefer><family>Noto Sans CJK SC</family></prefer></alias>
</fontconfig>"""
WORDS = {"en": "pump", "zh": "周六"}
LATE = {"en": "Five minutes late, sorry! The chain came off.", "zh": "晚到五分钟，不好意思！链子掉了。"}
TOLD_OF = 2
"""Which page of the settings tells of notifications."""
View = Callable[[Page, Scene], Awaitable[None]]


async def show_enter(page: Page, scene: Scene) -> None:
    """The sign-in card, for somebody new."""
    await page.context.clear_cookies()
    await page.goto(scene.site.url)
    await page.locator("#nickname").fill({"en": "Ann", "zh": "小明"}[scene.script.locale[:2]])
    await page.locator("input[value=fox]").check(force=True)


async def show_room(page: Page, scene: Scene) -> None:
    """The Lobby in the middle of a conversation, someone typing."""
    await _open(page, scene, scene.room)
    await scene.keep_typing()
    await expect(page.locator("#typing")).not_to_be_empty()


async def show_direct(page: Page, scene: Scene) -> None:
    """A private chat."""
    await _open(page, scene, scene.direct)


async def show_empty(page: Page, scene: Scene) -> None:
    """A room that nobody has written in."""
    await _open(page, scene, scene.empty)


async def show_sidebar(page: Page, scene: Scene) -> None:
    """The rooms, on a phone."""
    await _open(page, scene, scene.room)
    await page.locator("#room-back").click()


async def show_gallery(page: Page, scene: Scene) -> None:
    """A room with pictures, a sound and a file, and more in the tray."""
    await _open(page, scene, scene.gallery)
    await page.locator("#attach-input").set_input_files([picture("DSC_61.png", (900, 600)), text("list.txt", 9000)])
    await expect(page.locator('.tray-item[data-state="up"]')).to_have_count(2)


async def show_viewer(page: Page, scene: Scene) -> None:
    """A picture, large."""
    await _open(page, scene, scene.gallery)
    await page.locator("#messages .picture-grid .picture").nth(1).click()
    await expect(page.locator(".viewer-image")).to_be_visible()


async def show_files(page: Page, scene: Scene) -> None:
    """The files of a room, beside it."""
    await _show_tab(page, scene, "files")
    await expect(page.locator(".file-row").first).to_be_visible()


async def show_pins(page: Page, scene: Scene) -> None:
    """What is pinned in a room, beside it."""
    await _show_tab(page, scene, "pins")
    await expect(page.locator(".pin-row").first).to_be_visible()


async def show_search(page: Page, scene: Scene) -> None:
    """What the search finds."""
    await _open(page, scene, scene.room)
    await page.locator("#search-messages").click()
    await page.locator("dialog[open] input[type=search]").fill(WORDS[scene.script.locale[:2]])
    await expect(page.locator("dialog[open] mark").first).to_be_visible()


async def show_directory(page: Page, scene: Scene) -> None:
    """All public rooms."""
    await _open(page, scene, scene.room)
    if await page.locator("#sidebar").is_hidden():
        await page.locator("#room-back").click()
    await page.locator("#find-rooms").click()
    await expect(page.locator(".directory-room").first).to_be_visible()


async def show_settings(page: Page, scene: Scene) -> None:
    """One's own settings: of what one is told."""
    await _open(page, scene, scene.room)
    if await page.locator("#sidebar").is_hidden():
        await page.locator("#room-back").click()
    await page.locator("#me-button").click()
    await page.locator("#open-settings").click()
    await page.locator("dialog[open] .page-tab").nth(TOLD_OF).click()
    await page.wait_for_timeout(300)


async def show_notice(page: Page, scene: Scene) -> None:
    """Somebody writes in private while one looks at a room."""
    await _open(page, scene, scene.room)
    friend = scene.people[list(scene.script.direct)[-1]]
    chat = (await friend.api("POST", "direct/", json={"user": scene.viewer.id}))["id"]
    posted = await friend.post(LATE[scene.script.locale[:2]], chat)
    await expect(page.locator(".toast.news")).to_be_visible()
    # It is in no other picture.
    await friend.api("DELETE", f"messages/{posted['id']}/")


async def _show_tab(page: Page, scene: Scene, name: str) -> None:
    await _open(page, scene, scene.gallery)
    if await page.locator("#people").is_hidden():
        await page.locator("#people-toggle").click()
    await page.locator(f"#{name}-tab").click()


VIEWS: dict[str, View] = {
    "room": show_room,
    "direct": show_direct,
    "empty": show_empty,
    "gallery": show_gallery,
    "viewer": show_viewer,
    "files": show_files,
    "pins": show_pins,
    "search": show_search,
    "directory": show_directory,
    "settings": show_settings,
    "sidebar": show_sidebar,
    "notice": show_notice,
    "enter": show_enter,
}


async def _open(page: Page, scene: Scene, room: int) -> None:
    await page.goto(f"{scene.site.url}/rooms/{room}/")
    await expect(page.locator("#connection")).to_have_attribute("data-status", "live")


async def _browse(browser: Browser, scene: Scene, size: str, theme: str) -> BrowserContext:
    """Return the viewer's browser, signed in and past the first welcome."""
    phone = size == "phone"
    context = await browser.new_context(
        viewport=SIZES[size], color_scheme=theme, locale=scene.script.locale, timezone_id=_afternoon_zone(),
        reduced_motion="reduce", is_mobile=phone, has_touch=phone,
    )  # fmt: skip
    await context.add_init_script(f"localStorage.setItem('welcomed {scene.viewer.id}', '1')")
    answer = await context.request.post(
        f"{scene.site.url}/api/v1/tokens/",
        data={"nickname": scene.viewer.nickname, "password": PASSWORD},
        headers={"Origin": scene.site.url},
    )
    assert answer.status == 201, await answer.text()
    return context


def _afternoon_zone() -> str:
    """The time zone where it is afternoon now, so that the pictures always show the same times of day."""
    ahead = AFTERNOON - datetime.now(UTC).hour
    ahead = ahead - 24 if ahead > 12 else ahead
    return f"Etc/GMT{-ahead:+d}"


async def photograph(browser: Browser, scene: Scene, language: str, folder: Path) -> None:
    """Take all pictures of one site."""
    for size in SIZES:
        for theme in THEMES:
            context = await _browse(browser, scene, size, theme)
            page = await context.new_page()
            for name, show in VIEWS.items():
                if name == "sidebar" and size != "phone":
                    continue
                await show(page, scene)
                await page.wait_for_load_state("networkidle")
                await page.mouse.move(0, 0)
                await page.wait_for_timeout(400)
                await page.screenshot(path=folder / f"{size}-{theme}-{language}-{name}.png", caret="hide")
            await context.close()


async def take(folder: Path) -> None:
    """Stage a site for each language and take its pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="chatsite-pictures-") as temporary:
        template = Template(Path(temporary) / "template")
        async with async_playwright() as playwright:
            fonts = Path(temporary) / "fonts.conf"
            fonts.write_text(FONTS)
            browser = await playwright.chromium.launch(
                executable_path=chromium(playwright), args=ARGUMENTS, env=os.environ | {"FONTCONFIG_FILE": str(fonts)}
            )
            for language, script in SCRIPTS.items():
                await _take_language(browser, template, Path(temporary) / language, script, language, folder)
            await browser.close()


async def _take_language(
    browser: Browser, template: Template, data: Path, script: Script, language: str, folder: Path
) -> None:
    site = Site(data, template, "sqlite", CHATSITE_RATE_LIMITS="off").start()
    try:
        scene = await stage(site, script)
        await photograph(browser, scene, language, folder)
        await scene.close()
    finally:
        site.stop()


def main() -> None:
    """Take all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    asyncio.run(take(folder))
    pictures = sorted(folder.glob("*.png"))
    print(f"{len(pictures)} pictures in {folder}, {sum(path.stat().st_size for path in pictures) // 1024} KB")


if __name__ == "__main__":
    main()
