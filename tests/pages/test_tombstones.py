"""Deleted messages in a row are one line, which opens; nothing that is read moves by it."""

import re

from playwright.async_api import Locator, expect

from tests.client import Person
from tests.pages.conftest import Visit
from tests.pages.test_history import _WATCH
from tests.pages.visitor import Visitor
from tests.servers import Site

FOLD = ".deleted-run"


async def write(mia: Person, room: int, *bodies: str) -> list[int]:
    """Have the owner of a room write; return the ids."""
    return [int((await mia.post(body, room))["id"]) for body in bodies]


async def delete(mia: Person, *ids: int) -> None:
    """Have the owner of a room delete messages."""
    for number in ids:
        await mia.api("DELETE", f"messages/{number}/")


def tombstones(visitor: Visitor) -> Locator:
    """What is shown of deleted messages one by one."""
    return visitor.articles.filter(has_text="Message deleted")


async def test_a_run_is_one_line_and_opens(visit: Visit, room: int, mia: Person) -> None:
    ids = await write(mia, room, "before", "a", "b", "c", "d", "after")
    ann = await visit("Ann", room)
    await ann.sees("before", "a", "b", "c", "d", "after")
    await delete(mia, *ids[1:3])
    await expect(tombstones(ann)).to_have_count(2)
    await expect(ann.page.locator(FOLD)).to_have_count(0)
    await delete(mia, *ids[3:5])
    line = ann.page.locator(FOLD)
    await expect(line).to_contain_text("4 messages deleted")
    await expect(ann.articles).to_have_count(2)
    await expect(ann.message("after").locator(".byline")).to_be_visible()
    button = line.get_by_role("button")
    await expect(button).to_have_attribute("aria-expanded", "false")
    await button.focus()
    await ann.page.keyboard.press("Enter")
    await expect(tombstones(ann)).to_have_count(4)
    await expect(button).to_be_focused()
    await expect(button).to_have_attribute("aria-expanded", "true")
    await ann.page.keyboard.press("Enter")
    await expect(ann.articles).to_have_count(2)


async def test_a_restored_message_parts_a_run(visit: Visit, room: int, mia: Person) -> None:
    ids = await write(mia, room, "a", "b", "c", "d", "e", "f", "g")
    await delete(mia, *ids)
    ann = await visit("Ann", room)
    await expect(ann.page.locator(FOLD)).to_contain_text("7 messages deleted")
    await expect(ann.articles).to_have_count(0)
    await mia.api("POST", "commands/", json={"type": "message.restore", "id": ids[3]})
    await expect(ann.page.locator(FOLD)).to_have_text([re.compile("3 messages"), re.compile("3 messages")])
    await ann.sees("d")
    await ann.say("on")
    await ann.sees("d", "on")


async def test_a_link_into_a_run_opens_it(visit: Visit, room: int, mia: Person) -> None:
    ids = await write(mia, room, *(f"m{number}" for number in range(8)))
    await delete(mia, *ids[2:6])
    ann = await visit("Ann", room, path=f"/rooms/{room}/5/")
    await expect(ann.page.locator("#m5")).to_be_in_viewport()
    await expect(tombstones(ann)).to_have_count(4)


async def test_the_author_restores_out_of_a_run(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    for text in ("one", "two", "three"):
        await ann.say(text)
    await ann.sees("one", "two", "three")
    for text in ("one", "two", "three"):
        await ann.do(text, "Delete")
        await expect(ann.message(text)).to_have_count(0)
    await ann.page.locator(FOLD).get_by_role("button").click()
    await ann.page.locator("#m2").get_by_role("button", name="Restore").click()
    await expect(ann.message("two")).to_be_visible()
    await expect(ann.page.locator(FOLD)).to_have_count(0)
    await expect(tombstones(ann)).to_have_count(2)


async def test_nothing_that_is_read_moves_when_a_run_is_folded_above_or_below(
    visit: Visit, room: int, mia: Person
) -> None:
    ids = await write(mia, room, *(f"Line {number} of a long talk" for number in range(70)))
    ann = await visit("Ann", room)
    await expect(ann.message("Line 69 of")).to_be_in_viewport()
    await ann.page.locator("#m36").evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    await expect(ann.page.locator("#m36")).to_be_in_viewport()
    await ann.page.evaluate(_WATCH)
    await delete(mia, *ids[2:12], *ids[55:65])
    await expect(ann.page.locator(FOLD)).to_have_count(2)
    await expect(ann.page.locator(FOLD)).to_have_text([re.compile("10 messages"), re.compile("10 messages")])
    assert await ann.page.evaluate("moved()") == 0


async def test_who_reads_what_is_folded_stays_at_what_comes_next(visit: Visit, room: int, mia: Person) -> None:
    ids = await write(mia, room, *(f"Line {number} of a long talk" for number in range(70)))
    ann = await visit("Ann", room)
    await expect(ann.message("Line 69 of")).to_be_in_viewport()
    top = "(one) => one.getBoundingClientRect().top - document.querySelector('#timeline').getBoundingClientRect().top"
    await ann.page.locator("#m30").evaluate("(one) => one.scrollIntoView({ block: 'start' })")
    await expect(ann.page.locator("#m30")).to_be_in_viewport()
    before = await ann.page.locator("#m40").evaluate(top)
    await delete(mia, *ids[26:31])
    await expect(ann.page.locator(FOLD)).to_contain_text("5 messages deleted")
    assert await ann.page.locator("#m40").evaluate(top) == before


async def test_a_line_that_is_opened_stays_under_the_pointer(visit: Visit, room: int, mia: Person) -> None:
    ids = await write(mia, room, *(f"Line {number}" for number in range(40)))
    await delete(mia, *ids[28:38])
    ann = await visit("Ann", room)
    button = ann.page.locator(FOLD).get_by_role("button")
    await expect(button).to_be_in_viewport()
    top = "(one) => one.getBoundingClientRect().top"
    before = await button.evaluate(top)
    await button.click()
    await expect(button).to_have_attribute("aria-expanded", "true")
    assert abs(await button.evaluate(top) - before) < 1


async def test_a_raid_that_was_taken_down_is_no_wall(visit: Visit, room: int, mia: Person, site: Site) -> None:
    await write(mia, room, "the first word")
    site.backstage("seed_messages", mia.id, room, 700)
    site.backstage("delete_all", room, 2, 650)
    ann = await visit("Ann", room)
    await expect(ann.page.locator(FOLD).first).to_be_visible()
    for _turn in range(20):
        if await ann.message("the first word").count():
            break
        await ann.scroller.evaluate("(one) => one.scrollBy(0, -3000)")
        await ann.page.wait_for_timeout(300)
    await expect(ann.message("the first word")).to_be_visible()
    await expect(ann.page.locator(FOLD)).to_contain_text("649 messages deleted")
