"""The sign-in card, the set-up page, and the way out."""

import asyncio
import re
from collections.abc import Callable

from playwright.async_api import expect

from tests.pages.conftest import Visit, unlike_others
from tests.pages.visitor import Visitor
from tests.servers import Site

PASSWORD = "correct horse battery"


async def come_in(visitor: Visitor, nickname: str) -> None:
    await visitor.page.goto(visitor.site.url)
    await visitor.page.get_by_role("textbox", name="Nickname").fill(nickname)
    await visitor.page.get_by_role("button", name="Enter", exact=True).click()


async def printed_link(site: Site) -> str:
    for _attempt in range(100):
        if link := re.search(r"http\S+/set-?up/\S+\n", site.printed.read_text()):
            return link.group().strip()
        await asyncio.sleep(0.05)
    raise AssertionError(site.printed.read_text())


async def test_a_nickname_and_one_click_lead_into_the_lobby(open_tab: Visit) -> None:
    ann = await open_tab()
    nickname = unlike_others("Ann")
    await come_in(ann, nickname)
    await expect(ann.page.get_by_role("heading", name="Lobby", level=1)).to_be_visible()
    await expect(ann.room_link("Lobby")).to_have_attribute("aria-current", "page")
    await expect(ann.connection).to_contain_text("Live")
    await expect(ann.person("You")).to_contain_text(nickname)


async def test_an_avatar_is_chosen_among_24_by_one_click(open_tab: Visit) -> None:
    tab = await open_tab()
    await tab.page.goto(tab.site.url)
    avatars = tab.page.get_by_role("radiogroup", name="Avatar").get_by_role("radio")
    await expect(avatars.nth(23)).to_be_attached()
    names = [await avatar.get_attribute("aria-label") for avatar in await avatars.all()]
    assert all(names)
    assert len(set(names)) == len(names)
    fox = tab.page.get_by_role("radio", name="fox")
    await tab.page.locator("label", has=fox).click()
    await expect(fox).to_be_checked()
    await tab.page.get_by_role("textbox", name="Nickname").fill(unlike_others("Reynard"))
    await tab.page.get_by_role("button", name="Enter", exact=True).click()
    await expect(tab.page.locator("#me-avatar")).to_have_attribute("src", re.compile("fox"))


async def test_the_avatar_is_kept_when_the_nickname_is_refused(open_tab: Visit, visit: Visit) -> None:
    wang = await visit("Wang")
    tab = await open_tab()
    tab.expects_network_trouble = True
    await tab.page.goto(tab.site.url)
    await tab.page.locator("label", has=tab.page.get_by_role("radio", name="whale")).click()
    await tab.page.get_by_role("textbox", name="Nickname").fill(wang.nickname.lower())
    await tab.page.get_by_role("button", name="Enter", exact=True).click()
    await expect(tab.page.get_by_role("textbox", name="Nickname")).to_have_attribute("aria-invalid", "true")
    await expect(tab.page.get_by_role("radio", name="whale")).to_be_checked()


async def test_a_taken_nickname_says_so_and_its_suggestion_works_by_one_click(open_tab: Visit, visit: Visit) -> None:
    number = unlike_others("")
    await visit(f"Taken{number}", exactly=True)
    tab = await open_tab()
    tab.expects_network_trouble = True
    await come_in(tab, f"ＴＡＫＥＮ{number}")
    nickname = tab.page.get_by_role("textbox", name="Nickname")
    await expect(nickname).to_have_attribute("aria-invalid", "true")
    await expect(tab.page.get_by_text("taken", exact=False).first).to_be_visible()
    suggestion = tab.page.locator("button[name=nickname]")
    offered = str(await suggestion.get_attribute("value"))
    assert offered.casefold() != f"taken{number}"
    await suggestion.click()
    await tab.is_live()
    await expect(tab.page.locator("#me-name")).to_have_text(offered)


async def test_the_printed_link_makes_an_administrator_who_can_sign_in_again(
    open_tab: Visit, fresh_server: Callable[..., Site]
) -> None:
    site = fresh_server()
    link = await printed_link(site)
    boss = await open_tab(site)
    boss.expects_network_trouble = True
    await boss.page.goto(link)
    await boss.page.get_by_role("textbox", name="Nickname").fill("小明")
    passwords = boss.page.locator("input[type=password]")
    await passwords.nth(0).fill(PASSWORD)
    await passwords.nth(1).fill("something else entirely")
    await boss.page.get_by_role("button", name="Make the administrator").click()
    await expect(boss.page.get_by_text("The two passwords differ.")).to_be_visible()
    await passwords.nth(0).fill(PASSWORD)
    await passwords.nth(1).fill(PASSWORD)
    await boss.page.get_by_role("button", name="Make the administrator").click()
    await boss.is_live()

    again = await open_tab(site)
    again.expects_network_trouble = True
    response = await again.page.goto(link)
    assert response
    assert response.status == 404

    await again.page.goto(site.url)
    await again.page.get_by_role("link", name="I have a password").click()
    await again.page.get_by_role("textbox", name="Nickname").fill("小明")
    await again.page.get_by_label("Password").fill("wrong")
    await again.page.get_by_role("button", name="Sign in").click()
    await expect(again.page.get_by_role("alert")).to_contain_text("The nickname or the password is wrong.")
    await expect(again.page.get_by_label("Password")).to_be_focused()
    await again.page.get_by_label("Password").fill(PASSWORD)
    await again.page.get_by_role("button", name="Sign in").click()
    await again.is_live()
    await expect(again.page.locator("#me-name")).to_have_text("小明")


async def test_who_signs_out_is_out_in_all_tabs(visit: Visit, open_tab: Visit) -> None:
    ann = await visit("Ann")
    other = await open_tab(context=ann.context)
    ann.expects_network_trouble = other.expects_network_trouble = True
    await other.open()
    await ann.page.get_by_role("button", name="You and settings").click()
    await ann.page.get_by_role("button", name="Sign out").click()
    await expect(ann.page.get_by_role("textbox", name="Nickname")).to_be_visible()
    await expect(other.page.get_by_role("dialog", name="You are signed out")).to_be_visible()
    await ann.page.goto(ann.site.url)
    await expect(ann.page.get_by_role("button", name="Enter", exact=True)).to_be_visible()


async def test_who_follows_a_link_to_a_room_comes_out_there_after_signing_in(open_tab: Visit, site: Site) -> None:
    tab = await open_tab()
    await tab.page.goto(f"{site.url}/rooms/1/")
    await tab.page.get_by_role("textbox", name="Nickname").fill("Linked")
    await tab.page.get_by_role("button", name="Enter", exact=True).click()
    await expect(tab.page).to_have_url(f"{site.url}/rooms/1-lobby/")
