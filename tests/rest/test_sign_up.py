"""Who may come in: guests, accounts with a password, by invitation."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.client import Person, arrive, http_client, new_ref
from tests.servers import Site

PASSWORD = "a good long password"


def nickname() -> str:
    return f"nia {new_ref()[:8]}"


@pytest.fixture
def site(fresh_server: Callable[..., Site]) -> Iterator[Site]:
    """A site of one's own, whose doors may be shut."""
    return fresh_server()


async def call(site: Site, path: str, **body: Any) -> Any:
    async with http_client(site) as http:
        return await http.post(f"/api/v1/{path}", json=body)


async def test_an_account_is_made_with_a_password_and_can_be_come_back_to(server: Site) -> None:
    name = nickname()
    made = await call(server, "accounts/", nickname=name, password=PASSWORD, avatar="owl")
    assert made.status_code == 201
    assert made.json()["user"]["is_guest"] is False
    again = await call(server, "tokens/", nickname=name, password=PASSWORD)
    assert again.json()["user"]["id"] == made.json()["user"]["id"]


async def test_a_taken_nickname_and_a_weak_password_are_refused_by_field(server: Site) -> None:
    name = nickname()
    await call(server, "accounts/", nickname=name, password=PASSWORD)
    taken = await call(server, "accounts/", nickname=name.upper(), password=PASSWORD)
    assert (taken.status_code, list(taken.json()["fields"])) == (400, ["nickname"])
    assert taken.json()["suggestion"]
    for weak in ("short", "password", "12345678"):
        refused = await call(server, "accounts/", nickname=nickname(), password=weak)
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["password"])


async def test_a_guest_who_sets_a_password_keeps_everything(ann: Person, room: int) -> None:
    await ann.post("Mine", room)
    me = await ann.api("PATCH", "me/", json={"password": PASSWORD})
    assert (me["is_guest"], me["has_password"]) == (False, True)
    again = (await call(ann.site, "tokens/", nickname=ann.nickname, password=PASSWORD)).json()
    assert again["user"]["id"] == ann.id
    back = Person(ann.site, again["user"], again["token"])
    assert (await back.room_frame(room))["role"] == "owner"
    await back.leave_site()


async def test_where_guests_are_off_one_comes_with_a_password(site: Site) -> None:
    site.backstage("set_admission", False, "open")
    refused = await call(site, "guests/", nickname=nickname())
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await call(site, "accounts/", nickname=nickname(), password=PASSWORD)).status_code == 201
    async with http_client(site) as http:
        assert (await http.get("/api/v1/site/")).json() == {"guests": False, "sign_up": "open"}
        page = (await http.get("/")).text
        assert 'name="nickname"' not in page
        assert "/sign-up/" in page


async def test_where_sign_up_is_closed_nobody_becomes_an_account(site: Site) -> None:
    site.backstage("set_admission", True, "closed")
    refused = await call(site, "accounts/", nickname=nickname(), password=PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    guest = await arrive(site, nickname())
    await guest.api("PATCH", "me/", 403, json={"password": PASSWORD})
    await guest.leave_site()


async def test_by_invitation_one_that_its_maker_may_give_is_needed(site: Site) -> None:
    site.backstage("set_admission", True, "invitation")
    ann, gus = await arrive(site, nickname()), await arrive(site, nickname())
    site.backstage("make_administrator", ann.id)
    link = (await ann.api("POST", "invitations/", 201, json={"max_uses": 1}))["code"]
    assert (await call(site, "accounts/", nickname=nickname(), password=PASSWORD)).status_code == 403
    wrong = await call(site, "accounts/", nickname=nickname(), password=PASSWORD, invitation="nothing")
    assert (wrong.status_code, wrong.json()["code"]) == (404, "not_found")
    name = nickname()
    assert (await call(site, "accounts/", nickname=name, password=PASSWORD, invitation=link)).status_code == 201
    # Used up; and what was refused took neither use nor nickname.
    late = nickname()
    for _attempt in range(2):
        assert (await call(site, "accounts/", nickname=late, password=PASSWORD, invitation=link)).status_code == 404
    # Any member may invite into a public room, and not thereby into the site.
    lobby = (await gus.api("GET", "rooms/"))["rooms"][0]["id"]
    of_gus = (await gus.api("POST", "invitations/", 201, json={"room": lobby}))["code"]
    refused = await call(site, "accounts/", nickname=nickname(), password=PASSWORD, invitation=of_gus)
    assert refused.status_code == 403
    await gus.api("PATCH", "me/", 403, json={"password": PASSWORD})
    invited = (await ann.api("POST", "invitations/", 201, json={}))["code"]
    guest = (await call(site, "guests/", nickname=nickname(), invitation=invited)).json()
    person = Person(site, guest["user"], guest["token"])
    await person.api("PATCH", "me/", 200, json={"password": PASSWORD})
    for one in (ann, gus, person):
        await one.leave_site()


async def test_a_guest_unused_for_a_month_is_let_go_and_the_nickname_is_free(
    server: Site, ann: Person, bob: Person, room: int
) -> None:
    await bob.post("Still here", room)
    server.backstage("forget_seen", bob.id, 31)
    assert server.backstage("tidy")[0] >= 1
    assert (await bob.http.get("/api/v1/me/")).status_code == 401
    (message,) = await ann.messages(room)
    assert message["author"]["former"] is True
    assert (await call(server, "guests/", nickname=bob.nickname)).status_code == 201


async def test_accounts_and_those_who_were_here_are_not_let_go(server: Site, ann: Person, bob: Person) -> None:
    await ann.api("PATCH", "me/", json={"password": PASSWORD})
    server.backstage("forget_seen", ann.id, 400)
    server.backstage("forget_seen", bob.id, 29)
    server.backstage("tidy")
    for person in (ann, bob):
        assert (await person.api("GET", "me/"))["former"] is False


async def test_the_only_administrator_cannot_delete_the_account(site: Site) -> None:
    ann, bob = await arrive(site, nickname()), await arrive(site, nickname())
    site.backstage("make_administrator", ann.id)
    await ann.api("DELETE", "me/", 403)
    site.backstage("make_administrator", bob.id)
    await ann.api("DELETE", "me/", 204)
    for one in (ann, bob):
        await one.leave_site()
