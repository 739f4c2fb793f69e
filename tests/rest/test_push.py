"""People who have no tab open are called on their devices, by a push service of our own that reads what comes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.client import Person, http_client, new_ref, until
from tests.push_service import DELAY, Device, PushService, calling_soon, phone_of
from tests.servers import Site, Template


@pytest.fixture(scope="module", params=["sqlite", "grown"])
def site(
    request: pytest.FixtureRequest,
    service: PushService,
    site_template: Template,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """A site that calls soon: on SQLite, and with two processes on PostgreSQL and Redis."""
    site = Site(tmp_path_factory.mktemp(f"push-{request.param}"), site_template, request.param, **calling_soon(service))
    yield site.start()
    site.stop()
    site.check_log()


@pytest.fixture
async def server(site: Site) -> Site:
    """What `newcomer` and `room` are of."""
    return site


async def told(person: Person, message: int) -> dict:
    """Return what is said of why somebody was told, once that is settled."""

    return await until(
        lambda: person.api("GET", f"messages/{message}/told/"),
        lambda answer: answer["outcome"] not in (None, "waiting"),
    )


@pytest.fixture
async def phone(bob: Person, service: PushService) -> AsyncIterator[Device]:
    """The phone of bob, who has no tab open."""
    device = await phone_of(bob, service)
    yield device
    assert not device.faults


async def test_a_mention_a_reply_and_a_private_message_call(ann: Person, bob: Person, room: int, phone: Device) -> None:
    first = await ann.post(f"@{bob.nickname} come **here**, 你好", room)
    letter = await phone.letter()
    assert letter["title"] == f"{ann.nickname} in a room"
    assert letter["body"] == f"@{bob.nickname} come here, 你好"
    assert letter["url"] == f"/rooms/{room}/{first['seq']}/"
    assert (letter["room"], letter["seq"], letter["message"]) == (room, first["seq"], first["id"])
    assert (letter["why"], letter["tag"], letter["unread"]) == ("mention", f"room-{room}", 1)
    assert letter.headers["topic"] == f"room-{room}"
    assert letter.headers["urgency"] == "high"
    own = await bob.post("I am coming", room)
    await ann.post("good", room, reply_to=own["id"])
    letter = await phone.letter()
    assert (letter["why"], letter["body"]) == ("reply", "good")
    direct = await ann.api("POST", "messages/", json={"ref": new_ref(), "to": bob.id, "body": "between us"})
    letter = await phone.letter()
    assert (letter["why"], letter["title"], letter["room"]) == ("private", ann.nickname, direct["room"])
    answer = await told(bob, direct["id"])
    assert (answer["told"], answer["outcome"]) == (True, "pushed")
    assert [(one["result"], one["status"]) for one in answer["devices"]] == [("sent", 201)]


async def test_a_room_calls_for_every_message_only_if_one_wants_that(
    ann: Person, bob: Person, room: int, phone: Device
) -> None:
    plain = await ann.post("nothing for anybody", room)
    await asyncio.sleep(4 * DELAY)
    await bob.api("PATCH", f"rooms/{room}/preferences/", json={"notify": "all"})
    wanted = await ann.post("for those who want all", room)
    letter = await phone.letter()
    assert (letter["body"], letter["why"], letter.headers["urgency"]) == ("for those who want all", "all", "normal")
    await bob.api("PATCH", f"rooms/{room}/preferences/", json={"notify": "none"})
    muted = await ann.post(f"@{bob.nickname} in vain", room)
    await asyncio.sleep(4 * DELAY)
    await bob.api("PATCH", f"rooms/{room}/preferences/", json={"notify": "mentions"})
    again = await ann.post(f"@{bob.nickname} again", room)
    assert (await phone.letter())["message"] == again["id"]
    why = [(await bob.api("GET", f"messages/{one['id']}/told/"))["why"] for one in (wanted, again)]
    assert why == ["all", "mention"]
    for one in (plain, muted):
        assert (await bob.api("GET", f"messages/{one['id']}/told/"))["outcome"] is None
    assert phone.asked == 2


async def test_who_has_a_tab_open_anywhere_is_not_called_and_who_is_away_is(
    ann: Person, bob: Person, room: int, phone: Device
) -> None:
    socket = await bob.connect()
    seen = await ann.post(f"@{bob.nickname} here", room)
    assert (await told(bob, seen["id"]))["outcome"] == "open"
    await socket.say(type="presence", away=True)
    await socket.settle()
    await ann.post(f"@{bob.nickname} asleep?", room)
    # The one before was not read: it counts.
    assert (await phone.letter())["body"] == f"@{bob.nickname} asleep?\nand 1 more"
    await socket.say(type="presence", away=False)
    await socket.settle()
    # Two seconds after the last tab has gone one still counts as there; then it is looked again.
    await socket.close()
    await ann.post(f"@{bob.nickname} gone?", room)
    assert (await phone.letter())["body"] == f"@{bob.nickname} gone?"


async def test_what_was_read_elsewhere_meanwhile_does_not_call(
    ann: Person, bob: Person, room: int, phone: Device
) -> None:
    await bob.api("PUT", "notifications/", json={"do_not_disturb": True})
    quiet = await ann.post(f"@{bob.nickname} hush", room)
    assert (await told(bob, quiet["id"]))["outcome"] == "quiet"
    await bob.api("PUT", "notifications/", json={"do_not_disturb": False})
    assert (await bob.api("GET", "notifications/")) == {"do_not_disturb": False}
    posted = await ann.post(f"@{bob.nickname} read me", room)
    reading = {"type": "room.read", "ref": new_ref(), "room": room, "seq": posted["seq"]}
    await bob.api("POST", "commands/", json=reading)
    outcome = (await told(bob, posted["id"]))["outcome"]
    # Marks are stored within a second: on a slow machine the call may come first.
    assert outcome in ("read", "pushed")
    assert outcome == "pushed" or phone.asked == 0


async def test_blocked_people_and_strangers_do_not_call(
    ann: Person, bob: Person, eve: Person, room: int, phone: Device, service: PushService
) -> None:
    await bob.api("PUT", f"blocks/{ann.id}/")
    blocked = await ann.post(f"@{bob.nickname} hello?", room)
    answer = await bob.api("GET", f"messages/{blocked['id']}/told/")
    assert (answer["told"], answer["why"], answer["devices"]) == (False, "blocked", [])
    strangers = await phone_of(eve, service)
    outside = await eve.api("GET", f"messages/{blocked['id']}/told/")
    assert outside["why"] == "outside"
    await asyncio.sleep(4 * DELAY)
    await bob.api("DELETE", f"blocks/{ann.id}/")
    await ann.post(f"@{bob.nickname} @{eve.nickname} friends again", room)
    assert (await phone.letter())["body"].endswith("friends again")
    assert (phone.asked, strangers.asked) == (1, 0)


@pytest.mark.parametrize("act", ["remove", "ban", "delete"])
async def test_what_happens_between_message_and_call_counts(
    server: Site, ann: Person, bob: Person, room: int, phone: Device, act: str
) -> None:
    assert server.backstage("count_devices", bob.id) == 1
    posted = await ann.post(f"@{bob.nickname} wait", room)
    if act == "remove":
        await ann.api("DELETE", f"rooms/{room}/members/{bob.id}/")
    elif act == "ban":
        server.backstage("ban", bob.id)
    else:
        await ann.api("DELETE", f"messages/{posted['id']}/")
    await asyncio.sleep(4 * DELAY + 1)
    assert phone.asked == 0
    if act == "ban":
        assert server.backstage("count_devices", bob.id) == 0
    else:
        answer = await bob.api("GET", f"messages/{posted['id']}/told/")
        assert answer["why"] == ("outside" if act == "remove" else "deleted")
        assert answer["outcome"] in (None, "changed")


async def test_a_device_ends_with_the_session_it_was_made_in(
    server: Site, ann: Person, service: PushService, room: int
) -> None:
    phone = service.device()
    async with http_client(server) as browser:
        made = await browser.post("/api/v1/guests/", json={"nickname": new_ref()[:12]}, headers={"Origin": server.url})
        user = made.json()["user"]
        headers = {"Origin": server.url, "X-CSRFToken": browser.cookies["csrftoken"]}
        await browser.post(f"/api/v1/rooms/{room}/join/", headers=headers)
        added = await browser.post("/api/v1/push/subscriptions/", json=phone.subscription, headers=headers)
        assert (added.status_code, added.json()["current"]) == (201, True)
        await ann.post(f"@{user['nickname']} one", room)
        assert (await phone.letter())["body"].endswith("one")
        out = await browser.post("/sign-out/", headers=headers | {"Referer": server.url})
        assert out.status_code == 302
    assert server.backstage("count_devices", user["id"]) == 0
    await ann.post(f"@{user['nickname']} two", room)
    await asyncio.sleep(4 * DELAY + 1)
    assert phone.asked == 1


async def test_devices_are_listed_renewed_and_ended(bob: Person, eve: Person, phone: Device) -> None:
    again = await bob.api("POST", "push/subscriptions/", 200, json=phone.subscription)
    (listed,) = (await bob.api("GET", "push/subscriptions/"))["subscriptions"]
    assert listed == again
    assert listed["current"]
    await eve.api("DELETE", f"push/subscriptions/{listed['id']}/", 404)
    # The browser has changed hands.
    await eve.api("POST", "push/subscriptions/", 201, json=phone.subscription)
    assert (await bob.api("GET", "push/subscriptions/"))["subscriptions"] == []
    (hers,) = (await eve.api("GET", "push/subscriptions/"))["subscriptions"]
    await eve.api("DELETE", f"push/subscriptions/{hers['id']}/", 204)
    await eve.api("DELETE", f"push/subscriptions/{hers['id']}/", 404)


async def test_a_person_has_at_most_twenty_devices(bob: Person, service: PushService) -> None:
    phones = [await phone_of(bob, service) for _number in range(21)]
    listed = (await bob.api("GET", "push/subscriptions/"))["subscriptions"]
    assert len(listed) == 20
    await bob.api("POST", "push/subscriptions/", 200, json=phones[-1].subscription)
    await bob.api("POST", "push/subscriptions/", 201, json=phones[0].subscription)


async def test_bad_subscriptions_are_refused_with_the_field(bob: Person, service: PushService) -> None:
    good = service.device().subscription
    bad = [
        ({"endpoint": "https://192.168.0.1/push"}, "endpoint"),
        ({"endpoint": "http://push.example.org/x"}, "endpoint"),
        ({"keys": good["keys"] | {"p256dh": "AAAA"}}, "p256dh"),
        ({"keys": good["keys"] | {"p256dh": "é"}}, "p256dh"),
        ({"keys": good["keys"] | {"auth": "AAAA"}}, "auth"),
        ({"keys": {}}, "keys"),
        ({"more": 1}, "more"),
    ]
    for fields, name in bad:
        refused = await bob.api("POST", "push/subscriptions/", 400, json=good | fields)
        assert (refused["code"], name in refused["fields"]) == ("invalid", True), refused
    key = (await bob.api("GET", "push/key/"))["key"]
    assert len(key) == 87
    assert (await bob.api("GET", "push/key/"))["key"] == key


@pytest.mark.parametrize("status", [404, 410])
async def test_a_subscription_that_has_expired_is_dropped(
    ann: Person, bob: Person, room: int, phone: Device, status: int
) -> None:
    phone.answers = [(status, {})]
    posted = await ann.post(f"@{bob.nickname} still there?", room)
    answer = await told(bob, posted["id"])
    assert answer["outcome"] == "failed"
    assert [(one["result"], one["status"]) for one in answer["devices"]] == [("gone", status)]
    assert (await bob.api("GET", "push/subscriptions/"))["subscriptions"] == []


async def test_a_service_that_asks_for_patience_or_fails_is_tried_again(
    ann: Person, bob: Person, room: int, phone: Device, service: PushService
) -> None:
    second = await phone_of(bob, service)
    phone.answers = [(429, {"Retry-After": "2"}), (500, {})]
    began = time.monotonic()
    posted = await ann.post(f"@{bob.nickname} patience", room)
    assert (await phone.letter())["message"] == posted["id"]
    assert time.monotonic() - began > 2
    assert phone.asked == 3
    answer = await told(bob, posted["id"])
    assert (answer["outcome"], [one["result"] for one in answer["devices"]]) == ("pushed", ["sent", "sent"])
    assert (await second.letter())["message"] == posted["id"]
    assert second.asked == 1


async def test_many_messages_of_a_room_are_one_call(ann: Person, bob: Person, room: int, phone: Device) -> None:
    posted = [await ann.post(f"@{bob.nickname} number {number}", room) for number in range(5)]
    letters = [await phone.letter()]
    while letters[-1]["message"] != posted[-1]["id"]:
        letters.append(await phone.letter())
    assert len(letters) < 5
    assert any("more" in letter["body"] for letter in letters)
    outcomes = {(await told(bob, one["id"]))["outcome"] for one in posted}
    assert outcomes == {"pushed", "gathered"}


async def test_it_speaks_the_language_of_who_is_called(ann: Person, bob: Person, room: int, phone: Device) -> None:
    await bob.api("PATCH", "me/", json={"language": "zh-CN"})
    await ann.post(f"@{bob.nickname} hello", 1)
    assert (await phone.letter())["title"] == f"{ann.nickname}（大厅）"


async def test_two_processes_call_once_for_each_message(ann: Person, bob: Person, room: int, phone: Device) -> None:
    for number in range(4):
        await ann.post(f"@{bob.nickname} once {number}", room)
        assert (await phone.letter())["body"].endswith(f"once {number}")
    await asyncio.sleep(4 * DELAY)
    assert phone.asked == 4
