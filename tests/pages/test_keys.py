"""Every key of the list, and what the Enter key is set to."""

from playwright.async_api import expect

from tests.client import Person
from tests.pages.conftest import Visit
from tests.pages.test_for_everyone import serious_faults
from tests.servers import Site


async def test_control_i_makes_italic_and_without_a_selection_the_cursor_stands_between(
    visit: Visit, room: int
) -> None:
    ann = await visit("Ann", room)
    await ann.box.press_sequentially("so ")
    await ann.box.press("Control+i")
    await ann.box.press_sequentially("it")
    await expect(ann.box).to_have_value("so _it_")
    await ann.box.fill("")
    await ann.box.press("Control+b")
    await ann.box.press_sequentially("bold")
    await ann.box.press("Enter")
    await expect(ann.message("bold").locator("strong")).to_have_text("bold")


async def test_alt_shift_and_arrows_go_to_unread_rooms_alone(visit: Visit, mia: Person) -> None:
    rooms = [await mia.make_room("public", f"{name} {mia.nickname}") for name in ("One", "Two", "Three")]
    ann = await visit("Ann")
    for room in rooms:
        await ann.api("POST", f"rooms/{room}/join/")
    await expect(ann.room_link(f"Three {mia.nickname}")).to_be_visible()
    await mia.post("Read me", rooms[1])
    await expect(ann.rooms.locator(f"[data-room='{rooms[1]}'] a")).to_have_accessible_description("1 unread")
    await ann.page.keyboard.press("Alt+Shift+ArrowDown")
    await ann.is_in(f"Two {mia.nickname}")
    await ann.sees("Read me")
    await mia.post("And me", rooms[2])
    await expect(ann.rooms.locator(f"[data-room='{rooms[2]}'] a")).to_have_accessible_description("1 unread")
    await ann.page.keyboard.press("Alt+Shift+ArrowUp")
    await ann.is_in(f"Three {mia.nickname}")


async def test_shift_page_up_leads_to_the_first_unread_and_escape_to_the_newest(
    visit: Visit, mia: Person, site: Site, room: int
) -> None:
    ann = await visit("Ann", room)
    await mia.post("before", room)
    await ann.sees("before")
    await ann.page.goto("about:blank")
    for number in range(60):
        await mia.post(f"later {number:02}", room)
    await ann.open(f"/rooms/{room}/")
    await expect(ann.message("later 00")).to_be_in_viewport(ratio=1)
    await ann.page.keyboard.press("Escape")
    await expect(ann.message("later 59")).to_be_in_viewport(ratio=1)
    await ann.page.keyboard.press("Shift+PageUp")
    await expect(ann.message("later 00")).to_be_in_viewport(ratio=1)


async def test_escape_in_an_edit_does_not_scroll_away(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.say("Said")
    await ann.sees("Said")
    await ann.box.press("ArrowUp")
    await expect(ann.page.get_by_text("Editing your message")).to_be_visible()
    await ann.box.press("Escape")
    await expect(ann.page.get_by_text("Editing your message")).to_have_count(0)
    await expect(ann.box).to_be_focused()


async def test_control_shift_f_opens_the_search(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.page.keyboard.press("Control+Shift+F")
    await expect(ann.page.get_by_role("dialog", name="Search messages")).to_be_visible()


async def test_the_list_of_keys_names_them_all(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.page.keyboard.press("Control+/")
    dialog = ann.page.get_by_role("dialog", name="Keys")
    for key in (
        "Ctrl+K", "Alt+↑ ↓", "Alt+Shift+↑ ↓", "Shift+PageUp", "Esc", "↑", "Enter", "Shift+Enter", "Ctrl+B, Ctrl+I",
        "Ctrl+Shift+F", "Ctrl+.", "Ctrl+/", "Ctrl+,", "@ # : /",
    ):  # fmt: skip
        await expect(dialog.get_by_text(key, exact=True)).to_have_count(1)
    assert await serious_faults(ann.page) == []


async def test_enter_can_be_set_to_break_the_line_and_control_enter_then_sends(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.page.keyboard.press("Control+,")
    dialog = ann.page.get_by_role("dialog", name="Settings")
    await dialog.get_by_role("tab", name="Language and look").click()
    choices = dialog.get_by_role("group", name="The Enter key").get_by_role("button")
    await expect(choices.first).to_have_attribute("aria-pressed", "true")
    await choices.last.click()
    await expect(choices.last).to_have_attribute("aria-pressed", "true")
    await ann.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await ann.box.press_sequentially("one")
    await ann.box.press("Enter")
    await ann.box.press_sequentially("two")
    await expect(ann.box).to_have_value("one\ntwo")
    await expect(ann.articles).to_have_count(0)
    await ann.box.press("Control+Enter")
    await ann.sees("one")
    await ann.page.reload()
    await ann.is_live()
    await ann.box.press_sequentially("three")
    await ann.box.press("Enter")
    await expect(ann.box).to_have_value("three\n")


async def test_typing_anywhere_goes_into_the_box(visit: Visit, room: int, mia: Person) -> None:
    await mia.post("Something", room)
    ann = await visit("Ann", room)
    await ann.message("Something").focus()
    await ann.page.keyboard.type("hello")
    await expect(ann.box).to_have_value("hello")


async def test_after_a_press_in_a_dialog_and_escape_one_types_on(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.page.keyboard.type("one ")
    for key, inside in (("Control+,", "Language"), ("Control+/", "Keys")):
        await ann.page.keyboard.press(key)
        dialog = ann.page.get_by_role("dialog")
        await dialog.get_by_text(inside, exact=False).first.click()
        await ann.page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await ann.page.keyboard.type("more ")
    await expect(ann.box).to_have_value("one more more ")
