"""What moderators do in a room's page, and what those find whom it concerns: at once, or when they come back."""

import re

from playwright.async_api import expect

from tests.client import Person
from tests.desk import PASSWORD, PEOPLE, Desk
from tests.pages.conftest import PHONE, Visit
from tests.pages.test_message_actions import focus_last_message, press_in_toolbar, together
from tests.pages.visitor import Visitor
from tests.servers import Site

REASON = "Not in this kitchen"


async def as_moderator(visitor: Visitor, mia: Person, room: int) -> None:
    """Have the owner of a room make somebody its moderator, and wait until the page knows."""
    await mia.api("PATCH", f"rooms/{room}/members/{visitor.user}/", json={"role": "moderator"})
    await expect(visitor.person(visitor.nickname)).to_be_visible()
    await visitor.page.reload()
    await visitor.is_live()


# The banned.


async def test_a_banned_guest_who_loads_the_page_again_still_reads_why(visit: Visit, room: int, site: Site) -> None:
    bob = await visit("Bob", room, locale="zh-CN")
    bob.expects_network_trouble = True
    site.backstage("ban", bob.user, REASON, 3)
    await expect(bob.page.get_by_role("dialog")).to_contain_text(REASON, timeout=30_000)
    await bob.page.reload()
    await expect(bob.page.get_by_role("heading", level=1)).to_have_text("你无法进入")
    await expect(bob.page.get_by_role("main")).to_contain_text("此账号被封禁至")
    await expect(bob.page.get_by_role("main")).to_contain_text(REASON)
    await expect(bob.page.get_by_role("textbox")).to_have_count(0)
    await bob.page.goto(site.url)
    await expect(bob.page.get_by_role("main")).to_contain_text(REASON)


# Restoring.


async def test_restore_is_offered_to_those_who_may(visit: Visit, room: int, mia: Person) -> None:
    ann, bob = await together(visit, room, "One", "Two")
    gus = await visit("Gus", room)
    await as_moderator(bob, mia, room)
    await ann.do("One", "Delete")
    for visitor, count in ((ann, 1), (bob, 1), (gus, 0)):
        await expect(visitor.articles.first).to_have_text(re.compile("Message deleted"))
        await expect(visitor.log.get_by_role("button", name="Restore")).to_have_count(count)
    await bob.articles.first.get_by_role("button", name="Restore").click()
    await ann.sees("One", "Two")
    await bob.do("Two", "Delete")
    await bob.page.get_by_role("dialog").get_by_role("button", name="Take down").click()
    for visitor, count in ((bob, 1), (ann, 0), (gus, 0)):
        await expect(visitor.articles.last).to_have_text(re.compile("Message deleted"))
        await expect(visitor.log.get_by_role("button", name="Restore")).to_have_count(count)
    await bob.log.get_by_role("button", name="Restore").click()
    await ann.sees("One", "Two")


async def test_restore_comes_and_goes_with_the_right_to_it(visit: Visit, room: int, mia: Person) -> None:
    ann, bob = await together(visit, room, "Oops")
    await ann.do("Oops", "Delete")
    restore = bob.log.get_by_role("button", name="Restore")
    await expect(bob.articles).to_have_text([re.compile("Message deleted")])
    await expect(restore).to_have_count(0)
    path = f"rooms/{room}/members/{bob.user}/"
    await mia.api("PATCH", path, json={"role": "moderator"})
    await expect(restore).to_have_count(1)
    await mia.api("PATCH", path, json={"muted_until": "2099-01-01T00:00:00Z"})
    await expect(restore).to_have_count(0)
    await mia.api("PATCH", path, json={"muted_until": None})
    await expect(restore).to_have_count(1)
    await mia.api("PATCH", path, json={"role": "member"})
    await expect(restore).to_have_count(0)


# Going.


async def test_who_is_removed_is_gone_from_the_people_of_the_others_at_once(
    visit: Visit, room: int, mia: Person
) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await expect(ann.person(bob.nickname)).to_be_visible()
    await mia.api("DELETE", f"rooms/{room}/members/{bob.user}/", json={"reason": REASON})
    await expect(ann.person(bob.nickname)).to_have_count(0)
    await bob.is_in("Lobby")
    await expect(bob.page.get_by_text(re.compile(f"removed you from .*Reason: {REASON}"))).to_be_visible()
    await expect(bob.page.get_by_text("You are no longer in that room.")).to_have_count(0)


async def test_who_was_not_online_is_gone_from_the_people_too(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await bob.leave()
    away = ann.people.get_by_role("listitem").and_(ann.page.locator(".away")).filter(has_text=bob.nickname)
    await expect(away).to_be_visible()
    await mia.api("DELETE", f"rooms/{room}/members/{bob.user}/")
    await expect(ann.person(bob.nickname)).to_have_count(0)


# Reasons.


async def test_what_another_wrote_is_taken_down_after_a_question(visit: Visit, room: int, mia: Person) -> None:
    bob, ann = await together(visit, room, "Buy watches")
    await as_moderator(ann, mia, room)
    dialog = ann.page.get_by_role("dialog", name="Take down this message?")
    await ann.do("Buy watches", "Delete")
    await expect(dialog).to_contain_text("Buy watches")
    await expect(dialog.get_by_role("textbox", name="Reason (optional)")).to_be_focused()
    await ann.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await ann.page.mouse.move(0, 0)
    await focus_last_message(ann)
    await press_in_toolbar(ann, "Delete")
    await dialog.get_by_role("textbox").fill(REASON)
    await ann.page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(bob.articles).to_have_text([re.compile("Message deleted by a moderator")])
    await expect(bob.page.get_by_text(re.compile(f"took down a message of yours .*Reason: {REASON}"))).to_be_visible()


async def test_on_a_phone_the_question_brings_up_no_keyboard(visit: Visit, room: int, mia: Person) -> None:
    bob = await visit("Bob", room)
    ann = await visit("Ann", room, viewport=PHONE, has_touch=True, is_mobile=True)
    await mia.api("PATCH", f"rooms/{room}/members/{ann.user}/", json={"role": "moderator"})
    await bob.say("Buy watches")
    await expect(ann.message("Buy watches")).to_be_visible()
    box = await ann.message("Buy watches").locator(".body").bounding_box()
    assert box
    point = {"x": box["x"] + 10, "y": box["y"] + box["height"] / 2}
    session = await ann.context.new_cdp_session(ann.page)
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    await expect(ann.page.get_by_role("dialog")).to_be_visible()
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await ann.page.get_by_role("dialog").get_by_role("button", name="Delete").tap()
    dialog = ann.page.get_by_role("dialog", name="Take down this message?")
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await dialog.get_by_role("button", name="Take down").tap()
    await expect(bob.articles).to_have_text([re.compile("Message deleted by a moderator")])


async def test_a_mute_says_why_to_who_is_muted(visit: Visit, room: int, mia: Person) -> None:
    ann, bob = await visit("Ann", room), await visit("Bob", room)
    await as_moderator(ann, mia, room)
    await ann.person(bob.nickname).get_by_role("button", name=bob.nickname).click()
    await ann.page.get_by_role("button", name="Moderate").click()
    await ann.page.get_by_role("button", name="Mute for 1 hour").click()
    dialog = ann.page.get_by_role("dialog", name="Mute for 1 hour")
    await expect(dialog).to_contain_text(f"{bob.nickname} is told it")
    await dialog.get_by_role("textbox").fill(REASON)
    await dialog.get_by_role("button", name="Mute").click()
    await expect(bob.box).not_to_be_editable()
    await expect(bob.page.get_by_text(re.compile(f"muted you .*Reason: {REASON}"))).to_be_visible()


# The desk.


async def test_the_way_to_the_desk_comes_with_the_right_and_goes_with_it(
    visit: Visit, room: int, site: Site, mia: Person
) -> None:
    bob = await visit("Bob", room)
    site.backstage("give_password", mia.id, PASSWORD)
    site.backstage("make_administrator", mia.id)
    await bob.api("PATCH", "me/", password=PASSWORD)
    await bob.page.get_by_role("button", name="You and settings").click()
    link = bob.page.get_by_role("link", name="Moderation")
    await expect(bob.page.get_by_role("button", name="Sign out")).to_be_visible()
    await expect(link).to_have_count(0)
    desk = await Desk(mia).sign_in()
    await desk.act(PEOPLE, "make_moderator", bob.user, reason="trusted")
    await expect(link).to_be_visible()
    await desk.act(PEOPLE, "unmake_moderator", bob.user, reason="no more")
    await expect(link).to_have_count(0)
    await desk.close()


# Held messages.


async def test_what_was_decided_meanwhile_is_found_on_coming_back(
    visit: Visit, room: int, site: Site, mia: Person
) -> None:
    ann = await visit("Ann", room)
    hold = site.backstage("make_filter", "words", "poker", "hold", room)
    await ann.page.wait_for_timeout(700)
    await ann.say("first poker")
    await expect(ann.message("first poker")).to_contain_text("A moderator will look at this message")
    first = site.backstage("held_of", ann.user)
    await ann.say("second poker")
    await expect(ann.message("second poker")).to_contain_text("A moderator will look at this message")
    await ann.page.goto("about:blank")
    site.backstage("give_password", mia.id, PASSWORD)
    site.backstage("make_moderator", mia.id)
    desk = await Desk(mia).sign_in()
    await desk.act("moderation/heldmessage/", "refuse", first, reason=REASON)
    await desk.close()
    site.backstage("let_through", ann.user)
    await ann.open("/")
    notice = ann.page.get_by_role("button", name=re.compile("was not let through.*first poker"))
    await expect(notice).to_contain_text(REASON)
    await notice.click()
    await expect(ann.message("first poker")).to_contain_text(f"Not sent · {REASON}")
    await expect(ann.message("first poker").get_by_role("button", name="Try again")).to_have_count(0)
    await ann.page.reload()
    await ann.is_live()
    await expect(ann.message("first poker")).to_contain_text(f"Not sent · {REASON}")
    await expect(ann.message("second poker")).to_have_count(1)
    await expect(ann.message("second poker").locator(".delivery")).to_have_count(0)
    await ann.message("first poker").get_by_role("button", name="Delete").click()
    await expect(ann.message("first poker")).to_have_count(0)
    site.backstage("drop_filter", hold)
