"""What one does to messages: by pointer, by keyboard, by long press."""

import re

import pytest
from playwright.async_api import expect

from tests.client import Person
from tests.pages.conftest import PHONE, Visit
from tests.pages.visitor import Visitor, box_of

INTERCEPT_EDITS = """() => {
  const send = WebSocket.prototype.send;
  let held = null;
  WebSocket.prototype.send = function (text) {
    const command = JSON.parse(text);
    if (command.type === "message.edit") held = [this, command];
    else send.call(this, text);
  };
  window.passOn = (changes = {}) => {
    const [socket, command] = held;
    send.call(socket, JSON.stringify({ ...command, ...changes }));
  };
  window.keepApart = () => {
    const [socket, command] = held;
    window.passOnFirst = () => send.call(socket, JSON.stringify(command));
  };
}"""
"""Holds back what is edited until `passOn(changes)`."""


async def together(visit: Visit, room: int, *texts: str) -> tuple[Visitor, Visitor]:
    """Return Ann, who has just said `texts`, and Bob, who has seen them."""
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    for text in texts:
        await ann.say(text)
    await ann.sees(*texts)
    await bob.sees(*texts)
    return ann, bob


async def focus_last_message(visitor: Visitor) -> None:
    """Go from the box to the newest message by keyboard."""
    await visitor.box.focus()
    for _step in range(6):
        await visitor.page.keyboard.press("Shift+Tab")
        if await visitor.page.evaluate("document.activeElement.matches('article')"):
            return
    raise AssertionError("Shift+Tab does not lead from the box to the messages")


async def press_in_toolbar(visitor: Visitor, action: str) -> None:
    """Press a button of the focused message's toolbar by keyboard."""
    await visitor.page.keyboard.press("Enter")
    for _step in range(12):
        if await visitor.page.evaluate("document.activeElement.getAttribute('aria-label')") == action:
            await visitor.page.keyboard.press("Enter")
            return
        await visitor.page.keyboard.press("ArrowRight")
    raise AssertionError(f"the arrow keys do not lead to {action}")


async def test_a_reply_quotes_what_it_answers_and_leads_there(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "Who brings cake?")
    await bob.do("Who brings cake?", "Reply")
    await expect(bob.page.get_by_text(f"To {ann.nickname}: Who brings cake?")).to_be_visible()
    await expect(bob.box).to_be_focused()
    await bob.say("I do")
    quote = ann.message("I do").locator(".quote")
    await expect(quote).to_contain_text(ann.nickname)
    await expect(quote).to_contain_text("Who brings cake?")
    await quote.click()
    await expect(ann.articles.first).to_be_focused()


async def test_escape_gives_up_a_reply(visit: Visit, room: int) -> None:
    _ann, bob = await together(visit, room, "Question")
    await bob.do("Question", "Reply")
    await bob.box.press("Escape")
    await bob.say("No answer")
    await expect(bob.message("No answer").locator(".quote")).to_have_count(0)


async def test_reactions_are_counted_and_taken_back(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "Done!")
    await bob.do("Done!", "React")
    await bob.page.get_by_role("button", name="🎉", exact=True).click()
    thumbs = ann.message("Done!").locator(".reaction")
    await expect(thumbs).to_have_text(re.compile(r"🎉\s*1"))
    await expect(thumbs).to_have_attribute("aria-pressed", "false")
    await thumbs.click()
    await expect(thumbs).to_have_attribute("aria-pressed", "true")
    await expect(bob.message("Done!").locator(".reaction")).to_have_text(re.compile(r"🎉\s*2"))
    await thumbs.click()
    await bob.message("Done!").locator(".reaction").click()
    await expect(ann.message("Done!").locator(".reaction")).to_have_count(0)


async def test_an_edit_reaches_everyone_and_is_marked(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "At six")
    await ann.do("At six", "Edit")
    await ann.box.fill("At seven")
    await ann.box.press("Enter")
    await bob.sees("At seven")
    await expect(bob.message("At seven")).to_contain_text("edited")


@pytest.mark.over_sockets
async def test_an_edit_is_shown_before_it_is_answered(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "At six", "At noon")
    await ann.page.evaluate(INTERCEPT_EDITS)
    await ann.do("At six", "Edit")
    await ann.box.fill("At seven")
    await ann.box.press("Enter")
    await expect(ann.message("At seven")).to_contain_text("Sending")
    await expect(ann.box).to_have_value("")
    await expect(bob.message("At six")).to_be_visible()
    await ann.page.evaluate("passOn()")
    await expect(bob.message("At seven")).to_contain_text("edited")
    await expect(ann.message("At seven")).to_contain_text("edited")
    await expect(ann.message("At seven")).not_to_contain_text("Sending")


@pytest.mark.over_sockets
async def test_an_edit_that_is_refused_comes_back_with_the_reason_and_disturbs_nobody_who_writes(
    visit: Visit, room: int
) -> None:
    ann, _bob = await together(visit, room, "At six", "At noon")
    await ann.page.evaluate(INTERCEPT_EDITS)
    await ann.do("At six", "Edit")
    await ann.box.fill("At seven")
    await ann.box.press("Enter")
    await expect(ann.message("At seven")).to_be_visible()
    await ann.page.evaluate("passOn({ id: 0 })")
    await ann.sees("At six", "At noon")
    await expect(ann.box).to_have_value("At seven")
    await expect(ann.page.locator("#composer-error")).not_to_be_empty()
    await ann.box.press("Enter")
    await expect(ann.message("At seven")).to_be_visible()
    await ann.box.fill("Something else")
    await ann.page.evaluate("passOn({ id: 0 })")
    await ann.sees("At six", "At noon")
    await expect(ann.page.locator("#toasts")).not_to_be_empty()
    await expect(ann.box).to_have_value("Something else")
    # What was not saved is there when one edits again.
    await ann.do("At six", "Edit")
    await expect(ann.box).to_have_value("At seven")
    await ann.box.press("Escape")
    await ann.do("At six", "Edit")
    await expect(ann.box).to_have_value("At six")


@pytest.mark.over_sockets
async def test_of_two_edits_the_second_is_kept_though_the_first_is_answered_meanwhile(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "At six")
    await ann.page.evaluate(INTERCEPT_EDITS)
    await ann.box.press("ArrowUp")
    await ann.box.fill("At seven")
    await ann.box.press("Enter")
    await expect(ann.message("At seven")).to_be_visible()
    await ann.page.evaluate("keepApart()")
    await ann.box.press("ArrowUp")
    await expect(ann.box).to_have_value("At seven")
    await ann.box.fill("At eight")
    await ann.box.press("Enter")
    await ann.page.evaluate("passOnFirst()")
    await bob.sees("At seven")
    await ann.page.evaluate("passOn({ id: 0 })")
    await expect(ann.box).to_have_value("At eight")
    await ann.sees("At seven")


async def test_a_deleted_message_leaves_a_trace_and_its_author_can_restore_it(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "Oops")
    await ann.do("Oops", "Delete")
    for visitor in (ann, bob):
        await expect(visitor.articles).to_have_text([re.compile("Message deleted")])
    await expect(bob.articles.get_by_role("button", name="Restore")).to_have_count(0)
    await ann.articles.get_by_role("button", name="Restore").click()
    await ann.sees("Oops")
    await bob.sees("Oops")


async def test_only_the_author_is_offered_to_edit_and_delete(visit: Visit, room: int) -> None:
    _ann, bob = await together(visit, room, "Hers")
    await bob.message("Hers").hover()
    await expect(bob.message("Hers").get_by_role("button", name="Reply", exact=True)).to_be_visible()
    for action in ("Edit", "Delete"):
        await expect(bob.message("Hers").get_by_role("button", name=action, exact=True)).to_have_count(0)


async def test_pinned_messages_are_marked_until_they_are_unpinned(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "The address")
    await ann.do("The address", "Pin")
    await expect(bob.message("The address")).to_contain_text("Pinned")
    await ann.do("The address", "Unpin")
    await expect(bob.message("The address")).not_to_contain_text("Pinned")


async def test_a_copied_link_opens_the_room_at_the_message(
    visit: Visit, room: int, mia: Person, open_tab: Visit
) -> None:
    for number in range(60):
        await mia.post(f"Line {number:02}", room)
    ann = await visit("Ann", room, permissions=["clipboard-read", "clipboard-write"])
    await ann.message("Line 20").scroll_into_view_if_needed()
    await ann.do("Line 20", "Copy link")
    await expect(ann.page.get_by_text("Copied")).to_be_visible()
    link = await ann.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(rf"{ann.site.url}/rooms/{room}-kitchen-\d+/21/", link)
    tab = await open_tab(context=ann.context)
    await tab.page.goto(link)
    await expect(tab.message("Line 20")).to_be_in_viewport()
    await expect(tab.message("Line 59")).not_to_be_in_viewport()


async def test_marked_unread_from_here_counts_again(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    for text in ("One", "Two", "Three"):
        await mia.post(text, room)
    await ann.sees("One", "Two", "Three")
    await ann.do("Two", "More")
    await ann.page.get_by_role("button", name="Mark unread from here").click()
    await expect(ann.rooms.locator("[aria-current]")).to_have_accessible_description("2 unread")


async def test_all_of_it_works_by_keyboard(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "First", "Second")
    await focus_last_message(ann)
    await expect(ann.message("Second")).to_be_focused()
    await ann.page.keyboard.press("ArrowUp")
    await expect(ann.message("First")).to_be_focused()
    await press_in_toolbar(ann, "Reply")
    await expect(ann.box).to_be_focused()
    await ann.page.keyboard.type("Third")
    await ann.page.keyboard.press("Enter")
    await expect(bob.message("Third").locator(".quote")).to_contain_text("First")
    await ann.sees("First", "Second", "Third")

    await focus_last_message(ann)
    await press_in_toolbar(ann, "React")
    await ann.page.keyboard.press("ArrowRight")
    emoji = await ann.page.evaluate("document.activeElement.textContent")
    await ann.page.keyboard.press("Enter")
    await expect(bob.message("Third").locator(".reaction")).to_contain_text(emoji)

    await focus_last_message(ann)
    await press_in_toolbar(ann, "Delete")
    await expect(bob.articles.last).to_contain_text("Message deleted")


@pytest.mark.over_sockets  # the line about the connection comes and goes meanwhile
async def test_the_toolbar_moves_nothing(visit: Visit, room: int) -> None:
    ann, _bob = await together(visit, room, "First", "Second", "Third")
    where = """(all) => all.map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return [x, y, width, height];
    })"""
    await ann.box.hover()
    before = await ann.articles.evaluate_all(where)
    await ann.message("Second").hover()
    await expect(ann.message("Second").get_by_role("button", name="Reply", exact=True)).to_be_visible()
    assert await ann.articles.evaluate_all(where) == before


async def test_a_long_press_offers_everything_on_touch(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room, has_touch=True, is_mobile=True, viewport=PHONE)
    bob = await visit("Bob", room)
    await bob.say("Press me")
    box = await box_of(ann.message("Press me").locator(".body"))
    assert box
    point = {"x": box["x"] + 10, "y": box["y"] + box["height"] / 2}
    session = await ann.context.new_cdp_session(ann.page)
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    sheet = ann.page.get_by_role("dialog")
    await expect(sheet).to_be_visible()
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(sheet.get_by_role("button", name="Copy link")).to_be_visible()
    await sheet.get_by_role("button", name="Reply").tap()
    await expect(sheet).to_have_count(0)
    await expect(ann.page.get_by_text(f"To {bob.nickname}: Press me")).to_be_visible()
