"""The desk at its sizes, in light and dark: nothing is cut off, and what is done often stands out."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.client import Person
from tests.desk import PASSWORD
from tests.pages.conftest import PHONE, Visit
from tests.pages.test_for_everyone import serious_faults
from tests.servers import Site

LISTS = (
    "accounts/user/", "chat/message/", "chat/room/", "moderation/case/?status=all", "moderation/act/",
    "moderation/filter/", "moderation/heldmessage/", "audit/entry/", "accounts/admission/", "auth/group/",
)  # fmt: skip
OpenDesk = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def open_desk(visit: Visit, site: Site) -> OpenDesk:
    """A factory of tabs in which an administrator is at the desk: `await open_desk(color_scheme="dark")`."""

    async def make(**options: Any) -> Page:
        boss = await visit("Boss", **options)
        site.backstage("give_password", boss.user, PASSWORD)
        site.backstage("make_administrator", boss.user)
        boss.expects_network_trouble = True
        await boss.page.goto(f"{site.url}/sign-in/?next=/admin/")
        await boss.page.get_by_role("textbox", name="Nickname").fill(boss.nickname)
        await boss.page.get_by_role("textbox", name="Password").fill(PASSWORD)
        await boss.page.get_by_role("button", name="Sign in").click()
        await expect(boss.page.get_by_role("heading", name="Moderation", level=1)).to_be_visible()
        return boss.page

    return make


@pytest_asyncio.fixture(loop_scope="session")
async def spammer(newcomer: Callable[..., Awaitable[Person]], site: Site, room: int) -> Person:
    """Somebody who has written four times and was reported."""
    bob = await newcomer("Bob the spammer")
    await bob.join(room)
    for number in range(1, 5):
        sent = await bob.post(f"Watches {number}, cheap and good, at https://watches.example/{'x' * 60}", room)
    ann = await newcomer("Ann")
    await ann.api("POST", "reports/", 201, json={"message": sent["id"], "reason": "spam", "text": "Again"})
    return bob


async def test_no_list_is_cut_off_and_filters_stand_above_it(
    open_desk: OpenDesk, site: Site, spammer: Person, room: int
) -> None:
    page = await open_desk()
    rule = site.backstage("make_filter", "words", "never-said-by-anyone", "flag", room)
    for width in (1280, 1024):
        await page.set_viewport_size({"width": width, "height": 800})
        for path in LISTS:
            await page.goto(f"{site.url}/admin/{path}")
            cut = await page.evaluate(
                """() => [document.documentElement, ...document.querySelectorAll(".results, #changelist")]
                    .filter((one) => one.scrollWidth > one.clientWidth)
                    .map((one) => `${one.className || one.tagName}: ${one.scrollWidth} of ${one.clientWidth}`)"""
            )
            assert cut == [], f"{path} at {width} px"
            above = await page.evaluate(
                """() => {
                  const [filters, table] = ["#changelist-filter", "#result_list"]
                    .map((name) => document.querySelector(name)?.getBoundingClientRect());
                  return !filters || !table || filters.bottom <= table.top;
                }"""
            )
            assert above, f"{path} at {width} px"
    site.backstage("drop_filter", rule)


async def test_on_a_phone_a_list_fades_at_its_side_until_one_has_seen_all_of_it(
    open_desk: OpenDesk, site: Site, spammer: Person
) -> None:
    page = await open_desk()
    await page.set_viewport_size(PHONE)
    await page.goto(f"{site.url}/admin/accounts/user/")
    results = page.locator("#changelist .results")
    await expect(page.get_by_role("link", name=spammer.nickname).first).to_be_visible()
    assert await results.evaluate("(one) => one.scrollWidth > one.clientWidth")
    await expect(results).to_have_css("--side", "0.1")
    await results.evaluate("(one) => one.scrollTo(one.scrollWidth, 0)")
    await expect(results).to_have_css("--side", "1")
    await page.set_viewport_size({"width": 1280, "height": 800})
    await expect(results).to_have_css("--side", "1")


async def test_a_list_is_filtered(open_desk: OpenDesk, site: Site, spammer: Person) -> None:
    page = await open_desk()
    await page.goto(f"{site.url}/admin/accounts/user/")
    filters = page.get_by_role("navigation", name="Filter")
    await filters.get_by_text("State").click()
    await filters.get_by_role("link", name="banned").click()
    await expect(page).to_have_url(f"{site.url}/admin/accounts/user/?state=banned")
    await expect(page.get_by_role("link", name=spammer.nickname)).to_have_count(0)
    await expect(filters.locator("summary").first).to_contain_text("banned")
    await filters.get_by_role("link", name="Clear all filters").click()
    await expect(page.get_by_role("link", name=spammer.nickname).first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_raid_is_a_list_of_cards_on_a_phone(
    open_desk: OpenDesk, site: Site, spammer: Person, scheme: str
) -> None:
    page = await open_desk(color_scheme=scheme)
    await page.set_viewport_size(PHONE)
    await page.goto(f"{site.url}/admin/moderation/act/raid/")
    await expect(page.get_by_label("Everyone who came by this invitation")).to_contain_text("invitation")
    await page.get_by_label("Came after").fill("2020-01-01T00:00")
    await page.get_by_role("button", name="Find them").click()
    row = page.get_by_role("row").filter(has_text=spammer.nickname)
    await expect(row.get_by_role("rowheader")).to_contain_text("guest")
    await expect(row.locator("img")).to_have_js_property("complete", True)
    await expect(row.locator(".excerpt li")).to_have_count(3)
    await expect(row.locator(".excerpt li").first).to_contain_text("Watches 4")
    await expect(page.get_by_role("columnheader")).to_have_count(7)
    tops = await row.locator("td[data-label]").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().top)"
    )
    assert tops == sorted(set(tops)), "one below the other"
    lines = await row.locator("td[data-label='first here']").evaluate("(one) => one.clientHeight")
    assert lines < 40, "a date stands on one line"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await serious_faults(page) == []


async def test_common_acts_stand_out_and_the_rest_opens_by_keyboard_without_scripts(
    open_desk: OpenDesk, site: Site, spammer: Person
) -> None:
    page = await open_desk()
    plain = await page.context.browser.new_context(
        storage_state=await page.context.storage_state(), java_script_enabled=False, locale="en-US"
    )
    tab = await plain.new_page()
    await tab.goto(f"{site.url}/admin/accounts/user/{spammer.id}/change/")
    acts = tab.get_by_role("group", name="What can be done")
    await expect(acts.get_by_role("button", name="Ban", exact=True)).to_be_visible()
    await expect(acts.get_by_role("button", name="Mute", exact=True)).to_be_visible()
    sign_out = acts.get_by_role("button", name="Sign out everywhere")
    await expect(sign_out).to_be_hidden()
    await acts.locator("summary").focus()
    await tab.keyboard.press("Enter")
    await expect(sign_out).to_be_visible()
    await expect(tab.get_by_text("0 browsers · 1 token")).to_be_visible()
    await expect(tab.get_by_text("Times are in UTC")).to_be_visible()
    await plain.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_at_the_desk(
    open_desk: OpenDesk, site: Site, spammer: Person, scheme: str
) -> None:
    # In a tab of its own: axe adds styles of its own to pages that import some, and is refused.
    page = await (await open_desk(color_scheme=scheme)).context.new_page()
    faults = {}
    for path in ("", *LISTS, f"accounts/user/{spammer.id}/change/", "auth/group/1/change/", "moderation/filter/add/"):
        await page.goto(f"{site.url}/admin/{path}")
        for size in ({"width": 1280, "height": 800}, PHONE):
            await page.set_viewport_size(size)
            if found := await serious_faults(page):
                faults[f"{path} {size['width']} px"] = found
    assert faults == {}
