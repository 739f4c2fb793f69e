"""The page as an app: it installs, opens without a network, takes messages then, is renewed, leaves nothing behind."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Locator, Worker, expect

from tests.client import Person, http_client, until
from tests.pages.conftest import Visit
from tests.pages.test_settings import settings
from tests.pages.visitor import Visitor
from tests.push_service import PushService, calling_soon
from tests.servers import Site

SOON = 20_000
KEPT = """async () => {
  const kept = await caches.match("/kept/state", { cacheName: "private" });
  return kept ? kept.text() : "";
}"""
ALLOWED: dict[str, Any] = {"service_workers": "allow"}


async def worker_of(someone: Visitor) -> Worker:
    """Wait until the service worker rules the page, and return it."""
    await someone.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    await someone.page.wait_for_function("navigator.serviceWorker.controller !== null")
    for worker in someone.context.service_workers:
        if worker.url.endswith("/sw.js"):
            return worker
    raise AssertionError("no service worker")


async def has_kept(someone: Visitor, text: str) -> None:
    """Wait until what the page keeps for later has `text` in it."""
    await until(lambda: someone.page.evaluate(KEPT), lambda kept: text in kept)


@pytest_asyncio.fixture(loop_scope="session")
async def offline(visit: Visit) -> AsyncIterator[Callable[[Visitor], Any]]:
    """`await offline(ann)`: load ann's page without a network."""

    async def reload(someone: Visitor) -> None:
        someone.expects_network_trouble = True
        await someone.context.set_offline(True)
        await someone.page.reload()

    yield reload


@pytest.mark.parametrize(("language", "start"), [("en", "A place"), ("zh-hans", "")])
async def test_the_manifest_has_what_installing_wants(site: Site, language: str, start: str) -> None:
    async with http_client(site) as http:
        page = await http.get("/", headers={"Accept-Language": language})
        link = f"/manifest/{language}.webmanifest"
        assert f'<link rel="manifest" href="{link}">' in page.text
        answer = await http.get(link)
        assert answer.headers["content-type"] == "application/manifest+json"
        manifest = answer.json()
        assert {"name", "short_name", "id", "start_url", "scope", "display", "theme_color"} <= manifest.keys()
        assert manifest["description"].startswith(start)
        assert (manifest["display"], manifest["start_url"]) == ("standalone", "/home/")
        sizes = set()
        for icon in manifest["icons"]:
            picture = Image.open(BytesIO((await http.get(icon["src"])).content))
            assert icon["sizes"] == f"{picture.width}x{picture.height}"
            sizes.add((icon["purpose"], picture.width))
        assert {("any", 192), ("any", 512), ("maskable", 512)} <= sizes
        assert (await http.get("/manifest/xx.webmanifest")).status_code == 404


async def test_the_browser_finds_it_installable(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room, **ALLOWED)
    await worker_of(ann)
    session = await ann.context.new_cdp_session(ann.page)
    found = await session.send("Page.getInstallabilityErrors")
    # A browser without a window of its own installs nothing, and says so.
    errors = [one["errorId"] for one in found["installabilityErrors"] if one["errorId"] != "in-incognito"]
    assert errors == []
    manifest = await session.send("Page.getAppManifest")
    assert manifest["errors"] == []


async def test_it_opens_offline_takes_messages_and_sends_them_once(
    visit: Visit, room: int, mia: Person, offline: Any
) -> None:
    await mia.post("said before", room)
    ann = await visit("Ann", room, **ALLOWED)
    await worker_of(ann)
    await ann.sees("said before")
    await has_kept(ann, "said before")
    await offline(ann)
    await ann.sees("said before")
    await expect(ann.connection).to_contain_text("Offline", timeout=SOON)
    await expect(ann.page.locator("#me-name")).to_have_text(ann.nickname)
    await expect(ann.room_link("Lobby")).to_be_visible()
    for number in range(3):
        await ann.say(f"offline {number}")
    await expect(ann.connection).to_contain_text("3 waiting")
    # Closed and opened again, still without a network, at the site's own address.
    page = await ann.context.new_page()
    await ann.page.close()
    ann.page = page
    await page.goto(ann.site.url)
    await expect(ann.connection).to_contain_text("3 waiting", timeout=SOON)
    await mia.post("said meanwhile", room)
    await ann.reconnect()
    await ann.sees("said before", "said meanwhile", "offline 0", "offline 1", "offline 2")
    said = [message["body"] for message in await mia.messages(room)]
    assert said == ["said before", "said meanwhile", "offline 0", "offline 1", "offline 2"]


async def test_what_was_sent_just_before_closing_is_there_offline(visit: Visit, room: int, mia: Person) -> None:
    await mia.post("said before", room)
    ann = await visit("Ann", room, **ALLOWED)
    await worker_of(ann)
    await has_kept(ann, "said before")
    page = await ann.context.new_page()
    await page.goto("about:blank")
    await ann.say("sent at the last moment")
    await ann.sees("said before", "sent at the last moment")
    await ann.page.close(run_before_unload=False)
    ann.page = page
    ann.expects_network_trouble = True
    await ann.context.set_offline(True)
    for _try in range(20):
        await page.goto(f"{ann.site.url}/rooms/{room}/")
        if await ann.message("sent at the last moment").count():
            break
        await page.wait_for_timeout(250)
    await ann.sees("said before", "sent at the last moment")


async def test_offline_another_room_and_the_other_language_are_there_too(
    visit: Visit, room: int, mia: Person, offline: Any
) -> None:
    await mia.post("你好", room)
    other = await mia.make_room("public", "Elsewhere offline")
    await mia.post("over there", other)
    ann = await visit("Ann", room, locale="zh-CN", **ALLOWED)
    await ann.api("POST", f"rooms/{other}/join/")
    await worker_of(ann)
    await ann.page.locator(".room-link", has_text="Elsewhere offline").click()
    await has_kept(ann, "over there")
    ann.expects_network_trouble = True
    await ann.context.set_offline(True)
    await ann.page.goto(f"{ann.site.url}/rooms/{room}/")
    await expect(ann.page.get_by_text("你好")).to_be_visible()
    await expect(ann.page.locator("#connection")).to_contain_text("离线", timeout=SOON)
    await ann.page.locator(".room-link", has_text="Elsewhere offline").click()
    await expect(ann.page.get_by_text("over there")).to_be_visible()
    assert await ann.page.evaluate("document.documentElement.lang") == "zh-Hans"


async def test_nothing_private_stays_after_a_sign_out(visit: Visit, room: int, mia: Person) -> None:
    await mia.post("between us alone", room)
    ann = await visit("Ann", room, **ALLOWED)
    worker = await worker_of(ann)
    await has_kept(ann, "between us alone")
    await ann.page.get_by_role("button", name="You and settings").click()
    await ann.page.get_by_role("button", name="Sign out").click()
    await expect(ann.page.get_by_role("textbox", name="Nickname")).to_be_visible()
    left = await worker.evaluate(
        """async () => {
          const texts = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
              texts.push(request.url, await (await cache.match(request)).text());
            }
          }
          return texts.join("\\n");
        }"""
    )
    assert "between us alone" not in left
    assert ann.nickname not in left
    assert "/api/" not in "\n".join(line for line in left.splitlines() if line.startswith("http"))
    ann.expects_network_trouble = True
    await ann.context.set_offline(True)
    await ann.page.goto(f"{ann.site.url}/home/")
    await expect(ann.page.get_by_role("heading", name="There is no network")).to_be_visible()


async def test_nothing_private_stays_when_the_session_was_ended_elsewhere(visit: Visit, room: int, mia: Person) -> None:
    await mia.post("for members", room)
    ann = await visit("Ann", room, **ALLOWED)
    await worker_of(ann)
    await has_kept(ann, "for members")
    await ann.api("DELETE", "me/sessions/")
    await expect(ann.page.get_by_role("dialog", name="You are signed out")).to_be_visible()
    await until(lambda: ann.page.evaluate(KEPT), lambda kept: kept == "")


def _renew(site: Site) -> None:
    """Make another version of the page: one of its files has another content, and so another name."""
    static = site.data / "static"
    shared = static.resolve()
    static.unlink()
    shutil.copytree(shared, static)
    manifest = static / "staticfiles.json"
    content = json.loads(manifest.read_text())
    old = content["paths"]["js/emoji.js"]
    new = "js/emoji.0123456789ab.js"
    content["paths"]["js/emoji.js"] = new
    content["stats"][new] = content["stats"][old]
    shutil.copy(static / old, static / new)
    manifest.write_text(json.dumps(content))


async def test_a_new_version_is_offered_and_loses_no_draft(visit: Visit, fresh_server: Callable[..., Site]) -> None:
    site = fresh_server()
    ann = await visit("Ann", server=site, **ALLOWED)
    ann.expects_network_trouble = True
    await worker_of(ann)
    await ann.box.press_sequentially("half a thought")
    before = await ann.page.evaluate("document.documentElement.dataset.build")
    await asyncio.to_thread(site.stop)
    _renew(site)
    await asyncio.to_thread(site.start)
    await ann.is_live(40)
    bar = ann.page.locator(".new-version")
    await expect(bar).to_be_visible(timeout=40_000)
    await expect(ann.box).to_have_value("half a thought")
    await ann.box.press_sequentially(", and more")
    await bar.get_by_role("button", name="Reload").click()
    await ann.is_live(40)
    await expect(ann.box).to_have_value("half a thought, and more")
    assert await ann.page.evaluate("document.documentElement.dataset.build") != before
    await expect(bar).to_have_count(0)


async def _call(someone: Visitor, news: dict[str, Any]) -> None:
    """Have the push service of the browser bring a call."""
    session = await someone.context.new_cdp_session(someone.page)
    registered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def found(event: dict[str, Any]) -> None:
        for registration in event["registrations"]:
            if registration["scopeURL"].startswith(someone.site.url) and not registered.done():
                registered.set_result(registration["registrationId"])

    session.on("ServiceWorker.workerRegistrationUpdated", found)
    await session.send("ServiceWorker.enable")
    call = {"origin": someone.site.url, "registrationId": await registered, "data": json.dumps(news)}
    await session.send("ServiceWorker.deliverPushMessage", call)
    await session.detach()


SHOWN = """registration.getNotifications().then((all) => all.map(({ title, body, tag, silent, data }) =>
  ({ title, body, tag, silent, data })))"""
PRESS = """async () => {
  const [notification] = await registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""


async def test_a_call_is_shown_once_leads_to_its_message_and_is_put_away_when_read(
    visit: Visit, room: int, mia: Person
) -> None:
    ann = await visit("Ann", room, **ALLOWED, permissions=["notifications"])
    worker = await worker_of(ann)
    elsewhere = await mia.make_room("public", "Called from")
    await ann.api("POST", f"rooms/{elsewhere}/join/")
    posted = await mia.post("come over", elsewhere)
    await expect(ann.room_link("Called from")).to_be_visible()
    news = {
        "title": "Mia in Called from", "body": "come over", "url": f"/rooms/{elsewhere}/{posted['seq']}/",
        "room": elsewhere, "seq": posted["seq"], "message": posted["id"], "tag": f"room-{elsewhere}", "why": "mention",
        "at": posted["created_at"], "unread": 1,
    }  # fmt: skip
    await _call(ann, news)
    (told,) = await until(lambda: worker.evaluate(SHOWN), bool)
    assert (told["title"], told["body"], told["silent"]) == ("Mia in Called from", "come over", False)
    # The same once more, as after a crash of the server: in the place of the first, without a sound.
    await _call(ann, news)
    (told,) = await until(lambda: worker.evaluate(SHOWN), lambda found: found[0]["silent"])
    await worker.evaluate(PRESS)
    await ann.is_in("Called from")
    await expect(ann.message("come over")).to_be_visible()
    assert await worker.evaluate(SHOWN) == []
    # What is told and then read in the page is put away.
    await ann.enter("Lobby")
    posted = await mia.post("again", elsewhere)
    await _call(ann, news | {"message": posted["id"], "seq": posted["seq"]})
    await until(lambda: worker.evaluate(SHOWN), bool)
    await ann.enter("Called from")
    await until(lambda: worker.evaluate(SHOWN), lambda found: not found)


SUBSCRIBED = """([endpoint, p256dh, auth]) => {
  PushManager.prototype.subscribe = async function (options) {
    window.subscribed = options;
    return { toJSON: () => ({ endpoint, keys: { p256dh, auth } }), unsubscribe: async () => (window.ended = true) };
  };
}"""


async def test_a_device_is_put_on_the_list_in_the_settings_called_and_taken_off(
    visit: Visit, fresh_server: Callable[..., Site], newcomer: Any
) -> None:
    service = PushService()
    site = fresh_server("sqlite", **calling_soon(service))
    mia = await newcomer("Mia", site)
    ann = await visit("Ann", server=site, **ALLOWED, permissions=["notifications"])
    await worker_of(ann)
    phone = service.device()
    keys = phone.subscription["keys"]
    await ann.page.evaluate(SUBSCRIBED, [phone.subscription["endpoint"], keys["p256dh"], keys["auth"]])
    dialog = await settings(ann, "Notifications")
    await expect(devices_of(dialog)).to_contain_text("None yet")
    await dialog.get_by_label("Notify me when the chat is closed").check()
    await expect(devices_of(dialog).get_by_role("listitem")).to_contain_text(["Chrome"])
    assert await ann.page.evaluate("subscribed.userVisibleOnly && subscribed.applicationServerKey.length") == 87
    await ann.leave()
    posted = await mia.post(f"@{ann.nickname} on your phone", 1)
    assert (await phone.letter())["message"] == posted["id"]
    again = await ann.context.new_page()
    ann.page = again
    await ann.open("/rooms/1/")
    dialog = await settings(ann, "Notifications")
    await expect(devices_of(dialog)).to_contain_text("last notified")
    await devices_of(dialog).get_by_role("button", name="Remove").click()
    await expect(devices_of(dialog)).to_contain_text("None yet")
    await ann.page.keyboard.press("Escape")
    await ann.do("on your phone", "More")
    await ann.page.get_by_role("button", name="Why was I told, or not?").click()
    why = ann.page.get_by_role("dialog", name="Why was I told, or not?")
    await expect(why).to_contain_text("Your devices were told.")
    await expect(why.get_by_role("listitem")).to_contain_text("Its push service took the call.")
    service.stop()


def devices_of(dialog: Locator) -> Locator:
    """The list of devices in the settings."""
    return dialog.get_by_role("list", name="Devices that are notified")
