"""Emoji: found by name in both languages, picked by keyboard and finger, remembered."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.pages.conftest import PHONE, Visit
from tests.pages.test_for_everyone import serious_faults
from tests.pages.visitor import Visitor, box_of

TOUCH = {"has_touch": True, "is_mobile": True, "viewport": PHONE}


async def picker(visitor: Visitor) -> Locator:
    """Open the picker from the composer."""
    await visitor.page.get_by_role("button", name="Emoji", exact=True).click()
    dialog = visitor.page.get_by_role("dialog", name="Emoji")
    await expect(dialog.get_by_role("button", name="grinning face", exact=True)).to_be_visible()
    return dialog


@pytest.mark.parametrize("typed", [":thumbsu", ":+1", ":拇指"])
async def test_a_colon_completes_an_emoji_by_its_names_in_both_languages(visit: Visit, room: int, typed: str) -> None:
    ann = await visit("Ann", room)
    await ann.box.press_sequentially(f"Good {typed}")
    await expect(ann.page.get_by_role("option").first).to_contain_text("👍")
    await ann.box.press("Tab")
    await expect(ann.box).to_have_value("Good 👍 ")
    await expect(ann.box).to_be_focused()


async def test_times_and_smileys_of_letters_are_left_alone(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.box.press_sequentially("at 10:30 :D")
    await ann.box.press("Enter")
    await ann.sees("at 10:30 :D")


async def test_the_picker_searches_in_both_languages_and_enter_takes_the_first(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    dialog = await picker(ann)
    search = dialog.get_by_role("searchbox", name="Find an emoji")
    await expect(search).to_be_focused()
    await search.press_sequentially("红心")
    await expect(dialog.get_by_role("button")).to_have_text(["❤️"])
    await search.fill("thumbs up")
    await expect(dialog.get_by_role("button").first).to_have_text("👍")
    await expect(dialog.get_by_role("status")).to_contain_text("emoji found")
    await search.fill("no such thing at all")
    await expect(dialog.get_by_text("No emoji by that name.")).to_be_visible()
    await search.fill("thumbs up")
    await search.press("Enter")
    await expect(ann.box).to_have_value("👍")
    await expect(dialog).to_have_count(0)
    await expect(ann.box).to_be_focused()


async def test_arrows_go_through_the_grid_and_what_was_picked_comes_first_next_time(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    dialog = await picker(ann)
    await ann.page.keyboard.press("ArrowDown")
    first = dialog.get_by_role("button").first
    await expect(first).to_be_focused()
    await ann.page.keyboard.press("ArrowRight")
    await expect(dialog.get_by_role("button").nth(1)).to_be_focused()
    await ann.page.keyboard.press("ArrowDown")
    below = await ann.page.evaluate("document.activeElement.dataset.emoji")
    columns = await dialog.locator(".picker-grid").first.evaluate(
        "(one) => getComputedStyle(one).gridTemplateColumns.split(' ').length"
    )
    await expect(dialog.get_by_role("button").nth(1 + columns)).to_have_text(below)
    await ann.page.keyboard.press("ArrowUp")
    await ann.page.keyboard.press("ArrowUp")
    await expect(dialog.get_by_role("searchbox")).to_be_focused()
    await ann.page.keyboard.press("ArrowDown")
    await ann.page.keyboard.press("ArrowRight")
    picked = await ann.page.evaluate("document.activeElement.dataset.emoji")
    await ann.page.keyboard.press("Enter")
    await expect(ann.box).to_have_value(picked)
    await ann.page.get_by_role("button", name="Emoji", exact=True).click()
    recent = ann.page.get_by_role("group", name="Recent", exact=True)
    await expect(recent.get_by_role("button").first).to_have_text(picked)
    await ann.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_any_emoji_can_be_a_reaction(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await ann.say("Look")
    await bob.do("Look", "React")
    await bob.page.get_by_role("button", name="More emoji").click()
    search = bob.page.get_by_role("searchbox", name="Find an emoji")
    await search.press_sequentially("teapot")
    await search.press("Enter")
    await expect(ann.message("Look").locator(".reaction")).to_have_text(re.compile(r"🫖\s*1"))


async def test_a_chinese_page_names_them_in_chinese(visit: Visit, room: int) -> None:
    ann = await visit("小明", room, locale="zh-CN")
    await ann.page.get_by_role("button", name="表情", exact=True).click()
    dialog = ann.page.get_by_role("dialog", name="表情")
    await expect(dialog.get_by_role("button", name="嘿嘿", exact=True)).to_have_text("😀")
    await dialog.get_by_role("searchbox", name="查找表情").fill("rocket")
    await expect(dialog.get_by_role("button", name="火箭", exact=True)).to_have_text("🚀")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_it_is_picked_by_a_finger_and_fits(visit: Visit, room: int, scheme: str) -> None:
    ann = await visit("Ann", room, color_scheme=scheme, **(TOUCH | {"viewport": {"width": 320, "height": 568}}))
    await ann.page.get_by_role("button", name="Emoji", exact=True).tap()
    dialog = ann.page.get_by_role("dialog", name="Emoji")
    face = dialog.get_by_role("button", name="grinning face", exact=True)
    box = await box_of(face)
    assert min(box["width"], box["height"]) >= 44
    assert await ann.overflow() == []
    assert await serious_faults(ann.page) == []
    await face.tap()
    await expect(ann.box).to_have_value("😀")


async def test_where_the_list_cannot_be_fetched_that_is_said(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.cut_off()
    await ann.page.get_by_role("button", name="Emoji", exact=True).click()
    await expect(ann.page.get_by_text("needs the connection")).to_be_visible()
    await ann.reconnect()
    await picker(ann)
