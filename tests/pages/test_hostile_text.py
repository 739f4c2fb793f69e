"""Nicknames and messages that mean harm, or are just odd, are shown as harmless text."""

import pytest
from playwright.async_api import expect

from tests.client import Person, arrive
from tests.pages.conftest import Visit
from tests.servers import Site

NICKNAMES = [
    "<img src=x onerror=pwned=1>",
    "javascript:pwned=1",
    "'\"><script>pwned=1</script>",
    "W" * 32,
    "ﷺ",
    "مرحبا بالعالم",
    "Z̷̡̃ã̷̡l̷̡̃g̷̡̃o",
    "🚀" * 32,
    "{{7*7}}%s%(x)s",
]
TEXTS = [
    "<script>pwned=1</script>",
    "<img src=x onerror=pwned=1>",
    '<svg onload="pwned=1"><style>*{display:none}</style>',
    "[click me](javascript:pwned=1) [and me](data:text/html,<script>pwned=1</script>) <javascript:pwned=1>",
    "![picture](https://tracker.example/pixel.png)",
    '[x](https://example.org/" onmouseover="pwned=1)',
    "\u202eright to left override\u202c and \u2066isolates",
    "😀" * 4000,
    "W" * 4000,
    "Z" + "\u0337\u0321\u0303" * 300,
    "https://example.org/" + "a" * 2000,
    "```\n" + "x" * 3000 + "\n```",
    "`" + "y" * 3000 + "`",
    ">" * 60 + " deep",
    "- " * 60 + "deep",
    "| a | b |\n|---|---|\n| " + "c" * 500 + " | d |",
    "# " + "H" * 500,
    "&lt;b&gt; %s %(name)s {{ 7*7 }} ${7*7}",
    "\n".join(["line"] * 300),
    "ﷺ" * 500,
]


@pytest.fixture
def requests() -> list[str]:
    """The addresses that were asked for."""
    return []


async def test_hostile_messages_are_harmless_and_fit_at_every_width(
    visit: Visit, room: int, mia: Person, requests: list[str]
) -> None:
    for text in TEXTS:
        await mia.post(text, room)
    ann = await visit("Ann", room)
    ann.page.on("request", lambda request: requests.append(request.url))
    for width in (1280, 390, 320):
        await ann.page.set_viewport_size({"width": width, "height": 800})
        await ann.page.reload()
        await ann.is_live()
        await expect(ann.articles).to_have_count(len(TEXTS))
        assert await ann.overflow() == [], f"at {width} px"
    assert await ann.page.evaluate("window.pwned") is None
    assert (
        await ann.log.locator("script, svg[onload], img[src*=tracker], [onerror], [onmouseover], iframe").count() == 0
    )
    links = await ann.log.locator("a[href]").evaluate_all("(all) => all.map((one) => one.protocol)")
    assert set(links) <= {"http:", "https:", "mailto:"}
    assert all(url.startswith(ann.site.url) for url in requests if not url.startswith(("data:", "blob:")))
    await expect(ann.message("<script>pwned=1</script>").first).to_be_visible()


async def test_what_is_written_is_as_harmless_in_ones_own_outbox(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await ann.cut_off()
    await expect(ann.connection).to_contain_text("Offline")
    for text in TEXTS[:6]:
        await ann.say(text)
    await expect(ann.articles).to_have_count(6)
    await ann.reconnect()
    await expect(ann.log.locator("[data-ref]")).to_have_count(0)
    assert await ann.page.evaluate("window.pwned") is None


async def test_odd_nicknames_are_harmless_and_fit(visit: Visit, room: int, site: Site) -> None:
    for nickname in NICKNAMES:
        odd = await arrive(site, nickname)
        await odd.join(room)
        await odd.post("It is me", room)
        await odd.leave_site()
    ann = await visit(NICKNAMES[3].lower().replace("w", "M"), room, exactly=True)
    for width in (1280, 390, 320):
        await ann.page.set_viewport_size({"width": width, "height": 800})
        await ann.page.reload()
        await ann.is_live()
        await expect(ann.articles.locator(".author")).to_have_count(len(NICKNAMES))
        assert await ann.overflow() == [], f"at {width} px"
        for name in await ann.articles.locator(".author").all():
            await expect(name).to_be_in_viewport(ratio=0.9)
    await expect(ann.articles.locator(".author").first).to_have_text(NICKNAMES[0])
    assert await ann.page.evaluate("window.pwned") is None


async def test_a_private_chat_with_an_odd_nickname_works(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    odd = await visit("<b onclick=pwned=1>", room)
    await odd.chat_with(ann)
    await odd.say("Hello")
    await expect(ann.room_link(odd.nickname)).to_be_visible()
    await ann.enter(odd.nickname)
    await ann.sees("Hello")
    await expect(ann.page).to_have_title(f"{odd.nickname} · Chatsite")
    assert await ann.page.evaluate("window.pwned") is None
