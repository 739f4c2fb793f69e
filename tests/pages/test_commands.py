"""What begins with a slash: offered, done by the same calls as the buttons, and refused in words."""

import re

import pytest
from playwright.async_api import expect

from tests.client import Person
from tests.pages.conftest import PHONE, Visit
from tests.pages.test_for_everyone import serious_faults
from tests.pages.visitor import Visitor, box_of

TOUCH = {"has_touch": True, "is_mobile": True, "viewport": PHONE}


async def own_room(visit: Visit, name: str = "Ann", **options: object) -> tuple[Visitor, int]:
    """Return somebody in a public room of his or her own."""
    ann = await visit(name, **options)
    room = int((await ann.api("POST", "rooms/", name=f"Den of {ann.nickname}", kind="public"))["id"])
    await ann.open(f"/rooms/{room}/")
    return ann, room


async def says(visitor: Visitor, sentence: str) -> None:
    """Wait until the composer says why a command was not carried out."""
    await expect(visitor.page.locator("#composer-error")).to_contain_text(sentence)


async def test_me_says_what_one_does_to_everyone_and_stays_so_after_reload(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await ann.say("/me waves at *everyone*")
    for visitor in (ann, bob):
        action = visitor.articles.first
        await expect(action).to_have_class(re.compile("action"))
        await expect(action.locator(".body")).to_have_text(re.compile(rf"^{ann.nickname} waves at everyone"))
        await expect(action.locator("em")).to_have_text("everyone")
    await ann.box.press("ArrowUp")
    await expect(ann.box).to_have_value("waves at *everyone*")
    await ann.say("bows")
    await expect(bob.articles.first.locator(".body")).to_have_text(re.compile(rf"^{ann.nickname} bows"))
    await bob.page.reload()
    await expect(bob.articles.first.locator(".body")).to_have_text(re.compile(rf"^{ann.nickname} bows"))


async def test_what_is_sent_as_text_waits_offline_and_the_rest_says_that_it_needs_a_connection(
    visit: Visit, room: int
) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await ann.box.press_sequentially("/he")
    await expect(ann.page.get_by_role("option")).to_have_count(1)
    await ann.cut_off()
    await ann.say("/me is on a train")
    await ann.say("/shrug")
    await ann.say("/nick Somebody")
    await says(ann, "needs the connection")
    await expect(ann.box).to_have_value("/nick Somebody")
    await ann.box.fill("")
    await ann.reconnect()
    await bob.sees(f"{ann.nickname} is on a train", "¯\\_(ツ)_/¯")


async def test_an_unknown_command_says_so_sends_nothing_and_keeps_the_text(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.say("/dance wildly")
    await says(ann, "There is no command /dance")
    await expect(ann.box).to_have_value("/dance wildly")
    await expect(ann.articles).to_have_count(0)
    await ann.say("/me")
    await says(ann, "/me does something")
    await ann.say("//dance wildly")
    await ann.say("/etc/hosts is a path")
    await ann.sees("/dance wildly", "/etc/hosts is a path")


async def test_the_list_offers_what_is_allowed_here_and_is_gone_through_by_keys(visit: Visit, room: int) -> None:
    bob = await visit("Bob", room)
    await bob.box.press_sequentially("/")
    options = bob.page.get_by_role("option")
    await expect(options.filter(has_text="/me")).to_be_visible()
    await bob.box.press_sequentially("t")
    await expect(options).to_have_count(0)
    await bob.box.fill("")
    ann, _room = await own_room(visit)
    await ann.box.press_sequentially("/t")
    await expect(ann.page.get_by_role("option").filter(has_text="/topic")).to_contain_text("Change the topic")
    await ann.box.press("Enter")
    await expect(ann.box).to_have_value("/topic ")
    await ann.box.fill("/")
    await expect(ann.page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    await ann.box.press("ArrowDown")
    chosen = ann.page.locator('[role="option"][aria-selected="true"]')
    await expect(chosen).to_contain_text("/shrug")
    await expect(ann.box).to_have_attribute("aria-activedescendant", str(await chosen.get_attribute("id")))
    await ann.box.press("Escape")
    await expect(ann.page.get_by_role("option")).to_have_count(0)
    await expect(ann.box).to_have_value("/")


async def test_what_may_not_be_done_here_is_refused_even_if_it_is_typed(visit: Visit, room: int) -> None:
    bob = await visit("Bob", room)
    await bob.say("/topic Mine now")
    await says(bob, "You may not do that in this room.")
    await expect(bob.articles).to_have_count(0)


async def test_the_topic_is_changed(visit: Visit) -> None:
    ann, _room = await own_room(visit)
    await ann.say("/topic Tea & cake")
    await expect(ann.page.locator("#room-topic")).to_have_text("Tea & cake")
    await expect(ann.box).to_have_value("")
    await ann.say("/topic")
    await says(ann, "Write it so: /topic text")


async def test_people_are_brought_in_muted_and_let_write_again(visit: Visit) -> None:
    ann, room = await own_room(visit)
    bob = await visit("Bob Lee")
    await ann.box.press_sequentially(f"/invite {bob.nickname[:3]}")
    await expect(ann.page.get_by_role("option").filter(has_text=bob.nickname)).to_be_visible()
    await ann.box.fill(f"/invite @{bob.nickname}")
    await ann.box.press("Escape")
    await ann.box.press("Enter")
    await bob.enter(f"Den of {ann.nickname}")
    await ann.say(f"/mute {bob.nickname} 2h Enough shouting.")
    await expect(ann.page.locator("#toasts")).to_contain_text(f"{bob.nickname} is muted, ends in 2 hours.")
    await expect(bob.box).not_to_be_editable()
    await expect(bob.page.locator("#toasts")).to_contain_text("Enough shouting.")
    me = next(frame for frame in (await bob.api("GET", "rooms/"))["rooms"] if frame["id"] == room)
    assert me["muted_until"]
    await ann.say(f"/unmute @{bob.nickname}")
    await expect(bob.box).to_be_editable()
    await ann.say("/mute Nobody At All")
    await says(ann, "There is nobody called “Nobody”.")
    for time in ("9999d", "10x Enough", "-5m"):
        await ann.say(f"/mute {bob.nickname} {time}")
        await says(ann, "Write it so: /mute")
        await ann.box.fill("")


async def test_a_private_message_is_sent_and_its_chat_opened(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob Lee", room)
    await ann.say(f"/msg {bob.nickname} psst, over here")
    await ann.is_in(bob.nickname)
    await ann.sees("psst, over here")
    await bob.enter(ann.nickname)
    await bob.sees("psst, over here")
    await ann.page.go_back()
    await expect(ann.box).to_have_value("")


async def test_who_is_not_in_the_room_is_written_to_by_a_name_of_two_words(visit: Visit) -> None:
    ann, _room = await own_room(visit)
    bob = await visit("Bob Lee")
    ann.expects_network_trouble = True
    await ann.say(f'/mute "{bob.nickname}" 1h')
    await says(ann, f"{bob.nickname} is not in this room.")
    await ann.say(f"/msg {bob.nickname} psst, over here")
    await ann.is_in(bob.nickname)
    await ann.sees("psst, over here")


async def test_rooms_are_joined_and_left_and_a_nickname_is_changed(visit: Visit, mia: Person) -> None:
    ann = await visit("Ann")
    name = f"Green house {ann.nickname}"
    await mia.make_room("public", name)
    await ann.box.press_sequentially(f"/join {name[:7]}")
    await ann.page.get_by_role("option").filter(has_text=name).click()
    await expect(ann.box).to_have_value(f"/join #{name} ")
    await ann.box.press("Enter")
    await ann.is_in(name)
    await ann.say("/leave")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Leave", exact=True).click()
    await expect(ann.room_link(name)).to_have_count(0)
    await expect(ann.page.get_by_role("heading", level=1, name=name, exact=True)).to_have_count(0)
    ann.expects_network_trouble = True
    await ann.say("/join Nowhere at all")
    await says(ann, "There is no public room called “Nowhere at all”.")
    await ann.say(f"/nick {mia.nickname}")
    await says(ann, "is free")
    await ann.say(f"/nick {ann.nickname}x")
    await expect(ann.page.locator("#me-name")).to_have_text(f"{ann.nickname}x")


async def test_help_lists_what_there_is(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.say("/help")
    dialog = ann.page.get_by_role("dialog", name="Commands")
    await expect(dialog).to_contain_text("/shrug")
    await expect(dialog).not_to_contain_text("/topic")
    await ann.page.keyboard.press("Escape")
    await expect(ann.box).to_be_focused()


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
async def test_on_a_phone_a_command_is_chosen_by_a_finger(visit: Visit, room: int, language: str) -> None:
    ann = await visit("Ann", room, locale=language, **TOUCH)
    box = ann.page.locator("#message-text")
    await box.tap()
    await box.press_sequentially("/sh")
    option = ann.page.get_by_role("option").filter(has_text="/shrug")
    assert (await box_of(option))["height"] >= 44
    assert await ann.overflow() == []
    await option.tap()
    await expect(box).to_have_value("/shrug ")
    await expect(box).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_where_one_writes(visit: Visit, mia: Person, scheme: str) -> None:
    ann, room = await own_room(visit, color_scheme=scheme)
    await mia.join(room)
    posted = await mia.post("At six", room)
    await mia.api("PATCH", f"messages/{posted['id']}/", json={"body": "At seven in #Lobby"})
    await mia.post("waves", room, action=True)
    await ann.sees("At seven", "waves")
    for typed in ("/", ":smi", "#Lob", "@Mi"):
        await ann.box.fill("")
        await ann.box.press_sequentially(typed)
        await expect(ann.page.get_by_role("option").first).to_be_visible()
        assert await serious_faults(ann.page) == [], typed
    for command in ("/help", "/date"):
        await ann.say(command)
        await expect(ann.page.get_by_role("dialog")).to_be_visible()
        assert await serious_faults(ann.page) == [], command
        await ann.page.keyboard.press("Escape")
        await expect(ann.page.get_by_role("dialog")).to_have_count(0)
    await ann.message("At seven").get_by_role("button", name="edited").click()
    await expect(ann.page.locator(".version-text")).to_have_count(2)
    assert await serious_faults(ann.page) == []
    await ann.page.set_viewport_size({"width": 320, "height": 568})
    assert await ann.overflow() == []


async def test_while_an_input_method_is_composing_no_list_comes_and_no_key_is_taken(visit: Visit, room: int) -> None:
    ann = await visit("小明", room)
    bob = await visit("小红", room)
    await expect(ann.person(bob.nickname)).to_be_visible()
    await ann.box.press_sequentially("@")
    await expect(ann.page.get_by_role("option").first).to_be_visible()
    session = await ann.context.new_cdp_session(ann.page)
    await session.send("Input.imeSetComposition", {"text": "xiaohong", "selectionStart": 8, "selectionEnd": 8})
    await ann.box.evaluate(
        """(box) => box.dispatchEvent(new KeyboardEvent("keydown",
            { key: "Enter", code: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true }))"""
    )
    await expect(ann.box).to_have_value("@xiaohong")
    await session.send("Input.insertText", {"text": "小红"})
    await expect(ann.page.get_by_role("option").filter(has_text=bob.nickname)).to_be_visible()
    await ann.page.wait_for_timeout(50)
    await ann.box.press("Tab")
    await expect(ann.box).to_have_value(f"@{bob.nickname} ")
