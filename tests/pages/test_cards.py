"""What scripts add to the cards: a picture is shown, and made small before it is sent; a password can be seen."""

import io
from collections.abc import Callable

from PIL import Image
from playwright.async_api import FilePayload, expect

from tests.pages.conftest import Visit
from tests.pages.visitor import box_of
from tests.servers import Site

PASSWORD = "correct horse battery"
FILES = "[...document.getElementById('picture').files].map(file => [file.name, file.type, file.size])"


def photograph() -> FilePayload:
    data = io.BytesIO()
    Image.effect_noise((1600, 900), 90).convert("RGB").save(data, "JPEG", quality=95)
    return FilePayload(name="me.jpg", mimeType="image/jpeg", buffer=data.getvalue())


async def test_a_picture_is_shown_and_made_small_and_nothing_moves(open_tab: Visit) -> None:
    tab = await open_tab()
    await tab.page.goto(tab.site.url)
    card, chosen = tab.page.locator("main.card"), tab.page.locator(".picture-preview.chosen img")
    before = await box_of(card)
    await tab.page.locator("#picture").set_input_files(photograph())
    await expect(chosen).to_be_visible()
    assert await box_of(card) == before
    [[name, kind, size]] = await tab.page.evaluate(FILES)
    assert (name, kind) == ("picture.webp", "image/webp")
    assert size < len(photograph()["buffer"]) / 2
    await tab.page.get_by_role("textbox", name="Nickname").fill("Pixie")
    await tab.page.get_by_role("button", name="Enter", exact=True).click()
    await tab.is_live()
    assert "/media/pictures/" in str(await tab.page.locator("#me-avatar").get_attribute("src"))


async def test_the_avatar_that_is_clicked_last_counts_even_if_it_was_chosen_before(open_tab: Visit) -> None:
    tab = await open_tab()
    await tab.page.goto(tab.site.url)
    whale = tab.page.locator("label", has=tab.page.get_by_role("radio", name="whale"))
    await whale.click()
    await tab.page.locator("#picture").set_input_files(photograph())
    await expect(tab.page.locator(".picture-preview.chosen")).to_be_visible()
    await whale.click()
    await expect(tab.page.locator(".picture-preview.chosen")).to_have_count(0)
    assert await tab.page.evaluate(FILES) == []


async def test_a_password_can_be_seen_and_is_hidden_again_when_it_is_sent(
    open_tab: Visit, fresh_server: Callable[..., Site]
) -> None:
    tab = await open_tab(fresh_server())
    await tab.page.goto(f"{tab.site.url}/sign-up/")
    box = tab.page.get_by_label("Password", exact=True)
    button = tab.page.get_by_role("button", name="Show the password")
    await box.fill(PASSWORD)
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true")
    await expect(box).to_have_attribute("type", "text")
    await tab.page.evaluate(
        "document.forms['enter-form'].addEventListener('submit', (event) => event.preventDefault())"
    )
    await tab.page.get_by_role("textbox", name="Nickname").fill("Showy")
    await tab.page.get_by_role("button", name="Make the account").click()
    await expect(box).to_have_attribute("type", "password")
    await button.click()
    await button.click()
    await expect(box).to_have_value(PASSWORD)
