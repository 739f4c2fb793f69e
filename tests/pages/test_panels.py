"""Beside the room: its people, its files, its pins; and pictures shown large."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.client import Person
from tests.pages.conftest import PHONE, Visit
from tests.pages.files import picture, send_files, sound, text
from tests.pages.test_for_everyone import serious_faults
from tests.pages.test_message_actions import together
from tests.pages.visitor import Visitor


def beside(someone: Visitor, name: str) -> Locator:
    """The region beside the room, by what it shows."""
    return someone.page.get_by_role("region", name=name, exact=True)


async def turn_to(someone: Visitor, name: str) -> Locator:
    """Choose a tab beside the room and return the region."""
    await someone.page.get_by_role("tab", name=name).click()
    await expect(beside(someone, name)).to_be_visible()
    return beside(someone, name)


async def test_people_come_first_and_their_buttons_stay_within_reach(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "Hi")
    await expect(ann.person(bob.nickname).get_by_role("button", name="Private chat", exact=True)).to_have_count(1)
    await turn_to(ann, "Pins")
    await expect(ann.people).to_have_count(0)
    await ann.page.get_by_role("button", name="Show people").click()
    await expect(ann.person(bob.nickname)).to_be_visible()
    await ann.page.get_by_role("button", name="Show people").click()
    await expect(ann.people).to_be_hidden()
    await ann.page.keyboard.press("Control+.")
    await expect(ann.people).to_be_visible()


async def test_the_tabs_are_gone_through_by_arrows(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.page.get_by_role("tab", name="People").focus()
    for name in ("Files", "Pins", "People"):
        await ann.page.keyboard.press("ArrowRight")
        await expect(ann.page.get_by_role("tab", name=name)).to_be_focused()
        await expect(ann.page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        await expect(beside(ann, name)).to_be_visible()


async def test_files_of_a_room_are_listed_by_kind_and_lead_to_their_messages(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    files = await turn_to(bob, "Files")
    await expect(files).to_contain_text("No files yet.")
    await send_files(ann, picture("lake.png"), text("list.txt"), words="The first")
    for number in range(30):
        await ann.say(f"Word {number}")
    await send_files(ann, picture("mill.png"), words="The last")
    rows = files.get_by_role("list", name="Files").get_by_role("listitem")
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_contain_text("mill.png")
    await expect(rows.first).to_contain_text(ann.nickname)
    await files.get_by_role("button", name="Photos").click()
    await expect(rows).to_have_count(2)
    await files.get_by_role("button", name="Others").click()
    await expect(rows).to_have_count(1)
    await expect(rows.get_by_role("link", name="Download list.txt")).to_have_attribute("download", "list.txt")
    await rows.locator(".file-row-open").click()
    await expect(bob.message("The first")).to_be_focused()
    await expect(bob.message("The first")).to_be_in_viewport()


async def test_many_files_come_page_by_page(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    for number in range(5):
        await send_files(ann, *[text(f"{number}-{one}.txt", 20) for one in range(8)])
    files = await turn_to(ann, "Files")
    rows = files.get_by_role("list", name="Files").get_by_role("listitem")
    await expect(rows.first).to_be_visible()
    await rows.last.scroll_into_view_if_needed()
    await expect(rows).to_have_count(40)
    names = await rows.locator(".file-name").evaluate_all("(all) => all.map((one) => one.title)")
    assert len(set(names)) == 40


async def test_a_file_goes_from_the_list_with_its_message(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await send_files(ann, text("secret.txt"), words="Oh no")
    files = await turn_to(bob, "Files")
    await expect(files).to_contain_text("secret.txt")
    await ann.do("Oh no", "Delete")
    await expect(files).to_contain_text("No files yet.")


async def test_pins_are_listed_lead_there_and_are_taken_off(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "Keep this", "Not this")
    await bob.page.get_by_role("button", name="Show pins").click()
    pins = beside(bob, "Pins")
    await expect(pins).to_contain_text("Nothing is pinned here.")
    await ann.do("Keep this", "Pin")
    row = pins.get_by_role("list", name="Pins").get_by_role("listitem")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("Keep this")
    await row.locator(".pin-row-open").click()
    await expect(bob.message("Keep this")).to_be_focused()
    await row.get_by_role("button", name="Unpin").click()
    await expect(pins).to_contain_text("Nothing is pinned here.")
    await expect(ann.message("Keep this").get_by_title("Pinned")).to_have_count(0)


async def test_a_pinned_picture_is_listed_as_one(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await send_files(ann, picture("lake.png"))
    await ann.articles.first.hover()
    await ann.articles.first.get_by_role("button", name="Pin", exact=True).click()
    await ann.page.get_by_role("button", name="Show pins").click()
    await expect(beside(ann, "Pins").get_by_role("listitem")).to_contain_text("Photo")


async def test_one_who_may_not_write_reads_pins_and_takes_none_off(visit: Visit, room: int, mia: Person) -> None:
    ann, bob = await together(visit, room, "Keep this")
    await ann.do("Keep this", "Pin")
    await mia.api("PATCH", f"rooms/{room}/", json={"read_only": True})
    await expect(bob.page.locator("#composer")).to_have_class(re.compile("barred"))
    await bob.page.get_by_role("button", name="Show pins").click()
    row = beside(bob, "Pins").get_by_role("listitem")
    await expect(row).to_contain_text("Keep this")
    await expect(row.get_by_role("button", name="Unpin")).to_have_count(0)


async def test_on_a_phone_the_panel_makes_way_for_the_message(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await send_files(ann, picture("lake.png"), words="Look")
    bob = await visit("Bob", room, viewport=PHONE, has_touch=True, is_mobile=True)
    await bob.page.get_by_role("button", name="Show people").click()
    files = await turn_to(bob, "Files")
    await files.locator(".file-row-open").click()
    await expect(files).to_be_hidden()
    await expect(bob.message("Look")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_panels_and_viewer_please_axe_and_fit(visit: Visit, room: int, scheme: str) -> None:
    ann = await visit("Ann", room, color_scheme=scheme)
    await send_files(ann, picture("lake.png"), sound(), text("a very long name of a file that does not fit.txt"))
    await ann.say("Pinned")
    await ann.do("Pinned", "Pin")
    for name in ("Files", "Pins"):
        region = await turn_to(ann, name)
        await expect(region.get_by_role("listitem").first).to_be_visible()
        assert await serious_faults(ann.page) == []
        wide = await region.evaluate("(one) => one.scrollWidth - one.clientWidth")
        assert wide <= 0
    await ann.articles.get_by_role("link", name="lake.png").first.click()
    await expect(ann.page.get_by_role("dialog", name="Pictures")).to_be_visible()
    assert await serious_faults(ann.page) == []


async def test_pictures_are_gone_through_by_keyboard(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await send_files(ann, picture("one.png"), picture("two.png"))
    await send_files(ann, picture("three.png"), words="And this")
    link = bob.articles.get_by_role("link", name="two.png", exact=True)
    await link.focus()
    await bob.page.keyboard.press("Enter")
    viewer = bob.page.get_by_role("dialog", name="Pictures")
    await expect(viewer).to_contain_text("two.png")
    await expect(viewer).to_contain_text(ann.nickname)
    await expect(viewer).to_contain_text("2 of 3")
    await expect(viewer.get_by_role("img", name="two.png")).to_be_visible()
    steps = [("ArrowRight", "three"), ("ArrowRight", "three"), ("Home", "one"), ("End", "three")]
    for key, name in steps:
        await bob.page.keyboard.press(key)
        await expect(viewer.get_by_role("img", name=f"{name}.png")).to_be_visible()
    await expect(viewer.get_by_role("button", name="Next picture")).to_be_hidden()
    await viewer.get_by_role("button", name="Previous picture").click()
    await expect(viewer.get_by_role("img", name="two.png")).to_be_visible()
    await expect(viewer.get_by_role("link", name="Download two.png")).to_have_attribute("download", "two.png")
    await bob.page.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)
    await expect(link).to_be_focused()


async def test_a_finger_goes_through_pictures_and_puts_them_away(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await send_files(ann, picture("one.png"), picture("two.png"))
    bob = await visit("Bob", room, viewport=PHONE, has_touch=True, is_mobile=True)
    await bob.articles.get_by_role("link", name="one.png").tap()
    viewer = bob.page.get_by_role("dialog", name="Pictures")
    await expect(viewer.get_by_role("img", name="one.png")).to_be_visible()
    swipe = """(stage, [dx, dy]) => {
      const touch = (x, y) => new Touch({ identifier: 1, target: stage, clientX: x, clientY: y });
      const [from, to] = [touch(200, 300), touch(200 + dx, 300 + dy)];
      stage.dispatchEvent(new TouchEvent("touchstart", { touches: [from], changedTouches: [from] }));
      stage.dispatchEvent(new TouchEvent("touchend", { touches: [], changedTouches: [to] }));
    }"""
    stage = viewer.locator(".viewer-stage")
    await stage.evaluate(swipe, [-120, 10])
    await expect(viewer.get_by_role("img", name="two.png")).to_be_visible()
    await stage.evaluate(swipe, [120, 10])
    await expect(viewer.get_by_role("img", name="one.png")).to_be_visible()
    await stage.evaluate(swipe, [5, 160])
    await expect(viewer).to_have_count(0)
