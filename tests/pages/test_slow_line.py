"""A whole visit over a slow line, at a desk and on a phone: nothing is lost, and nothing moves by itself."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.client import Person
from tests.pages.conftest import DESK, PATIENCE, PHONE, Visit
from tests.pages.files import choose, picture, tray
from tests.pages.test_app import ALLOWED, worker_of
from tests.pages.visitor import Visitor, box_of
from tests.servers import Site

SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""As Lighthouse has it: 400 kbit/s, 400 ms there and back. (Bytes a second, milliseconds.)"""
SLOWLY = 60_000
SHIFTS = """
window.shifts = [];
// Numbers and states grow where they stand.
const growing = "#connection, .badge";
// A room that one joins is put into its list when the server says so, and the list below makes way for it.
const grows = (node) =>
  node.id === "direct-rooms" || (node.nodeType === 1 ? node : node.parentElement)?.closest(growing);
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources, startTime } of list.getEntries()) {
    const moved = sources.filter(({ node }) => node && !grows(node));
    if (hadRecentInput || !moved.length) continue;
    const what = moved.map(({ node, previousRect: a, currentRect: b }) =>
      `${node?.nodeName}.${node?.className} ${[a.x, a.y, a.width, a.height]} to ${[b.x, b.y, b.width, b.height]}`);
    window.shifts.push(`${Math.round(startTime)} ms: ${value.toFixed(4)} ${what}`);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
"""Notes what the browser counts as a layout shift: what moved though nobody had just done anything."""
TOUCH: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


class Walker:
    """One visitor of either size, who does things by the ways that size has."""

    def __init__(self, visitor: Visitor, is_phone: bool, room: int, mia: Person) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self.is_phone = is_phone
        self.room = room
        self.mia = mia
        self.shifts: list[str] = []

    async def slow_down(self) -> None:
        """Make the line a slow one, which it stays."""
        self.line = await self.visitor.context.new_cdp_session(self.page)
        await self.line.send("Network.enable")
        await self.line.send("Network.emulateNetworkConditions", SLOW_3G)

    async def list_rooms(self) -> None:
        """See the list of rooms: on a phone it is one step back."""
        if self.is_phone:
            await self.page.get_by_role("button", name="All rooms").tap()

    async def press(self, one: Locator) -> None:
        """Press something, with what one has."""
        await (one.tap() if self.is_phone else one.click())

    async def act(self, text: str, action: str) -> None:
        """Do something to the message that says `text`."""
        if not self.is_phone:
            await self.visitor.do(text, action)
            return
        box = await box_of(self.visitor.message(text).locator(".body"))
        point = {"x": box["x"] + 10, "y": box["y"] + box["height"] / 2}
        session = await self.visitor.context.new_cdp_session(self.page)
        await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        sheet = self.page.get_by_role("dialog")
        await expect(sheet).to_be_visible()
        await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        await sheet.get_by_role("button", name=action, exact=True).tap()

    async def say(self, text: str) -> None:
        """Write something and send it: by Enter, on a phone by the button."""
        await self.visitor.box.fill(text)
        await (self.visitor.send.tap() if self.is_phone else self.visitor.box.press("Enter"))

    async def is_sent(self) -> None:
        """Wait until nothing waits to be sent."""
        await expect(self.visitor.log.locator("[data-ref]")).to_have_count(0)

    async def note_shifts(self) -> None:
        """Take down what has moved so far; a page that is left takes its list with it."""
        self.shifts += await self.page.evaluate("window.shifts.splice(0)")


@pytest_asyncio.fixture(params=["desk", "phone"], loop_scope="session")
async def walker(
    request: pytest.FixtureRequest, open_tab: Visit, mia: Person, site: Site, room: int
) -> AsyncIterator[Walker]:
    """Somebody who has not come in yet, with a phone of 390 px or at a desk of 1,280, and a slow line."""
    is_phone = request.param == "phone"
    ann = await open_tab(script=SHIFTS, **(TOUCH if is_phone else {"viewport": DESK}), **ALLOWED)
    ann.nickname = f"Ann {request.param} {room}"
    ann.context.set_default_timeout(SLOWLY)
    expect.set_options(timeout=SLOWLY)
    walker = Walker(ann, is_phone, room, mia)
    await walker.slow_down()
    site.backstage("seed_messages", mia.id, room, 120)
    await mia.post("Where is the blue teapot?", room)
    site.backstage("seed_messages", mia.id, room, 120)
    # So each room's head has another width, and its list of people another length.
    site.backstage("fill_room", room, 120)
    await mia.api("PATCH", f"rooms/{room}/", json={"topic": "Teapots of all colours"})
    yield walker
    expect.set_options(timeout=PATIENCE)


async def sign_in(walker: Walker) -> None:
    ann = walker.visitor
    await ann.page.goto(ann.site.url)
    await ann.page.get_by_role("textbox", name="Nickname").fill(ann.nickname)
    await walker.note_shifts()
    await walker.press(ann.page.get_by_role("button", name="Enter", exact=True))
    await ann.is_in("Lobby")
    await ann.is_live(SLOWLY / 1000)


async def find_and_join(walker: Walker, kitchen: str) -> None:
    ann = walker.visitor
    await walker.list_rooms()
    await walker.press(ann.page.get_by_role("button", name="Find rooms"))
    dialog = ann.page.get_by_role("dialog")
    await dialog.get_by_role("searchbox").fill(kitchen)
    found = dialog.get_by_role("listitem").filter(has_text=kitchen)
    await expect(found).to_have_count(1)
    await walker.press(found.get_by_role("button", name="Join"))
    await ann.is_in(kitchen)
    await expect(ann.articles.last).to_be_in_viewport()
    await walker.say("Hello from afar")
    await walker.is_sent()


async def read_from_the_first_unread(walker: Walker) -> None:
    ann, room = walker.visitor, walker.room
    await walker.list_rooms()
    await walker.press(ann.room_link("Lobby"))
    await ann.is_in("Lobby")
    for number in range(40):
        await walker.mia.post(f"news {number:02} " + "of the kitchen " * (number % 7), room)
    await walker.list_rooms()
    link = ann.rooms.locator(f"[data-room='{room}'] a")
    await expect(link).to_have_accessible_description("40 unread")
    await walker.press(link)
    await expect(ann.message("news 00")).to_be_in_viewport(ratio=1)
    await expect(ann.log.get_by_role("separator").filter(has_text="New")).to_be_in_viewport()
    await walker.press(ann.page.get_by_role("button", name="new messages"))
    await expect(ann.message("news 39")).to_be_in_viewport(ratio=1)


async def reply_with_a_picture_and_edit_that(walker: Walker) -> None:
    ann = walker.visitor
    await walker.act("news 39", "Reply")
    await choose(ann, picture("kitchen.png", (900, 600)))
    await walker.say("This one")
    await expect(ann.message("This one").get_by_role("link", name="kitchen.png")).to_be_visible()
    await walker.is_sent()
    await expect(tray(ann)).to_have_count(0)
    await walker.act("This one", "Edit")
    await expect(ann.box).to_have_value("This one")
    await walker.say("That one")
    await expect(ann.message("That one")).to_contain_text("edited")


async def search_and_go_there(walker: Walker) -> None:
    ann = walker.visitor
    await walker.press(ann.page.get_by_role("button", name="Search messages"))
    dialog = ann.page.get_by_role("dialog", name="Search messages")
    await dialog.get_by_role("searchbox").fill(f"teapot in:{walker.room}")
    hit = dialog.get_by_role("listitem").filter(has_text="blue teapot")
    await expect(hit).to_have_count(1)
    await walker.press(hit.get_by_role("button"))
    await expect(ann.message("blue teapot")).to_be_in_viewport(ratio=1)


async def mention_somebody(walker: Walker) -> None:
    ann, nickname = walker.visitor, walker.mia.user["nickname"]
    await ann.box.click()
    await ann.box.press_sequentially(f"Ask @{nickname[:4]}")
    await expect(ann.page.get_by_role("option").filter(has_text=nickname)).to_be_visible()
    await ann.box.press("Enter")
    await ann.box.press_sequentially("about it")
    await (ann.send.tap() if walker.is_phone else ann.box.press("Enter"))
    await expect(ann.message("about it").locator(".mention")).to_have_text(f"@{nickname}")
    await walker.is_sent()


async def write_ten_messages_offline_and_come_back(walker: Walker) -> None:
    ann = walker.visitor
    await worker_of(ann)
    ann.expects_network_trouble = True
    await walker.line.send("Network.emulateNetworkConditions", SLOW_3G | {"offline": True})
    await ann.context.set_offline(True)
    await expect(ann.connection).to_contain_text("Offline")
    written = [f"Written offline {number}" for number in range(10)]
    for text in written:
        await walker.say(text)
    await expect(ann.connection).to_contain_text("10 waiting")
    await walker.mia.post("meanwhile", walker.room)
    await ann.context.set_offline(False)
    await walker.line.send("Network.emulateNetworkConditions", SLOW_3G)
    await ann.is_live(SLOWLY / 1000)
    await walker.is_sent()
    assert [body for body in await said(walker) if body.startswith("Written offline")] == written


async def switch_by_keyboard(walker: Walker) -> None:
    ann = walker.visitor
    await ann.page.keyboard.press("Control+k")
    await ann.page.keyboard.type("Lobby")
    await ann.page.keyboard.press("Enter")
    await ann.is_in("Lobby")
    await ann.page.keyboard.press("Alt+ArrowDown")
    await expect(ann.page.get_by_role("heading", level=1)).not_to_have_text("Lobby")


async def said(walker: Walker) -> list[str]:
    """Return what the last hundred messages of the room say."""
    answer = await walker.mia.api("GET", f"rooms/{walker.room}/messages/?limit=100")
    return [message["body"] for message in answer["messages"]]


async def test_a_visit_from_signing_in_to_coming_back_loses_and_moves_nothing(walker: Walker) -> None:
    kitchen = (await walker.mia.api("GET", f"rooms/{walker.room}/"))["name"]
    await sign_in(walker)
    await find_and_join(walker, kitchen)
    await read_from_the_first_unread(walker)
    await reply_with_a_picture_and_edit_that(walker)
    await search_and_go_there(walker)
    await mention_somebody(walker)
    await write_ten_messages_offline_and_come_back(walker)
    await switch_by_keyboard(walker)
    # What is left of such a visit, installing it and being called by push, is in test_app.
    await walker.note_shifts()
    assert not walker.shifts, "\n".join(walker.shifts)
    bodies = await said(walker)
    for text in ("Hello from afar", "That one", f"Ask @{walker.mia.user['nickname']} about it"):
        assert bodies.count(text) == 1, bodies
