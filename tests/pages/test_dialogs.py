"""Every dialog: nothing serious for axe in either theme, nothing too wide, Chinese in Chinese, and a way back."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Route, expect

from tests.client import Person
from tests.pages.conftest import PHONE, Visit
from tests.pages.test_chinese import english
from tests.pages.test_for_everyone import serious_faults
from tests.pages.visitor import Visitor

OPENERS = {
    "new room": "#new-room",
    "directory": "#find-rooms",
    "room settings": "#room-settings",
    "settings": "#open-settings",
    "person card": ".message button.author",
}


async def views(someone: Visitor, name: str, query: str = "") -> AsyncIterator[str]:
    """Open a dialog and show each of its pages; search in it for `query`."""
    page = someone.page
    if name == "settings":
        await page.locator("#me-button").click()
    await page.locator(OPENERS[name]).first.click()
    await expect(page.locator("dialog[open]")).to_be_visible()
    if query and name == "directory":
        await page.locator("dialog[open] input").fill(query)
        await expect(page.locator(".directory-room").filter(has_text=query)).not_to_have_count(0)
        await expect(page.locator(".directory-room").filter(has_not_text=query)).to_have_count(0)
    tabs = page.locator("dialog[open] .page-tab")
    for index in range(await tabs.count()):
        await tabs.nth(index).click()
        await page.wait_for_timeout(300)
        yield await tabs.nth(index).inner_text()
    if not await tabs.count():
        await page.wait_for_timeout(400)
        yield name


async def in_my_room(visit: Visit, mia: Person, **options: object) -> Visitor:
    """Return someone who owns a room in which another has spoken, at a page of it."""
    ann = await visit("Ann", **options)
    made = await ann.api("POST", "rooms/", name=f"House of {ann.nickname}", kind="public", topic="A topic")
    await mia.join(made["id"])
    await mia.post("A message", made["id"])
    await ann.api("POST", "invitations/", room=made["id"])
    await ann.api("POST", "me/tokens/", name="a bot")
    await ann.api("PUT", f"blocks/{(await ann.api('GET', 'users/?q=mia'))['users'][0]['id']}/")
    await ann.open(f"/rooms/{made['id']}/")
    return ann


async def too_wide(page: Page) -> list[str]:
    """Return what reaches out of the open dialog at the side."""
    return await page.evaluate("""() => {
      const dialog = document.querySelector("dialog[open]");
      const edge = dialog.getBoundingClientRect().right + 0.5;
      const inside = (one) => !one.closest(".page-tabs");
      return [...dialog.querySelectorAll("*")].filter((one) => inside(one) && one.getBoundingClientRect().right > edge)
        .map((one) => `${one.tagName}.${one.className}`).slice(0, 5);
    }""")


async def overlapping(page: Page) -> list[str]:
    """Return which headings, labels and controls of the open dialog lie upon each other."""
    return await page.evaluate("""() => {
      // Of what scrolls, only the part that is on the screen.
      const seen = (one) => {
        const { left, right, top, bottom } = one.getBoundingClientRect();
        const around = one.closest(".dialog-scroll")?.getBoundingClientRect();
        const [start, end] = [around?.top ?? top, around?.bottom ?? bottom];
        return { left, right, top: Math.max(top, start), bottom: Math.min(bottom, end) };
      };
      const shown = [...document.querySelectorAll("dialog[open] :is(h2, h3, label, button, input, select, textarea)")]
        .filter((one) => !one.closest(".unseen") && one.checkVisibility({ opacityProperty: true }))
        .map((one) => ({ one, box: seen(one) }))
        .filter(({ box }) => box.right - box.left > 1 && box.bottom - box.top > 1);
      const beside = (a, b) => a.right <= b.left + 2 || a.bottom <= b.top + 2;
      const name = ({ one }) => `${one.tagName} ${one.ariaLabel || one.textContent.trim().slice(0, 40) || one.type}`;
      return shown.flatMap((a, index) => shown.slice(index + 1)
        .filter((b) => !a.one.contains(b.one) && !b.one.contains(a.one))
        .filter((b) => !beside(a.box, b.box) && !beside(b.box, a.box))
        .map((b) => `${name(a)} / ${name(b)}`)).slice(0, 5);
    }""")


@pytest.mark.parametrize("name", list(OPENERS))
async def test_nothing_lies_upon_something_else(visit: Visit, mia: Person, name: str) -> None:
    ann = await in_my_room(visit, mia)
    ann.expects_network_trouble = True
    assert {shown: faults async for shown in views(ann, name) if (faults := await overlapping(ann.page))} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", list(OPENERS))
async def test_axe_finds_nothing_serious_and_escape_leads_back(
    visit: Visit, mia: Person, name: str, scheme: str
) -> None:
    ann = await in_my_room(visit, mia, color_scheme=scheme)
    ann.expects_network_trouble = True
    found = {shown: faults async for shown in views(ann, name) if (faults := await serious_faults(ann.page))}
    assert found == {}
    opener = ann.page.locator("#me-button" if name == "settings" else OPENERS[name]).first
    await ann.page.keyboard.press("Escape")
    await expect(ann.page.locator("dialog[open]")).to_have_count(0)
    if name != "settings":
        await expect(opener).to_be_focused()


@pytest.mark.parametrize("name", list(OPENERS))
async def test_nothing_is_too_wide_on_a_small_phone(visit: Visit, mia: Person, name: str) -> None:
    ann = await in_my_room(visit, mia, viewport={"width": 320, "height": 640})
    ann.expects_network_trouble = True
    if name in ("new room", "directory", "settings"):
        await ann.page.locator("#room-back").click()
    assert {shown: wide async for shown in views(ann, name) if (wide := await too_wide(ann.page))} == {}


@pytest.mark.parametrize("name", list(OPENERS))
async def test_all_of_it_is_chinese_in_chinese(visit: Visit, mia: Person, name: str) -> None:
    ann = await in_my_room(visit, mia, locale="zh-CN")
    ann.expects_network_trouble = True
    ours = {"Ann", "House", "Mia", "A topic", "A message", "bot", "Chrome"}
    found = {
        shown: words
        # Of other tests' rooms nothing is known.
        async for shown in views(ann, name, "House of Ann")
        if (words := [text for text in await english(ann) if not any(word in text for word in ours)])
    }
    assert found == {}


@pytest.mark.parametrize("comes", [True, False])
async def test_a_dialog_that_is_on_its_way_says_so_until_it_is_there(visit: Visit, comes: bool) -> None:
    ann = await visit("Ann", viewport=PHONE)
    ann.expects_network_trouble = True
    go_on = asyncio.Event()

    async def wait(route: Route) -> None:
        await go_on.wait()
        await (route.continue_() if comes else route.abort())

    await ann.page.route("**/js/directory*.js", wait)
    await ann.page.get_by_role("button", name="All rooms").click()
    await ann.page.get_by_role("button", name="Find rooms").click()
    bar = ann.page.get_by_role("progressbar", name="Loading")
    await expect(bar).to_be_visible()
    await expect(bar).not_to_have_css("opacity", "0")
    go_on.set()
    if comes:
        await expect(ann.page.get_by_role("dialog")).to_be_visible()
    else:
        await expect(ann.page.get_by_text("This needs the connection")).to_be_visible()
    await expect(bar).to_have_count(0)
