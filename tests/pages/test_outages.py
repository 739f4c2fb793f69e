"""The network goes, the server dies, sockets are forbidden: nothing is lost, nothing comes twice."""

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing

from playwright.async_api import BrowserContext, WebSocket, WebSocketRoute, expect

from tests.client import Person, new_ref
from tests.pages.conftest import NO_SOCKETS, Visit
from tests.servers import Site

HELD_BACK = """
if (sessionStorage.heldBack) {
  const Socket = window.WebSocket;
  window.WebSocket = class {
    static OPEN = 1;
    constructor(url) { return sessionStorage.heldBack ? { readyState: 0, send() {}, close() {} } : new Socket(url); }
  };
}
"""
"""Once `sessionStorage.heldBack` is set, a page that is loaded opens no socket until it is unset."""
SAY_AT_ONCE = """(texts) => {
  const now = Date.now();
  const clock = Date.now;
  Date.now = () => now;
  for (const text of texts) {
    document.querySelector("#message-text").value = text;
    document.querySelector("#composer").requestSubmit();
  }
  Date.now = clock;
}"""
"""Send messages within one tick, and within one millisecond."""
SOON = 10_000


async def test_what_is_written_offline_waits_and_goes_out_once_in_order(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room)
    bob = await visit("Bob", room)
    await ann.say("Before")
    await bob.sees("Before")
    await ann.cut_off()
    await expect(ann.connection).to_contain_text("Offline", timeout=SOON)
    texts = [f"Written offline {number}" for number in range(1, 4)]
    for text in texts:
        await ann.say(text)
    await expect(ann.box).to_be_enabled()
    await expect(ann.connection).to_contain_text("3 waiting")
    await bob.say("Meanwhile")
    await ann.reconnect()
    for visitor in (ann, bob):
        await visitor.sees("Before", "Meanwhile", *texts)
    await expect(ann.connection).to_have_text("Live")


async def test_what_others_did_meanwhile_is_there_on_return_deletions_too(visit: Visit, room: int, mia: Person) -> None:
    for text in ("stays", "to be edited", "to be deleted", "to be reacted to"):
        await mia.post(text, room)
    ann = await visit("Ann", room)
    await ann.sees("stays", "to be edited", "to be deleted", "to be reacted to")
    await ann.cut_off()
    await expect(ann.connection).to_contain_text("Offline", timeout=SOON)
    ids = [message["id"] for message in await mia.messages(room)]
    await mia.api("PATCH", f"messages/{ids[1]}/", json={"body": "was edited"})
    await mia.api("DELETE", f"messages/{ids[2]}/")
    await mia.api(
        "POST",
        "commands/",
        json={"type": "message.react", "ref": new_ref(), "id": ids[3], "emoji": "👍"},
    )
    await mia.post("was written", room)
    await asyncio.sleep(0.3)
    await ann.sees("stays", "to be edited", "to be deleted", "to be reacted to")
    await ann.reconnect()
    await ann.sees("stays", "was edited", "Message deleted", "to be reacted to", "was written")
    await expect(ann.message("to be reacted to").locator(".reaction")).to_contain_text("1")


async def test_hundreds_of_messages_meanwhile_leave_no_hole(visit: Visit, room: int, mia: Person, site: Site) -> None:
    site.backstage("seed_messages", mia.id, room, 10)
    ann = await visit("Ann", room)
    await ann.cut_off()
    await expect(ann.connection).to_contain_text("Offline", timeout=SOON)
    site.backstage("seed_messages", mia.id, room, 600)
    await ann.reconnect()
    await expect(ann.message("number 599")).to_be_attached()
    await expect(ann.log.locator("[aria-busy]")).to_have_count(0)
    numbers = [int(seq or 0) for seq in await ann.articles.evaluate_all("(all) => all.map((one) => one.dataset.seq)")]
    assert numbers == list(range(numbers[0], 611))
    assert len(numbers) <= 300


async def test_the_outbox_survives_closing_the_tab(visit: Visit, open_tab: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    await ann.cut_off()
    await expect(ann.connection).to_contain_text("Offline", timeout=SOON)
    await ann.say("Kept, one")
    await ann.say("Kept, two")
    await expect(ann.connection).to_contain_text("2 waiting")
    await ann.page.wait_for_timeout(300)
    context = ann.context
    await ann.leave()
    await context.set_offline(False)
    again = await open_tab(context=context)
    await again.open(f"/rooms/{room}/")
    await again.sees("Kept, one", "Kept, two")
    assert [message["body"] for message in await mia.messages(room)] == ["Kept, one", "Kept, two"]


async def test_what_was_written_within_a_millisecond_goes_out_in_order(visit: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    await ann.cut_off()
    await expect(ann.connection).to_contain_text("Offline", timeout=SOON)
    texts = [f"At once {number:02}" for number in range(50)]
    await ann.page.evaluate(SAY_AT_ONCE, texts)
    await expect(ann.connection).to_contain_text("50 waiting")
    await ann.reconnect()
    await ann.sees(*texts)
    assert [message["body"] for message in await mia.messages(room)] == texts


async def test_two_tabs_that_write_within_one_millisecond_lose_nothing(
    visit: Visit, open_tab: Visit, room: int, mia: Person
) -> None:
    ann = await visit("Ann", room)
    second = await open_tab(context=ann.context)
    await second.open(f"/rooms/{room}/")
    second.expects_network_trouble = True
    await ann.cut_off()
    for visitor in (ann, second):
        await expect(visitor.connection).to_contain_text("Offline", timeout=SOON)
    own = {visitor: [f"{name} {number}" for number in range(10)] for visitor, name in ((ann, "One"), (second, "Two"))}
    moment = await ann.page.evaluate("Date.now() + 5000")
    for visitor, texts in own.items():
        await visitor.page.evaluate(SAY_AT_ONCE.replace("Date.now();", f"{moment};", 1), texts)
    for visitor in own:
        await expect(visitor.connection).to_contain_text("20 waiting")
    await ann.reconnect()
    for visitor in own:
        await expect(visitor.articles).to_have_count(20)
        await expect(visitor.log.locator("[data-ref]")).to_have_count(0)
    said = [message["body"] for message in await mia.messages(room)]
    assert len(said) == 20
    for texts in own.values():
        assert [body for body in said if body in texts] == texts


async def test_two_tabs_send_what_waited_once(visit: Visit, open_tab: Visit, room: int, mia: Person) -> None:
    ann = await visit("Ann", room)
    second = await open_tab(context=ann.context)
    await second.open(f"/rooms/{room}/")
    second.expects_network_trouble = True
    await ann.cut_off()
    for visitor in (ann, second):
        await expect(visitor.connection).to_contain_text("Offline", timeout=SOON)
    texts = [f"Waited {number}" for number in range(6)]
    for number, text in enumerate(texts):
        await (ann, second)[number % 2].say(text)
        await expect(ann.message(text)).to_be_visible()
        await expect(second.message(text)).to_be_visible()
    await ann.reconnect()
    for visitor in (ann, second):
        await visitor.sees(*texts)
    assert [message["body"] for message in await mia.messages(room)] == texts


async def test_a_killed_server_that_comes_back_loses_and_doubles_nothing(
    visit: Visit, fresh_server: Callable[..., Site]
) -> None:
    site = fresh_server()
    ann = await visit("Ann", server=site)
    bob = await visit("Bob", server=site)
    ann.expects_network_trouble = bob.expects_network_trouble = True
    texts = [f"Line {number:02}" for number in range(20)]
    for text in texts[:10]:
        await ann.say(text)
    await asyncio.to_thread(site.kill)
    for text in texts[10:15]:
        await ann.say(text)
    for visitor in (ann, bob):
        await expect(visitor.connection).to_contain_text("Offline", timeout=SOON)
    for text in texts[15:]:
        await ann.say(text)
    await asyncio.to_thread(site.start)
    for visitor in (ann, bob):
        await visitor.is_live(40)
        await visitor.sees(*texts)
    await bob.say("Welcome back")
    await expect(ann.message("Welcome back")).to_be_visible()


async def test_an_orderly_restart_is_announced_and_survived(visit: Visit, fresh_server: Callable[..., Site]) -> None:
    site = fresh_server()
    ann = await visit("Ann", server=site)
    ann.expects_network_trouble = True
    await ann.say("Before")
    await ann.sees("Before")
    await asyncio.to_thread(site.stop)
    await expect(ann.connection).to_contain_text("Server restarting")
    await ann.say("While away")
    await asyncio.to_thread(site.start)
    await ann.is_live(40)
    await ann.sees("Before", "While away")


async def test_a_page_comes_back_when_the_server_that_took_leave_said(
    visit: Visit, new_context: Callable[..., Awaitable[BrowserContext]], room: int
) -> None:
    opened: list[tuple[float, WebSocketRoute]] = []

    def open_socket(socket: WebSocketRoute) -> None:
        opened.append((time.monotonic(), socket))
        socket.connect_to_server()

    context = await new_context()
    await context.route_web_socket("**/ws/chat/", open_socket)
    ann = await visit("Ann", room, context=context)
    ((_, socket),) = opened
    drained = time.monotonic()
    socket.send(json.dumps([{"type": "drain", "after": 9}]))
    await expect(ann.connection).to_contain_text("Server restarting")
    await socket.close(code=1012)
    # What brings a page back sooner at other times does not now.
    await ann.page.evaluate("dispatchEvent(new Event('online'))")
    await ann.say("Meanwhile")
    await expect(ann.connection).to_have_text("Server restarting · 1 waiting")
    await ann.is_live()
    assert 9 <= opened[1][0] - drained < 18
    await ann.sees("Meanwhile")
    # The next loss is an ordinary one.
    lost = time.monotonic()
    await opened[1][1].close(code=1012)
    while len(opened) < 3:
        assert time.monotonic() - lost < 9
        await asyncio.sleep(0.05)
    await ann.is_live()


async def test_an_orderly_restart_of_a_server_tells_when_to_return(
    visit: Visit, fresh_server: Callable[..., Site]
) -> None:
    site = fresh_server()
    ann = await visit("Ann", server=site)
    ann.expects_network_trouble = True
    told: list[tuple[float, float]] = []
    opened: list[float] = []

    def hear(payload: str | bytes) -> None:
        for event in json.loads(payload):
            if event["type"] == "drain":
                told.append((time.monotonic(), event["after"]))

    def watch(socket: WebSocket) -> None:
        opened.append(time.monotonic())
        socket.on("framereceived", hear)

    ann.page.on("websocket", watch)
    await ann.page.reload()
    await ann.is_live()
    await asyncio.to_thread(site.stop)
    await expect(ann.connection).to_contain_text("Server restarting")
    await asyncio.to_thread(site.start)
    await ann.is_live(40)
    ((drained, after),) = told
    assert opened[1] - drained > after - 0.1


async def test_another_history_is_noticed_though_the_page_was_painted_before(
    visit: Visit, fresh_server: Callable[..., Site]
) -> None:
    site = fresh_server()
    ann = await visit("Ann", server=site, script=HELD_BACK)
    await ann.say("In the old history")
    await ann.sees("In the old history")
    await ann.page.evaluate("sessionStorage.heldBack = 1")
    await ann.page.reload()
    await expect(ann.message("In the old history")).to_be_visible()
    with closing(sqlite3.connect(site.data / "chatsite.sqlite3", timeout=10)) as database, database:
        database.execute("UPDATE chat_message SET body = 'In the new history' WHERE body = 'In the old history'")
    site.manage("new_epoch")
    await expect(ann.message("In the old history")).to_be_visible()
    await ann.page.evaluate("delete sessionStorage.heldBack; dispatchEvent(new Event('offline'))")
    await ann.is_live()
    await ann.sees("In the new history")
    await ann.say("Goes on")
    await ann.sees("In the new history", "Goes on")


async def test_where_no_socket_opens_messages_go_and_come_by_polling(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room, script=NO_SOCKETS)
    bob = await visit("Bob", room)
    await expect(bob.online).to_have_text("2")
    await ann.say("By post")
    await expect(bob.message("By post")).to_be_visible()
    await bob.say("Received")
    await ann.sees("By post", "Received")
    await ann.do("By post", "Edit")
    await ann.box.fill("By fast post")
    await ann.box.press("Enter")
    await bob.sees("By fast post", "Received")
    await bob.do("Received", "Delete")
    await ann.sees("By fast post", "Message deleted")
    await expect(ann.connection).to_contain_text("Live")


async def test_a_private_chat_opens_by_polling_too(visit: Visit, room: int) -> None:
    ann = await visit("Ann", room, script=NO_SOCKETS)
    bob = await visit("Bob", room)
    await bob.chat_with(ann)
    await bob.say("Do you get this?")
    await expect(ann.room_link(bob.nickname)).to_have_accessible_description("1 unread")
    await ann.enter(bob.nickname)
    await ann.say("I do")
    await bob.sees("Do you get this?", "I do")


async def test_a_message_that_is_refused_can_be_tried_again_or_given_up(visit: Visit, room: int, site: Site) -> None:
    ann = await visit("Ann", room)
    site.backstage("mute", ann.user)
    await ann.say("Let me speak")
    await ann.say("Never mind")
    for text in ("Let me speak", "Never mind"):
        await expect(ann.message(text)).to_contain_text("Not sent")
    await ann.message("Never mind").get_by_role("button", name="Delete").click()
    await expect(ann.message("Never mind")).to_have_count(0)
    site.backstage("unmute", ann.user)
    await ann.message("Let me speak").get_by_role("button", name="Try again").click()
    await ann.sees("Let me speak")


async def test_who_is_banned_is_told_so(visit: Visit, room: int, site: Site) -> None:
    ann = await visit("Ann", room)
    ann.expects_network_trouble = True
    site.backstage("ban", ann.user)
    await expect(ann.page.get_by_role("dialog")).to_have_accessible_name(re.compile("cannot come in"))
