"""Reading back: nothing jumps, and the page never holds more than 300 messages."""

from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.client import Person
from tests.pages.conftest import Visit
from tests.pages.visitor import Visitor
from tests.servers import Site

MOST = 300
COUNT = 400

# Scrolls so that a page loads beyond the edge, and watches a message on the screen, frame by frame, until it is there.
_SCROLL = """async ({ direction, most }) => {
  const log = document.querySelector("[role=log]");
  const scroller = log.parentElement;
  const all = () => log.getElementsByTagName("article");
  const edge = () => (direction < 0 ? all()[0] : all()[all().length - 1]).id;
  const first = edge();
  const above = all()[0].getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  const below = all()[all().length - 1].getBoundingClientRect().bottom - scroller.getBoundingClientRect().bottom;
  scroller.scrollBy(0, direction < 0 ? above + scroller.clientHeight : below - scroller.clientHeight);
  const { top, bottom } = scroller.getBoundingClientRect();
  const middle = (top + bottom) / 2;
  const anchor = [...all()].find((one) => one.getBoundingClientRect().bottom > middle);
  const start = anchor.getBoundingClientRect().top;
  const result = { moved: 0, loaded: false, most: 0, first: false };
  for (let frame = 0, after = 0; frame < 120 && after < 20; frame += 1) {
    await new Promise(requestAnimationFrame);
    const moved = anchor.isConnected ? Math.abs(anchor.getBoundingClientRect().top - start) : 9999;
    result.moved = Math.max(result.moved, moved);
    result.most = Math.max(result.most, all().length);
    result.loaded ||= edge() !== first;
    if (result.loaded || edge() === most) after += 1;
  }
  result.end = edge() === most;
  return result;
}"""
# Returns a function that tells how far a message in the middle of the screen has moved since.
_WATCH = """() => {
  const scroller = document.querySelector("[role=log]").parentElement;
  const { top, bottom } = scroller.getBoundingClientRect();
  const middle = (top + bottom) / 2;
  const anchor = [...scroller.querySelectorAll("article")].find((one) => one.getBoundingClientRect().bottom > middle);
  const start = anchor.getBoundingClientRect().top;
  let moved = 0;
  const look = () => {
    moved = Math.max(moved, anchor.isConnected ? Math.abs(anchor.getBoundingClientRect().top - start) : 9999);
    requestAnimationFrame(look);
  };
  look();
  window.moved = () => moved;
}"""

# Returns to a room, notes how many messages it has each time that it has drawn some and what has moved by the browser's
# account, and presses `then` at the first time.
_RETURN = """async ({ link, then }) => {
  const log = document.querySelector("[role=log]");
  const drawn = [];
  const moved = [];
  const watch = (list) => {
    for (const { sources } of list.getEntries()) {
      moved.push(...sources.filter(({ node }) => log.contains(node)).map(({ node }) => node.outerHTML ?? node.data));
    }
  };
  new PerformanceObserver(watch).observe({ type: "layout-shift" });
  new MutationObserver(() => {
    if (!document.querySelector(link).matches("[aria-current]")) return;
    drawn.push({ count: log.querySelectorAll("article:not([hidden])").length, top: log.getBoundingClientRect().top });
    if (drawn.length === 1 && then) document.querySelector(then).click();
  }).observe(log, { childList: true, subtree: true });
  document.querySelector(link).click();
  for (let left = 400; left && (!drawn.length || log.matches("[aria-busy]")); left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { drawn, moved };
}"""


async def read_back_and_leave(visitor: Visitor, room: int) -> str:
    """Have five pages of the room loaded, go back to its end and then to the Lobby; return what finds its link."""
    for _page in range(4):
        assert (await scroll(visitor, -1, "m1"))["loaded"]
    await visitor.scroller.evaluate("(one) => one.scrollBy(0, 1e6)")
    await expect(exactly(visitor, COUNT)).to_be_in_viewport()
    await visitor.enter("Lobby")
    return f"[data-room='{room}'] a"


async def scroll(visitor: Visitor, direction: int, last: str) -> dict[str, Any]:
    """Scroll almost to the upper (-1) or lower (1) edge and watch what one sees while more loads.

    `last` is the id of the message at the end.
    """
    result: dict[str, Any] = await visitor.page.evaluate(_SCROLL, {"direction": direction, "most": last})
    return result


def exactly(visitor: Visitor, number: int, count: int = COUNT) -> Any:
    """The message with that number among those that seed_load made."""
    return visitor.log.get_by_text(f"Message {number} of {count}, for the load run.", exact=True)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def long_room(site: Site) -> str:
    """The name of a room with 400 messages."""
    name = "The archive"
    site.manage("seed_load", "--users", "3", "--room", name, "--messages", str(COUNT))
    return name


@pytest_asyncio.fixture(loop_scope="session")
async def archive(long_room: str, mia: Person) -> int:
    """The id of a room with 400 messages."""
    rooms = (await mia.api("GET", "rooms/"))["rooms"]
    return next(int(room["id"]) for room in rooms if room["name"] == long_room)


async def test_a_long_history_opens_at_the_newest_message(visit: Visit, archive: int) -> None:
    ann = await visit("Ann", archive)
    await expect(exactly(ann, COUNT)).to_be_in_viewport(ratio=1)
    assert await ann.articles.count() <= MOST


async def test_one_can_scroll_to_the_first_message_and_back_without_a_jump(visit: Visit, archive: int) -> None:
    ann = await visit("Ann", archive)
    await expect(exactly(ann, COUNT)).to_be_in_viewport()
    for direction, last in ((-1, "m1"), (1, f"m{COUNT}")):
        for _attempt in range(40):
            seen = await scroll(ann, direction, last)
            assert seen["moved"] <= 1, f"a message on the screen moved by {seen['moved']} px: {seen}"
            assert seen["most"] <= MOST
            if seen["end"]:
                break
        assert seen["end"], f"{last} was not reached"
        await ann.scroller.evaluate("(one, direction) => one.scrollBy(0, direction * 1e6)", direction)
        await expect(exactly(ann, 1 if direction < 0 else COUNT)).to_be_in_viewport()


async def test_one_button_leads_back_to_the_newest(visit: Visit, archive: int) -> None:
    ann = await visit("Ann", path=None, room=archive)
    await ann.page.goto(f"{ann.site.url}/rooms/{archive}/5/")
    await ann.is_live()
    await expect(exactly(ann, 5)).to_be_in_viewport()
    await ann.page.get_by_role("button", name="To the newest").click()
    await expect(exactly(ann, COUNT)).to_be_in_viewport(ratio=1)
    await expect(ann.page.get_by_role("button", name="To the newest")).not_to_be_visible()


async def test_a_room_one_comes_back_to_is_drawn_from_its_end_in_parts(visit: Visit, archive: int) -> None:
    ann = await visit("Ann", archive)
    link = await read_back_and_leave(ann, archive)
    seen = await ann.page.evaluate(_RETURN, {"link": link, "then": None})
    drawn = seen["drawn"]
    assert seen["moved"] == []
    counts = [one["count"] for one in drawn]
    assert counts[0] <= 80
    assert counts[-1] >= 5 * 50
    assert counts == sorted(counts)
    await expect(exactly(ann, COUNT)).to_be_in_viewport(ratio=1)
    # From its first part on the screen is full.
    top = await ann.scroller.evaluate("(one) => one.getBoundingClientRect().top")
    assert max(one["top"] for one in drawn) <= top
    shown = [await one.get_attribute("id") for one in await ann.articles.all()]
    assert shown == [f"m{number}" for number in range(COUNT - len(shown) + 1, COUNT + 1)]


async def test_what_is_not_drawn_yet_is_found(visit: Visit, archive: int) -> None:
    ann = await visit("Ann", archive)
    link = await read_back_and_leave(ann, archive)
    wanted = COUNT - 5 * 50 + 10
    await ann.page.evaluate(
        "(href) => document.body.append(Object.assign(document.createElement('a'), { href, id: 'there' }))",
        f"/rooms/{archive}/{wanted}/",
    )
    await ann.page.evaluate(_RETURN, {"link": link, "then": "#there"})
    await expect(exactly(ann, wanted)).to_be_in_viewport(ratio=1)
    await expect(ann.page.locator(f"#m{wanted}")).to_be_focused()


async def test_messages_that_come_while_one_reads_back_move_nothing_and_are_counted(
    visit: Visit, mia: Person, site: Site, room: int
) -> None:
    site.backstage("seed_messages", mia.id, room, 60)
    ann = await visit("Ann", room)
    await expect(ann.message("number 59")).to_be_in_viewport()
    await ann.scroller.evaluate("(one) => one.scrollBy(0, -700)")
    await ann.page.wait_for_timeout(300)
    await ann.page.evaluate(_WATCH)
    for text in ("One", "Two", "Three"):
        await mia.post(text, room)
    button = ann.page.get_by_role("button", name="3 new messages")
    await expect(button).to_be_visible()
    assert await ann.page.evaluate("moved()") <= 1
    await button.click()
    await expect(ann.message("Three")).to_be_in_viewport()
    await expect(button).not_to_be_visible()


async def test_what_changes_above_and_below_moves_nothing(visit: Visit, mia: Person, site: Site, room: int) -> None:
    site.backstage("seed_messages", mia.id, room, 45)
    ann = await visit("Ann", room)
    messages = await mia.messages(room)
    await expect(ann.message("number 44")).to_be_in_viewport()
    await ann.scroller.evaluate("(one) => one.scrollBy(0, -400)")
    await ann.page.wait_for_timeout(300)
    await ann.page.evaluate(_WATCH)
    await mia.api("PATCH", f"messages/{messages[2]['id']}/", json={"body": "much longer\n" * 20})
    await mia.api("DELETE", f"messages/{messages[1]['id']}/")
    await mia.api("PATCH", f"messages/{messages[44]['id']}/", json={"body": "much longer too\n" * 20})
    await expect(ann.message("much longer too")).to_be_attached()
    await expect(ann.message("Message deleted")).to_be_attached()
    assert await ann.page.evaluate("moved()") <= 1


async def test_who_is_at_the_newest_follows(visit: Visit, mia: Person, site: Site, room: int) -> None:
    site.backstage("seed_messages", mia.id, room, 30)
    ann = await visit("Ann", room)
    for text in ("One", "Two", "Three\n" * 12):
        await mia.post(text, room)
    await expect(ann.message("Three")).to_be_in_viewport(ratio=1)
    await ann.box.fill("a\n" * 12)
    await expect(ann.message("Three").locator(".body")).to_be_in_viewport(ratio=0.9)


async def test_a_room_opens_at_the_first_unread_message_under_a_line(
    visit: Visit, mia: Person, site: Site, room: int
) -> None:
    site.backstage("seed_messages", mia.id, room, 30)
    ann = await visit("Ann", room)
    await ann.page.goto("about:blank")
    for number in range(70):
        await mia.post(f"later {number:02}", room)
    await ann.open(f"/rooms/{room}/")
    await expect(ann.message("later 00")).to_be_in_viewport(ratio=1)
    await expect(ann.log.get_by_role("separator").filter(has_text="New")).to_be_in_viewport()
    await expect(ann.message("later 69")).not_to_be_in_viewport()
    await expect(ann.page.get_by_role("button", name="new messages")).to_be_visible()
    await ann.page.keyboard.press("Escape")
    await expect(ann.message("later 69")).to_be_in_viewport(ratio=1)
    await expect(ann.rooms.locator("[aria-current]")).to_have_accessible_description("")


async def test_the_line_of_new_messages_stays_until_one_leaves_the_room(visit: Visit, mia: Person, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.enter("Lobby")
    await mia.post("Meanwhile", room)
    kitchen = ann.rooms.locator(f"[data-room='{room}'] a")
    await expect(kitchen).to_have_accessible_description("1 unread")
    await kitchen.click()
    line = ann.log.get_by_role("separator").filter(has_text="New")
    await expect(line).to_be_visible()
    await mia.post("And more", room)
    await ann.say("I see")
    await ann.sees("Meanwhile", "And more", "I see")
    await expect(line).to_have_count(1)
    await ann.enter("Lobby")
    await kitchen.click()
    await ann.sees("Meanwhile", "And more", "I see")
    await expect(line).to_have_count(0)


async def test_a_reply_to_something_long_ago_leads_there_through_history(
    visit: Visit, archive: int, mia: Person
) -> None:
    await mia.join(archive)
    oldest = (await mia.api("GET", f"rooms/{archive}/messages/", params={"around": 3, "limit": 5}))["messages"][0]
    made = await mia.post("About that first one", archive, reply_to=oldest["id"])
    ann = await visit("Ann", archive)
    await ann.message("About that first one").locator(".quote").click()
    await expect(exactly(ann, int(oldest["seq"]))).to_be_in_viewport(ratio=1)
    assert await ann.articles.count() <= MOST
    await ann.page.get_by_role("button", name="To the newest").click()
    await expect(ann.message("About that first one")).to_be_in_viewport()
    await mia.api("DELETE", f"messages/{made['id']}/")


@pytest.mark.parametrize("size", [{"width": 320, "height": 568}])
async def test_history_loads_without_a_jump_on_a_small_phone_too(
    visit: Visit, archive: int, size: dict[str, int]
) -> None:
    ann = await visit("Ann", archive, viewport=size, is_mobile=True, has_touch=True)
    await expect(ann.articles.last).to_be_in_viewport()
    for _attempt in range(6):
        seen = await scroll(ann, -1, "m1")
        assert seen["moved"] <= 1, seen
        assert seen["most"] <= MOST
