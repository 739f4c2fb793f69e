"""The settings of one's own account: name and face, password, where one is signed in, whom one has blocked, the end."""

import re
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Request, expect

from tests.client import Person
from tests.pages.conftest import Visit
from tests.pages.visitor import Visitor
from tests.servers import Site

SOON = 1500
PASSWORD = "a good long password"
"""Of everyone here."""


async def settings(someone: Visitor, page: str) -> Locator:
    """Open a page of the settings by the menu."""
    await someone.page.get_by_role("button", name="You and settings").click()
    await someone.page.get_by_role("button", name=re.compile("^Settings")).click()
    dialog = someone.page.get_by_role("dialog", name="Settings", exact=True)
    await dialog.get_by_role("tab", name=page, exact=True).click()
    return dialog


async def set_password(someone: Visitor) -> None:
    """Make an account of a guest, and load the page again."""
    await someone.api("PATCH", "me/", password=PASSWORD)
    await someone.page.reload()
    await someone.is_live()


async def sign_in(someone: Visitor, nickname: str, password: str = PASSWORD) -> None:
    """Come in by nickname and password."""
    await someone.page.goto(f"{someone.site.url}/sign-in/")
    await someone.page.get_by_role("textbox", name="Nickname").fill(nickname)
    await someone.page.get_by_label("Password", exact=True).fill(password)
    await someone.page.get_by_role("button", name="Sign in").click()


async def send_picture(someone: Visitor, dialog: Locator, path: Path) -> Request:
    """Choose a file as one's picture and return how it was sent."""
    async with someone.page.expect_request("**/me/picture/") as sent:
        await dialog.get_by_label("Your picture").set_input_files(path)
    return await sent.value


async def test_the_keys_open_them_and_escape_leads_back_to_the_box(visit: Visit) -> None:
    ann = await visit("Ann")
    await ann.box.press_sequentially("half a thou")
    await ann.page.keyboard.press("Control+,")
    dialog = ann.page.get_by_role("dialog", name="Settings")
    await expect(dialog.get_by_role("tab", name="Profile")).to_be_focused()
    await ann.page.keyboard.press("ArrowDown")
    await expect(dialog.get_by_role("tab", name="Language and look")).to_be_focused()
    await expect(dialog.get_by_role("group", name="Appearance")).to_be_visible()
    await ann.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(ann.box).to_be_focused()
    await expect(ann.box).to_have_value("half a thou")
    await settings(ann, "Profile")
    await ann.page.keyboard.press("Escape")
    await expect(ann.page.get_by_role("button", name="You and settings")).to_be_focused()


async def test_a_new_nickname_is_seen_by_another_person_at_once(visit: Visit, room: int) -> None:
    ann, bob = await visit("Ann", room), await visit("Bob", room)
    await ann.say("It is me")
    await bob.sees("It is me")
    dialog = await settings(ann, "Profile")
    nickname = f"Anna of {ann.nickname}"
    await dialog.get_by_role("textbox", name="Nickname").fill(nickname)
    await ann.page.keyboard.press("Enter")
    await expect(bob.person(nickname)).to_be_visible(timeout=SOON)
    await expect(bob.message("It is me")).to_contain_text(nickname, timeout=SOON)
    await expect(dialog.get_by_text("Saved")).to_be_visible()
    await ann.page.keyboard.press("Escape")
    await expect(ann.page.locator("#me-name")).to_have_text(nickname)


async def test_a_nickname_that_is_taken_says_so_and_a_free_one_is_offered(visit: Visit) -> None:
    ann, bob = await visit("Ann"), await visit("Bob")
    ann.expects_network_trouble = True
    dialog = await settings(ann, "Profile")
    box = dialog.get_by_role("textbox", name="Nickname")
    await box.fill(bob.nickname.upper())
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("That nickname is taken")).to_be_visible()
    await expect(box).to_be_focused()
    await dialog.get_by_role("button", name=re.compile("Be “.*” instead")).click()
    await expect(dialog.get_by_text("Saved")).to_be_visible()
    await expect(ann.page.locator("#me-name")).to_have_text(await box.input_value())


async def test_a_large_picture_is_sent_as_a_small_square_and_shown_to_all(
    visit: Visit, room: int, tmp_path: Path
) -> None:
    ann, bob = await visit("Ann", room), await visit("Bob", room)
    Image.effect_noise((2400, 1600), 90).save(tmp_path / "me.png")
    dialog = await settings(ann, "Profile")
    sent = await send_picture(ann, dialog, tmp_path / "me.png")
    assert (tmp_path / "me.png").stat().st_size > 2_000_000
    assert int((await sent.all_headers())["content-length"]) < 500_000
    face = bob.person(ann.nickname).locator("img.avatar")
    await expect(face).to_have_attribute("src", re.compile("/media/pictures/"), timeout=SOON)
    await expect(ann.page.locator("#me-avatar")).to_have_attribute("src", re.compile("/media/pictures/"))
    await expect(dialog.get_by_role("radio", checked=True)).to_have_count(0)
    await dialog.get_by_role("button", name="Remove").click()
    await expect(face).to_have_attribute("src", re.compile("/avatars/"), timeout=SOON)
    await expect(dialog.get_by_role("radio", checked=True)).to_have_count(1)


async def test_what_is_no_picture_is_refused_in_words(visit: Visit, tmp_path: Path) -> None:
    ann = await visit("Ann")
    ann.expects_network_trouble = True
    (tmp_path / "me.png").write_bytes(b"no picture at all")
    dialog = await settings(ann, "Profile")
    await send_picture(ann, dialog, tmp_path / "me.png")
    await expect(dialog.get_by_role("status").filter(has_text="picture")).to_be_visible()
    await expect(dialog.get_by_role("radio", checked=True)).to_have_count(1)


async def test_a_picture_can_be_dropped_and_beside_it_nothing_is_opened(visit: Visit) -> None:
    ann = await visit("Ann")
    dialog = await settings(ann, "Profile")
    drop = """async (target) => {
      const blob = await new Promise((done) => document.createElement("canvas").toBlob(done));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([blob], "me.png", { type: "image/png" }));
      const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer });
      target.dispatchEvent(event);
      return event.defaultPrevented;
    }"""
    assert await dialog.get_by_role("heading", name="Settings").evaluate(drop)
    assert await dialog.locator(".picture-control").evaluate(drop)
    await expect(ann.page.locator("#me-avatar")).to_have_attribute("src", re.compile("/media/pictures/"))


async def test_the_language_is_changed_where_one_is_and_what_was_begun_stays(
    visit: Visit, room: int, mia: Person
) -> None:
    ann = await visit("Ann", room)
    await ann.enter("Lobby")
    await ann.box.fill("half a thought")
    dialog = await settings(ann, "Language and look")
    await dialog.get_by_role("button", name="简体中文").click()
    await expect(ann.page.get_by_role("heading", name="大厅", level=1)).to_be_visible()
    await ann.is_live()
    await expect(ann.page.locator("#message-text")).to_have_value("half a thought")
    assert (await ann.api("GET", "me/"))["language"] == "zh-hans"


async def test_the_colours_are_chosen_in_the_settings_and_kept(visit: Visit) -> None:
    ann = await visit("Ann", color_scheme="light")
    dialog = await settings(ann, "Language and look")
    await dialog.get_by_role("button", name="Dark").click()
    await expect(dialog.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    await expect(ann.page.locator("html")).to_have_attribute("data-theme", "dark")
    await ann.page.reload()
    await expect(ann.page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_a_guest_sets_a_password_keeps_everything_and_signs_in_elsewhere(
    visit: Visit, open_tab: Visit, room: int
) -> None:
    ann = await visit("Ann", room)
    ann.expects_network_trouble = True
    await ann.say("Before")
    dialog = await settings(ann, "Password")
    await expect(dialog.get_by_role("heading", name="Set a password and keep everything")).to_be_visible()
    for password, sentence in (("abc", "too short"), ("password1", "too common"), (PASSWORD, "Saved.")):
        await dialog.get_by_label("New password", exact=True).fill(password)
        await ann.page.keyboard.press("Enter")
        await expect(dialog.get_by_text(sentence)).to_be_visible()
    await expect(dialog.get_by_label("Present password")).to_be_visible()
    await expect(ann.page.locator("#me-menu").get_by_text("You have no password")).to_have_count(0)
    again = await open_tab()
    await sign_in(again, ann.nickname)
    await again.is_live()
    await again.page.goto(f"{again.site.url}/rooms/{room}/")
    await again.sees("Before")
    assert (await again.api("GET", "me/"))["id"] == ann.user


async def test_the_present_password_is_asked_for_and_a_wrong_one_refused(visit: Visit, open_tab: Visit) -> None:
    ann = await visit("Ann")
    await set_password(ann)
    ann.expects_network_trouble = True
    dialog = await settings(ann, "Password")
    current = dialog.get_by_label("Present password", exact=True)
    await expect(current).to_have_attribute("autocomplete", "current-password")
    for typed, sentence in (("a wrong one", "The present password is wrong."), (PASSWORD, "Saved.")):
        await current.fill(typed)
        await dialog.get_by_label("New password", exact=True).fill("another good password")
        await dialog.get_by_role("button", name="Change the password").click()
        await expect(dialog.get_by_text(sentence)).to_be_visible()
    again = await open_tab()
    await sign_in(again, ann.nickname, "another good password")
    await again.is_live()


async def test_what_is_typed_as_a_password_can_be_looked_at(visit: Visit) -> None:
    ann = await visit("Ann")
    dialog = await settings(ann, "Password")
    box = dialog.get_by_label("New password", exact=True)
    await expect(box).to_have_attribute("type", "password")
    await dialog.get_by_role("button", name="Show the password").click()
    await expect(box).to_have_attribute("type", "text")


async def test_a_session_that_is_ended_is_signed_out_at_once(visit: Visit, open_tab: Visit) -> None:
    ann = await visit("Ann")
    await set_password(ann)
    again = await open_tab()
    await sign_in(again, ann.nickname)
    await again.is_live()
    dialog = await settings(ann, "Signed in")
    sessions = dialog.get_by_role("list", name="Browsers").get_by_role("listitem")
    await expect(sessions).to_have_count(2)
    await expect(sessions.filter(has_text="this one")).to_have_count(1)
    await sessions.get_by_role("button", name="Sign out").click()
    await expect(again.page.get_by_role("dialog", name="You are signed out")).to_be_visible(timeout=SOON)
    await expect(sessions).to_have_count(1)
    await expect(ann.connection).to_have_text("Live")


async def test_signing_out_everywhere_asks_first_and_ends_all(visit: Visit, open_tab: Visit) -> None:
    ann = await visit("Ann")
    await set_password(ann)
    again = await open_tab()
    await sign_in(again, ann.nickname)
    await again.is_live()
    dialog = await settings(ann, "Signed in")
    for answer in ("Cancel", "Sign out"):
        await dialog.get_by_role("button", name="Sign out everywhere").click()
        asked = ann.page.get_by_role("dialog", name="Sign out everywhere")
        await asked.get_by_role("button", name=answer, exact=True).click()
    await expect(ann.page.get_by_role("textbox", name="Nickname")).to_be_visible()
    await expect(again.page.get_by_role("dialog", name="You are signed out")).to_be_visible()


async def test_a_guest_is_warned_before_signing_out_and_others_are_not(visit: Visit) -> None:
    gus, ann = await visit("Gus"), await visit("Ann")
    await set_password(ann)
    for someone in (gus, ann):
        dialog = await settings(someone, "Signed in")
        await dialog.get_by_role("button", name="Sign out", exact=True).click()
    await expect(ann.page.get_by_role("textbox", name="Nickname")).to_be_visible()
    asked = gus.page.get_by_role("dialog", name="Sign out")
    await expect(asked.get_by_text("You have no password")).to_be_visible()
    await asked.get_by_role("button", name="Sign out", exact=True).click()
    await expect(gus.page.get_by_role("textbox", name="Nickname")).to_be_visible()


async def test_the_secret_of_a_token_is_shown_once_and_works_until_it_is_revoked(visit: Visit) -> None:
    ann = await visit("Ann")
    dialog = await settings(ann, "Signed in")
    await dialog.get_by_role("textbox", name="Name").fill("weather bot")
    await dialog.get_by_role("combobox", name="Good for").select_option("7 days")
    await dialog.get_by_role("button", name="Make a token").click()
    secret = await dialog.get_by_role("textbox", name="Token", exact=True).input_value()
    rex = Person(ann.site, {"id": ann.user}, secret)
    assert (await rex.api("GET", "me/"))["nickname"] == ann.nickname
    await ann.page.keyboard.press("Escape")
    dialog = await settings(ann, "Signed in")
    token = dialog.get_by_role("list", name="Tokens").get_by_role("listitem").filter(has_text="weather bot")
    await expect(token).to_contain_text(re.compile("ends (in 7 days|next week)"))
    await expect(dialog.get_by_role("textbox", name="Token", exact=True)).to_have_count(0)
    await token.get_by_role("button", name="Revoke").click()
    await expect(token).to_have_count(0)
    await rex.api("GET", "me/", 401)
    await rex.leave_site()


async def test_who_is_unblocked_may_write_in_private_again(visit: Visit) -> None:
    ann, bob = await visit("Ann"), await visit("Bob")
    direct = await bob.api("POST", "direct/", user=ann.user)
    await ann.api("PUT", f"blocks/{bob.user}/")
    await bob.open(f"/rooms/{direct['id']}/")
    bob.expects_network_trouble = True
    await bob.say("Are you there?")
    await expect(bob.page.get_by_text("This person does not want private chats with you.")).to_be_visible()
    dialog = await settings(ann, "Blocked people")
    row = dialog.get_by_role("list", name="Blocked people").get_by_role("listitem")
    await expect(row).to_contain_text(bob.nickname)
    await row.get_by_role("button", name="Unblock").click()
    await expect(row).to_contain_text("Nobody.")
    await bob.say("And now?")
    await ann.page.keyboard.press("Escape")
    await ann.enter(bob.nickname)
    await expect(ann.message("And now?")).to_be_visible()


async def test_an_account_is_deleted_and_what_it_said_stays(visit: Visit, open_tab: Visit, room: int) -> None:
    ann, bob = await visit("Ann", room), await visit("Bob", room)
    await ann.say("Farewell")
    await bob.sees("Farewell")
    dialog = await settings(ann, "Account")
    box = dialog.get_by_role("textbox", name=f"Type “{ann.nickname}” to agree")
    for typed in ("somebody else", ann.nickname):
        await box.fill(typed)
        await dialog.get_by_role("button", name="Delete the account for ever").click()
        if typed != ann.nickname:
            await expect(dialog.get_by_text("That is not your nickname.")).to_be_visible()
    await expect(ann.page.get_by_role("button", name="Enter")).to_be_visible()
    await bob.page.reload()
    await expect(bob.message("Farewell").get_by_text("former")).to_be_visible()
    await expect(bob.person(ann.nickname)).to_have_count(0)
    another = await open_tab()
    await another.page.goto(another.site.url)
    await another.page.get_by_role("textbox", name="Nickname").fill(ann.nickname)
    await another.page.get_by_role("button", name="Enter").click()
    await another.is_live()


async def test_a_guest_who_stays_is_reminded_of_a_password_until_it_is_put_away(visit: Visit) -> None:
    gus = await visit("Gus")
    menu = gus.page.get_by_role("button", name="You and settings")
    line = gus.page.get_by_role("button", name="Set a password to keep this name")
    for number in range(20):
        await menu.click()
        await expect(line).to_be_hidden()
        await gus.page.keyboard.press("Escape")
        await gus.say(f"Message {number}")
    await expect(gus.log.locator("[data-ref]")).to_have_count(0)
    await menu.click()
    await line.click()
    await expect(gus.page.get_by_role("dialog").get_by_label("New password", exact=True)).to_be_visible()
    await gus.page.keyboard.press("Escape")
    await menu.click()
    await gus.page.get_by_role("button", name="Not now").click()
    await expect(line).to_be_hidden()
    await gus.page.reload()
    await gus.is_live()
    await menu.click()
    await expect(gus.page.get_by_role("button", name=re.compile("^Settings"))).to_be_visible()
    await expect(line).to_be_hidden()


async def test_people_are_invited_to_the_site_by_who_may(visit: Visit, open_tab: Visit) -> None:
    gus, ann = await visit("Gus"), await visit("Ann")
    await set_password(ann)
    gus.expects_network_trouble = True
    dialog = await settings(gus, "Invite")
    await dialog.get_by_role("button", name="Make a link").click()
    await expect(dialog.get_by_role("status")).to_be_visible()
    dialog = await settings(ann, "Invite")
    await dialog.get_by_role("button", name="Make a link").click()
    link = await dialog.get_by_role("textbox", name="Invitation link").input_value()
    eve = await open_tab()
    await eve.page.goto(link)
    await expect(eve.page.get_by_text(f"{ann.nickname} invites you to this site.")).to_be_visible()
    await dialog.get_by_role("button", name="Take the link back").click()
    await expect(dialog.get_by_text("No link is out now.")).to_be_visible()


async def test_administrators_find_the_way_to_who_may_come_in(visit: Visit, site: Site) -> None:
    ann, bob = await visit("Ann"), await visit("Bob")
    await set_password(ann)
    site.backstage("make_administrator", ann.user)
    await ann.open("/")
    dialog = await settings(bob, "Account")
    await expect(dialog.get_by_role("link")).to_have_count(0)
    dialog = await settings(ann, "Account")
    await expect(dialog.get_by_role("link", name="Moderation")).to_be_visible()
    await dialog.get_by_role("link", name="Who may come in").click()
    await expect(ann.page).to_have_url(re.compile("/admin/accounts/admission/"))
