"""Each cell of docs/permissions.md, over REST and over the socket."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.client import Event, Person, arrive, new_ref, open_socket
from tests.files import send_file, upload
from tests.servers import Site
from tests.table import DIRECT, PRIVATE, PUBLIC, Cell

STAFF = ("without rights", "site moderator", "warden")
WHO = (
    "outsider", "guest", "member", "moderator", "owner", "administrator", "banned", "blocked", "target", "second",
    *STAFF,
)  # fmt: skip
IN_THE_ROOM = ("guest", "member", "blocked", "target", "moderator", "second", *STAFF)
_casts: dict[str, dict[str, tuple[Event, str]]] = {}


class Scene:
    """A room of its own for one cell, in which `who` tries something.

    `target` is a member, `second` a moderator, `warden` a member who is a moderator of the site.
    """

    def __init__(self, site: Site, people: dict[str, Person], who: str) -> None:
        self.site = site
        self.people = people
        self.actor = people[who]
        self.room = 0
        self.message = 0
        self.link = ""

    async def furnish(self, place: str) -> None:
        """Make the room with everybody in it, and a message of the target's."""
        owner, target = self.people["owner"], self.people["target"]
        present = [self.people[name].id for name in IN_THE_ROOM]
        kind = "private" if place == "private" else "public"
        made = await owner.api("POST", "rooms/", json={"name": "a room", "kind": kind, "people": present})
        self.room = made["id"]
        for name in ("moderator", "second"):
            await owner.api("PATCH", f"rooms/{self.room}/members/{self.people[name].id}/", json={"role": "moderator"})
        self.message = (await target.post("said", self.room))["id"]

    async def make_link(self) -> None:
        """Have the second moderator make a link into the room."""
        made = await self.people["second"].api("POST", "invitations/", json={"room": self.room})
        self.link = made["code"]

    async def rest(self, method: str, path: str, body: Any = None) -> str:
        """Have the actor call; return `ok` or the code of the refusal."""
        response = await self.actor.http.request(method, f"/api/v1/{path}", json=body)
        return "ok" if response.is_success else str(response.json()["code"])

    async def command(self, kind: str, **fields: Any) -> str:
        """Have the actor give a command over a socket; return `ok` or the code of the refusal."""
        socket = await open_socket(self.site, headers=self.actor.headers)
        try:
            with suppress(ConnectionClosed):
                await socket.say(type="hello", protocol=1)
            first = await socket.wait_for(("welcome", "error"))
            if first["type"] == "error":
                return str(first["code"])
            if kind == "room.sync":
                await socket.say(type=kind, ref=new_ref(), **fields)
                answer = await socket.wait_for(("room.synced", "error"))
            else:
                answer = await socket.command(kind, **fields)
            return str(answer["code"]) if answer["type"] == "error" else "ok"
        finally:
            await socket.close()

    async def owner_sets(self, **fields: Any) -> None:
        """Have the owner change the room."""
        await self.people["owner"].api("PATCH", f"rooms/{self.room}/", json=fields)


Act = Callable[[Scene], Awaitable[str]]


def _rest(method: str, path: str, body: Any = None) -> Act:
    async def act(scene: Scene) -> str:
        if "{link}" in path:
            await scene.make_link()
        ids = {"room": scene.room, "message": scene.message, "link": scene.link}
        people = {name: person.id for name, person in scene.people.items()}
        filled = body(scene) if callable(body) else body
        return await scene.rest(method, path.format(**ids, **people), filled)

    return act


def _command(kind: str, **fields: Any) -> Act:
    async def act(scene: Scene) -> str:
        filled = {name: value(scene) if callable(value) else value for name, value in fields.items()}
        return await scene.command(kind, **filled)

    return act


def _report(scene: Scene) -> Event:
    return {"message": scene.message, "reason": "spam"}


def _room(scene: Scene) -> int:
    return scene.room


def _message(scene: Scene) -> int:
    return scene.message


def _new(scene: Scene) -> dict[str, Any]:
    return {"ref": new_ref(), "room": scene.room, "body": "a word"}


def _after(act: Act, **changes: Any) -> Act:
    async def acted(scene: Scene) -> str:
        await scene.owner_sets(**changes)
        return await act(scene)

    return acted


async def _everyones(scene: Scene) -> str:
    """Make the room everyone's, and take that back: who comes in another test is to find the Lobby alone."""
    answer = await scene.rest("PATCH", f"rooms/{scene.room}/", {"default": True})
    if answer == "ok":
        await scene.actor.api("PATCH", f"rooms/{scene.room}/", json={"default": False})
    return answer


def _twice(act: Act) -> Act:
    async def acted(scene: Scene) -> str:
        first = await act(scene)
        return first if first != "ok" else await act(scene)

    return acted


def _muted(act: Act) -> Act:
    async def acted(scene: Scene) -> str:
        until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        if scene.actor in (scene.people[name] for name in ("guest", "member", "blocked")):
            path = f"rooms/{scene.room}/members/{scene.actor.id}/"
            await scene.people["owner"].api("PATCH", path, json={"muted_until": until})
        if scene.actor not in (scene.people[name] for name in STAFF):
            return await act(scene)
        # Nobody of the room may: an administrator did it at the desk.
        scene.site.backstage("mute", scene.actor.id)
        try:
            return await act(scene)
        finally:
            scene.site.backstage("unmute", scene.actor.id)

    return acted


def _of(author: str, act: Act) -> Act:
    """Have the act be about a message of somebody else's."""

    async def acted(scene: Scene) -> str:
        scene.message = (await scene.people[author].post("said too", scene.room))["id"]
        return await act(scene)

    return acted


def _taken_down_by(who: str, act: Act) -> Act:
    """Have the act be about the target's message, which somebody has taken down."""

    async def acted(scene: Scene) -> str:
        await scene.people[who].api("DELETE", f"messages/{scene.message}/")
        return await act(scene)

    return acted


async def _open(scene: Scene, url: str) -> str:
    response = await scene.actor.http.get(url)
    return "ok" if response.is_success else str(response.json()["code"])


async def _file(scene: Scene) -> str:
    target = scene.people["target"]
    frame = await upload(target)
    await target.post("", scene.room, attachments=[frame["id"]])
    return await _open(scene, frame["url"])


async def _deleted_file(scene: Scene) -> str:
    target = scene.people["target"]
    frame = await upload(target)
    ack = await target.post("", scene.room, attachments=[frame["id"]])
    await target.api("DELETE", f"messages/{ack['id']}/")
    return await _open(scene, frame["url"])


async def _unsent_file(scene: Scene) -> str:
    return await _open(scene, (await upload(scene.people["target"]))["url"])


def _with_file(whose: str = "") -> Act:
    async def act(scene: Scene) -> str:
        uploader = scene.people[whose] if whose else scene.actor
        if uploader is scene.people["banned"]:
            response = await send_file(uploader, b"x")
            return str(response.json()["code"])
        attachment = await upload(uploader, b"x", "a.txt")
        body = {"ref": new_ref(), "room": scene.room, "body": "", "attachments": [attachment["id"]]}
        return await scene.rest("POST", "messages/", body)

    return act


UNTIL = {"muted_until": "2100-01-01T00:00:00Z"}
WRITE = {"REST": _rest("POST", "messages/", _new), "socket": _command("message.send", room=_room, body="a word")}

DELETE = {
    "REST": _rest("DELETE", "messages/{message}/"),
    "socket": _command("message.delete", id=_message),
}

RESTORE = _command("message.restore", id=_message)

ACTS: dict[str, dict[str, Act]] = {
    "see the room": {"REST": _rest("GET", "rooms/{room}/")},
    "read messages": {"REST": _rest("GET", "rooms/{room}/messages/")},
    "see its files": {"REST": _rest("GET", "rooms/{room}/files/")},
    "see what is pinned": {"REST": _rest("GET", "rooms/{room}/pins/")},
    "open a file": {"REST": _file},
    "open a file of what was deleted": {"REST": _deleted_file},
    "open a file that was not sent": {"REST": _unsent_file},
    "list members": {"REST": _rest("GET", "rooms/{room}/members/")},
    "sync": {"socket": _command("room.sync", room=_room, since=0)},
    "join": {"REST": _rest("POST", "rooms/{room}/join/"), "socket": _command("room.join", room=_room)},
    "leave": {"REST": _rest("POST", "rooms/{room}/leave/"), "socket": _command("room.leave", room=_room)},
    "write": WRITE,
    "write with a file": {"REST": _with_file()},
    "write with another's file": {"REST": _with_file("target")},
    "write where only moderators do": {way: _after(act, read_only=True) for way, act in WRITE.items()},
    "write in slow mode, twice": {way: _after(_twice(act), slow_mode=600) for way, act in WRITE.items()},
    "write where it is archived": {way: _after(act, archived=True) for way, act in WRITE.items()},
    "write while muted": {way: _muted(act) for way, act in WRITE.items()},
    "react": {"socket": _command("message.react", id=_message, emoji="👍")},
    "pin": {"socket": _command("message.pin", id=_message)},
    "edit what another wrote": {
        "REST": _rest("PATCH", "messages/{message}/", {"body": "other"}),
        "socket": _command("message.edit", id=_message, body="other"),
    },
    "delete what another wrote": DELETE,
    "delete what the owner wrote": {way: _of("owner", act) for way, act in DELETE.items()},
    "delete what a site moderator wrote": {way: _of("warden", act) for way, act in DELETE.items()},
    "restore what its author deleted": {"socket": _taken_down_by("target", RESTORE)},
    "restore what a moderator took down": {"socket": _taken_down_by("second", RESTORE)},
    "restore what a site moderator took down": {"socket": _taken_down_by("warden", RESTORE)},
    "see what a message said before": {"REST": _rest("GET", "messages/{message}/versions/")},
    "report what another wrote": {"REST": _rest("POST", "reports/", _report)},
    "ask why one was told": {"REST": _rest("GET", "messages/{message}/told/")},
    "mark as read": {"socket": _command("room.read", room=_room, seq=1)},
    "make it a favourite": {"REST": _rest("PATCH", "rooms/{room}/preferences/", {"favourite": True})},
    "rename": {"REST": _rest("PATCH", "rooms/{room}/", {"name": "another"})},
    "make it read-only": {"REST": _rest("PATCH", "rooms/{room}/", {"read_only": True})},
    "set slow mode": {"REST": _rest("PATCH", "rooms/{room}/", {"slow_mode": 30})},
    "take its picture away": {"REST": _rest("DELETE", "rooms/{room}/picture/")},
    "archive": {"REST": _rest("PATCH", "rooms/{room}/", {"archived": True})},
    "make it everyone's": {"REST": _everyones},
    "bring someone in": {"REST": _rest("PUT", "rooms/{room}/members/{stranger}/")},
    "make a link": {"REST": _rest("POST", "invitations/", lambda scene: {"room": scene.room})},
    "see the links": {"REST": _rest("GET", "invitations/?room={room}")},
    "take back another's link": {"REST": _rest("DELETE", "invitations/{link}/")},
    "mute a member": {"REST": _rest("PATCH", "rooms/{room}/members/{target}/", UNTIL)},
    "mute a moderator": {"REST": _rest("PATCH", "rooms/{room}/members/{second}/", UNTIL)},
    "mute the owner": {"REST": _rest("PATCH", "rooms/{room}/members/{owner}/", UNTIL)},
    "mute a site moderator": {"REST": _rest("PATCH", "rooms/{room}/members/{warden}/", UNTIL)},
    "remove the owner": {"REST": _rest("DELETE", "rooms/{room}/members/{owner}/")},
    "remove a site moderator": {"REST": _rest("DELETE", "rooms/{room}/members/{warden}/")},
    "make a moderator of a site moderator": {
        "REST": _rest("PATCH", "rooms/{room}/members/{warden}/", {"role": "moderator"})
    },
    "hand the room to a site moderator": {"REST": _rest("PATCH", "rooms/{room}/members/{warden}/", {"role": "owner"})},
    "remove a member": {"REST": _rest("DELETE", "rooms/{room}/members/{target}/")},
    "remove a moderator": {"REST": _rest("DELETE", "rooms/{room}/members/{second}/")},
    "make a moderator": {"REST": _rest("PATCH", "rooms/{room}/members/{target}/", {"role": "moderator"})},
    "hand the room over": {"REST": _rest("PATCH", "rooms/{room}/members/{target}/", {"role": "owner"})},
}


async def _chat_there_was(scene: Scene) -> str:
    chat = scene.site.backstage("open_chat", scene.actor.id, scene.people["owner"].id)
    return await scene.rest("POST", "messages/", {"ref": new_ref(), "room": chat, "body": "again"})


async def _others_chat(scene: Scene) -> str:
    chat = scene.site.backstage("open_chat", scene.people["target"].id, scene.people["second"].id)
    return await scene.rest("GET", f"rooms/{chat}/messages/")


async def _others_file(scene: Scene) -> str:
    one, other = scene.people["target"], scene.people["second"]
    frame = await upload(one)
    sent = await one.api(
        "POST", "messages/", json={"ref": new_ref(), "to": other.id, "body": "", "attachments": [frame["id"]]}
    )
    assert sent["room"]
    return await _open(scene, frame["url"])


async def _versions_in_the_chat(scene: Scene) -> str:
    chat = scene.site.backstage("open_chat", scene.actor.id, scene.people["owner"].id)
    return await _versions_in(scene, chat, scene.people["owner"].id)


async def _versions_in_others_chat(scene: Scene) -> str:
    chat = scene.site.backstage("open_chat", scene.people["target"].id, scene.people["second"].id)
    return await _versions_in(scene, chat, scene.people["target"].id)


async def _versions_in(scene: Scene, chat: int, author: int) -> str:
    message = scene.site.backstage("post_before_blocks", author, chat, "said")
    return await scene.rest("GET", f"messages/{message}/versions/")


DIRECT_ACTS: dict[str, dict[str, Act]] = {
    "open a private chat": {"REST": _rest("POST", "direct/", lambda scene: {"user": scene.people["owner"].id})},
    "write to a person": {
        "REST": _rest(
            "POST", "messages/", lambda scene: {"ref": new_ref(), "to": scene.people["owner"].id, "body": "psst"}
        ),
        "socket": _command("message.send", to=lambda scene: scene.people["owner"].id, body="psst"),
    },
    "write in the chat there was": {"REST": _chat_there_was},
    "read others' private chat": {"REST": _others_chat},
    "see what was said before in the chat": {"REST": _versions_in_the_chat},
    "see what was said before in others' chat": {"REST": _versions_in_others_chat},
    "open a file of others' private chat": {"REST": _others_file},
    "make a group with the owner": {
        "REST": _rest(
            "POST",
            "rooms/",
            lambda scene: {
                "kind": "private",
                "group": True,
                "people": [scene.people["owner"].id, scene.people["target"].id],
            },
        )
    },
}


def _tried(cells: list[Cell], acts: dict[str, dict[str, Act]]) -> list[Any]:
    unknown = {cell.action for cell in cells} - acts.keys()
    assert not unknown, f"in the tables, and not tried: {unknown}"
    return [
        pytest.param(cell, act, id=f"{cell.name}, {way}") for cell in cells for way, act in acts[cell.action].items()
    ]


async def people_of(site: Site) -> dict[str, Person]:
    """Return those who try things at a site; they are made once."""
    if site.url not in _casts:
        _casts[site.url] = await _make_people(site)
    return {name: Person(site, *who) for name, who in _casts[site.url].items()}


async def _make_people(site: Site) -> dict[str, tuple[Event, str]]:
    made = {name: await arrive(site, f"{name} {new_ref()[:8]}") for name in WHO}
    for name in set(WHO) - {"guest"}:
        site.backstage("give_password", made[name].id, "a good long password")
    site.backstage("make_administrator", made["administrator"].id)
    site.backstage("make_staff", made["without rights"].id)
    for name in ("site moderator", "warden"):
        site.backstage("make_moderator", made[name].id)
    await made["owner"].api("PUT", f"blocks/{made['blocked'].id}/")
    site.backstage("ban", made["banned"].id)
    for person in made.values():
        await person.leave_site()
    return {name: (person.user, person.token) for name, person in made.items()}


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("cell", "act"), _tried(PUBLIC + PRIVATE, ACTS) + _tried(DIRECT, DIRECT_ACTS))
async def test_what_the_table_says_is_what_happens(server: Site, cell: Cell, act: Act) -> None:
    people = await people_of(server)
    people["stranger"] = await arrive(server, f"stranger {new_ref()[:8]}")
    scene = Scene(server, people, cell.who)
    await scene.furnish(cell.place)
    try:
        assert await act(scene) == cell.outcome
    finally:
        for person in people.values():
            await person.leave_site()


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
async def test_a_private_room_answers_as_one_that_there_is_not(server: Site) -> None:
    people = await people_of(server)
    scene = Scene(server, people, "outsider")
    await scene.furnish("private")
    nowhere = 2**52
    for method, path, body in (
        ("GET", "rooms/{}/", None), ("PATCH", "rooms/{}/", {"name": "x"}), ("GET", "rooms/{}/messages/", None),
        ("GET", "rooms/{}/members/", None), ("POST", "rooms/{}/join/", None), ("POST", "rooms/{}/leave/", None),
        ("PUT", "rooms/{}/members/1/", None), ("DELETE", "rooms/{}/members/1/", None),
        ("PATCH", "rooms/{}/members/1/", {"role": "owner"}), ("PATCH", "rooms/{}/preferences/", {"favourite": True}),
        ("DELETE", "rooms/{}/picture/", None), ("GET", "invitations/?room={}", None),
        ("GET", "rooms/{}/files/", None), ("GET", "rooms/{}/pins/", None),
    ):  # fmt: skip
        answers = [
            await scene.actor.http.request(method, f"/api/v1/{path.format(room)}", json=body)
            for room in (scene.room, nowhere)
        ]
        assert answers[0].status_code == answers[1].status_code == 404, path
        assert answers[0].json() == answers[1].json()
    for kind, fields in (
        ("message.send", {"body": "x"}), ("room.join", {}), ("room.leave", {}), ("room.read", {"seq": 1}),
        ("room.unread", {"seq": 1}), ("room.sync", {"since": 0}), ("typing", {"active": True}),
    ):  # fmt: skip
        said = []
        for room in (scene.room, nowhere):
            socket = await scene.actor.connect()
            await socket.say(type=kind, ref=new_ref(), room=room, **fields)
            error = await socket.wait_for("error")
            said.append({"code": error["code"], "detail": error["detail"]})
        assert said[0] == said[1], kind
        assert said[0]["code"] == "not_found"
    pages = [await scene.actor.http.get(f"/rooms/{room}-x/") for room in (scene.room, nowhere)]
    assert pages[0].status_code == pages[1].status_code
    for person in people.values():
        await person.leave_site()
