"""Two browsers talk."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.client import Person
from tests.pages.conftest import Visit
from tests.pages.visitor import Visitor
from tests.servers import Site


def date_back(site: Site, room: int, upto: int, moment: datetime) -> None:
    """Let a room's messages up to the number `upto` be of another time."""
    with sqlite3.connect(site.data / "chatsite.sqlite3", timeout=20) as database:
        stamp = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
        database.execute("UPDATE chat_message SET created_at = ? WHERE room_id = ? AND seq <= ?", (stamp, room, upto))
    database.close()


async def follows(visitor: Visitor, text: str) -> bool:
    """Tell whether a message stands without an avatar and a name of its own."""
    return not await visitor.message(text).locator(".avatar").is_visible()


async def test_strangers_come_into_the_lobby_see_each_other_and_talk(visit: Visit) -> None:
    ann = await visit("Ann")
    bob = await visit("小明")
    await expect(ann.person(bob.nickname)).to_be_visible()
    await expect(bob.person(ann.nickname)).to_be_visible()
    await ann.say(f"Hello from {ann.nickname}")
    await expect(bob.message(f"Hello from {ann.nickname}")).to_contain_text(ann.nickname)
    await bob.say(f"你好，{ann.nickname}")
    await expect(ann.message(f"你好，{ann.nickname}")).to_contain_text(bob.nickname)


async def test_who_is_online_is_counted_and_listed_first(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await expect(ann.online).to_have_text("1")
    bob = await visit("Bob", room)
    for visitor in (ann, bob):
        await expect(visitor.online).to_have_text("2")
        await expect(visitor.people.get_by_role("listitem")).to_have_count(3)
        await expect(visitor.people.get_by_role("listitem").last).to_contain_text("Mia")


@pytest.mark.over_sockets
async def test_who_comes_into_a_large_room_is_seen_soon_if_few_are_there(visit: Visit, site: Site, room: int) -> None:
    site.backstage("fill_room", room, 400)
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await expect(ann.person(bob.nickname)).to_be_visible()
    await bob.context.close()
    await expect(ann.people.get_by_role("list").first.get_by_role("listitem")).to_have_count(1)


@pytest.mark.over_sockets  # who polls counts as here for a minute
async def test_coming_and_going_is_told(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await expect(ann.log.get_by_text(f"{bob.nickname} came")).to_be_visible()
    await ann.say("Hi")
    await bob.context.close()
    await expect(ann.log.get_by_text(f"{bob.nickname} left")).to_be_visible()
    await expect(ann.online).to_have_text("1")


async def test_those_who_come_together_are_told_in_one_line(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    others = [await visit(name, room) for name in ("Bob", "Cleo", "Dan")]
    for other in others:
        await expect(ann.log.get_by_text(other.nickname)).to_be_visible()
    await expect(ann.log.get_by_text(re.compile("came$"))).to_have_count(1)


async def test_a_message_shows_at_once_as_sending_and_then_as_sent(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.page.evaluate(
        """() => {
          window.states = [];
          const look = () => {
            const all = [...document.querySelectorAll("[role=log] article")];
            const article = all.find((one) => one.innerText.includes("Quick"));
            const state = !article ? "none" : article.matches(".sending, .pending.sent") ? "outbox" : "stored";
            if (states.at(-1) !== state) states.push(state);
          };
          new MutationObserver(look).observe(document.querySelector("[role=log]"), { subtree: true, childList: true });
        }"""
    )
    await ann.box.fill("Quick")
    shown_at_once = await ann.box.evaluate(
        """(box) => {
          box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
          return [...document.querySelectorAll("[role=log] article")].some((one) => one.innerText.includes("Quick"));
        }"""
    )
    assert shown_at_once
    await ann.sees("Quick")
    states = await ann.page.evaluate("states")
    assert states[-2:] == ["outbox", "stored"]
    assert states.count("none") <= 1, f"it went away in between: {states}"


async def test_nothing_moves_when_a_message_turns_from_sending_to_sent(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.say("Still")
    tops = await ann.page.evaluate(
        """async () => {
          const tops = new Set();
          for (let frame = 0; frame < 60; frame += 1) {
            const all = [...document.querySelectorAll("[role=log] article")];
            const article = all.find((one) => one.innerText.includes("Still"));
            if (article) tops.add(article.querySelector(".body").getBoundingClientRect().top);
            await new Promise(requestAnimationFrame);
          }
          return [...tops];
        }"""
    )
    assert max(tops) - min(tops) <= 1


async def test_messages_in_a_row_are_grouped_under_one_name(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    # A line that tells of him would part what stands before and after it.
    await expect(ann.log.get_by_text(f"{bob.nickname} came")).to_be_visible()
    await ann.say("First of Ann")
    await ann.say("Second of Ann")
    await expect(bob.message("Second of Ann")).to_be_visible()
    await bob.say("First of Bob")
    await ann.sees("First of Ann", "Second of Ann", "First of Bob")
    for visitor in (ann, bob):
        assert [await follows(visitor, text) for text in ("First of Ann", "Second of Ann", "First of Bob")] == [
            False,
            True,
            False,
        ]


async def test_a_pause_of_five_minutes_begins_a_new_group(visit: Visit, room: int, site: Site, mia: Person) -> None:
    await mia.post("Before the pause", room)
    await mia.post("After the pause", room)
    await mia.post("Right after that", room)
    date_back(site, room, 1, datetime.now(UTC) - timedelta(minutes=6))
    ann = await visit("Ann", room)
    assert not await follows(ann, "After the pause")
    assert await follows(ann, "Right after that")


@pytest.mark.parametrize(("zone", "separators"), [("UTC", 2), ("Asia/Shanghai", 1), ("America/New_York", 2)])
async def test_days_are_separated_in_the_time_zone_of_the_viewer(
    visit: Visit, room: int, site: Site, mia: Person, zone: str, separators: int
) -> None:
    for text in ("In the evening", "After midnight"):
        await mia.post(text, room)
    # Half an hour around midnight UTC is one morning in Shanghai; in New York it is one evening, too.
    midnight = datetime(2025, 6, 15, tzinfo=UTC)
    date_back(site, room, 2, midnight + timedelta(minutes=15))
    date_back(site, room, 1, midnight - timedelta(minutes=15))
    if zone == "America/New_York":
        date_back(site, room, 1, midnight - timedelta(hours=20, minutes=15))
    ann = await visit("Ann", room, timezone_id=zone)
    await expect(ann.message("After midnight")).to_be_visible()
    await expect(ann.log.get_by_role("separator")).to_have_count(separators)


async def test_someone_typing_is_told_until_they_have_spoken(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await bob.box.press_sequentially("Let me think")
    await expect(ann.page.get_by_text(f"{bob.nickname} is typing")).to_be_visible()
    await bob.box.press("Enter")
    await expect(ann.message("Let me think")).to_be_visible()
    await expect(ann.page.get_by_text(f"{bob.nickname} is typing")).to_have_count(0)


async def test_who_is_here_for_the_first_time_is_welcomed_once(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await expect(ann.log.get_by_text(f"Welcome, {ann.nickname}!")).to_be_visible()
    await ann.page.reload()
    await ann.is_live()
    await expect(ann.log.get_by_text("Welcome")).to_have_count(0)


async def test_markup_is_shown_as_markup(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await ann.say(f"Look @{bob.nickname}: **bold** and https://example.org/page")
    await ann.say("```python\nprint('hello')\n```")
    message = bob.message("Look @")
    await expect(message.locator("strong")).to_have_text("bold")
    await expect(message.get_by_role("link", name="https://example.org/page")).to_have_attribute(
        "rel", re.compile("noopener")
    )
    await expect(message.locator(".mention")).to_have_class(re.compile("mine"))
    await expect(bob.message("print(").locator("pre code span").first).to_be_visible()
    await expect(bob.message("print(").get_by_role("button", name="Copy the code")).to_be_attached()


async def test_a_few_emoji_alone_are_large(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.say("🎉🎉")
    await ann.say("plain 🎉")
    await ann.sees("🎉🎉", "plain 🎉")
    sizes = await ann.articles.locator(".body").evaluate_all(
        "(all) => all.map((one) => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert sizes[0] > 1.4 * sizes[1]


async def test_two_tabs_of_one_person_are_one_person_online(visit: Visit, open_tab: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    second = await open_tab(context=ann.context)
    await second.open(f"/rooms/{room}/")
    bob = await visit("Bob", room)
    await expect(bob.online).to_have_text("2")
    await expect(bob.person(ann.nickname)).to_have_count(1)
    await ann.say("From the first tab")
    await second.say("From the second tab")
    for visitor in (ann, second, bob):
        await visitor.sees("From the first tab", "From the second tab")
    await second.leave()
    await bob.say("Still here?")
    await ann.sees("From the first tab", "From the second tab", "Still here?")
    await expect(bob.online).to_have_text("2")
    await expect(bob.log.get_by_text(f"{ann.nickname} left")).to_have_count(0)
