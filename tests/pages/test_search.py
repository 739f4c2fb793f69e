"""Finding what was said, and going there."""

from playwright.async_api import expect

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
