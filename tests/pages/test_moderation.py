"""Reports, refusals and bans, as people see them; and the desk, by keyboard and pointer, as moderators do."""

import re

from playwright.async_api import expect

from tests.client import Person
from tests.desk import PASSWORD, Desk
from tests.pages.conftest import Visit
from tests.pages.test_message_actions import together
from tests.servers import Site


async def test_a_message_is_reported_and_its_reporter_told(visit: Visit, room: int, site: Site) -> None:
    bob, ann = await together(visit, room, "You are all idiots")
    await ann.do("You are all idiots", "More")
    await ann.page.get_by_role("button", name="Report", exact=True).click()
    dialog = ann.page.get_by_role("dialog", name="Report this message")
    await expect(dialog).to_contain_text("You are all idiots")
    await dialog.get_by_role("radio", name="Insults or harassment").check()
    await dialog.get_by_role("textbox").fill("Every evening")
    await dialog.get_by_role("button", name="Report", exact=True).click()
    await expect(ann.page.get_by_text("A moderator will look at it.")).to_be_visible()
    await expect(dialog).to_have_count(0)
    site.backstage("close_cases", bob.user)
    await ann.page.reload()
    await ann.is_live()
    await expect(ann.page.get_by_text(f"Your report about {bob.nickname}")).to_be_visible()
    await ann.page.reload()
    await ann.is_live()
    await ann.page.wait_for_timeout(500)
    await expect(ann.page.get_by_text(f"Your report about {bob.nickname}")).to_have_count(0)


async def test_a_person_is_reported_from_the_card(visit: Visit, room: int) -> None:
    bob, ann = await together(visit, room, "Hello")
    await ann.message("Hello").locator("[data-person]").first.click()
    await ann.page.get_by_role("dialog", name=bob.nickname).get_by_role("button", name="Report").click()
    dialog = ann.page.get_by_role("dialog", name=f"Report {bob.nickname}")
    await dialog.get_by_role("button", name="Report", exact=True).click()
    await expect(ann.page.get_by_text("A moderator will look at it.")).to_be_visible()


async def test_what_a_filter_refuses_or_holds_says_why(visit: Visit, room: int, site: Site, mia: Person) -> None:
    ann = await visit("Ann", room)
    refuse = site.backstage("make_filter", "words", "casino", "refuse", room)
    hold = site.backstage("make_filter", "words", "poker", "hold", room)
    await ann.page.wait_for_timeout(700)
    await ann.say("casino")
    await expect(ann.message("casino")).to_contain_text("refused by a rule of this site")
    await ann.say("poker")
    await expect(ann.message("poker")).to_contain_text("A moderator will look at this message")
    await expect(ann.message("poker").get_by_role("button", name="Try again")).to_have_count(0)
    site.backstage("let_through", ann.user)
    await expect(ann.message("poker").locator(".delivery")).to_have_count(0, timeout=15000)
    await ann.say("more poker")
    await expect(ann.message("more poker")).to_contain_text("A moderator will look at this message")
    site.backstage("give_password", mia.id, PASSWORD)
    site.backstage("make_moderator", mia.id)
    desk = await Desk(mia).sign_in()
    await desk.act("moderation/heldmessage/", "refuse", site.backstage("held_of", ann.user), reason="not here")
    await desk.close()
    await expect(ann.message("more poker")).to_contain_text("Not sent · not here")
    await expect(ann.message("more poker").get_by_role("button", name="Try again")).to_have_count(0)
    site.backstage("drop_filter", refuse)
    site.backstage("drop_filter", hold)


async def test_the_desk_bans_takes_down_and_takes_back(visit: Visit, room: int, site: Site) -> None:
    boss, bob = await together(visit, room, "Welcome")
    await bob.say("Buy my watches")
    await boss.sees("Welcome", "Buy my watches")
    site.backstage("give_password", boss.user, PASSWORD)
    site.backstage("make_administrator", boss.user)
    tab = await boss.context.new_page()
    await tab.goto(f"{site.url}/sign-in/?next=/admin/")
    await tab.get_by_role("textbox", name="Nickname").fill(boss.nickname)
    await tab.get_by_role("textbox", name="Password").fill(PASSWORD)
    await tab.get_by_role("button", name="Sign in").click()
    await tab.get_by_role("link", name=re.compile("People")).first.click()
    await tab.get_by_role("searchbox").or_(tab.locator("#searchbar")).first.fill(bob.nickname)
    await tab.get_by_role("button", name="Search").click()
    await tab.get_by_role("link", name=bob.nickname).first.click()
    bob.expects_network_trouble = True
    await tab.get_by_role("button", name="Ban", exact=True).click()
    await tab.get_by_label("Take down what they wrote").select_option(label="of the last day")
    await tab.get_by_label("Why").fill("Advertising")
    await tab.get_by_role("button", name="Ban", exact=True).click()
    await expect(tab.get_by_text("Look at it, or take it back")).to_be_visible()
    await expect(bob.page.get_by_role("dialog")).to_contain_text("Advertising")
    await expect(boss.message("Buy my watches")).to_have_count(0)
    await tab.get_by_text("Look at it, or take it back").click()
    await tab.get_by_role("button", name="Take back").click()
    await tab.get_by_role("button", name="Take back").click()
    await expect(tab.get_by_text("Taken back:")).to_be_visible()
    await expect(boss.message("Buy my watches")).to_have_count(1)
    assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await tab.close()


async def test_who_loses_the_nickname_is_told_why_at_once_and_once(
    visit: Visit, room: int, site: Site, mia: Person
) -> None:
    bob = await visit("Rude Bob", room)
    site.backstage("give_password", mia.id, PASSWORD)
    site.backstage("make_moderator", mia.id)
    desk = await Desk(mia).sign_in()
    await desk.act("accounts/user/", "reset_profile", bob.user, nickname="on", reason="Not a name for here")
    await desk.close()
    dialog = bob.page.get_by_role("dialog", name="Your nickname has changed")
    await expect(dialog).to_contain_text("A moderator took your nickname “Rude Bob")
    await expect(dialog).to_contain_text("You are called Somebody")
    await expect(dialog).to_contain_text("Why: Not a name for here")
    await dialog.get_by_role("button", name="Choose another").click()
    await expect(bob.page.get_by_role("textbox", name="Nickname")).to_be_visible()
    await bob.page.reload()
    await bob.is_live()
    await expect(bob.page.locator("#me-name")).to_contain_text("Somebody")
    await bob.page.wait_for_timeout(500)
    await expect(dialog).to_have_count(0)


async def test_who_was_away_is_told_at_the_next_welcome(visit: Visit, room: int, site: Site) -> None:
    bob = await visit("Rude Bob", room)
    await bob.page.goto("about:blank")
    site.backstage("take_nickname", bob.user, "Not a name for here")
    await bob.page.goto(f"{site.url}/rooms/{room}/")
    dialog = bob.page.get_by_role("dialog", name="Your nickname has changed")
    await expect(dialog).to_contain_text("Why: Not a name for here")
