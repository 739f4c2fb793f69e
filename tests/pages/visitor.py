"""Someone at a browser of their own, who sees and does what people see and do.

ann = await visit("Ann", room=lobby)        # in the room, live
await ann.say("Hi")
await expect(bob.message("Hi")).to_be_visible()
await ann.do("Hi", "Reply")                 # a button of the message's toolbar

Everything a browser complains of ends up in `troubles`, which must be empty when a test ends.
"""

import re
from typing import Any

from playwright.async_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    FloatRect,
    Locator,
    Page,
    WebError,
    expect,
)

from tests.servers import Site

_WATCH = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
addEventListener("unhandledrejection", (event) => console.error(`unhandled: ${event.reason?.stack ?? event.reason}`));
"""
_OVERFLOW = """() => {
  const found = [];
  const wide = document.scrollingElement.scrollWidth - innerWidth;
  if (wide > 0) found.push(`page by ${wide} px`);
  const timeline = document.querySelector("#timeline");
  if (timeline && timeline.scrollWidth > timeline.clientWidth) {
    found.push(`timeline by ${timeline.scrollWidth - timeline.clientWidth} px`);
    const edge = timeline.getBoundingClientRect().right;
    for (const one of timeline.querySelectorAll("*")) {
      const isWide = one.getBoundingClientRect().right > edge + 0.5;
      if (isWide) found.push(`${one.tagName}.${one.className} ${one.textContent.slice(0, 30)}`);
    }
  }
  return found.slice(0, 10);
}"""
_BLOCKED = "Service Worker registration blocked by Playwright"
_NETWORK = re.compile(
    r"net::ERR_|WebSocket connection to|Failed to load resource"
    r"|Firefox can.t establish a connection|The connection to ws\S* was interrupted"
)


class Visitor:
    """One person at one tab. `nickname` is theirs, made unlike all others of the test run."""

    def __init__(self, page: Page, site: Site, nickname: str, user: int = 0) -> None:
        self.page = page
        self.site = site
        self.nickname = nickname
        self.user = user
        self.troubles: list[str] = []
        self.expects_network_trouble = False
        page.on("console", self._hear)
        page.on("pageerror", self._fail)
        page.on("dialog", self._refuse_dialog)

    @property
    def context(self) -> BrowserContext:
        """The browser's memory: cookies, storage, permissions."""
        return self.page.context

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if message.text == _BLOCKED:
            return
        if self.expects_network_trouble and _NETWORK.search(message.text):
            return
        self.troubles.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _fail(self, error: Error) -> None:
        if not (self.expects_network_trouble and _NETWORK.search(str(error))):
            self.troubles.append(f"page error: {error.stack or error}")

    async def _refuse_dialog(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    # What is on the page, by the names of UI.md.

    @property
    def log(self) -> Locator:
        """The messages."""
        return self.page.get_by_role("log", name="Messages", exact=True)

    @property
    def articles(self) -> Locator:
        """Each message."""
        return self.log.get_by_role("article")

    @property
    def box(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_role("textbox", name="Message", exact=True)

    @property
    def send(self) -> Locator:
        """The button that sends."""
        return self.page.get_by_role("button", name="Send", exact=True)

    @property
    def rooms(self) -> Locator:
        """The sidebar."""
        return self.page.get_by_role("navigation", name="Rooms", exact=True)

    @property
    def people(self) -> Locator:
        """The region of people."""
        return self.page.get_by_role("region", name="People", exact=True)

    @property
    def connection(self) -> Locator:
        """What the connection is doing."""
        return self.page.get_by_role("status", name="Connection", exact=True)

    @property
    def online(self) -> Locator:
        """How many are online."""
        return self.page.get_by_label("Online", exact=True)

    @property
    def scroller(self) -> Locator:
        """What scrolls around the log."""
        return self.log.locator("xpath=..")

    def room_link(self, name: str) -> Locator:
        """A room's or a private chat's link in the sidebar."""
        return self.rooms.get_by_role("link", name=name, exact=True)

    def message(self, text: str) -> Locator:
        """The message that says `text`."""
        return self.articles.filter(has_text=text)

    def person(self, nickname: str) -> Locator:
        """Someone among the people."""
        return self.people.get_by_role("listitem").filter(has_text=nickname)

    # What people do.

    async def open(self, path: str = "/") -> None:
        """Go to a page of the site and wait until it is live."""
        await self.page.goto(self.site.url + path)
        await self.is_live()

    async def is_live(self, patience: float = 20) -> None:
        """Wait until the page says that it is live."""
        await expect(self.page.locator("#connection")).to_have_attribute("data-status", "live", timeout=patience * 1000)

    async def say(self, text: str) -> None:
        """Write a message and press Enter."""
        await self.box.fill(text)
        await self.box.press("Enter")

    async def do(self, text: str, action: str) -> None:
        """Press a button of the toolbar of the message that says `text`."""
        message = self.message(text)
        await message.hover()
        await message.get_by_role("button", name=action, exact=True).click()

    async def chat_with(self, other: "Visitor") -> None:
        """Open a private chat from the region of people."""
        await self.person(other.nickname).get_by_role("button", name="Private chat").click()
        await self.is_in(other.nickname)

    async def enter(self, room: str) -> None:
        """Go to a room by its link in the sidebar."""
        await self.room_link(room).click()
        await self.is_in(room)

    async def is_in(self, room: str) -> None:
        """Wait until a room of that name is open."""
        await expect(self.page.get_by_role("heading", name=room, level=1, exact=True)).to_be_visible()

    async def texts(self) -> list[str]:
        """Return what each message says, without its author, time and marks."""
        say = """(all) => all.map((one) => {
          const body = one.cloneNode(true);
          for (const mark of body.querySelectorAll(".marks")) mark.remove();
          return body.textContent.trim();
        })"""
        return list(await self.articles.locator(".body").evaluate_all(say))

    async def sees(self, *texts: str) -> None:
        """Wait until the messages are these, each delivered: no mark of sending is left."""
        await expect(self.articles.locator(".body")).to_have_text([re.compile(re.escape(text)) for text in texts])
        await expect(self.log.locator("[data-ref]")).to_have_count(0)

    async def api(self, method: str, path: str, **body: Any) -> Any:
        """Call /api/v1/PATH with the browser's session and return the decoded answer."""
        cookies = {cookie["name"]: cookie["value"] for cookie in await self.context.cookies()}
        headers = {"X-CSRFToken": cookies.get("csrftoken", ""), "Origin": self.site.url}
        response = await self.context.request.fetch(
            f"{self.site.url}/api/v1/{path}", method=method, headers=headers, data=body or None
        )
        assert response.ok, f"{method} {path}: {response.status} {await response.text()}"
        return await response.json() if await response.body() else None

    async def cut_off(self) -> None:
        """Pull the network."""
        self.expects_network_trouble = True
        await self.context.set_offline(True)

    async def reconnect(self) -> None:
        """Plug the network in again and wait until the page is live."""
        await self.context.set_offline(False)
        await self.is_live()

    async def overflow(self) -> list[str]:
        """Return what reaches beyond the window's or the timeline's sides."""
        return list(await self.page.evaluate(_OVERFLOW))

    async def leave(self) -> None:
        """Close the tab."""
        await self.page.close()


async def box_of(one: Locator) -> FloatRect:
    """Return where something lies, in pixels, once it is there: while the page draws it anew it has no place."""
    await expect(one).to_be_visible()
    for _attempt in range(50):
        box = await one.bounding_box()
        if box:
            return box
        await one.page.wait_for_timeout(100)
    raise TimeoutError(f"{one} has no place")


async def new_visitor(context: BrowserContext, site: Site, nickname: str = "", user: int = 0) -> Visitor:
    """Open a tab that is watched for errors."""
    await context.add_init_script(_WATCH)
    visitor = Visitor(await context.new_page(), site, nickname, user)
    context.on("weberror", lambda error: _note_worker_error(visitor, error))
    return visitor


def _note_worker_error(visitor: Visitor, error: WebError) -> None:
    if error.page is None:
        visitor.troubles.append(f"worker error: {error.error}")


__all__ = ["Error", "Visitor", "box_of", "expect", "new_visitor"]
