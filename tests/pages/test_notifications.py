"""What one is told of while tabs are open: in the page, on the desktop, by one tab alone, as settings say; and why."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Locator, Route, expect

from tests.client import Person, until
from tests.pages.conftest import PHONE, Visit
from tests.pages.test_for_everyone import serious_faults
from tests.pages.test_settings import settings
from tests.pages.visitor import Visitor
from tests.unit.test_telling import CELLS

STUB = """
window.shown = [];
window.asked = 0;
window.answer = "granted";
window.Notification = class {
  static permission = sessionStorage.permission ?? localStorage.permission ?? "default";
  static async requestPermission() {
    window.asked += 1;
    Notification.permission = window.answer;
    return window.answer;
  }
  constructor(title, options) {
    Object.assign(this, { title, ...options });
    window.shown.push(this);
  }
  close() {}
};
window.rung = 0;
const ring = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) { window.rung += 1; return ring.apply(this, at); };
let looks = true;
document.hasFocus = () => looks;
window.lookAway = (away = true) => {
  looks = !away;
  dispatchEvent(new Event(away ? "blur" : "focus"));
};
"""
GRANTED = STUB + 'localStorage.permission = "granted"; Notification.permission = "granted";'
SHOWN = "window.shown.map(({ title, body, tag, silent }) => ({ title, body, tag, silent }))"


async def wish(someone: Visitor, *what: str) -> None:
    """Turn on switches of this device, as the settings do."""
    for name in what:
        await someone.page.evaluate(f"localStorage.setItem('{name} {someone.user}', '1')")


async def shown(someone: Visitor, count: int) -> list[dict[str, Any]]:
    """Return the desktop notifications, once there are `count`."""
    return await until(lambda: someone.page.evaluate(SHOWN), lambda found: len(found) >= count)


async def look_away(someone: Visitor) -> None:
    """Look at something else, and wait until the other tabs know."""
    await someone.page.evaluate("lookAway()")
    held = "navigator.locks.query().then(({ held }) => held.filter(({ name }) => name.startsWith('tab ')).length)"
    await until(lambda: someone.page.evaluate(held), lambda count: count == 0)


@pytest.fixture
def other(mia: Person) -> Any:
    """A factory of another room that somebody is in."""

    async def make(*people: Visitor) -> int:
        made = await mia.make_room("public", "Another room")
        for person in people:
            await person.api("POST", f"rooms/{made}/join/")
        return made

    return make


async def test_the_page_decides_by_the_same_table_as_the_server(visit: Visit) -> None:
    ann = await visit("Ann")
    cases = [
        [cell.action, "direct" if "private chat" in cell.action else "public", cell.who, cell.outcome] for cell in CELLS
    ]
    wrong = await ann.page.evaluate(
        """async (cases) => {
          const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
          const { why } = await import(loaded.find((name) => /telling\\.\\w+\\.js/.test(name)));
          const me = { id: 1 };
          const build = {
            "that I wrote": { author: { id: 1 }, mentions: [1] },
            "that is a line of the site": { kind: "system" },
            "that was deleted": { deleted_at: "2020-01-01T00:00:00Z" },
            "of somebody I have blocked": { author: { id: 3 } },
            "of somebody I have blocked, that mentions me": { author: { id: 3 }, mentions: [1] },
            "that mentions me": { mentions: [1, 2] },
            "that answers me": { reply_to: { author: { id: 1 } } },
            "that mentions everyone": { mentions_all: true },
            "that mentions and answers me": { mentions: [1], reply_to: { author: { id: 1 } } },
            "in a private chat": {},
            "in a private chat, that mentions me": { mentions: [1] },
            "like any other": {},
          };
          const wrong = [];
          for (const [action, kind, who, expected] of cases) {
            const message = { kind: "text", author: { id: 2 }, ...build[action] };
            const outside = who === "not in the room";
            const room = { kind, role: outside ? null : "member", told_of: outside ? "none" : who };
            const found = why(message, { room, me, isBlocked: (id) => id === 3 });
            if (found !== expected) wrong.push([action, who, found, expected]);
          }
          return wrong;
        }""",
        cases,
    )
    assert wrong == []


async def test_another_room_calls_in_the_page_and_a_press_leads_to_the_message(
    visit: Visit, room: int, mia: Person, other: Any
) -> None:
    ann = await visit("Ann", room, script=GRANTED)
    elsewhere = await other(ann)
    await mia.post("nothing special", elsewhere)
    await mia.post(f"@{ann.nickname} look here", elsewhere)
    news = ann.page.locator(".toast.news")
    await expect(news).to_have_text(re.compile(f"{mia.nickname} in Another room.*look here"))
    await expect(ann.page).to_have_title(re.compile(r"^\(\d+\) "))
    icon = ann.page.locator('link[rel="icon"]')
    await expect(icon).to_have_attribute("href", re.compile("^data:image/png"))
    await news.click()
    await ann.is_in("Another room")
    await expect(ann.message("look here")).to_be_visible()
    await expect(ann.page).not_to_have_title(re.compile(r"^\("))
    await expect(icon).to_have_attribute("href", re.compile("favicon"))
    assert await ann.page.evaluate(SHOWN) == []


async def test_what_is_on_the_screen_is_not_told(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room, script=GRANTED)
    await wish(ann, "desktop")
    await mia.post(f"@{ann.nickname} one", room)
    await expect(ann.message("one")).to_be_visible()
    await look_away(ann)
    # The window is still in sight beside another.
    await mia.post(f"@{ann.nickname} two", room)
    await expect(ann.message("two")).to_be_visible()
    await ann.page.wait_for_timeout(1000)
    assert await ann.page.evaluate(SHOWN) == []
    await expect(ann.page.locator(".toast.news")).to_have_count(0)


async def test_who_looks_elsewhere_is_told_on_the_desktop_and_the_press_leads_back(
    visit: Visit, room: int, mia: Person, other: Any
) -> None:
    ann = await visit("Ann", room, script=GRANTED)
    await wish(ann, "desktop")
    elsewhere = await other(ann)
    await look_away(ann)
    await mia.post("nothing special", elsewhere)
    await mia.post(f"@{ann.nickname} **come**", elsewhere)
    (told,) = await shown(ann, 1)
    assert told["title"] == f"{mia.nickname} in Another room"
    assert told["body"] == f"@{ann.nickname} come"
    assert told["tag"] == f"room-{elsewhere}"
    await ann.page.evaluate("shown[0].onclick()")
    await ann.is_in("Another room")
    await expect(ann.message("come")).to_be_visible()


async def test_of_several_tabs_one_tells_and_none_if_one_is_looked_at(
    visit: Visit, open_tab: Visit, room: int, mia: Person, other: Any
) -> None:
    ann = await visit("Ann", room, script=GRANTED)
    await wish(ann, "desktop")
    elsewhere = await other(ann)
    tabs = [ann]
    for _number in range(2):
        tab = await open_tab(context=ann.context)
        tab.user = ann.user
        await tab.open(f"/rooms/{room}/")
        tabs.append(tab)
    for tab in tabs[:2]:
        await tab.page.evaluate("lookAway()")
    await mia.post(f"@{ann.nickname} once", elsewhere)
    await expect(tabs[2].page.locator(".toast.news")).to_be_visible()
    await ann.page.wait_for_timeout(1000)
    assert [await tab.page.evaluate(SHOWN) for tab in tabs] == [[], [], []]
    await look_away(tabs[2])
    await mia.post(f"@{ann.nickname} twice", elsewhere)
    await until(lambda: _all(tabs), lambda counts: sum(counts) == 1)
    await ann.page.wait_for_timeout(1000)
    assert sum(await _all(tabs)) == 1
    # The one that told is closed: another takes its place.
    teller = next(tab for tab, count in zip(tabs, await _all(tabs), strict=True) if count)
    await teller.leave()
    tabs.remove(teller)
    await mia.post(f"@{ann.nickname} thrice", elsewhere)
    await until(lambda: _all(tabs), lambda counts: sum(counts) == 1)


async def _all(tabs: list[Visitor]) -> list[int]:
    return [len(await tab.page.evaluate(SHOWN)) for tab in tabs]


async def test_after_a_break_there_is_one_summary_and_one_sound(
    visit: Visit, room: int, mia: Person, other: Any
) -> None:
    ann = await visit("Ann", room, script=GRANTED)
    await wish(ann, "desktop", "sound")
    elsewhere = await other(ann)
    await look_away(ann)
    await ann.cut_off()
    await expect(ann.connection).to_contain_text("Offline")
    for number in range(12):
        await mia.post(f"@{ann.nickname} missed {number}", elsewhere)
    await mia.post("missed by nobody", elsewhere)
    await ann.reconnect()
    (told,) = await shown(ann, 1)
    assert (told["title"], told["body"]) == ("Another room", "12 new messages while you were away")
    await ann.page.wait_for_timeout(1500)
    assert len(await ann.page.evaluate(SHOWN)) == 1
    # Two notes are one sound.
    assert await ann.page.evaluate("rung") == 2


async def test_many_at_once_make_one_sound_and_are_off_unless_wanted(
    visit: Visit, room: int, mia: Person, other: Any
) -> None:
    ann = await visit("Ann", room, script=GRANTED)
    elsewhere = await other(ann)
    await look_away(ann)
    await mia.post(f"@{ann.nickname} unheard", elsewhere)
    await expect(ann.page).to_have_title(re.compile(r"^\("))
    await ann.page.wait_for_timeout(1000)
    assert (await ann.page.evaluate("rung"), await ann.page.evaluate(SHOWN)) == (0, [])
    await wish(ann, "sound", "desktop")
    for number in range(6):
        await mia.post(f"@{ann.nickname} heard {number}", elsewhere)
    told = await shown(ann, 6)
    assert [one["silent"] for one in told].count(False) == 1
    assert await ann.page.evaluate("rung") == 2


async def test_do_not_disturb_stays_as_it_was_put_by_who_is_quicker_than_the_server(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    may_answer = asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        if route.request.method == "GET":
            await may_answer.wait()
        await route.fulfill(response=answer)

    dialog = await settings(ann, "Profile")
    await ann.page.route("**/api/v1/notifications/", late)
    await dialog.get_by_role("tab", name="Notifications").click()
    switch = dialog.get_by_label("Do not disturb")
    await switch.check()
    await expect(dialog.get_by_text("Saved")).to_be_visible()
    async with ann.page.expect_event("requestfinished", lambda asked: asked.url.endswith("/notifications/")):
        may_answer.set()
    await ann.page.wait_for_timeout(300)
    await expect(switch).to_be_checked()


async def test_do_not_disturb_holds_in_every_tab_at_once(
    visit: Visit, open_tab: Visit, room: int, mia: Person, other: Any
) -> None:
    ann = await visit("Ann", room, script=GRANTED)
    elsewhere = await other(ann)
    await wish(ann, "desktop")
    second = await open_tab(context=ann.context)
    await second.open(f"/rooms/{room}/")
    dialog = await settings(second, "Notifications")
    await dialog.get_by_label("Do not disturb").check()
    await expect(dialog.get_by_text("Saved")).to_be_visible()
    await second.page.keyboard.press("Escape")
    for tab in (ann, second):
        await tab.page.evaluate("lookAway()")
    await mia.post(f"@{ann.nickname} hush", elsewhere)
    await expect(ann.page).to_have_title(re.compile(r"^\("))
    await ann.page.wait_for_timeout(1000)
    assert sum(await _all([ann, second])) == 0
    assert (await ann.api("GET", "notifications/"))["do_not_disturb"]


async def test_the_browser_is_asked_on_a_press_alone_and_a_no_is_explained(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room, script=STUB)
    await ann.say("Hi")
    assert await ann.page.evaluate("asked") == 0
    dialog = await settings(ann, "Notifications")
    assert await ann.page.evaluate("asked") == 0
    await ann.page.evaluate("window.answer = 'denied'")
    switch = dialog.get_by_label("Desktop notifications")
    await switch.click()
    await expect(dialog.get_by_role("note")).to_contain_text("Allow it in the browser's site settings")
    await expect(switch).not_to_be_checked()
    assert await ann.page.evaluate("asked") == 1
    await ann.page.evaluate("window.answer = 'granted'")
    await switch.click()
    await expect(dialog.get_by_text("Saved")).to_be_visible()
    await expect(switch).to_be_checked()
    await expect(dialog.get_by_role("note")).to_be_hidden()


async def test_where_there_is_no_push_the_settings_say_why(visit: Visit, room: int) -> None:
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
    ann = await visit("Ann", room, script=STUB, user_agent=agent, viewport=PHONE)
    dialog = await _settings_on_phone(ann)
    await expect(dialog.get_by_label("Notify me when the chat is closed")).to_be_disabled()
    await expect(dialog).to_contain_text("Add to Home Screen")


async def _settings_on_phone(someone: Visitor) -> Locator:
    await someone.page.get_by_role("button", name="All rooms").click()
    return await settings(someone, "Notifications")


async def test_the_room_settings_say_what_holds_and_change_it(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    await ann.page.get_by_role("button", name="Room settings").click()
    choice = ann.page.get_by_label("Tell me about")
    await expect(choice).to_have_value("mentions")
    await choice.select_option("all")
    await expect(ann.page.get_by_role("dialog").get_by_text("Saved")).to_be_visible()
    assert (await ann.api("GET", f"rooms/{room}/"))["told_of"] == "all"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_why_one_was_told_is_said_in_words(visit: Visit, room: int, mia: Person, scheme: str) -> None:
    ann = await visit("Ann", room, color_scheme=scheme)
    await mia.post(f"@{ann.nickname} for you", room)
    await mia.post("for nobody", room)
    for text, verdict, reason in [
        ("for you", "You are told of it.", "It mentions you."),
        ("for nobody", "You are not told of it.", "It neither mentions nor answers you"),
    ]:
        await ann.do(text, "More")
        await ann.page.get_by_role("button", name="Why was I told, or not?").click()
        dialog = ann.page.get_by_role("dialog", name="Why was I told, or not?")
        await expect(dialog).to_contain_text(verdict)
        await expect(dialog).to_contain_text(reason)
        assert await serious_faults(ann.page) == []
        await ann.page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_settings_are_for_everyone(visit: Visit, room: int, scheme: str) -> None:
    ann = await visit("Ann", room, color_scheme=scheme, script=STUB)
    await settings(ann, "Notifications")
    await expect(ann.page.get_by_role("heading", name="Devices that are notified")).to_be_visible()
    assert await serious_faults(ann.page) == []
    for width in (320, 390):
        await ann.page.set_viewport_size({"width": width, "height": 700})
        assert await ann.overflow() == []
