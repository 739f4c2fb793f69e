"""What a message said before it was edited, for moderators; rooms named behind a #; and the way to a day."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from tests.client import Person
from tests.pages.conftest import Visit
from tests.pages.test_talking import date_back
from tests.servers import Site


async def test_moderators_see_the_earlier_texts_from_the_mark_and_others_have_nothing_to_press(visit: Visit) -> None:
    ann = await visit("Ann")
    room = int((await ann.api("POST", "rooms/", name=f"Den of {ann.nickname}", kind="public"))["id"])
    await ann.open(f"/rooms/{room}/")
    bob = await visit("Bob", room)
    await bob.say("At six")
    await bob.sees("At six")
    for text in ("At seven", "At <b>eight</b>"):
        await bob.box.press("ArrowUp")
        await bob.say(text)
        await ann.sees(text)
    await expect(bob.message("eight").get_by_role("button", name="edited")).to_have_count(0)
    await ann.message("eight").get_by_role("button", name="edited").click()
    dialog = ann.page.get_by_role("dialog", name="Earlier texts")
    await expect(dialog.locator(".version-text")).to_have_text(["At <b>eight</b>", "At seven", "At six"])
    await ann.page.keyboard.press("Escape")
    await ann.do("eight", "More")
    await ann.page.get_by_role("button", name="Earlier texts").click()
    await expect(dialog.locator(".version-text")).to_have_count(3)
    await ann.page.keyboard.press("Escape")
    await bob.do("eight", "More")
    await expect(bob.page.get_by_role("button", name="Earlier texts")).to_have_count(0)


async def test_a_room_behind_a_hash_is_completed_linked_and_followed(visit: Visit, room: int, mia: Person) -> None:
    name = f"Orchard {mia.nickname}"
    await mia.make_room("public", name)
    await mia.make_room("private", f"Orchard secret {mia.nickname}")
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await ann.box.press_sequentially("over in #Orch")
    option = ann.page.get_by_role("option")
    await expect(option.filter(has_text=name)).to_be_visible()
    await expect(option.filter(has_text="secret")).to_have_count(0)
    await option.filter(has_text=name).click()
    await expect(ann.box).to_have_value(f"over in #{name} ")
    await ann.box.press("Enter")
    link = bob.message("over in").get_by_role("link", name=f"#{name}")
    await link.click()
    await bob.is_in(name)


async def test_ones_own_private_rooms_are_not_offered_behind_a_hash(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.api("POST", "rooms/", name="Vault of Ann", kind="private")
    await expect(ann.room_link("Vault of Ann")).to_be_visible()
    await ann.box.press_sequentially("#Lob")
    await expect(ann.page.get_by_role("option").filter(has_text="Lobby")).to_be_visible()
    await ann.box.fill("")
    await ann.box.press_sequentially("#Vaul")
    await ann.page.wait_for_timeout(500)
    await expect(ann.page.get_by_role("option")).to_have_count(0)


async def test_a_day_is_gone_to_from_its_line_and_by_a_command(
    visit: Visit, room: int, mia: Person, site: Site
) -> None:
    site.backstage("seed_messages", mia.id, room, 150)
    noon = datetime(2025, 3, 10, 12, tzinfo=UTC)
    for number in range(150, 0, -1):
        date_back(site, room, number, noon + timedelta(days=(number - 1) // 3))
    ann = await visit("Ann", room)
    await expect(ann.message("number 149")).to_be_in_viewport()
    await ann.page.locator(".day-button").last.click()
    dialog = ann.page.get_by_role("dialog", name="Go to a day")
    await expect(dialog.get_by_label("Day")).to_have_value("2025-04-28")
    await dialog.get_by_label("Day").fill("2025-03-20")
    await dialog.get_by_role("button", name="Go there").click()
    await expect(ann.log.get_by_text("number 30", exact=True)).to_be_in_viewport(ratio=1)
    await ann.say("/date 2025-04-01")
    await expect(ann.log.get_by_text("number 66", exact=True)).to_be_in_viewport(ratio=1)
    await ann.say("/date tomorrow")
    await expect(ann.page.locator("#composer-error")).to_contain_text("2026-01-31")
    await ann.say("/date 2100-01-01")
    await expect(ann.page.locator("#composer-error")).to_contain_text("Nothing was said since that day.")
