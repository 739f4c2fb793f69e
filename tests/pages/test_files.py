"""Files: chosen, pasted, dropped, uploaded while one goes on writing, sent, and seen."""

import re

from playwright.async_api import expect

from tests.client import Person
from tests.pages.conftest import PHONE, Visit
from tests.pages.files import Gate, choose, drag, drop, is_up, paste, picture, send_files, sound, text, tray
from tests.pages.test_for_everyone import serious_faults
from tests.pages.test_message_actions import together
from tests.pages.visitor import Visitor, box_of

HUGE = """() => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(26 * 1024 * 1024)], "huge.bin"));
  const input = document.querySelector("#attach-input");
  input.files = transfer.files;
  input.dispatchEvent(new Event("change"));
}"""
FILM = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const context = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm;codecs=vp8" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.start();
  for (let frame = 0; frame < 30; frame += 1) {
    context.fillStyle = `hsl(${frame * 12} 60% 50%)`;
    context.fillRect(0, 0, 320, 180);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  await new Promise((resolve) => { recorder.onstop = resolve; recorder.stop(); });
  const transfer = new DataTransfer();
  transfer.items.add(new File(parts, "film.webm", { type: "video/webm" }));
  const input = document.querySelector("#attach-input");
  input.files = transfer.files;
  input.dispatchEvent(new Event("change"));
}"""
"""Attaches a film of a second, which the browser itself makes."""
SHIFTS = """
window.shifts = [];
const inside = (node) => (node?.nodeType === 1 ? node : node?.parentElement)?.closest("#messages");
const note = (list) => {
  for (const { value, sources } of list.getEntries()) {
    const moved = sources.filter(({ node }) => inside(node)).map(({ node }) => node.className ?? node.nodeName);
    if (moved.length) window.shifts.push(`${value} ${moved}`);
  }
};
new PerformanceObserver(note).observe({ type: "layout-shift", buffered: true });
"""
"""Notes what moves among the messages."""
LOADED = "(image) => image.complete && image.naturalWidth > 0"


async def loaded(someone: Visitor, count: int = 1) -> None:
    """Wait until so many pictures of messages are there, pixels and all."""
    images = someone.articles.locator(".picture img")
    await expect(images).to_have_count(count)
    for index in range(count):
        await images.nth(index).scroll_into_view_if_needed()
        for _try in range(100):
            if await images.nth(index).evaluate(LOADED):
                break
            await someone.page.wait_for_timeout(100)
        else:
            raise AssertionError(f"picture {index} does not load")


async def test_a_chosen_picture_is_uploaded_while_one_writes_and_is_seen_by_others(visit: Visit, room: int) -> None:
    ann, bob = await together(visit, room, "Hi")
    await choose(ann, picture("lake.png", (640, 400)))
    item = tray(ann)
    await expect(item).to_contain_text("lake.png")
    await expect(item.locator("img")).to_be_visible()
    await is_up(ann)
    await expect(ann.box).to_be_focused()
    await ann.say("Look")
    for someone in (ann, bob):
        shown = someone.message("Look").get_by_role("link", name="lake.png")
        await expect(shown).to_be_visible()
        box = await box_of(shown.locator("img"))
        assert (box["width"], box["height"]) == (400, 250)
        await loaded(someone)
    await expect(tray(ann)).to_have_count(0)


async def test_a_key_asks_for_files_and_says_how_many_there_are(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    async with ann.page.expect_file_chooser() as chooser:
        # Choosers are caught only once the browser has heard that they are to be: a press is quicker than that.
        await ann.box.click()
        await ann.page.keyboard.press("Control+u")
    await (await chooser.value).set_files([picture(), text()])
    await expect(
        ann.page.locator(".composer").get_by_role("status").filter(has_text="2 attached files")
    ).to_be_attached()
    await is_up(ann, 2)
    await ann.page.get_by_role("button", name="Remove list.txt").focus()
    await ann.page.keyboard.press("Delete")
    await expect(tray(ann)).to_have_count(1)
    await expect(ann.page.get_by_role("button", name="Remove lake.png")).to_be_focused()


async def test_pictures_and_files_are_pasted_and_text_stays_text(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await paste(ann, picture("image.png"), text("notes.txt"))
    await is_up(ann, 2)
    await ann.box.evaluate(
        """(box) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", "just words");
          box.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }"""
    )
    await expect(tray(ann)).to_have_count(2)
    await ann.page.evaluate("document.execCommand('insertText', false, 'just words')")
    await expect(ann.box).to_have_value("just words")


async def test_files_fall_onto_the_room_which_shows_where(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    target = ann.page.get_by_text("Drop files here to attach them")
    await drag(ann, "dragenter", "#timeline", picture())
    await expect(target).to_be_visible()
    await drag(ann, "dragenter", "#sidebar", picture())
    await expect(target).to_be_hidden()
    await drag(ann, "drop", "#sidebar", picture("astray.png"))
    await drop(ann, picture("one.png"), picture("two.png"), text())
    await is_up(ann, 3)
    await expect(target).to_be_hidden()
    await ann.box.press("Enter")
    await expect(ann.articles.locator(".picture-grid .picture")).to_have_count(2)
    await expect(ann.articles.locator(".file-card")).to_contain_text("list.txt")
    await expect(ann.articles).to_have_count(1)


async def test_what_is_removed_from_the_tray_is_taken_back(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    await choose(ann, picture("stays.png"), picture("goes.png"))
    await is_up(ann, 2)
    before = (await ann.api("GET", "uploads/limits/"))["used_bytes"]
    async with ann.page.expect_response(lambda answer: answer.request.method == "DELETE") as taken_back:
        await ann.page.get_by_role("button", name="Remove goes.png").click()
    assert (await taken_back.value).status == 204
    assert (await ann.api("GET", "uploads/limits/"))["used_bytes"] < before
    await ann.say("One of them")
    await ann.sees("One of them")
    [message] = await mia.messages(room)
    assert [one["name"] for one in message["attachments"]] == ["stays.png"]


async def test_progress_shows_and_an_upload_can_be_given_up(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    gate = Gate(ann)
    await gate.close()
    await choose(ann, picture("slow.png"))
    await gate.has(1)
    await expect(tray(ann).get_by_role("progressbar", name="Uploading slow.png")).to_be_visible()
    await ann.page.get_by_role("button", name="Remove slow.png").click()
    await expect(tray(ann)).to_have_count(0)
    await expect(ann.box).to_be_focused()
    await gate.open()
    await ann.say("Without it")
    await ann.sees("Without it")
    await expect(ann.articles.locator(".files")).to_have_count(0)


async def test_an_upload_that_breaks_says_so_and_is_tried_again(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    ann.expects_network_trouble = True
    gate = Gate(ann)
    await gate.close()
    await choose(ann, picture("broken off.png"))
    await gate.has(1)
    await gate.fail()
    await expect(tray(ann)).to_contain_text("No connection")
    await gate.open()
    await ann.page.get_by_role("button", name="Try broken off.png again").click()
    await is_up(ann)
    await ann.say("There it is")
    await ann.sees("There it is")
    await expect(ann.articles.get_by_role("link", name="broken off.png")).to_be_visible()


async def test_what_the_limits_forbid_is_refused_at_once(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    error = ann.page.locator("#composer-error")
    await choose(ann, text("nothing.txt", 0))
    await expect(error).to_have_text("nothing.txt: This file is empty.")
    await ann.page.evaluate(HUGE)
    await expect(error).to_have_text("huge.bin: A file has at most 25 MB.")
    await choose(ann, *[text(f"{number}.txt", 50) for number in range(12)])
    await expect(error).to_have_text("A message takes at most 10 files.")
    await expect(tray(ann)).to_have_count(10)


async def test_what_the_site_refuses_says_why_and_holds_the_message_until_it_is_gone(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    ann.expects_network_trouble = True
    fake = picture("fake.png") | {"buffer": b"\x89PNG\r\n\x1a\n" + b"not at all" * 50}
    await choose(ann, fake, text("good.txt"))
    await expect(tray(ann).filter(has_text="fake.png").get_by_role("alert")).to_contain_text("cannot be read")
    await ann.say("Both")
    await expect(ann.page.locator("#composer-error")).to_have_text(
        "Remove what could not be uploaded, or try it again."
    )
    await expect(ann.box).to_have_value("Both")
    await ann.page.get_by_role("button", name="Remove fake.png").click()
    await ann.box.press("Enter")
    await ann.sees("Both")
    await expect(ann.articles.locator(".file-card")).to_have_count(1)


async def test_sending_never_waits_for_an_upload_and_the_order_stays(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    gate = Gate(ann)
    await gate.close()
    await choose(ann, picture("late.png"))
    await gate.has(1)
    await ann.say("With a picture")
    await expect(tray(ann)).to_have_count(0)
    await ann.say("Right after it")
    waiting = ann.message("With a picture")
    await expect(waiting.get_by_role("progressbar", name="Uploading")).to_be_visible()
    await expect(waiting.locator(".picture img")).to_be_visible()
    assert await mia.messages(room) == []
    await gate.open()
    await ann.sees("With a picture", "Right after it")
    assert gate.passed == 1
    assert [message["body"] for message in await mia.messages(room)] == ["With a picture", "Right after it"]


async def test_a_message_can_be_given_up_while_its_files_go_up(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    gate = Gate(ann)
    await gate.close()
    await choose(ann, picture("unwanted.png"))
    await ann.say("Never mind")
    await gate.has(1)
    await ann.message("Never mind").get_by_role("button", name="Cancel the upload").click()
    await expect(ann.articles).to_have_count(0)
    await gate.open()
    await ann.say("Something else")
    await ann.sees("Something else")
    assert [message["body"] for message in await mia.messages(room)] == ["Something else"]


async def test_a_refused_message_with_files_says_why_and_can_be_deleted(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    ann.expects_network_trouble = True
    gate = Gate(ann)
    await gate.close()
    fake = picture("fake.png") | {"buffer": b"\x89PNG\r\n\x1a\n" + b"not at all" * 50}
    await choose(ann, fake)
    await ann.say("In a hurry")
    await gate.has(1)
    await gate.open()
    message = ann.message("In a hurry")
    await expect(message).to_contain_text("Not sent · fake.png: This picture cannot be read")
    await message.get_by_role("button", name="Try again").click()
    await expect(message).to_contain_text("Not sent · fake.png: This picture cannot be read")
    await message.get_by_role("button", name="Delete").click()
    await expect(ann.articles).to_have_count(0)


async def test_ones_own_picture_does_not_flicker_as_its_message_arrives(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room, script=SHIFTS)
    await choose(ann, picture("mine.png", (300, 200)))
    await is_up(ann)
    await ann.page.evaluate(
        """() => {
          window.blanks = [];
          const look = () => {
            for (const image of document.querySelectorAll("#messages .picture img")) {
              if (!image.complete || !image.naturalWidth) window.blanks.push(image.src);
            }
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    await ann.box.press("Enter")
    await expect(ann.articles.get_by_role("link", name="mine.png")).to_be_visible()
    await expect(ann.log.locator("[data-ref]")).to_have_count(0)
    await ann.page.wait_for_timeout(300)
    assert await ann.page.evaluate("window.blanks") == []
    assert not [shift for shift in await ann.page.evaluate("window.shifts") if "picture" in shift]


async def test_nothing_moves_as_pictures_come_in(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    for number in range(3):
        await send_files(ann, picture(f"{number}.png", (600, 900)), words=f"Number {number}")
    await send_files(ann, *[picture(f"grid {number}.png") for number in range(3)])
    bob = await visit("Bob", room, script=SHIFTS)
    await loaded(bob, 6)
    assert await bob.page.evaluate("window.shifts") == []


async def test_a_message_without_a_text_is_quoted_pinned_and_marked(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await send_files(ann, picture("lake.png"))
    article = bob.articles.first
    await article.hover()
    await article.get_by_role("button", name="Reply", exact=True).click()
    await expect(bob.page.get_by_text(f"To {ann.nickname}: lake.png")).to_be_visible()
    await bob.say("Lovely")
    await expect(bob.message("Lovely").locator(".quote")).to_contain_text("lake.png")
    await article.hover()
    await article.get_by_role("button", name="Pin", exact=True).click()
    await expect(article.locator(".files .marks")).to_contain_text("Pinned")
    await article.get_by_role("button", name="More", exact=True).click()
    menu = bob.page.get_by_role("dialog", name="More")
    await expect(menu.get_by_role("button", name="Report")).to_be_visible()
    await expect(menu.get_by_role("button", name="Copy text")).to_have_count(0)


async def test_a_picture_gets_words_afterwards_and_goes_with_its_message(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await send_files(ann, picture("lake.png"))
    await ann.box.press("ArrowUp")
    await ann.say("At nine")
    await expect(bob.message("At nine").locator(".picture")).to_be_visible()
    await ann.do("At nine", "Delete")
    await expect(bob.articles.locator(".picture")).to_have_count(0)
    await expect(bob.articles).to_contain_text("Message deleted")


async def test_hostile_names_are_names(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    names = ['"><img src=x onerror=alert(1)>.txt', "</script><b>bold.txt", "javascript:alert(1).txt", "%s %(name)s.txt"]
    await choose(ann, *[text(name) for name in names], picture("<svg onload=alert(1)>.png"))
    await is_up(ann, 5)
    await ann.say("Look out")
    for someone in (ann, bob):
        article = someone.message("Look out")
        await expect(article.locator(".file-card")).to_have_count(4)
        await expect(article.locator("b, script, svg[onload], img[src=x]")).to_have_count(0)
        for link in await article.get_by_role("link").all():
            href = await link.get_attribute("href")
            assert str(href).startswith("/media/"), href
    await bob.page.reload()
    await bob.is_live()
    await expect(bob.message("Look out").locator(".file-card")).to_have_count(4)


async def test_a_sound_plays_in_place_from_anywhere(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await send_files(ann, sound("birds.wav", 30), words="Listen")
    player = bob.message("Listen").locator("audio")
    await expect(player).to_have_attribute("controls", "")
    await expect(player).to_have_attribute("preload", "metadata")
    played = await player.evaluate(
        """async (audio) => {
          if (audio.readyState < 1) await new Promise((resolve) => audio.addEventListener("loadedmetadata", resolve));
          audio.currentTime = 25;
          await new Promise((resolve) => audio.addEventListener("seeked", resolve, { once: true }));
          return [Math.round(audio.duration), Math.round(audio.currentTime)];
        }"""
    )
    assert played == [30, 25]


async def test_a_film_has_its_box_before_it_is_loaded_and_plays_in_place(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await ann.page.evaluate(FILM)
    await is_up(ann)
    await ann.say("Watch this")
    player = bob.message("Watch this").locator("video")
    box = await box_of(player)
    assert (box["width"], box["height"]) == (400, 225)
    await player.evaluate("async (film) => { film.muted = true; await film.play(); }")
    assert await player.evaluate("(film) => film.videoWidth") == 320
    sought = await player.evaluate(
        """async (film) => {
          film.pause();
          film.currentTime = 0.1;
          await new Promise((resolve) => film.addEventListener("seeked", resolve, { once: true }));
          return film.currentTime;
        }"""
    )
    assert abs(sought - 0.1) < 0.05


async def test_what_plays_goes_on_while_its_message_changes(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await send_files(ann, sound("long.wav", 60), words="Listen")
    await (
        bob.message("Listen")
        .locator("audio")
        .evaluate("(audio) => { audio.muted = true; window.player = audio; return audio.play(); }")
    )
    await ann.do("Listen", "Pin")
    await expect(bob.message("Listen").locator(".marks")).to_contain_text("Pinned")
    assert await bob.page.evaluate("window.player.isConnected && !window.player.paused")


async def test_a_picture_that_cannot_be_shown_has_words(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await send_files(ann, picture("gone.png"), words="Here")
    bob = await visit("Bob")
    bob.expects_network_trouble = True
    await bob.page.route(
        "**/media/**", lambda route: route.abort() if "avatars" not in route.request.url else route.continue_()
    )
    await bob.api("POST", f"rooms/{room}/join/")
    await bob.open(f"/rooms/{room}/")
    await expect(bob.message("Here")).to_contain_text("This picture cannot be shown now.")
    box = await box_of(bob.message("Here").locator(".picture"))
    assert (box["width"], box["height"]) == (400, 250)


async def test_without_a_script_files_are_links(visit: Visit, open_tab: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await send_files(ann, picture("lake.png"), text("list.txt"), words="For everyone")
    tab = await open_tab(java_script_enabled=False)
    tab.expects_network_trouble = True
    answer = await tab.context.request.post(
        f"{tab.site.url}/api/v1/guests/", data={"nickname": f"Plain{room}"}, headers={"Origin": tab.site.url}
    )
    assert answer.status == 201
    await tab.api("POST", f"rooms/{room}/join/")
    await tab.page.goto(f"{tab.site.url}/rooms/{room}/")
    message = tab.message("For everyone")
    await expect(message.get_by_role("link", name="lake.png").locator("img")).to_be_visible()
    await expect(message.get_by_role("link", name="list.txt")).to_have_attribute("href", re.compile("/media/files/"))
    await expect(tab.page.get_by_role("button", name="Attach files")).to_be_hidden()


async def test_one_who_may_not_write_attaches_nothing(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    await mia.api("PATCH", f"rooms/{room}/", json={"read_only": True})
    await expect(ann.page.locator("#composer")).to_have_class(re.compile("barred"))
    await expect(ann.page.get_by_role("button", name="Attach files")).to_be_hidden()
    await drop(ann, picture())
    await paste(ann, picture())
    await expect(tray(ann)).to_have_count(0)


async def test_each_room_has_a_tray_of_its_own(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    await choose(ann, picture("for the kitchen.png"))
    await is_up(ann)
    await ann.enter("Lobby")
    await expect(tray(ann)).to_have_count(0)
    await ann.page.go_back()
    await is_up(ann)


async def test_tray_and_pictures_fit_small_phones_and_please_axe(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room, viewport=PHONE, has_touch=True, is_mobile=True)
    await send_files(ann, picture("wide.png", (900, 200)), text("a rather long name of a file, for a phone.txt"))
    await send_files(ann, *[picture(f"{number}.png") for number in range(4)], sound())
    await choose(ann, picture(), text("another rather long name of a file that is in the tray.txt"))
    await is_up(ann, 2)
    for width in (320, 390):
        await ann.page.set_viewport_size({"width": width, "height": 700})
        assert await ann.overflow() == [], f"at {width} px"
    small = await ann.page.locator(".tray button:visible, .composer button:visible").evaluate_all(
        """(all) => all.map((one) => one.getBoundingClientRect())
            .filter((box) => Math.min(box.width, box.height) < 36).length"""
    )
    assert small == 0
    assert await serious_faults(ann.page) == []
