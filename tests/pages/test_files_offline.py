"""Files where the line is away: kept in the browser, uploaded once, sent once, in order."""

from playwright.async_api import BrowserContext, Page, Request, Route, expect

from tests.client import Person
from tests.pages.conftest import Visit
from tests.pages.files import UPLOADS, Gate, choose, is_up, picture, text, tray
from tests.pages.visitor import Visitor

SOON = 10_000
KEPT = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("chatsite-files");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const counting = opening.result.transaction("files").objectStore("files").count();
    counting.onsuccess = () => (opening.result.close(), resolve(counting.result));
  };
})"""


async def offline_with_a_tray(visit: Visit, room: int) -> Visitor:
    """Return someone whose line went away after the page had fetched what it needs for files."""
    ann = await visit("Ann", room)
    await choose(ann, text("first.txt"))
    await is_up(ann)
    await ann.page.get_by_role("button", name="Remove first.txt").click()
    await ann.cut_off()
    await expect(ann.connection).to_contain_text("Offline", timeout=SOON)
    return ann


async def keeps(page: Page, count: int) -> None:
    """Wait until the browser keeps so many files."""
    for _try in range(150):
        if await page.evaluate(KEPT) == count:
            return
        await page.wait_for_timeout(100)
    raise AssertionError(f"{await page.evaluate(KEPT)} files are kept instead of {count}")


def count_uploads(context: BrowserContext) -> list[Request]:
    """Return a list to which each upload of this browser is added."""
    uploads: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/api/v1/uploads/"):
            uploads.append(request)

    context.on("request", note)
    return uploads


async def names(mia: Person, room: int) -> list[list[str]]:
    """Return what each message of a room has attached."""
    return [[one["name"] for one in message.get("attachments", [])] for message in await mia.messages(room)]


async def test_pictures_wait_with_their_message_and_survive_closing_the_page(
    visit: Visit, open_tab: Visit, room: int, mia: Person
) -> None:
    ann = await offline_with_a_tray(visit, room)
    await choose(ann, picture("one.png"), picture("two.png", (300, 500)))
    await expect(tray(ann)).to_have_count(2)
    await ann.say("Two pictures")
    await ann.say("And a word after them")
    await expect(ann.message("Two pictures").locator(".picture img")).to_have_count(2)
    await expect(ann.connection).to_contain_text("2 waiting")
    await keeps(ann.page, 2)
    context = ann.context
    await ann.leave()
    uploads = count_uploads(context)
    again = await open_tab(context=context)
    again.expects_network_trouble = True
    gate = Gate(again)
    await gate.close()
    await context.set_offline(False)
    await again.open(f"/rooms/{room}/")
    waiting = again.message("Two pictures")
    await expect(waiting.get_by_role("progressbar", name="Uploading")).to_be_visible()
    for index in range(2):
        await expect(waiting.locator(".picture img").nth(index)).to_have_js_property("complete", True)
    await gate.open()
    await again.sees("Two pictures", "And a word after them")
    assert await names(mia, room) == [["one.png", "two.png"], []]
    assert len(uploads) == 2
    await keeps(again.page, 0)


async def test_two_tabs_upload_and_send_what_waits_once(visit: Visit, open_tab: Visit, room: int, mia: Person) -> None:
    ann = await offline_with_a_tray(visit, room)
    uploads = count_uploads(ann.context)
    await choose(ann, picture("shared.png"))
    await ann.say("From one tab")
    await keeps(ann.page, 1)
    await ann.context.set_offline(False)
    other = await open_tab(context=ann.context)
    other.expects_network_trouble = True
    await other.open(f"/rooms/{room}/")
    await ann.is_live()
    for tab in (ann, other):
        await tab.sees("From one tab")
        await expect(tab.message("From one tab").get_by_role("link", name="shared.png")).to_be_visible()
    assert await names(mia, room) == [["shared.png"]]
    assert len([one for one in uploads if not one.failure]) == 1


async def test_a_tab_closed_in_the_middle_of_an_upload_leaves_it_to_the_other(
    visit: Visit, open_tab: Visit, room: int, mia: Person
) -> None:
    ann = await visit("Ann", room)
    other = await open_tab(context=ann.context)
    await other.open(f"/rooms/{room}/")
    gate = Gate(ann)
    await gate.close()
    await choose(ann, picture("handed over.png"))
    await ann.say("Take over")
    await gate.has(1)
    await keeps(ann.page, 1)
    await expect(other.message("Take over")).to_be_visible()
    await ann.leave()
    await other.page.reload()
    await other.is_live()
    await other.sees("Take over")
    assert await names(mia, room) == [["handed over.png"]]


async def test_an_upload_whose_answer_is_lost_is_not_there_twice(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    ann.expects_network_trouble = True
    lost: list[int] = []

    async def lose_the_first(route: Route) -> None:
        if lost:
            await route.continue_()
            return
        lost.append((await route.fetch()).status)
        await route.abort("connectionreset")

    await ann.page.route(UPLOADS, lose_the_first)
    await choose(ann, picture("once.png"))
    await ann.say("Only once")
    await ann.sees("Only once")
    assert lost == [201]
    assert await names(mia, room) == [["once.png"]]
    used = (await ann.api("GET", "uploads/limits/"))["used_bytes"]
    [message] = await mia.messages(room)
    assert used < 2 * message["attachments"][0]["size"] + 100_000


async def test_what_breaks_in_the_middle_goes_on_when_the_line_is_back(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    gate = Gate(ann)
    await gate.close()
    await choose(ann, picture("in two halves.png"))
    await ann.say("Patience")
    await gate.has(1)
    await ann.cut_off()
    await gate.fail()
    await expect(ann.connection).to_contain_text("Offline", timeout=SOON)
    await expect(ann.message("Patience")).to_have_class("message pending sending")
    await gate.open()
    await ann.reconnect()
    await ann.sees("Patience")
    assert await names(mia, room) == [["in two halves.png"]]


async def test_what_is_in_the_tray_goes_on_by_itself_when_the_line_is_back(visit: Visit, room: int) -> None:
    ann = await offline_with_a_tray(visit, room)
    await choose(ann, picture("patient.png"))
    await expect(tray(ann)).to_contain_text("No connection")
    await ann.reconnect()
    await is_up(ann)
