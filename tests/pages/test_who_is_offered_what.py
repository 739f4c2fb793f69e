"""Each cell of docs/permissions.md that has something to press: it is offered to those who may, and to no others."""

from collections.abc import Callable

import pytest
from playwright.async_api import Locator, expect

from tests.client import Person
from tests.pages.conftest import Visit
from tests.pages.visitor import Visitor
from tests.servers import Site
from tests.table import PRIVATE, PUBLIC

OF_THE_ROOM = ("guest", "member", "moderator", "owner")
OF_THE_SITE = {
    "without rights": "make_staff",
    "site moderator": "make_moderator",
    "administrator": "make_administrator",
}
"""What makes somebody that (tests/wire/backstage.py)."""
TABS = {
    "rename": "About",
    "take its picture away": "About",
    "make it read-only": "Writing",
    "set slow mode": "Writing",
    "bring someone in": "Invite",
    "make a link": "Invite",
    "see the links": "Invite",
    "mute a member": "People",
    "list members": "People",
}
ABOUT_A_MEMBER = {
    "mute a member": "Mute for 1 hour",
    "remove a member": "Remove from the room",
    "make a moderator": "Make a moderator",
    "hand the room over": "Hand the room over",
}
ABOUT_A_MODERATOR = {"mute a moderator": "Mute for 1 hour", "remove a moderator": "Remove from the room"}
ABOUT_THE_OWNER = {"mute the owner": "Mute for 1 hour", "remove the owner": "Remove from the room"}
ABOUT_A_SITE_MODERATOR = {
    "mute a site moderator": "Mute for 1 hour",
    "remove a site moderator": "Remove from the room",
    "make a moderator of a site moderator": "Make a moderator",
    "hand the room to a site moderator": "Hand the room over",
}
SWITCHES = {"archive": "Archived", "make it everyone's": "A room for everyone"}


def allowed(kind: str, who: str) -> set[str]:
    """Return the actions that the table allows someone."""
    return {
        cell.action for cell in (PUBLIC if kind == "public" else PRIVATE) if cell.who == who and cell.outcome == "ok"
    }


@pytest.mark.parametrize(
    ("kind", "who"),
    [("public", who) for who in (*OF_THE_ROOM, *OF_THE_SITE)]
    + [("private", who) for who in (*OF_THE_ROOM, "site moderator")],
)
async def test_what_one_may_do_is_offered_and_nothing_else(
    visit: Visit, newcomer: Callable[..., Person], site: Site, kind: str, who: str
) -> None:
    names = ("Olga", "Tim", "Sam", "Will")
    other, target, second, warden = [await newcomer(name) for name in names]  # type: ignore[misc]
    me = await visit("Me")
    owner = me if who == "owner" else other
    if who != "guest":
        await me.api("PATCH", "me/", password="a good long password")
    if who in OF_THE_SITE:
        site.backstage(OF_THE_SITE[who], me.user)
    site.backstage("make_moderator", warden.id)
    room = await _room(owner, me, kind, [target.id, second.id, warden.id])
    await _make_moderators(owner, room, [second.id, *([me.user] if who == "moderator" else [])])
    await target.post("Said by Tim", room)
    await me.open(f"/rooms/{room}/")
    may = allowed(kind, who)
    if who == "administrator":
        # Opening its page brings one into a public room.
        may |= allowed(kind, "member") | {"delete what another wrote"}
    people = {target: ABOUT_A_MEMBER, second: ABOUT_A_MODERATOR, warden: ABOUT_A_SITE_MODERATOR}
    if who == "owner":
        # Of oneself it is leaving.
        may.discard("remove the owner")
    else:
        people[other] = ABOUT_THE_OWNER
    offered = await _offered(me, {person.nickname: acts for person, acts in people.items()})
    tried = {*TABS, *SWITCHES, "delete what another wrote", "write"}.union(ABOUT_THE_OWNER, *people.values())
    assert offered == may & tried


async def _room(owner: Visitor | Person, me: Visitor, kind: str, people: list[int]) -> int:
    fields = {"name": "Matrix", "kind": kind, "people": people}
    if isinstance(owner, Visitor):
        return int((await owner.api("POST", "rooms/", **fields))["id"])
    fields["people"] = [*people, me.user]
    return int((await owner.api("POST", "rooms/", json=fields))["id"])


async def _make_moderators(owner: Visitor | Person, room: int, people: list[int]) -> None:
    for user in people:
        path = f"rooms/{room}/members/{user}/"
        if isinstance(owner, Visitor):
            await owner.api("PATCH", path, role="moderator")
        else:
            await owner.api("PATCH", path, json={"role": "moderator"})


async def _offered(me: Visitor, people: dict[str, dict[str, str]]) -> set[str]:
    page = me.page
    await expect(me.connection).to_have_attribute("data-status", "live")
    found = {"write"} if await me.box.is_editable() else set()
    article = me.message("Said by Tim")
    await article.hover()
    if await article.get_by_role("button", name="Delete").count():
        found.add("delete what another wrote")
    await page.get_by_role("button", name="Room settings").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("tab").first).to_be_visible()
    tabs = await dialog.get_by_role("tab").all_inner_texts()
    for action, tab in TABS.items():
        if tab in tabs and action != "mute a member":
            found.add(action)
    if "More" in tabs:
        await dialog.get_by_role("tab", name="More").click()
        found |= {action for action, label in SWITCHES.items() if await dialog.get_by_label(label).count()}
    await dialog.get_by_role("tab", name="People").click()
    for name, acts in people.items():
        found |= await _acts(dialog.get_by_role("listitem").filter(has_text=name), acts)
    return found


async def _acts(row: Locator, acts: dict[str, str]) -> set[str]:
    await expect(row).to_be_visible()
    button = row.get_by_role("button")
    if not await button.count():
        return set()
    await button.click()
    labels = await row.page.locator(".more-menu button").all_inner_texts()
    await row.page.keyboard.press("Escape")
    return {action for action, label in acts.items() if label in labels}
