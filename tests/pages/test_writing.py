"""The box one writes in: keys, input methods, drafts."""

import asyncio
import re

from playwright.async_api import Route, expect

from tests.client import Person
from tests.pages.conftest import PHONE, Visit
from tests.pages.visitor import Visitor, box_of

TOUCH = {"has_touch": True, "is_mobile": True, "viewport": PHONE}


async def compose(visitor: Visitor, typed: str, chosen: str) -> None:
    """Write with an input method, as Chromium does it: the Enter that chooses has `isComposing` and key code 229."""
    session = await visitor.context.new_cdp_session(visitor.page)
    await visitor.box.focus()
    for end in range(1, len(typed) + 1):
        await session.send("Input.imeSetComposition", {"text": typed[:end], "selectionStart": end, "selectionEnd": end})
    await visitor.box.evaluate(
        """(box) => box.dispatchEvent(new KeyboardEvent("keydown",
            { key: "Enter", code: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true }))"""
    )
    await session.send("Input.insertText", {"text": chosen})


async def test_enter_sends_and_shift_enter_breaks_the_line(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.box.press_sequentially("one")
    await ann.box.press("Shift+Enter")
    await ann.box.press_sequentially("two")
    await expect(ann.box).to_have_value("one\ntwo")
    await ann.box.press("Enter")
    await expect(ann.box).to_have_value("")
    await expect(ann.box).to_be_focused()
    await ann.sees("one")
    assert await ann.texts() == ["one\ntwo"]


async def test_what_is_typed_before_there_is_a_script_stays(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    come = asyncio.Event()

    async def wait(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await ann.page.route("**/js/main*.js", wait)
    await ann.page.reload(wait_until="commit")
    await ann.box.press_sequentially("on a slow line")
    come.set()
    await ann.is_live()
    await expect(ann.box).to_have_value("on a slow line")
    await expect(ann.box).to_be_focused()
    await ann.page.reload()
    await ann.is_live()
    await expect(ann.box).to_have_value("on a slow line")


async def test_one_writes_on_where_completion_cannot_be_had_and_has_it_once_it_can(
    visit: Visit, room: int, mia: Person
) -> None:
    ann = await visit("Ann", room)
    ann.expects_network_trouble = True
    asked: list[str] = []

    async def refuse(route: Route) -> None:
        asked.append(route.request.url)
        await route.abort()

    await ann.page.route("**/js/completion_sources*", refuse)
    await ann.say("Said meanwhile")
    await ann.sees("Said meanwhile")
    await ann.box.press_sequentially("Hi ")
    await ann.page.wait_for_timeout(1000)
    # For each time that something was typed; twice where the second is by another address. Not on and on.
    assert 1 <= len(asked) <= 8
    await ann.page.unroute("**/js/completion_sources*")
    await ann.box.press_sequentially(f"@{mia.nickname[:3]}")
    await expect(ann.page.get_by_role("option").filter(has_text=mia.nickname)).to_be_visible()


async def test_enter_never_sends_while_an_input_method_is_composing(visit: Visit, room: int) -> None:
    ann = await visit("小明", room)
    await compose(ann, "nihao", "你好")
    await expect(ann.box).to_have_value("你好")
    await expect(ann.articles).to_have_count(0)
    await ann.page.wait_for_timeout(100)
    await ann.box.press("Enter")
    await ann.sees("你好")


async def test_the_enter_that_safari_sends_right_after_composing_does_not_send(visit: Visit, room: int) -> None:
    ann = await visit("小明", room)
    await ann.box.fill("你好")
    await ann.box.evaluate(
        """(box) => {
          box.dispatchEvent(new CompositionEvent("compositionend", { data: "你好", bubbles: true }));
          const enter = { key: "Enter", keyCode: 13, bubbles: true, cancelable: true };
          box.dispatchEvent(new KeyboardEvent("keydown", enter));
        }"""
    )
    await expect(ann.box).to_have_value("你好")
    await expect(ann.articles).to_have_count(0)


async def test_nothing_but_blanks_is_not_sent(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.say("   \n  ")
    await ann.say("")
    await ann.say("  something  ")
    await ann.sees("something")


async def test_a_message_that_is_too_long_is_refused_in_words_and_kept(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.say("x" * 4001)
    await expect(ann.page.get_by_role("alert").filter(has_text="4000")).to_be_visible()
    await expect(ann.box).to_have_value("x" * 4001)
    await ann.say("x" * 4000)
    await expect(ann.articles).to_have_count(1)


async def test_arrow_up_edits_the_last_message_and_escape_cancels(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await ann.say("Frist")
    await expect(bob.message("Frist")).to_be_visible()
    await bob.say("Mine comes later")
    await ann.sees("Frist", "Mine comes later")
    await ann.box.press("ArrowUp")
    await expect(ann.box).to_have_value("Frist")
    await ann.box.fill("Something else")
    await ann.box.press("Escape")
    await expect(ann.box).to_have_value("")
    await ann.box.press("ArrowUp")
    await ann.box.fill("First")
    await ann.box.press("Enter")
    await bob.sees("First", "Mine comes later")
    await expect(bob.message("First")).to_contain_text("edited")
    await expect(ann.box).to_have_value("")


async def test_arrow_up_in_a_box_with_text_moves_the_caret_only(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.say("Said")
    await ann.sees("Said")
    await ann.box.fill("being written")
    await ann.box.press("ArrowUp")
    await expect(ann.box).to_have_value("being written")


async def test_editing_gives_back_the_draft_it_interrupted(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.say("Said")
    await ann.sees("Said")
    await ann.box.fill("half a thought")
    await ann.do("Said", "Edit")
    await expect(ann.box).to_have_value("Said")
    await ann.box.press("Escape")
    await expect(ann.box).to_have_value("half a thought")


async def test_on_touch_enter_breaks_the_line_and_the_button_sends(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room, **TOUCH)
    await ann.box.tap()
    await ann.box.press_sequentially("one")
    await ann.box.press("Enter")
    await ann.box.press_sequentially("two")
    await expect(ann.box).to_have_value("one\ntwo")
    await expect(ann.articles).to_have_count(0)
    await ann.send.tap()
    await ann.sees("one")
    await expect(ann.box).to_be_focused()


async def test_the_box_grows_to_at_most_half_of_the_screen_and_shrinks_again(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    heights = []
    for lines in (1, 4, 200):
        await ann.box.fill("\n".join(["line"] * lines))
        heights.append((await box_of(ann.box))["height"])
    assert heights[0] < heights[1] < heights[2] <= 400
    assert heights[2] > 200
    await expect(ann.send).to_be_in_viewport(ratio=1)
    await ann.box.fill("")
    assert (await box_of(ann.box))["height"] == heights[0]


async def test_a_draft_survives_reload_belongs_to_its_room_and_shows_in_the_sidebar(
    visit: Visit, room: int, mia: Person
) -> None:
    other = await mia.make_room("public", "Garden for drafts")
    ann = await visit("Ann", room)
    await ann.api("POST", f"rooms/{other}/join/")
    await ann.box.press_sequentially("Half a thought")
    await ann.page.reload()
    await ann.is_live()
    await expect(ann.box).to_have_value("Half a thought")
    await ann.enter("Garden for drafts")
    await expect(ann.box).to_have_value("")
    kitchen = ann.rooms.get_by_role("link").filter(has_text="Half a thought")
    await expect(kitchen).to_contain_text("Draft")
    await kitchen.click()
    await expect(ann.box).to_have_value("Half a thought")
    await ann.box.press("Enter")
    await ann.sees("Half a thought")
    await ann.enter("Garden for drafts")
    await expect(ann.rooms.get_by_text("Half a thought")).to_have_count(0)


async def test_at_completes_a_name_and_enter_then_chooses_instead_of_sending(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("小明", room)
    await expect(ann.person(bob.nickname)).to_be_visible()
    await ann.box.press_sequentially("Ask @小")
    await expect(ann.page.get_by_role("option").filter(has_text=bob.nickname)).to_be_visible()
    await ann.box.press("Enter")
    await expect(ann.box).to_have_value(f"Ask @{bob.nickname} ")
    await expect(ann.articles).to_have_count(0)
    await ann.box.press("Enter")
    await expect(bob.message("Ask @").locator(".mention")).to_have_class(re.compile("mine"))


async def test_control_b_and_i_mark_what_is_selected(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.box.fill("strong")
    await ann.box.press("Control+a")
    await ann.box.press("Control+b")
    await expect(ann.box).to_have_value("**strong**")
    await ann.box.press("Enter")
    await expect(ann.message("strong").locator("strong")).to_be_visible()


async def test_what_is_put_into_the_box_is_undone_like_what_is_typed(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await ann.box.press_sequentially("hello world")
    await ann.box.press("Control+a")
    await ann.box.press("Control+b")
    await expect(ann.box).to_have_value("**hello world**")
    await ann.box.press("Control+z")
    await expect(ann.box).to_have_value("hello world")
    await ann.box.press("End")
    await ann.box.press_sequentially(f" @{bob.nickname[:4]}")
    await ann.page.get_by_role("option").filter(has_text=bob.nickname).click()
    await expect(ann.box).to_have_value(f"hello world @{bob.nickname} ")
    await ann.box.press("Control+z")
    await expect(ann.box).to_have_value(f"hello world @{bob.nickname[:4]}")
    for _try in range(30):
        await ann.box.press("Control+z")
    await expect(ann.box).to_have_value("")
