"""What a moderator does at the desk reaches two open sockets and a long poll within a second, and so does its undo."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.client import Event, Person, Socket, arrive, new_ref, open_socket, until
from tests.desk import ACTS, CASES, MESSAGES, PASSWORD, PEOPLE, ROOMS, Desk, Refused
from tests.rest.test_long_poll import Poller, quiet, start
from tests.servers import Site

SOON = 1.0
BUSY = 10.0
"""What a second may take on a machine that runs three tests and a browser at once."""


@pytest.fixture
async def desk(server: Site, mia: Person) -> AsyncIterator[Desk]:
    """Mia at the desk, a moderator of the site with the rights of that group."""
    server.backstage("give_password", mia.id, PASSWORD)
    server.backstage("make_moderator", mia.id)
    desk = await Desk(mia).sign_in()
    yield desk
    await desk.close()


class Watchers:
    """Two sockets and a long poll of the same room."""

    def __init__(self, sockets: list[Socket], poller: Poller) -> None:
        self.sockets = sockets
        self.poller = poller

    async def see(self, kind: str, **fields: Any) -> None:
        """Wait until all of them were told."""
        for socket in self.sockets:
            await socket.wait_for(kind, within=2 * BUSY, **fields)
        async with asyncio.timeout(BUSY):
            # A poll that was away for long brings what changed as `room.synced`.
            while not any(fits(event, kind, fields) or event["type"] == "room.synced" for event in self.poller.events):
                await self.poller.poll(wait=1)
        self.poller.events.clear()


def fits(event: Event, kind: str, fields: dict[str, Any]) -> bool:
    """Tell whether an event is of a kind and has these fields."""
    return event["type"] == kind and all(event.get(name) == value for name, value in fields.items())


@pytest.fixture
async def watchers(ann: Person, bob: Person, room: int) -> Watchers:
    """Ann at two tabs, and polling."""
    poller = await start(ann, room)
    poller.tab = "watching"
    await quiet(poller)
    poller.events.clear()
    return Watchers([await ann.connect(), await ann.connect()], poller)


async def test_messages_taken_down_and_brought_back(
    desk: Desk, watchers: Watchers, ann: Person, bob: Person, room: int
):
    sent = [await bob.post(text, room) for text in ("one", "two")]
    await watchers.see("message.created", change=sent[1]["change"])
    began = time.monotonic()
    said = await desk.act(MESSAGES, "take_down", *(message["id"] for message in sent), reason="spam")
    assert "2 messages" in said
    await watchers.see("message.deleted", change=sent[1]["change"] + 2)
    assert time.monotonic() - began < SOON + BUSY
    assert [message.get("body") for message in await ann.messages(room)] == [None, None]
    await desk.undo_last()
    await watchers.see("message.updated", change=sent[1]["change"] + 4)
    back = await ann.messages(room)
    assert [(message["id"], message["body"]) for message in back] == [(sent[0]["id"], "one"), (sent[1]["id"], "two")]


async def test_a_ban_closes_every_socket_and_poll_and_its_undo_lets_in_again(
    desk: Desk, watchers: Watchers, bob: Person, room: int
):
    tabs = [await bob.connect(), await bob.connect()]
    polling = asyncio.create_task(bob.http.get("/api/v1/sync/", params={"epoch": tabs[0].welcome["epoch"], "wait": 20}))
    sent = await bob.post("spam", room)
    await watchers.see("message.created", change=sent["change"])
    began = time.monotonic()
    await desk.act(PEOPLE, "ban", bob.id, hours="24", take_away="1", reason="Advertising")
    for tab in tabs:
        assert await tab.closed(BUSY) == 4403
    assert (await asyncio.wait_for(polling, BUSY)).status_code in (200, 403)
    assert time.monotonic() - began < SOON + BUSY
    await watchers.see("message.deleted", change=sent["change"] + 1)
    refused = await bob.api("GET", "me/", 403)
    assert refused["code"] == "banned"
    assert "Advertising" in refused["detail"]
    late = await open_socket(bob.site, headers=bob.headers)
    assert "Advertising" in (await late.wait_for("error", code="banned"))["detail"]
    await desk.undo_last()
    await watchers.see("message.updated", change=sent["change"] + 2)
    assert (await (await bob.connect()).send("back again", room))["type"] == "ack"


async def test_a_mute_everywhere_is_told_and_kept_and_ends(desk: Desk, bob: Person, room: int):
    tab, poller = await bob.connect(), await start(bob, room)
    poller.tab = "muted"
    await quiet(poller)
    await desk.act(PEOPLE, "mute", bob.id, hours="1", reason="calm down")
    told = await tab.wait_for("membership.updated", room=room, within=BUSY)
    assert told["muted_until"]
    await until(lambda: poller.poll(wait=1), lambda events: any(e["type"] == "membership.updated" for e in events))
    assert (await tab.send("but", room))["code"] == "muted"
    await desk.undo_last()
    await tab.wait_for("membership.updated", room=room, within=BUSY, where=lambda event: not event["muted_until"])
    assert (await tab.send("thanks", room))["type"] == "ack"


async def test_signed_out_everywhere(desk: Desk, bob: Person, room: int):
    tabs = [await bob.connect(), await bob.connect()]
    await desk.act(PEOPLE, "sign_out", bob.id)
    for tab in tabs:
        assert await tab.closed(BUSY) == 4401
    await bob.api("GET", "me/", 401)


@pytest.mark.parametrize(("act", "field"), [("lock", "read_only"), ("archive", "archived")])
async def test_rooms_locked_and_archived(desk: Desk, watchers: Watchers, bob: Person, room: int, act: str, field: str):
    await desk.act(ROOMS, act, room, reason="heated")
    for socket in watchers.sockets:
        await socket.wait_for("room.updated", within=BUSY, where=lambda event: event["room"].get(field) is True)
    await until(lambda: watchers.poller.poll(wait=1), lambda events: any(e["type"] == "room.updated" for e in events))
    tab = await bob.connect()
    assert (await tab.send("hello?", room))["code"] == "read_only"
    await desk.undo_last()
    for socket in watchers.sockets:
        await socket.wait_for("room.updated", within=BUSY, where=lambda event: event["room"].get(field) is False)
    assert (await tab.send("hello!", room))["type"] == "ack"


async def test_a_report_is_dealt_with_and_its_reporter_told(
    server: Site, desk: Desk, watchers: Watchers, ann: Person, bob: Person, room: int
):
    sent = await bob.post("nasty", room)
    made = await ann.api("POST", "reports/", 201, json={"message": sent["id"], "reason": "harassment", "text": "look"})
    assert (made["status"], made["outcome"]) == ("open", None)
    queue = await desk.get(CASES)
    assert "nasty" in queue.text
    case = int(server.backstage("case_about", sent["id"]))
    page = await desk.get(f"{CASES}{case}/change/")
    assert "look" in page.text
    assert ann.nickname in page.text
    await desk.act(CASES, "take", case)
    await desk.act(CASES, "act_done", case, note="had a word")
    await watchers.see("report.closed")
    assert (await ann.api("GET", "reports/"))["reports"][0]["outcome"] == "acted"


async def test_thirty_spamming_accounts_are_undone_by_one_act_and_all_else_stays(
    server: Site, desk: Desk, watchers: Watchers, ann: Person, bob: Person, room: int
):
    link = await ann.api("POST", "invitations/", 201, json={"room": room})
    raiders = await asyncio.gather(*(arrive(server, f"raider{number} {bob.id}") for number in range(30)))
    for raider in raiders:
        await raider.api("POST", f"invitations/{link['code']}/redeem/")
    sockets = [await raider.connect() for raider in raiders[:5]]
    for number in range(3):
        await asyncio.gather(*(raider.post(f"spam {number}", room) for raider in raiders))
    kept = await bob.post("I live here", room)
    await watchers.see("message.created", change=kept["change"])
    before = [message for message in await ann.messages(room) if message["author"]["id"] == bob.id]
    invitation = server.backstage("invitation_id", link["code"])
    page = await desk.get(f"moderation/act/raid/?invitation={invitation}")
    assert all(raider.nickname in page.text for raider in raiders)
    assert f'value="{bob.id}"' not in page.text
    token = desk.http.cookies["csrftoken"]
    form = {"people": [str(raider.id) for raider in raiders], "csrfmiddlewaretoken": token}
    where = f"/admin/moderation/act/raid/?invitation={invitation}"
    asked = (await desk.http.post(where, data=form)).text
    for said in ("30 people are banned.", "90 messages are taken down", "1 invitation is revoked."):
        assert said in asked
    await desk.http.post(where, data=form | {"apply": "1", "reason": "raid"})
    for socket in sockets:
        assert await socket.closed(BUSY) == 4403
    await watchers.see("message.deleted")
    after = await ann.messages(room)
    assert [message for message in after if message["author"]["id"] == bob.id] == before
    assert all(message.get("deleted_at") for message in after if message["author"]["id"] != bob.id)
    assert not (await ann.api("GET", f"invitations/{link['code']}/"))["good"]
    await desk.undo_last()
    await watchers.see("message.updated")
    again = await ann.messages(room)
    assert sum(message.get("body", "").startswith("spam") for message in again) == 90
    assert (await raiders[0].api("GET", "me/"))["id"] == raiders[0].id
    for raider in raiders:
        await raider.leave_site()


async def test_who_is_no_moderator_does_nothing_at_the_desk(server: Site, bob: Person, eve: Person):
    server.backstage("give_password", bob.id, PASSWORD)
    outsider = Desk(bob)
    with pytest.raises(AssertionError):
        await outsider.sign_in()
    with pytest.raises(AssertionError):
        await outsider.act(PEOPLE, "ban", eve.id, hours="0", take_away="0", reason="x")
    assert (await eve.api("GET", "me/"))["id"] == eve.id
    await outsider.close()


async def test_a_moderator_acts_on_no_administrator_and_makes_none(server: Site, desk: Desk, eve: Person):
    server.backstage("make_administrator", eve.id)
    for act, fields in (("ban", {"hours": "0", "take_away": "0"}), ("mute", {"hours": "1"}), ("sign_out", {})):
        with pytest.raises(Refused, match="may not act on"):
            await desk.act(PEOPLE, act, eve.id, reason="x", **fields)
    assert (await eve.api("GET", "me/"))["id"] == eve.id
    page = await desk.get(f"{PEOPLE}{eve.id}/change/")
    assert "Make an administrator" not in page.text
    said = await desk.act(PEOPLE, "make_admin", desk.person.id, reason="please")
    assert "administrator now" not in said


async def test_a_filter_is_felt_at_once_and_what_it_holds_comes_once_it_is_let_through(
    server: Site, desk: Desk, watchers: Watchers, bob: Person, room: int
):
    made = server.backstage("make_filter", "words", "casino", "hold", room)
    tab = await bob.connect()
    ref = new_ref()
    await until(lambda: tab.send("the casino", room, ref=ref), lambda answer: answer.get("code") == "held")
    held = server.backstage("held_of", bob.id)
    await desk.act("moderation/heldmessage/", "approve", held)
    created = await tab.wait_for("message.created", room=room, within=BUSY)
    assert created["message"]["ref"] == ref
    server.backstage("drop_filter", made)


async def test_every_page_of_the_desk_can_be_had(server: Site, desk: Desk, ann: Person, bob: Person, room: int):
    sent = await bob.post("hello", room)
    await ann.api("POST", "reports/", 201, json={"user": bob.id, "reason": "other"})
    await desk.act(PEOPLE, "mute", bob.id, hours="1", reason="x")
    rule = server.backstage("make_filter", "words", "hello", "flag", room)
    pages = [
        "", f"moderation/filter/{rule}/change/", f"moderation/filter/{rule}/rehearse/",
        PEOPLE, f"{PEOPLE}{bob.id}/change/", f"{PEOPLE}?state=banned", f"{PEOPLE}?state=muted&came=24",
        f"{PEOPLE}?q=bob", MESSAGES, f"{MESSAGES}{sent['id']}/change/", f"{MESSAGES}?q=from:{bob.nickname}+hello",
        f"{MESSAGES}?q=in:room", f"{MESSAGES}?author__id__exact={bob.id}", f"{MESSAGES}?room__id__exact={room}",
        f"{MESSAGES}?state=down&written=1&author_came=168", ROOMS, f"{ROOMS}{room}/change/", CASES,
        f"{CASES}?status=all", ACTS, "moderation/act/raid/", "moderation/act/raid/?addresses=nowhere",
        "moderation/filter/", "moderation/filter/add/", "moderation/heldmessage/",
        "moderation/heldmessage/?status=decided", "audit/entry/", "audit/entry/1/change/",
    ]  # fmt: skip
    for path in pages:
        page = await desk.get(path)
        assert page.status_code == 200, path
        assert "Chatsite" in page.text, path
    rehearsed = (await desk.get(f"moderation/filter/{rule}/rehearse/")).text
    assert "It would have hit 1 message" in rehearsed
    server.backstage("drop_filter", rule)
    assert (await desk.get("accounts/user/bots/")).url.path == "/admin/"
    assert (await desk.get("auth/group/")).status_code == 403


@asynccontextmanager
async def administrator(server: Site, person: Person) -> AsyncIterator[Desk]:
    """Somebody at the desk as an administrator."""
    server.backstage("give_password", person.id, PASSWORD)
    server.backstage("make_administrator", person.id)
    desk = await Desk(person).sign_in()
    yield desk
    await desk.close()


async def test_administrators_make_moderators_bots_and_links(server: Site, eve: Person, bob: Person):
    server.backstage("give_password", bob.id, PASSWORD)
    async with administrator(server, eve) as desk:
        tab = await bob.connect()
        await desk.act(PEOPLE, "make_moderator", bob.id, reason="trusted")
        told = await tab.wait_for("membership.updated", within=BUSY)
        assert "moderate" in told["abilities"]
        link = await desk.act(PEOPLE, "password_link", bob.id)
        assert "/reset/" in link
        page = await desk.get("accounts/user/bots/")
        form = {"nickname": f"robot {bob.id}", "csrfmiddlewaretoken": desk.http.cookies["csrftoken"]}
        page = await desk.http.post("/admin/accounts/user/bots/", data=form)
        assert f"robot {bob.id}" in page.text
        assert "<code>" in page.text


async def test_the_group_of_moderators_can_be_changed_and_never_deleted(server: Site, eve: Person):
    async with administrator(server, eve) as desk:
        groups = await desk.get("auth/group/")
        built_in = re.findall(r"/admin/auth/group/(\d+)/change/[^>]*>Moderators<", groups.text)[0]
        page = await desk.get(f"auth/group/{built_in}/change/")
        rights = dict(re.findall(r'name="permissions" value="(\d+)"[^>]*?( checked)?>', page.text.replace("\n", " ")))
        for shown in ("Ban people and lift bans", "Read the log"):
            assert shown in page.text
        assert "content type" not in page.text
        assert "/delete/" not in page.text
        assert 'name="name"' not in page.text
        assert (await desk.get(f"auth/group/{built_in}/delete/")).status_code == 403
        token = desk.http.cookies["csrftoken"]
        form = {"permissions": [pk for pk, ticked in rights.items() if ticked], "csrfmiddlewaretoken": token}
        saved = await desk.http.post(f"/admin/auth/group/{built_in}/change/", data=form)
        assert saved.url.path == "/admin/auth/group/", saved.text[:500]
        refused = await desk.http.post(
            f"/admin/auth/group/{built_in}/delete/", data={"post": "yes", "csrfmiddlewaretoken": token}
        )
        assert refused.status_code == 403
        await desk.http.post("/admin/auth/group/add/", data={"name": f"Readers {eve.id}", "csrfmiddlewaretoken": token})
        groups = await desk.get("auth/group/")
        other = re.findall(rf"/admin/auth/group/(\d+)/change/[^>]*>Readers {eve.id}<", groups.text)[0]
        assert "/delete/" in (await desk.get(f"auth/group/{other}/change/")).text
        await desk.http.post(f"/admin/auth/group/{other}/delete/", data={"post": "yes", "csrfmiddlewaretoken": token})
        assert f"Readers {eve.id}<" not in (await desk.get("auth/group/")).text


async def test_the_rights_of_a_group_decide_in_rooms_and_a_change_is_felt_at_once(
    server: Site, eve: Person, ann: Person, bob: Person, mia: Person, room: int
):
    server.backstage("give_password", mia.id, PASSWORD)
    await mia.join(room)
    tab = await mia.connect()
    async with administrator(server, eve) as desk:
        page = await desk.get("auth/group/add/")
        right = re.findall(r'value="(\d+)"[^>]*>\s*Take messages down and restore them', page.text)[0]
        form = {"name": f"Sweepers {mia.id}", "csrfmiddlewaretoken": desk.http.cookies["csrftoken"]}
        await desk.http.post("/admin/auth/group/add/", data=form | {"permissions": [right]})
        listed = (await desk.get("auth/group/")).text
        group = re.findall(rf"/admin/auth/group/(\d+)/change/[^>]*>Sweepers {mia.id}<", listed)[0]
        await desk.act(PEOPLE, "make_moderator", mia.id, reason="helps", groups=[group])
        told = await tab.wait_for("membership.updated", room=room, within=BUSY)
        assert told["abilities"] == ["invite", "take_down"]
        await mia.api("DELETE", f"messages/{(await ann.post('one', room))['id']}/")
        await mia.api("PATCH", f"rooms/{room}/members/{bob.id}/", 403, json={"muted_until": "2100-01-01T00:00:00Z"})
        await desk.http.post(f"/admin/auth/group/{group}/change/", data=form)
        told = await tab.wait_for("membership.updated", room=room, within=BUSY)
        assert told["abilities"] == ["invite"]
        refused = await tab.command("message.delete", id=(await ann.post("two", room))["id"])
        assert refused["code"] == "forbidden"
        await desk.http.post(f"/admin/auth/group/{group}/change/", data=form | {"permissions": [right]})
        await tab.wait_for("membership.updated", room=room, within=BUSY)
        await desk.http.post(f"/admin/auth/group/{group}/delete/", data=form | {"post": "yes"})
        told = await tab.wait_for("membership.updated", room=room, within=BUSY)
        assert told["abilities"] == ["invite"]


async def test_saving_a_filter_holds_nobody_up(server: Site, desk: Desk, bob: Person, room: int):
    tab = await bob.connect()
    is_saving, longest = True, 0.0

    async def talk() -> None:
        nonlocal longest
        while is_saving:
            began = time.monotonic()
            assert (await tab.send("still here", room))["type"] == "ack"
            longest = max(longest, time.monotonic() - began)

    talking = asyncio.create_task(talk())
    for number in range(6):
        await desk.get("moderation/filter/add/")
        form = {
            "name": f"rule {number} {room}", "kind": "words", "terms": "nothing-like-it", "response": "flag",
            "newer_than": "0", "room": str(room), "csrfmiddlewaretoken": desk.http.cookies["csrftoken"],
        }  # fmt: skip
        saved = await desk.http.post("/admin/moderation/filter/add/", data=form)
        assert saved.url.path == "/admin/moderation/filter/", saved.text[:500]
    is_saving = False
    await talking
    assert longest < BUSY


async def test_no_page_of_the_desk_shows_what_was_said_in_private(
    server: Site, desk: Desk, ann: Person, bob: Person, room: int
):
    tab = await bob.connect()
    secret = f"secret{bob.id}x{room}"
    sent = await tab.send(secret, to=ann.id)
    await bob.post("in the open", room)
    await desk.act(PEOPLE, "ban", bob.id, hours="24", take_away="876000", reason="x")
    pages = [
        f"{PEOPLE}{bob.id}/change/", f"{MESSAGES}?q=from:{bob.nickname}", f"{MESSAGES}?author__id__exact={bob.id}",
        f"{MESSAGES}{sent['id']}/change/", "moderation/act/raid/?since=2020-01-01T00:00", "audit/entry/",
        f"{ROOMS}{sent['room']}/change/",
    ]  # fmt: skip
    newest = max(re.findall(r'name="_selected_action" value="(\d+)"', (await desk.get(ACTS)).text), key=int)
    for path in (*pages, f"{ACTS}{newest}/change/"):
        assert secret not in (await desk.get(path)).text, path
    await desk.undo_last()
