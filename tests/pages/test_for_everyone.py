"""Names for screen readers, keyboard, contrast, narrow windows, no JavaScript, and little to load."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.client import Person
from tests.pages.conftest import PHONE, Visit
from tests.servers import Site, Template

LIGHTEST = 120 * 1024


async def serious_faults(page: Page) -> list[str]:
    """Return what axe finds that is serious or critical."""
    results = await Axe().run(page)
    faults = [fault for fault in results.response["violations"] if fault["impact"] in ("serious", "critical")]
    return [
        f"{fault['id']}: {node['html'][:200]}: {node['failureSummary'][:300]}"
        for fault in faults
        for node in fault["nodes"][:3]
    ]


async def test_every_name_of_the_interface_is_there(visit: Visit, room: int, open_tab: Visit) -> None:
    tab = await open_tab()
    await tab.page.goto(tab.site.url)
    for role, name in [
        ("textbox", "Nickname"), ("radiogroup", "Avatar"), ("button", "Enter"), ("link", "I have a password"),
    ]:  # fmt: skip
        await expect(tab.page.get_by_role(role, name=name, exact=True)).to_be_visible()
    await tab.page.get_by_role("link", name="I have a password").click()
    await expect(tab.page.get_by_label("Password", exact=True)).to_be_visible()

    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    for element in (ann.rooms, ann.log, ann.box, ann.send, ann.people, ann.connection, ann.online):
        await expect(element).to_be_visible()
    await expect(ann.page.get_by_role("button", name="New room", exact=True)).to_be_visible()
    await expect(ann.room_link("Lobby")).to_be_visible()
    await expect(ann.person(bob.nickname).get_by_role("button", name="Private chat", exact=True)).to_have_count(1)
    await ann.say("Hi")
    await ann.message("Hi").hover()
    for action in ("React", "Reply", "Edit", "Delete", "Pin", "Copy link"):
        await expect(ann.message("Hi").get_by_role("button", name=action, exact=True)).to_be_visible()


async def test_new_messages_are_read_out_politely(visit: Visit) -> None:
    ann = await visit("Ann")
    await expect(ann.log).to_have_attribute("aria-live", "polite")
    await expect(ann.connection).to_have_role("status")


async def test_the_skip_link_leads_to_the_box(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    skip = ann.page.get_by_role("link", name="Skip to the message box")
    await skip.focus()
    await expect(skip).to_be_in_viewport()
    await ann.page.keyboard.press("Enter")
    await expect(ann.box).to_be_focused()


async def test_the_focus_is_always_seen(visit: Visit, room: int, mia: Person) -> None:
    await mia.post("A message", room)
    ann = await visit("Ann", room)
    unseen = []
    await ann.page.locator("body").press("Tab")
    for _step in range(25):
        shown = await ann.page.evaluate(
            """() => {
              const one = document.activeElement;
              const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
              let at = one;
              for (let up = 0; at && up < 3; up += 1, at = at.parentElement) {
                const style = getComputedStyle(at);
                if (outlined(style) || style.boxShadow !== "none") return true;
              }
              return one === document.body ? true : one.outerHTML.slice(0, 120);
            }"""
        )
        if shown is not True:
            unseen.append(shown)
        await ann.page.keyboard.press("Tab")
    assert unseen == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(visit: Visit, open_tab: Visit, room: int, mia: Person, scheme: str) -> None:
    tab = await open_tab(color_scheme=scheme)
    await tab.page.goto(tab.site.url)
    assert await serious_faults(tab.page) == []
    code = "```python\nimport this  # a comment\nx = 'text' + 1\n```"
    for text in ("Look **here** https://example.org `code`", code, "Gone"):
        await mia.post(text, room)
    messages = await mia.messages(room)
    await mia.api("DELETE", f"messages/{messages[2]['id']}/")
    ann = await visit("Ann", room, color_scheme=scheme)
    await mia.post(f"@{ann.nickname} an answer", room, reply_to=messages[0]["id"])
    await ann.say("Mine")
    await ann.do("an answer", "React")
    await ann.page.get_by_role("button", name="👍", exact=True).click()
    await expect(ann.message("an answer").locator(".reaction")).to_be_visible()
    await ann.box.hover()
    assert await serious_faults(ann.page) == []
    await ann.page.get_by_role("button", name="You and settings").click()
    assert await serious_faults(ann.page) == []
    await ann.page.keyboard.press("Escape")
    await ann.page.set_viewport_size(PHONE)
    assert await serious_faults(ann.page) == []


async def test_nothing_scrolls_sideways_from_320_to_2560_pixels(visit: Visit, open_tab: Visit, room: int) -> None:
    tab = await open_tab()
    ann = await visit("Ann", room)
    await ann.say("Something to look at")
    for width in (320, 390, 720, 1024, 1280, 2560):
        for visitor, path in ((tab, "/"), (tab, "/sign-in/"), (ann, "")):
            await visitor.page.set_viewport_size({"width": width, "height": 700})
            if path:
                visitor.expects_network_trouble = True
                await visitor.page.goto(visitor.site.url + path)
            assert await visitor.overflow() == [], f"{path or 'room'} at {width} px"
        await expect(ann.box).to_be_in_viewport(ratio=1)


async def test_what_is_touched_is_large_enough(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room, viewport=PHONE, has_touch=True, is_mobile=True)
    small = await ann.page.locator("button:visible, a.room-link:visible").evaluate_all(
        """(all) => all.map((one) => [one.ariaLabel || one.textContent.trim(), one.getBoundingClientRect()])
            .filter(([, box]) => Math.min(box.width, box.height) < 44)
            .map(([name, box]) => `${name} ${box.width}×${box.height}`)"""
    )
    assert small == []


async def test_without_javascript_one_comes_in_and_reads(open_tab: Visit, mia: Person) -> None:
    await mia.post("Can be **read** by all", 1)
    tab = await open_tab(java_script_enabled=False)
    await tab.page.goto(tab.site.url)
    await tab.page.get_by_role("textbox", name="Nickname").fill("Plain")
    await tab.page.get_by_role("button", name="Enter", exact=True).click()
    await expect(tab.page.get_by_role("heading", name="Lobby", level=1)).to_be_visible()
    await expect(tab.message("Can be read by all").last).to_be_visible()
    await expect(tab.message("Can be read by all").last.locator("strong")).to_have_text("read")
    await expect(tab.page.locator(".no-script")).to_be_visible()
    await expect(tab.page.locator("#composer")).not_to_be_visible()


@pytest.fixture
def compressed_site(site_template: Template, tmp_path: Path) -> Iterator[Site]:
    """A server whose page's files are compressed as by `manage.py prepare`; those of other pages are left out."""
    site = Site(tmp_path / "compressed", site_template, "sqlite")
    (site.data / "static").unlink()
    ignored = ("admin", "drf_spectacular_sidecar", "rest_framework")
    site.manage("collectstatic", "--noinput", "-v", "0", *(part for name in ignored for part in ("-i", name)))
    yield site.start()
    site.stop()


async def test_a_first_visit_is_light_and_asks_no_other_host(visit: Visit, compressed_site: Site) -> None:
    ann = await visit("Ann", server=compressed_site)
    tab = await visit("Bob", path="/", server=compressed_site)
    sizes: dict[str, int] = {}
    hosts: set[str] = set()
    await tab.page.goto("about:blank")
    session = await tab.context.new_cdp_session(tab.page)
    await session.send("Network.enable")
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    addresses: dict[str, str] = {}

    def responded(event: dict) -> None:
        addresses[event["requestId"]] = event["response"]["url"]
        hosts.add(urlsplit(event["response"]["url"]).netloc)

    def finished(event: dict) -> None:
        sizes[addresses.get(event["requestId"], "")] = event["encodedDataLength"]

    session.on("Network.responseReceived", responded)
    session.on("Network.loadingFinished", finished)
    await tab.open("/")
    await tab.page.wait_for_load_state("networkidle")
    counted = {url: size for url, size in sizes.items() if re.search(r"\.(js|css)$|jsi18n", urlsplit(url).path)}
    assert len(counted) > 20, sizes
    assert sum(counted.values()) < LIGHTEST, counted
    assert hosts == {urlsplit(ann.site.url).netloc}
