"""简体中文: every word of the page, and switching to it."""

import re

from playwright.async_api import expect

from tests.client import Person
from tests.pages.conftest import Visit
from tests.pages.visitor import Visitor

# All that the page shows or says, without what people wrote and keys on keyboards.
_WORDS = """() => {
  const skipped = "article, kbd, script, style, noscript, .room-start b, [lang=en], .person-name, #me-name";
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(skipped)) said.push(walker.currentNode.data);
  for (const one of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    if (!one.closest(skipped)) said.push(one.ariaLabel ?? "", one.title ?? "", one.placeholder ?? "");
  }
  return said.map((text) => text.trim()).filter(Boolean);
}"""
_KEPT = re.compile(r"Chatsite|English|Ctrl|Enter|Shift|Alt|Esc|PageUp|小明\d*|Kitchen \d+|Mia\d+|Bob\d+|JavaScript")


async def english(visitor: Visitor) -> list[str]:
    """Return what is left in English on the page."""
    words = await visitor.page.evaluate(_WORDS)
    return [text for text in words if re.search(r"[A-Za-z]{3}", _KEPT.sub("", text))]


async def test_a_chinese_browser_is_greeted_in_chinese(open_tab: Visit) -> None:
    tab = await open_tab(locale="zh-CN")
    await tab.page.goto(tab.site.url)
    assert await english(tab) == []
    await expect(tab.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    await tab.page.locator("#nickname").fill("小明")
    await tab.page.locator("#enter-form button.primary").click()
    await tab.is_live()
    await expect(tab.page.get_by_role("heading", name="大厅", level=1)).to_be_visible()
    await expect(tab.page.get_by_role("link", name="大厅", exact=True)).to_be_visible()
    await expect(tab.page).to_have_title(re.compile("大厅"))
    assert await english(tab) == []


async def test_every_word_of_the_room_is_chinese(visit: Visit, room: int, mia: Person) -> None:
    xiaoming = await visit("小明", room, locale="zh-CN")
    bob = await visit("Bob", room)
    await mia.post("Something", room)
    await expect(xiaoming.page.locator("article")).to_have_count(1)
    assert await english(xiaoming) == []
    await bob.box.press_sequentially("Hmm")
    await expect(xiaoming.page.locator("#typing")).not_to_be_empty()
    await xiaoming.page.locator("article").hover()
    labels = await xiaoming.page.locator("article .actions button").evaluate_all(
        "(all) => all.map((one) => one.ariaLabel)"
    )
    assert labels
    assert not [label for label in labels if re.search("[A-Za-z]", label)]
    await xiaoming.page.keyboard.press("Control+/")
    await expect(xiaoming.page.get_by_role("dialog")).to_be_visible()
    assert await english(xiaoming) == []
    await xiaoming.page.keyboard.press("Escape")
    await xiaoming.page.locator("#new-room").click()
    await expect(xiaoming.page.get_by_role("dialog")).to_be_visible()
    assert await english(xiaoming) == []
    await xiaoming.page.keyboard.press("Escape")
    await xiaoming.cut_off()
    await expect(xiaoming.page.locator("#connection")).to_have_attribute("data-status", "offline")
    assert await english(xiaoming) == []


async def test_the_language_is_switched_in_the_room_and_stays(visit: Visit) -> None:
    ann = await visit("Ann")
    await ann.page.get_by_role("button", name="You and settings").click()
    await ann.page.get_by_role("button", name="简体中文").click()
    await expect(ann.page.get_by_role("heading", name="大厅", level=1)).to_be_visible()
    await ann.is_live()
    await ann.page.reload()
    await ann.is_live()
    await expect(ann.page.get_by_role("heading", name="大厅", level=1)).to_be_visible()
    await ann.page.locator("#me-button").click()
    await ann.page.get_by_role("button", name="English").click()
    await expect(ann.page.get_by_role("heading", name="Lobby", level=1)).to_be_visible()


async def test_the_language_is_switched_on_the_sign_in_card(open_tab: Visit) -> None:
    tab = await open_tab()
    await tab.page.goto(tab.site.url)
    await tab.page.get_by_role("button", name="简体中文").click()
    await expect(tab.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert await english(tab) == []
