"""Private chats, rooms, and what is unread in them."""

import asyncio
import re

from playwright.async_api import Route, expect

from tests.client import Person
from tests.pages.conftest import PHONE, Visit
from tests.servers import Site


async def test_a_private_chat_opens_from_people_and_appears_with_the_other_by_itself(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("小明", room)
    await ann.chat_with(bob)
    await ann.say("Just for you")
    await expect(bob.room_link(ann.nickname)).to_have_accessible_description("1 unread")
    await expect(bob.page).to_have_title(re.compile(r"^\(1\) "))
    await ann.say("And this")
    await expect(bob.room_link(ann.nickname)).to_have_accessible_description("2 unread")
    await bob.room_link(ann.nickname).click()
    await bob.sees("Just for you", "And this")
    await expect(bob.room_link(ann.nickname)).to_have_accessible_description("")
    await expect(bob.page).not_to_have_title(re.compile(r"\("))
    await bob.say("我也是")
    await ann.sees("Just for you", "And this", "我也是")
    await bob.page.reload()
    await bob.is_live()
    await expect(bob.room_link(ann.nickname)).to_have_accessible_description("")


async def test_nobody_else_sees_a_private_chat(visit: Visit, room: int) -> None:
    ann, bob, eve = [await visit(name, room) for name in ("Ann", "Bob", "Eve")]
    await ann.chat_with(bob)
    await ann.say("Not for Eve")
    await expect(bob.room_link(ann.nickname)).to_be_visible()
    await expect(eve.room_link(ann.nickname)).to_have_count(0)
    eve.expects_network_trouble = True
    response = await eve.page.goto(ann.page.url)
    assert response
    assert response.status == 404
    await expect(eve.page.get_by_text("Not for Eve")).to_have_count(0)


async def test_a_private_chat_is_opened_once_whoever_opens_it(visit: Visit, room: int) -> None:
    ann, bob = [await visit(name, room) for name in ("Ann", "Bob")]
    await ann.chat_with(bob)
    await ann.say("Hi")
    await expect(bob.room_link(ann.nickname)).to_be_visible()
    await bob.chat_with(ann)
    await bob.sees("Hi")
    assert bob.page.url == ann.page.url
    await expect(bob.room_link(ann.nickname)).to_have_count(1)


async def test_a_mention_elsewhere_is_marked_apart_from_the_count(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    await ann.enter("Lobby")
    await mia.post("Nothing much", room)
    await mia.post(f"@{ann.nickname} look", room)
    kitchen = ann.rooms.locator(f"[data-room='{room}'] a")
    await expect(kitchen).to_have_accessible_description("2 unread, 1 mention")
    await expect(kitchen.locator(".badge")).to_have_text("2")
    await expect(kitchen.locator(".room-mention")).to_be_visible()


async def test_what_is_read_in_one_tab_is_read_in_the_other(
    visit: Visit, open_tab: Visit, room: int, mia: Person
) -> None:
    ann = await visit("Ann", room)
    second = await open_tab(context=ann.context)
    await second.open("/")
    kitchen = second.rooms.locator(f"[data-room='{room}'] a")
    await ann.enter("Lobby")
    await mia.post("News", room)
    await expect(kitchen).to_have_accessible_description("1 unread")
    await ann.rooms.locator(f"[data-room='{room}'] a").click()
    await ann.sees("News")
    await expect(kitchen).to_have_accessible_description("")


async def test_a_room_is_made_and_entered_by_its_button(visit: Visit) -> None:
    ann = await visit("Ann")
    name = f"Books of {ann.nickname}"
    await ann.page.get_by_role("button", name="New room").click()
    await ann.page.get_by_role("textbox", name="Name", exact=True).fill(name)
    await ann.page.get_by_role("button", name="Create").click()
    await expect(ann.page.get_by_role("heading", name=name, level=1)).to_be_visible()
    await expect(ann.room_link(name)).to_have_attribute("aria-current", "page")
    await ann.say("First!")
    await ann.sees("First!")


async def test_going_back_in_the_browser_goes_back_to_the_room_before(visit: Visit, room: int, mia: Person) -> None:
    await mia.post("In the kitchen", room)
    ann = await visit("Ann", room)
    await ann.enter("Lobby")
    await ann.page.go_back()
    await ann.sees("In the kitchen")
    assert f"/rooms/{room}-kitchen" in ann.page.url


async def test_going_back_before_the_page_has_begun_goes_back_too(visit: Visit, room: int, mia: Person) -> None:
    await mia.post("In the kitchen", room)
    ann = await visit("Ann", room)
    await ann.enter("Lobby")
    come = asyncio.Event()

    async def wait(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await ann.page.route("**/js/main*.js", wait)
    await ann.page.reload(wait_until="commit")
    await expect(ann.page.get_by_role("heading", name="Lobby", level=1)).to_be_visible()
    await ann.page.evaluate("history.back()")
    await expect(ann.page).to_have_url(re.compile(f"/rooms/{room}-kitchen"))
    come.set()
    await ann.is_live()
    await ann.sees("In the kitchen")
    await expect(ann.page.get_by_role("heading", name="kitchen", level=1)).to_be_visible()
    await ann.say("Here")
    await ann.sees("In the kitchen", "Here")


async def test_keys_switch_rooms_find_rooms_and_toggle_people(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    heading = ann.page.get_by_role("heading", level=1)
    kitchen = await heading.inner_text()
    await ann.page.keyboard.press("Alt+ArrowUp")
    await expect(heading).to_have_text("Lobby")
    await ann.page.keyboard.press("Alt+ArrowDown")
    await expect(heading).to_have_text(kitchen)
    await ann.page.keyboard.press("Control+k")
    await ann.page.keyboard.type("lob")
    # What Enter opens is marked.
    await expect(ann.page.locator("#sidebar .next")).to_contain_text("Lobby")
    await ann.page.keyboard.press("Enter")
    await expect(ann.page.locator("#sidebar .next")).to_have_count(0)
    await expect(heading).to_have_text("Lobby")
    await expect(ann.people).to_be_visible()
    await ann.page.keyboard.press("Control+.")
    await expect(ann.people).not_to_be_visible()
    await ann.page.keyboard.press("Control+.")
    await expect(ann.people).to_be_visible()
    await ann.page.keyboard.press("Control+/")
    await expect(ann.page.get_by_role("dialog", name="Keys")).to_be_visible()


async def test_on_a_phone_the_room_fills_the_screen_and_the_rooms_are_one_step_back(
    visit: Visit, room: int, mia: Person
) -> None:
    ann = await visit("Ann", room, viewport=PHONE, has_touch=True, is_mobile=True)
    await expect(ann.log).to_be_visible()
    await expect(ann.rooms).not_to_be_visible()
    await expect(ann.people).not_to_be_visible()
    await ann.page.get_by_role("button", name="All rooms").tap()
    await expect(ann.rooms).to_be_visible()
    await expect(ann.log).not_to_be_visible()
    await ann.page.go_back()
    await expect(ann.log).to_be_visible()
    await ann.page.get_by_role("button", name="Show people").tap()
    await ann.person(mia.nickname).get_by_role("button", name="Private chat").tap()
    await expect(ann.page.get_by_role("heading", name=mia.nickname, level=1)).to_be_visible()
    await expect(ann.people).not_to_be_visible()


async def test_what_is_told_to_everyone_takes_no_right_from_who_owns_the_room(
    visit: Visit, mia: Person, site: Site
) -> None:
    ann = await visit("Ann")
    room = int((await ann.api("POST", "rooms/", name=f"News of {ann.nickname}", kind="public"))["id"])
    site.backstage("make_read_only", room)
    bob = await visit("Bob", room)
    await ann.open(f"/rooms/{room}/")
    for visitor, can_write in ((ann, True), (bob, False)):
        await expect(visitor.box).to_be_editable(editable=can_write)
    updates: list[str] = []
    ann.page.on("websocket", lambda socket: socket.on("framereceived", lambda payload: updates.append(str(payload))))
    await ann.open(f"/rooms/{room}/")
    await mia.join(room)
    while not any('"room.updated"' in update for update in updates):
        await asyncio.sleep(0.05)
    for visitor, can_write in ((ann, True), (bob, False)):
        await visitor.enter("Lobby")
        await visitor.enter(f"News of {ann.nickname}")
        await expect(visitor.box).to_be_editable(editable=can_write)
    await ann.say("Only I may")
    await bob.sees("Only I may")
