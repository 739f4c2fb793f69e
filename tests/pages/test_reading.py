"""What counts as read, what is counted where, and reading under odd circumstances."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.client import Person, new_ref
from tests.pages.conftest import PHONE, Visit
from tests.pages.visitor import Visitor, box_of
from tests.servers import Site

HIDE = """(hidden) => {
  Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


async def unread(visitor: Visitor, room: int) -> int:
    """Return how many messages of a room the server counts as unread."""
    rooms = (await visitor.api("GET", "rooms/"))["rooms"]
    return int(next(frame["unread"] for frame in rooms if frame["id"] == room))


async def becomes(visitor: Visitor, room: int, count: int) -> None:
    """Wait until the server counts so many as unread."""
    for _attempt in range(60):
        if await unread(visitor, room) == count:
            return
        await visitor.page.wait_for_timeout(250)
    raise AssertionError(f"{await unread(visitor, room)} are unread, not {count}")


async def test_what_comes_into_a_hidden_tab_is_unread_until_it_is_looked_at(
    visit: Visit, room: int, mia: Person
) -> None:
    ann = await visit("Ann", room)
    await ann.page.evaluate(HIDE, True)
    await mia.post("While away", room)
    await ann.sees("While away")
    await ann.page.wait_for_timeout(2500)
    assert await unread(ann, room) == 1
    await expect(ann.log.get_by_role("separator").filter(has_text="New")).to_have_count(1)
    assert (await ann.page.title()).startswith("(1)")
    await ann.page.evaluate(HIDE, False)
    await becomes(ann, room, 0)
    assert not (await ann.page.title()).startswith("(")


async def test_what_is_taken_down_does_not_count_as_unread_any_more(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    await ann.open("/")
    link = ann.rooms.locator(f"[data-room='{room}'] a")
    badge = link.locator(".badge")
    ids = [(await mia.post(text, room))["id"] for text in ("one", "two", "three")]
    await expect(badge).to_have_text("3")
    await mia.api("DELETE", f"messages/{ids[0]}/")
    await expect(badge).to_have_text("2")
    # What the server had counted before the page was loaded, and what came after, alike.
    await ann.open("/")
    await expect(badge).to_have_text("2")
    await mia.api("DELETE", f"messages/{ids[1]}/")
    await expect(badge).to_have_text("1")
    await mia.api("POST", "commands/", json={"type": "message.restore", "id": ids[1], "ref": new_ref()})
    await expect(badge).to_have_text("2")
    await mia.api("DELETE", f"messages/{ids[1]}/")
    await mia.api("DELETE", f"messages/{ids[2]}/")
    await expect(badge).to_be_hidden()
    assert not (await ann.page.title()).startswith("(")
    await ann.open("/")
    await expect(badge).to_be_hidden()
    await link.click()
    await expect(ann.log).to_contain_text("3 messages deleted")
    await expect(ann.log.get_by_role("separator").filter(has_text="New")).to_have_count(0)
    await becomes(ann, room, 0)


async def test_what_was_not_scrolled_to_stays_unread(visit: Visit, room: int, mia: Person, site: Site) -> None:
    ann = await visit("Ann", room)
    await ann.page.goto("about:blank")
    site.backstage("seed_messages", mia.id, room, 100)
    await ann.open(f"/rooms/{room}/")
    await expect(ann.log.get_by_text("number 0", exact=True)).to_be_in_viewport(ratio=1)
    shown = await ann.articles.evaluate_all(
        """(all) => all.filter((one) => {
          const view = document.querySelector("#timeline").getBoundingClientRect();
          const { top, bottom } = one.getBoundingClientRect();
          return top >= view.top && bottom <= view.bottom;
        }).length"""
    )
    await becomes(ann, room, 100 - shown)


PLACE = """(seq) => document.getElementById(`m${seq}`)?.getBoundingClientRect().top
    - document.getElementById("timeline").getBoundingClientRect().top"""


@pytest.mark.parametrize("count", [30, 200])
@pytest.mark.parametrize("device", [{}, {"viewport": PHONE, "has_touch": True, "is_mobile": True}])
async def test_a_page_is_painted_at_the_first_unread_before_its_scripts_come(
    visit: Visit, room: int, mia: Person, site: Site, device: dict[str, Any], count: int
) -> None:
    site.backstage("seed_messages", mia.id, room, 20)
    ann = await visit("Ann", room, **device)
    await expect(ann.message("number 19")).to_be_in_viewport()
    await ann.page.goto("about:blank")
    site.backstage("seed_messages", mia.id, room, count)
    held = asyncio.Event()

    async def wait(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await ann.page.route("**/js/main*.js", wait)
    await ann.page.goto(f"{ann.site.url}/rooms/{room}/", wait_until="commit")
    line = ann.log.get_by_role("separator").filter(has_text="New")
    await expect(line).to_be_in_viewport(ratio=1)
    painted = await ann.page.evaluate(PLACE, 21)
    held.set()
    await ann.is_live()
    await expect(line).to_be_in_viewport(ratio=1)
    assert abs(await ann.page.evaluate(PLACE, 21) - painted) < 40
    assert painted < 250


async def test_without_javascript_one_reads_on_where_one_left_off(
    visit: Visit, open_tab: Visit, room: int, mia: Person, site: Site
) -> None:
    site.backstage("seed_messages", mia.id, room, 20)
    ann = await visit("Ann", room)
    await expect(ann.message("number 19")).to_be_in_viewport()
    await ann.page.goto("about:blank")
    site.backstage("seed_messages", mia.id, room, 200)
    tab = await open_tab(storage_state=await ann.context.storage_state(), java_script_enabled=False)
    await tab.page.goto(f"{tab.site.url}/rooms/{room}/")
    await expect(tab.page.locator("#m20")).to_be_in_viewport()
    await expect(tab.page.locator("#m21")).to_be_in_viewport()
    await expect(tab.page.locator(".new-line + #m21")).to_have_count(1)
    await tab.page.goto(f"{tab.site.url}/rooms/{room}/100/")
    await expect(tab.page.locator("#m100")).to_be_in_viewport()


async def test_on_a_phone_a_room_behind_the_list_of_rooms_is_not_read(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room, viewport=PHONE, has_touch=True, is_mobile=True)
    await ann.page.locator("#room-back").tap()
    await expect(ann.rooms).to_be_visible()
    await mia.post("Not seen yet", room)
    link = ann.rooms.locator(f"[data-room='{room}'] a")
    await expect(link).to_have_accessible_description("1 unread")
    await ann.page.wait_for_timeout(2500)
    assert await unread(ann, room) == 1
    await link.tap()
    await expect(ann.message("Not seen yet")).to_be_in_viewport()
    await becomes(ann, room, 0)


async def test_marked_unread_in_one_tab_is_unread_in_the_other_and_stays_so_while_it_is_in_view(
    visit: Visit, open_tab: Visit, room: int, mia: Person
) -> None:
    ann = await visit("Ann", room)
    other = await open_tab(context=ann.context)
    await other.open("/")
    for text in ("One", "Two", "Three"):
        await mia.post(text, room)
    await ann.sees("One", "Two", "Three")
    link = other.rooms.locator(f"[data-room='{room}'] a")
    await expect(link).to_have_accessible_description("")
    await ann.do("Two", "More")
    await ann.page.get_by_role("button", name="Mark unread from here").click()
    await expect(link).to_have_accessible_description("2 unread", timeout=2000)
    await ann.page.wait_for_timeout(2500)
    await expect(link).to_have_accessible_description("2 unread")


async def test_a_block_of_code_is_highlighted_and_copied(visit: Visit, room: int, mia: Person) -> None:
    await mia.post("```python\nprint('x')\n```", room)
    ann = await visit("Ann", room, permissions=["clipboard-read", "clipboard-write"])
    block = ann.articles.first.locator(".highlight")
    await expect(block.locator("span[class]").nth(1)).to_be_attached()
    await block.get_by_role("button", name="Copy the code").click()
    await expect(ann.page.get_by_text("Copied")).to_be_visible()
    assert await ann.page.evaluate("navigator.clipboard.readText()") == "print('x')\n"


@pytest.mark.parametrize("size", [{"width": 320, "height": 256}, {"width": 320, "height": 568}])
async def test_at_four_times_the_size_one_reads_and_writes(visit: Visit, room: int, size: dict[str, int]) -> None:
    # 1,280 by 1,024 px at 400 % are 320 by 256.
    ann = await visit("Ann", room, viewport=size, device_scale_factor=4)
    await ann.say("Something to read that is long enough to take two lines")
    await expect(ann.message("Something to read")).to_be_in_viewport(ratio=0.5)
    await expect(ann.box).to_be_in_viewport(ratio=1)
    await expect(ann.send).to_be_in_viewport(ratio=1)
    assert await ann.overflow() == []
    zooms = await ann.page.locator("meta[name=viewport]").get_attribute("content") or ""
    assert "user-scalable" not in zooms
    assert "maximum-scale" not in zooms


async def test_at_2560_pixels_text_stays_readable(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room, viewport={"width": 2560, "height": 1440})
    await ann.say("word " * 200)
    assert (await box_of(ann.articles.first.locator(".content")))["width"] < 900
    assert await ann.overflow() == []


async def test_who_wants_less_motion_gets_none(visit: Visit, room: int, mia: Person) -> None:
    await mia.post("Something", room)
    ann = await visit("Ann", room, reduced_motion="reduce")
    await ann.message("Something").hover()
    moving = await ann.page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((one) => {
          const style = getComputedStyle(one);
          const seconds = (list) => Math.max(...list.split(",").map(parseFloat));
          const animated = style.animationName !== "none" && seconds(style.animationDuration) > 0.01;
          return animated || seconds(style.transitionDuration) > 0.01;
        }).map((one) => `${one.tagName}.${one.className}`)"""
    )
    assert moving == []


async def test_on_a_phone_the_list_of_rooms_and_back_keeps_ones_place(
    visit: Visit, room: int, mia: Person, site: Site
) -> None:
    site.backstage("seed_messages", mia.id, room, 80)
    ann = await visit("Ann", room, viewport=PHONE, has_touch=True, is_mobile=True)
    await expect(ann.log.get_by_text("number 79", exact=True)).to_be_in_viewport()
    await ann.scroller.evaluate("(one) => one.scrollBy(0, -900)")
    place = """() => {
      const view = document.querySelector("#timeline").getBoundingClientRect();
      const all = [...document.querySelectorAll("article")];
      const first = all.find((one) => one.getBoundingClientRect().top >= view.top);
      return [first.id, first.getBoundingClientRect().top];
    }"""
    await ann.page.wait_for_timeout(300)
    before = await ann.page.evaluate(place)
    await ann.page.locator("#room-back").tap()
    await expect(ann.rooms).to_be_visible()
    await mia.post("Meanwhile", room)
    await expect(ann.rooms.locator(f"[data-room='{room}'] a")).to_have_accessible_description("1 unread")
    await ann.rooms.locator(f"[data-room='{room}'] a").tap()
    await expect(ann.log).to_be_visible()
    await ann.page.wait_for_timeout(300)
    after = await ann.page.evaluate(place)
    assert after[0] == before[0]
    assert abs(after[1] - before[1]) <= 1
