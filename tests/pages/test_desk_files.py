"""Moderators see at the desk what people sent, after it was taken down too."""

from collections.abc import Callable

from playwright.async_api import expect

from tests.client import Person
from tests.desk import PASSWORD
from tests.files import picture, upload
from tests.pages.conftest import Visit
from tests.servers import Site


async def test_the_desk_shows_the_pictures_and_files_of_messages(
    visit: Visit, room: int, site: Site, newcomer: Callable[..., Person]
) -> None:
    boss = await visit("Boss", room)
    # The room is open too, where the picture may be gone before it is shown.
    boss.expects_network_trouble = True
    bob: Person = await newcomer("Bob")  # type: ignore[misc]
    await bob.join(room)
    photo = await upload(bob, picture("JPEG", (1600, 900)), "spam.jpg")
    paper = await upload(bob, b"%PDF-1.7", "价格表.pdf")
    ack = await bob.post("", room, attachments=[photo["id"], paper["id"]])
    await bob.api("DELETE", f"messages/{ack['id']}/")
    site.backstage("give_password", boss.user, PASSWORD)
    site.backstage("make_administrator", boss.user)
    tab = await boss.context.new_page()
    await tab.goto(f"{site.url}/sign-in/?next=/admin/chat/message/{ack['id']}/change/")
    await tab.get_by_role("textbox", name="Nickname").fill(boss.nickname)
    await tab.get_by_role("textbox", name="Password").fill(PASSWORD)
    await tab.get_by_role("button", name="Sign in").click()
    shown = tab.get_by_role("img", name="spam.jpg").first
    await expect(shown).to_have_js_property("naturalWidth", 720)
    await expect(tab.get_by_role("link", name="价格表.pdf").first).to_be_visible()
    await expect(tab.locator("h1").last).to_contain_text("spam.jpg")
    await shown.click()
    await expect(tab.locator("img")).to_have_js_property("naturalWidth", 1600)
