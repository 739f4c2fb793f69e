"""Finding what was said, and going there."""

import asyncio

from playwright.async_api import Route, expect

from tests.client import Person
from tests.pages.conftest import Visit
from tests.pages.test_message_actions import together


async def test_what_was_said_is_found_and_one_goes_there(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "Where is the 茶壶?", "In the kitchen", "Thank you")
    await bob.page.keyboard.press("Control+Shift+F")
    dialog = bob.page.get_by_role("dialog", name="Search messages")
    box = dialog.get_by_role("searchbox", name="Search messages")
    await expect(box).to_be_focused()
    await box.fill(f"茶壶 in:{room}")
    hit = dialog.get_by_role("listitem").filter(has_text="茶壶")
    for _try in range(20):
        if await hit.count():
            break
        await bob.page.wait_for_timeout(700)
        await box.fill(f"茶壶  in:{room}" if _try % 2 else f"茶壶 in:{room}")
    await expect(hit).to_have_count(1)
    await expect(hit).to_contain_text(ann.nickname)
    await expect(hit).to_contain_text("In the kitchen")
    await expect(hit.locator("mark").first).to_have_text("茶壶")
    await hit.get_by_role("button").click()
    await expect(dialog).to_have_count(0)
    await expect(bob.articles.first).to_be_focused()


async def test_nothing_found_says_so(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.page.get_by_role("button", name="Search messages").click()
    dialog = ann.page.get_by_role("dialog", name="Search messages")
    await expect(dialog).to_contain_text("Find anything that was said")
    await dialog.get_by_role("searchbox").fill("nothingofthekind")
    await expect(dialog).to_contain_text("Nothing that you may see has all these words.")


async def test_a_search_is_kept_to_the_room_and_let_out_again(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    word = f"stone{room}"
    await mia.post(f"{word} here", room)
    await mia.post(f"{word} in the lobby", 1)
    await ann.sees(f"{word} here")
    await ann.page.get_by_role("button", name="Search messages").click()
    dialog = ann.page.get_by_role("dialog", name="Search messages")
    hits = dialog.get_by_role("listitem").filter(has_text=word)
    only = dialog.get_by_role("button", name="Only in this room")
    await only.click()
    box = dialog.get_by_role("searchbox")
    await expect(box).to_be_focused()
    await ann.page.keyboard.type(word)
    for _try in range(20):
        if await hits.count():
            break
        await ann.page.wait_for_timeout(700)
        await box.fill(f"{word} " if _try % 2 else word)
    await expect(hits).to_have_count(1)
    await expect(hits).to_contain_text("here")
    await only.click()
    await expect(only).to_have_attribute("aria-pressed", "false")
    await expect(hits).to_have_count(2)


async def test_a_search_that_takes_long_says_so_and_no_longer_what_was_before(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.page.get_by_role("button", name="Search messages").click()
    dialog = ann.page.get_by_role("dialog", name="Search messages")
    nothing = dialog.get_by_text("Nothing that you may see has all these words.")
    await dialog.get_by_role("searchbox").fill("nothingofthekind")
    await expect(nothing).to_be_visible()
    answered = asyncio.Event()

    async def wait(route: Route) -> None:
        await answered.wait()
        await route.continue_()

    await ann.page.route("**/api/v1/search/**", wait)
    await dialog.get_by_role("searchbox").fill("nothing of another kind")
    await expect(dialog.get_by_text("Searching…")).to_be_visible()
    await expect(nothing).not_to_be_visible()
    answered.set()
    await expect(nothing).to_be_visible()
