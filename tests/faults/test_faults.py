"""One fault at a time, each as bad as it can be made. Storms of all of them are in test_storm.py."""

import asyncio
import contextlib
import itertools
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.client import Person, RoomView, Socket, new_ref, open_socket
from tests.faults.cluster import Cluster, allowed
from tests.servers import Site
from tests.wire.test_epoch import back_up, restore
from tests.wire.test_slow_peers import open_and_read_nothing

CROWD = int(os.environ.get("SOAK_CROWD", "250"))
REPAIRED = allowed(5.0)
LEASE = 15.0 + 4.0 + 2.0 + 4.0
LEASE_AND_GRACE = allowed(LEASE)
Make = Callable[..., Cluster]


async def connect(person: Person, site: Site, **resume: object) -> Socket:
    """Connect a person at a given server and say hello."""
    socket = await open_socket(site, headers=person.headers)
    await socket.hello(**resume)  # type: ignore[arg-type]
    return socket


async def two_people(cluster: Cluster, kind: str = "public") -> tuple[Person, Person, int]:
    """Return ann and bob, and a room of ann's with both."""
    ann, bob = await cluster.arrive("ann"), await cluster.arrive("bob")
    room = await ann.make_room(kind)
    await ann.api("PUT", f"rooms/{room}/members/{bob.id}/")
    return ann, bob, room


@pytest.mark.parametrize("servers", [1, 2])
async def test_twenty_sends_at_once_of_one_ref_are_one_message(cluster: Make, servers: int) -> None:
    site = cluster(servers)
    ann, _bob, room = await two_people(site)
    sockets = [await connect(ann, server) for server in site.sites * 5]
    for _ in range(5):
        ref = new_ref()
        over_rest = [
            ann.api("POST", "messages/", json={"ref": ref, "room": room, "body": "once"})
            for _ in range(20 - len(sockets))
        ]
        over_sockets = [socket.send("once", room, ref=ref) for socket in sockets]
        answers = await asyncio.gather(*over_sockets, *over_rest)
        assert len({(answer["id"], answer["seq"]) for answer in answers}) == 1
        assert sum(not answer["duplicate"] for answer in answers) == 1
    assert len(site.backstage("rows", room)) == 5


@pytest.mark.parametrize("servers", [1, 2])
async def test_what_fifty_writers_commit_and_undo_leaves_no_hole_and_none_is_ever_seen(
    cluster: Make, servers: int
) -> None:
    site = cluster(servers)
    ann, _bob, room = await two_people(site)
    socket = await connect(ann, site.sites[0])
    writing = asyncio.create_task(asyncio.to_thread(site.backstage, "write_at_random", ann.id, room, 50, 8, 3))
    while not writing.done():
        await socket.send("beside them", room)
        await asyncio.sleep(0.01)
    assert await writing == []
    seqs = [row["seq"] for row in site.backstage("rows", room)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) > 200


async def hear(socket: Socket, seconds: float) -> None:
    """Let time pass in which a socket takes what comes."""
    await asyncio.sleep(seconds)
    await socket.settle()


async def leak(site: Cluster, act: str) -> str:
    """Have bob, at another server, shut out of a room while its announcement is lost; return all that he heard then."""
    ann, bob, room = await two_people(site, "private")
    away = await connect(bob, site.sites[-1])
    here = await connect(ann, site.sites[0])
    await here.send("for both", room)
    await away.wait_for("message.created", room=room)
    epoch, last = away.welcome["epoch"], 1
    away.frames.clear()
    if act == "removed":
        await ann.api("DELETE", f"rooms/{room}/members/{bob.id}/")
    else:
        site.backstage("ban", bob.id)
    for number in range(20):
        await here.send(f"secret {number}", room)
    await asyncio.sleep(0.5)
    heard = "".join(away.frames)
    if act == "removed":
        back = await connect(bob, site.sites[-1], epoch=epoch, rooms={room: last})
        await back.say(type="room.sync", room=room, since=0, ref=new_ref())
        await hear(back, 0.3)
        heard += "".join(back.frames)
    # He is told that he is out, or his socket ends; without the fence neither comes.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(6):
            await until_out(away, act, room)
    return heard + "".join(away.frames)


async def until_out(away: Socket, act: str, room: int) -> None:
    """Wait until somebody is told to have left a room, or the socket is closed."""
    while not (act == "removed" and away.of("room.left", room=room)) and away.connection.close_code is None:
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("act", ["removed", "banned"])
async def test_who_is_shut_out_hears_nothing_more_though_nobody_was_told(cluster: Make, act: str) -> None:
    site = cluster(2, rig={"breaks": ["deaf to removals", "deaf to bans"]})
    assert "secret" not in await leak(site, act)


@pytest.mark.parametrize("act", ["removed", "banned"])
async def test_without_the_fence_that_would_be_noticed(cluster: Make, act: str) -> None:
    site = cluster(2, rig={"breaks": ["no fence", "deaf to bans"]})
    with pytest.raises(AssertionError):
        assert "secret" not in await leak(site, act)


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_without_redis_sends_go_on_and_reach_the_other_server_within_five_seconds(
    cluster: Make, how: str
) -> None:
    site = cluster(2)
    assert site.redis
    ann, bob, room = await two_people(site)
    here, there = await connect(ann, site.sites[0]), await connect(bob, site.sites[1])
    await here.send("before", room)
    await there.wait_for("message.created", room=room)
    if how == "killed":
        await asyncio.to_thread(site.redis.kill)
    else:
        site.redis.freeze()
    view = RoomView(room)
    view.last = 1
    for number in range(6):
        began = time.monotonic()
        ack = await here.send(f"without {number}", room)
        assert time.monotonic() - began < allowed(1.0)
        await until_seen(there, view, ack["change"], REPAIRED)
        # Both are still seen to be here, by both.
        assert (await ann.room_frame(room))["online"] == 2
    if how == "killed":
        await asyncio.to_thread(site.redis.start)
    else:
        site.redis.thaw()
    # And once it is back they hear of each other at once again.
    async with asyncio.timeout(allowed(30)):
        while True:
            began = time.monotonic()
            ack = await here.send("after", room)
            await until_seen(there, view, ack["change"], REPAIRED)
            if time.monotonic() - began < 0.3:
                break


async def test_who_is_added_while_redis_is_away_hears_of_it_and_of_what_the_room_became(cluster: Make) -> None:
    site = cluster(2)
    assert site.redis
    ann, bob, known = await two_people(site)
    there = await connect(bob, site.sites[1])
    here = await connect(ann, site.sites[0])
    await asyncio.to_thread(site.redis.kill)
    made = await ann.make_room("private", "made meanwhile")
    await ann.api("PUT", f"rooms/{made}/members/{bob.id}/")
    ack = await here.send("psst", to=bob.id)
    await ann.api("PATCH", f"rooms/{known}/", json={"name": "renamed"})
    await ann.api("PATCH", f"rooms/{known}/members/{bob.id}/", json={"role": "moderator"})
    for room in (made, ack["room"]):
        joined = await there.wait_for(
            "room.joined", where=lambda event, room=room: event["room"]["id"] == room, within=REPAIRED + 1
        )
        assert joined["room"]["role"] == "member"
    await asyncio.to_thread(site.redis.start)
    await there.wait_for("room.updated", where=lambda event: event["room"]["name"] == "renamed", within=allowed(15))
    await there.wait_for("membership.updated", room=known, role="moderator", within=allowed(15))
    assert (await here.send("to all", made))["type"] == "ack"
    await there.wait_for("message.created", room=made, within=REPAIRED)


@pytest.mark.parametrize("servers", [1, 2])
async def test_one_hears_of_a_room_before_of_what_is_said_there_and_misses_nothing(cluster: Make, servers: int) -> None:
    site = cluster(servers)
    ann, _bob, _room = await two_people(site)
    eve = await site.arrive("eve")
    newcomer = await connect(eve, site.sites[-1])
    talkers = [await connect(ann, server) for server in site.sites * 3]
    for _ in range(25):
        room = await ann.make_room("private")
        talk = [talker.send(f"{number}", room) for number, talker in enumerate(talkers) for _ in range(4)]
        await asyncio.gather(*talk, ann.api("PUT", f"rooms/{room}/members/{eve.id}/"))
        head = (await ann.room_frame(room))["head"]["change"]
        view: RoomView | None = None
        async with asyncio.timeout(10):
            # A client that drops what it hears of rooms that it does not know, and asks for nothing.
            while view is None or view.last != head:
                events, newcomer.events = newcomer.events, []
                for event in events:
                    if event["type"] == "room.joined" and event["room"]["id"] == room:
                        view = RoomView(room)
                        view.last = event["room"]["head"]["change"]
                    elif view is not None:
                        view.take(event)
                await asyncio.sleep(0.01)


async def until_seen(socket: Socket, view: RoomView, change: int, within: float) -> None:
    """Wait until what came to a socket makes a view whole up to a change."""
    async with asyncio.timeout(within):
        while True:
            events, socket.events = socket.events, []
            for event in events:
                view.take(event)
            if view.last >= change:
                return
            await asyncio.sleep(0.02)


async def test_people_of_a_killed_server_are_gone_after_its_lease_and_nobody_with_a_tab_ever_is(
    cluster: Make,
) -> None:
    await see_who_is_gone_with_a_server(cluster(2), LEASE_AND_GRACE)


async def test_without_leases_they_would_stay(cluster: Make) -> None:
    with pytest.raises(AssertionError, match=r"presence\.changed"):
        await see_who_is_gone_with_a_server(cluster(2, rig={"breaks": ["no leases"]}), LEASE)


async def see_who_is_gone_with_a_server(site: Cluster, within: float) -> None:
    """Kill one of two servers, and wait until the other has told that those who were there alone are gone."""
    ann, bob, room = await two_people(site)
    eve = await site.arrive("eve")
    await eve.join(room)
    watcher = await connect(ann, site.sites[0])
    await connect(bob, site.sites[1])
    # eve is at both.
    await connect(eve, site.sites[0])
    await connect(eve, site.sites[1])
    await watcher.wait_for("presence.changed", room=room, online=3)
    await asyncio.to_thread(site.sites[1].kill)
    gone = await watcher.wait_for("presence.changed", room=room, where=lambda event: bool(event["left"]), within=within)
    assert [user["id"] for user in gone["left"]] == [bob.id]
    await watcher.settle()
    assert not [event for event in watcher.of("presence.changed", room=room) if event["left"]]
    assert (await ann.room_frame(room))["online"] == 2


async def come_back(site: Cluster, token: str, chance: random.Random, epoch: str) -> tuple[Socket, int]:
    """Reconnect as PROTOCOL.md has it: after a random delay, longer each time, or as long as the server says."""
    longest, tries = 0.5, 0
    while True:
        await asyncio.sleep(chance.random() * longest)
        longest = min(30.0, longest * 2)
        tries += 1
        try:
            server = chance.choice(site.sites)
            socket = await open_socket(server, headers={"Authorization": f"Bearer {token}"}, open_timeout=10)
            await socket.hello(epoch=epoch)
        except Exception:
            continue
        return socket, tries


async def test_a_crowd_is_live_again_within_thirty_seconds_after_all_servers_restart_and_is_counted_right(
    cluster: Make,
) -> None:
    site = cluster(2)
    tokens = site.sites[0].manage("seed_load", "--users", str(CROWD), "--room", "crowd").split()
    chance = random.Random(12)
    ann = await site.arrive("ann")
    room = next(found["id"] for found in (await ann.api("GET", "rooms/"))["rooms"] if found["name"] == "crowd")
    crowd = [await come_back(site, token, random.Random(token), "") for token in tokens[:1]]
    crowd += await asyncio.gather(*(come_back(site, token, random.Random(token), "") for token in tokens[1:]))
    await everyone_counted(site, ann, room)
    epoch = crowd[0][0].welcome["epoch"]
    for server in site.sites:
        await asyncio.to_thread(server.kill)
    began = time.monotonic()
    returning = [asyncio.create_task(come_back(site, token, chance, epoch)) for token in tokens]
    for server in site.sites:
        await asyncio.to_thread(server.start)
    started = time.monotonic()
    back = await asyncio.gather(*returning)
    took = time.monotonic() - started
    assert took < 30, f"{took:.1f} s after the start, {time.monotonic() - began:.1f} s after the end"
    # No storm: they do not come again and again.
    assert sum(tries for _socket, tries in back) < 8 * CROWD
    await everyone_counted(site, ann, room)
    for socket, _tries in crowd + back:
        socket.drop()


async def everyone_counted(site: Cluster, person: Person, room: int) -> None:
    """Wait at most 5 s until each server counts the whole crowd."""
    async with asyncio.timeout(REPAIRED):
        for server in site.sites:
            while True:
                answer = await person.http.get(f"{server.url}/api/v1/rooms/{room}/")
                if answer.json()["online"] == CROWD:
                    break
                await asyncio.sleep(0.1)


async def test_clocks_that_are_ten_minutes_off_change_nothing(cluster: Make) -> None:
    site = cluster(2, rig=[{"clock": 600}, {"clock": -600}])
    ann, bob, room = await two_people(site)
    here, there = await connect(ann, site.sites[0]), await connect(bob, site.sites[1])
    view = RoomView(room)
    for number in range(10):
        sender = (here, there)[number % 2]
        await sender.send(f"number {number}", room)
    await until_seen(there, view, 10, REPAIRED)
    assert [message["body"] for message in view.messages.values()] == [f"number {number}" for number in range(10)]
    # Signed in at one, known at the other; and nobody's lease runs out.
    ticket = (await ann.http.post(f"{site.sites[0].url}/api/v1/socket-tickets/")).json()["ticket"]
    by_ticket = await open_socket(site.sites[0], query=f"?ticket={ticket}")
    await by_ticket.hello()
    late = await site.arrive("late")
    await connect(late, site.sites[0])
    await connect(late, site.sites[1])
    began = time.monotonic()
    while time.monotonic() - began < LEASE:
        for server in site.sites:
            assert (await ann.http.get(f"{server.url}/api/v1/rooms/{room}/")).json()["online"] == 2
        await asyncio.sleep(1)


async def haunt(site: Cluster) -> int:
    """Have sockets die while they join, at all moments; return how many people are still seen there afterwards."""
    ann, bob, room = await two_people(site)
    chance = random.Random(16)
    for _ in range(40):
        socket = await open_socket(site.site, headers=bob.headers)
        await socket.say(type="hello", protocol=1)
        await asyncio.sleep(chance.random() * 0.02)
        socket.drop()
    watcher = await connect(ann, site.site)
    await asyncio.sleep(4)
    assert (await watcher.send("alone", room))["type"] == "ack"
    return int((await ann.room_frame(room))["online"]) - 1


async def test_a_socket_that_dies_while_it_joins_leaves_no_ghost(cluster: Make) -> None:
    assert await haunt(cluster()) == 0


async def test_a_ghost_would_be_noticed(cluster: Make) -> None:
    assert await haunt(cluster(rig={"breaks": ["ghosts"]})) > 0


async def test_a_lost_publish_is_repaired_within_five_seconds_though_nothing_follows(cluster: Make) -> None:
    assert await seconds_to_repair(cluster(2, rig={"chaos": {"seed": 1, "drop": 1.0}})) < REPAIRED


async def test_without_the_comparison_of_heads_it_would_be_lost(cluster: Make) -> None:
    with pytest.raises(TimeoutError):
        await seconds_to_repair(cluster(2, rig={"chaos": {"seed": 1, "drop": 1.0}, "breaks": ["no heads"]}))


async def seconds_to_repair(site: Cluster) -> float:
    """Return how long it took a message whose publication was lost everywhere to come to the other server."""
    ann, bob, room = await two_people(site)
    here, there = await connect(ann, site.sites[0]), await connect(bob, site.sites[1])
    ack = await here.send("lost", room)
    began, view = time.monotonic(), RoomView(room)
    await until_seen(there, view, ack["change"], 2 * REPAIRED)
    return time.monotonic() - began


async def test_memory_of_those_who_do_not_read_is_bounded_and_the_others_wait_for_nobody(cluster: Make) -> None:
    growth, gone = await burden(cluster())
    assert growth < 2.0
    assert gone


async def test_without_the_bound_it_would_grow(cluster: Make) -> None:
    growth, gone = await burden(cluster(rig={"breaks": ["no bound"]}))
    assert growth > 2.0 or not gone


async def burden(site: Cluster) -> tuple[float, bool]:
    """Return how many MB each of 8 sockets that read nothing costs at most, and whether they are gone within 30 s."""
    ann, bob, room = await two_people(site)
    bob.site = site.site
    writer = await connect(ann, site.site)
    text = "大" * 4000
    for _ in range(300):
        await writer.send(text, room)
    # What a server needs for so many messages anyway is there by now.
    before = most = memory(site.site)
    stuck = [await open_and_read_nothing(bob) for _ in range(8)]
    for number in range(900):
        await writer.send(text, room)
        if number % 50 == 0:
            most = max(most, memory(site.site))
            # They say something, so that on a slow machine none is cut off for its silence instead.
            for connection in stuck:
                with contextlib.suppress(ConnectionClosed):
                    await connection.send('{"type":"ping"}')
    began, is_gone = time.monotonic(), False
    while time.monotonic() - began < 30 and not is_gone:
        is_gone = (await ann.room_frame(room))["online"] == 1
        await asyncio.sleep(0.5)
    for connection in stuck:
        connection.transport.abort()
    return (most - before) / 8, is_gone


def memory(site: Site) -> float:
    """Return the MB of memory that a server has to itself."""
    assert site._process
    lines = Path(f"/proc/{site._process.pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("RssAnon"))) / 1024


async def test_a_read_mark_never_goes_back_while_two_tabs_race(cluster: Make) -> None:
    assert await goes_back(cluster(2)) == []


async def test_a_mark_that_goes_back_would_be_noticed(cluster: Make) -> None:
    assert await goes_back(cluster(2, rig={"breaks": ["marks go back"]})) != []


async def goes_back(site: Cluster) -> list[tuple[int, int]]:
    """Have two tabs of one person read here and there; return the pairs of marks of which the later is lower."""
    ann, bob, room = await two_people(site)
    for _ in range(30):
        await ann.post("to be read", room)
    tabs = [await connect(bob, server) for server in site.sites]
    chance, marks = random.Random(11), [0]
    for _ in range(8):
        for tab in tabs:
            assert (await tab.command("room.read", room=room, seq=chance.randint(1, 30)))["type"] == "ack"
        await asyncio.sleep(0.7)
        frame = await bob.room_frame(room)
        marks.append(frame["read_seq"])
        assert frame["unread"] == 30 - frame["read_seq"]
    told = [event["seq"] for event in tabs[0].of("read.updated", room=room)]
    return [pair for found in (marks, told) for pair in itertools.pairwise(found) if pair[1] < pair[0]]


@pytest.mark.parametrize(("breaks", "starts_over"), [([], True), (["no history"], False)])
async def test_an_older_database_is_noticed_and_would_not_be_without_the_note(
    cluster: Make, breaks: list[str], starts_over: bool
) -> None:
    one = cluster(rig={"breaks": breaks})
    ann, _bob, room = await two_people(one)
    await ann.post("old", room)
    first = (await connect(ann, one.site)).welcome["epoch"]
    site = one.sites[0]
    site.stop()
    back_up(site)
    site.start()
    await ann.post("new", room)
    site.stop()
    restore(site)
    site.start()
    back = await connect(ann, site, epoch=first, rooms={room: 1})
    assert (back.welcome["epoch"] != first) is starts_over
