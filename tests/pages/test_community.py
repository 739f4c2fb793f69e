"""A stranger sets up a small community: rooms, an invitation, announcements, a group; and keeps it in order."""

import re
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, expect

from tests.client import Person
from tests.pages.conftest import Visit
from tests.pages.visitor import Visitor

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True}
SOON = 1500


async def make_room(someone: Visitor, name: str, kind: str = "Public", **more: bool) -> None:
    """Make a room by its dialog."""
    await someone.page.get_by_role("button", name="New room").click()
    dialog = someone.page.get_by_role("dialog")
    await dialog.get_by_role("radio", name=kind).check()
    await dialog.get_by_role("textbox", name="Name", exact=True).fill(name)
    if more.get("announcements"):
        await dialog.get_by_label("Only moderators write").check()
    await dialog.get_by_role("button", name="Create").click()
    await someone.is_in(name)


async def settings_page(someone: Visitor, page: str) -> Locator:
    """Open a page of the settings of the open room."""
    await someone.page.get_by_role("button", name="Room settings").click()
    dialog = someone.page.get_by_role("dialog")
    await dialog.get_by_role("tab", name=page).click()
    return dialog


async def my_settings(someone: Visitor, page: str) -> Locator:
    """Open a page of one's own settings."""
    await someone.page.get_by_role("button", name="You and settings").click()
    await someone.page.get_by_role("button", name=re.compile("^Settings")).click()
    dialog = someone.page.get_by_role("dialog")
    await dialog.get_by_role("tab", name=page).click()
    return dialog


async def test_a_link_brings_a_stranger_with_a_phone_into_a_private_room(visit: Visit, open_tab: Visit) -> None:
    ann = await visit("Ann")
    name = f"Plans of {ann.nickname}"
    await make_room(ann, name, "Private")
    dialog = await settings_page(ann, "Invite")
    await dialog.get_by_role("button", name="Make a link").click()
    link = await dialog.get_by_role("textbox", name="Invitation link").input_value()
    await dialog.get_by_role("button", name="Show as QR code").click()
    await expect(dialog.get_by_role("img", name="QR code of the link")).to_be_visible()
    await ann.page.keyboard.press("Escape")
    eve = await open_tab(**PHONE)
    await eve.page.goto(link)
    await expect(eve.page.get_by_role("heading", name=name)).to_be_visible()
    await expect(eve.page.get_by_text(f"{ann.nickname} invites you in.")).to_be_visible()
    await eve.page.get_by_role("textbox", name="Nickname").fill(f"Eve of {ann.nickname}")
    await eve.page.get_by_role("button", name="Enter").click()
    await eve.is_in(name)
    await eve.is_live()
    await eve.box.fill("Here I am")
    await eve.send.click()
    await ann.sees("Here I am")
    await ann.page.goto(link)
    await ann.is_in(name)


async def test_a_link_taken_back_says_so_and_leads_on(visit: Visit, open_tab: Visit) -> None:
    ann = await visit("Ann")
    await make_room(ann, f"Plans of {ann.nickname}", "Private")
    dialog = await settings_page(ann, "Invite")
    await dialog.get_by_role("button", name="Make a link").click()
    link = await dialog.get_by_role("textbox", name="Invitation link").input_value()
    await dialog.get_by_role("button", name="Take the link back").click()
    await expect(dialog.get_by_text("No link is out now.")).to_be_visible()
    eve = await open_tab()
    eve.expects_network_trouble = True
    await eve.page.goto(link)
    await expect(eve.page.get_by_role("heading", name="This invitation is no longer good")).to_be_visible()
    await eve.page.get_by_role("link", name="To the site").click()
    await expect(eve.page.get_by_role("textbox", name="Nickname")).to_be_visible()


async def test_announcements_are_written_by_moderators_and_read_by_all(visit: Visit) -> None:
    ann, bob = await visit("Ann"), await visit("Bob")
    name = f"News of {ann.nickname}"
    await make_room(ann, name, announcements=True)
    await bob.page.get_by_role("button", name="Find rooms").click()
    dialog = bob.page.get_by_role("dialog")
    await dialog.get_by_role("searchbox", name="Search rooms").fill(name)
    await dialog.get_by_role("button", name=f"Join: {name}").click()
    await bob.is_in(name)
    await expect(bob.box).not_to_be_editable()
    await expect(bob.box).to_have_attribute("placeholder", "Only moderators write here.")
    await ann.say("Opening on Monday")
    await bob.sees("Opening on Monday")
    dialog = await settings_page(ann, "Writing")
    await dialog.get_by_label("Only moderators write").uncheck()
    await expect(bob.box).to_be_editable(timeout=SOON)


async def test_a_group_is_made_by_naming_people(visit: Visit, mia: Person) -> None:
    ann, bob = await visit("Ann"), await visit("Bob")
    await ann.page.get_by_role("button", name="New room").click()
    dialog = ann.page.get_by_role("dialog")
    await dialog.get_by_role("radio", name="Group").check()
    for nickname in (bob.nickname, mia.nickname):
        await dialog.get_by_role("textbox", name="People").fill(nickname.lower())
        await dialog.get_by_role("list", name="Found people").get_by_role("button", name=nickname).click()
    await dialog.get_by_role("button", name="Create").click()
    names = ", ".join(sorted([bob.nickname, mia.nickname]))
    await ann.is_in(f"{ann.nickname}, {names}")
    await expect(bob.room_link(f"{ann.nickname}, {names}")).to_be_visible()


async def test_a_renamed_room_is_renamed_for_everyone_and_in_the_address(visit: Visit, mia: Person, room: int) -> None:
    ann, bob = await visit("Ann", room), await visit("Bob", room)
    await mia.api("PATCH", f"rooms/{room}/members/{ann.user}/", json={"role": "moderator"})
    await ann.page.reload()
    await ann.is_live()
    dialog = await settings_page(ann, "About")
    await dialog.get_by_role("textbox", name="Name", exact=True).fill("Tea house")
    await dialog.get_by_role("textbox", name="Topic").fill("Green and black")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Saved")).to_be_visible()
    await expect(bob.page.get_by_role("heading", name="Tea house", level=1)).to_be_visible(timeout=SOON)
    await expect(bob.page).to_have_url(re.compile(f"/rooms/{room}-tea-house/$"))
    await expect(bob.page.get_by_text("Green and black")).to_be_visible()


async def test_someone_is_muted_and_removed_from_the_card(visit: Visit, mia: Person, room: int) -> None:
    ann, bob = await visit("Ann", room), await visit("Bob", room)
    await mia.api("PATCH", f"rooms/{room}/members/{ann.user}/", json={"role": "moderator"})
    await ann.page.reload()
    await ann.is_live()
    for act, sentence in (("Mute for 10 minutes", "is muted."), ("Unmute", "may write again.")):
        await ann.person(bob.nickname).get_by_role("button", name=bob.nickname).click()
        dialog = ann.page.get_by_role("dialog", name=bob.nickname)
        await dialog.get_by_role("button", name="Moderate").click()
        await ann.page.get_by_role("button", name=act).click()
        if act != "Unmute":
            await ann.page.get_by_role("dialog", name=act).get_by_role("button", name="Mute").click()
        await expect(dialog.get_by_text(sentence)).to_be_visible()
        await expect(bob.box).to_be_editable(editable=act == "Unmute", timeout=SOON)
        await ann.page.keyboard.press("Escape")
    await ann.person(bob.nickname).get_by_role("button", name=bob.nickname).click()
    await ann.page.get_by_role("button", name="Moderate").click()
    await ann.page.get_by_role("button", name="Remove from the room").click()
    await ann.page.get_by_role("dialog", name="Remove from the room").get_by_role("button", name="Remove").click()
    await bob.is_in("Lobby")
    await expect(bob.page.get_by_text("You are no longer in that room.")).to_be_visible()


async def test_who_is_blocked_is_folded_away_and_cannot_write_in_private(visit: Visit, room: int) -> None:
    ann, bob = await visit("Ann", room), await visit("Bob", room)
    await bob.say("Noise")
    await ann.sees("Noise")
    await bob.person(ann.nickname).get_by_role("button", name="Private chat").click()
    await bob.is_in(ann.nickname)
    await bob.say("psst")
    await ann.person(bob.nickname).get_by_role("button", name=bob.nickname).click()
    dialog = ann.page.get_by_role("dialog", name=bob.nickname)
    await dialog.get_by_role("button", name="Block").click()
    await expect(dialog.get_by_text("Blocked by you")).to_be_visible()
    await ann.page.keyboard.press("Escape")
    await expect(ann.message("Noise")).to_have_count(0)
    await ann.message("Message from someone you blocked").get_by_role("button", name="Show").click()
    await ann.sees("Noise")
    await bob.say("hello?")
    await expect(bob.page.get_by_text("This person does not want private chats with you.")).to_be_visible()
    await ann.enter(bob.nickname)
    await expect(ann.box).not_to_be_editable()
    await ann.page.get_by_role("button", name="Unblock").click()
    await expect(ann.box).to_be_editable()


async def test_favourites_stand_on_top_and_rooms_can_be_put_by_hand(visit: Visit) -> None:
    ann = await visit("Ann")
    names = [f"{letter} of {ann.nickname}" for letter in "XYZ"]
    for name in names:
        await make_room(ann, name)
    await ann.page.get_by_role("button", name=f"Options: {names[0]}").click()
    await ann.page.get_by_role("button", name="Make it a favourite").click()
    links = ann.rooms.get_by_role("link")
    await expect(links.first).to_have_accessible_name(names[0])
    await ann.page.get_by_role("button", name="You and settings").click()
    await ann.page.get_by_role("button", name="By hand").click()
    await ann.page.keyboard.press("Escape")
    await expect(ann.rooms.locator(".room-item[draggable=true]")).to_have_count(4)
    before = await links.evaluate_all("(all) => all.map((one) => one.ariaLabel)")
    moved = before[2]
    await ann.page.get_by_role("button", name=f"Options: {moved}").click()
    await ann.page.get_by_role("button", name="Move up").click()
    await expect(links.nth(1)).to_have_accessible_name(moved)
    await ann.page.reload()
    await ann.is_live()
    await expect(links.nth(1)).to_have_accessible_name(moved)
    await expect(links.first).to_have_accessible_name(names[0])


async def test_a_muted_room_is_quiet_but_for_mentions(visit: Visit, mia: Person, room: int) -> None:
    ann = await visit("Ann", room)
    name = await ann.page.get_by_role("heading", level=1).inner_text()
    await ann.enter("Lobby")
    await ann.page.get_by_role("button", name=f"Options: {name}").click()
    await ann.page.get_by_role("button", name="Mute the room").click()
    link = ann.room_link(name)
    await expect(link).to_have_class(re.compile("muted"))
    await mia.post("Chatter", room)
    await expect(link).to_have_accessible_description("1 unread, muted")
    await expect(link.locator(".badge")).to_be_hidden()
    await mia.post(f"@{ann.nickname} look", room)
    await expect(link.locator(".room-mention")).to_be_visible()


async def test_an_owner_hands_over_and_leaves(visit: Visit) -> None:
    ann, bob = await visit("Ann"), await visit("Bob")
    name = f"Shop of {ann.nickname}"
    await make_room(ann, name)
    room = int(re.findall(r"/rooms/(\d+)", ann.page.url)[0])
    await bob.api("POST", f"rooms/{room}/join/")
    dialog = await settings_page(ann, "People")
    await dialog.get_by_role("button", name=f"What to do about {bob.nickname}").click()
    await ann.page.get_by_role("button", name="Hand the room over").click()
    await ann.page.get_by_role("button", name="Hand over", exact=True).click()
    await expect(dialog.get_by_text(f"{bob.nickname} owns the room now.")).to_be_visible()
    await dialog.get_by_role("tab", name="For me").click()
    await dialog.get_by_role("button", name="Leave the room").click()
    await ann.page.get_by_role("button", name="Leave", exact=True).click()
    await ann.is_in("Lobby")
    await expect(ann.room_link(name)).to_have_count(0)
    assert (await bob.api("GET", f"rooms/{room}/"))["role"] == "owner"


async def test_a_new_nickname_and_picture_are_seen_by_others_at_once(visit: Visit, room: int, tmp_path: Path) -> None:
    ann, bob = await visit("Ann", room), await visit("Bob", room)
    ann.expects_network_trouble = True
    dialog = await my_settings(ann, "Profile")
    await dialog.get_by_role("textbox", name="Nickname").fill(bob.nickname)
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("That nickname is taken")).to_be_visible()
    await dialog.get_by_role("button", name=re.compile("Be “.*” instead")).click()
    await expect(dialog.get_by_text("Saved")).to_be_visible()
    nickname = await dialog.get_by_role("textbox", name="Nickname").input_value()
    await expect(bob.person(nickname)).to_be_visible(timeout=SOON)
    Image.new("RGB", (900, 600), (20, 120, 200)).save(tmp_path / "me.png")
    await dialog.locator("input[type=file]").set_input_files(tmp_path / "me.png")
    await expect(dialog.locator(".picture-frame img")).to_be_visible()
    face = bob.person(nickname).locator("img.avatar")
    await expect(face).to_have_attribute("src", re.compile("/media/pictures/"), timeout=SOON)
    await dialog.get_by_role("radio", name="owl").check()
    await expect(face).to_have_attribute("src", re.compile("owl"), timeout=SOON)


async def test_a_guest_sets_a_password_and_comes_back_with_it(visit: Visit, open_tab: Visit) -> None:
    ann = await visit("Ann")
    ann.expects_network_trouble = True
    dialog = await my_settings(ann, "Password")
    for password, sentence in (("short", "too short"), ("a good long password", "Saved.")):
        await dialog.get_by_label("New password", exact=True).fill(password)
        await dialog.get_by_role("button", name="Set the password").click()
        await expect(dialog.get_by_text(sentence)).to_be_visible()
    again = await open_tab()
    await again.page.goto(f"{again.site.url}/sign-in/")
    await again.page.get_by_role("textbox", name="Nickname").fill(ann.nickname)
    await again.page.get_by_role("textbox", name="Password").fill("a good long password")
    await again.page.get_by_role("button", name="Sign in").click()
    await again.is_live()
    await ann.page.reload()
    await ann.is_live()
    dialog = await my_settings(ann, "Signed in")
    await dialog.get_by_role("list", name="Browsers").get_by_role("button", name="Sign out").click()
    await expect(again.page.get_by_role("dialog", name="You are signed out")).to_be_visible()


async def test_a_token_is_shown_once_and_works(visit: Visit) -> None:
    ann = await visit("Ann")
    dialog = await my_settings(ann, "Signed in")
    await dialog.get_by_role("textbox", name="Name").fill("weather bot")
    await dialog.get_by_role("button", name="Make a token").click()
    secret = await dialog.get_by_role("textbox", name="Token", exact=True).input_value()
    bot = Person(ann.site, {"id": ann.user}, secret)
    assert (await bot.api("GET", "me/"))["nickname"] == ann.nickname
    await dialog.get_by_role("list", name="Tokens").get_by_role("button", name="Revoke").click()
    await expect(dialog.get_by_text("None.")).to_be_visible()
    await bot.api("GET", "me/", 401)
    await bot.leave_site()


async def test_an_account_is_deleted_by_typing_its_name(visit: Visit, room: int) -> None:
    ann, bob = await visit("Ann", room), await visit("Bob", room)
    await ann.say("Farewell")
    await bob.sees("Farewell")
    dialog = await my_settings(ann, "Account")
    await dialog.get_by_role("textbox").fill("somebody else")
    await dialog.get_by_role("button", name="Delete the account for ever").click()
    await expect(dialog.get_by_text("That is not your nickname.")).to_be_visible()
    await dialog.get_by_role("textbox").fill(ann.nickname)
    await dialog.get_by_role("button", name="Delete the account for ever").click()
    await expect(ann.page.get_by_role("textbox", name="Nickname")).to_be_visible()
    await bob.page.reload()
    await expect(bob.message("Farewell").get_by_text("former")).to_be_visible()


async def test_someone_idle_is_away_and_back_with_the_first_sign(visit: Visit, room: int) -> None:
    ann, bob = await visit("Ann", room), await visit("Bob", room)
    await bob.page.clock.install()
    await bob.page.reload()
    await bob.is_live()
    sign = ann.person(bob.nickname).locator(".presence")
    await expect(sign).not_to_have_class(re.compile("idle"))
    await bob.page.clock.run_for(5 * 60_000 + 20_000)
    await expect(sign).to_have_class(re.compile("idle"))
    await bob.page.mouse.move(200, 200)
    await bob.page.mouse.move(220, 220)
    await expect(sign).not_to_have_class(re.compile("idle"))
