"""Several processes are one site."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from websockets.exceptions import WebSocketException

from tests.client import Person
from tests.servers import ROOT, environment


async def on_both(person: Person, room: int) -> None:
    """Have so many sockets of one person that no worker is without one."""
    sockets = [await person.connect() for _ in range(12)]
    await sockets[0].send("hello, all", room)
    for socket in sockets:
        await socket.wait_for("message.created", room=room)


async def test_people_at_two_workers_see_each_other_and_one_with_many_tabs_is_one(fresh_server, newcomer) -> None:
    site = fresh_server("grown")
    ann, bob = await newcomer("ann", site), await newcomer("bob", site)
    room = await ann.make_room("public")
    await bob.join(room)
    await on_both(ann, room)
    await on_both(bob, room)
    for _ in range(8):
        members = (await ann.api("GET", f"rooms/{room}/members/"))["members"]
        assert {member["user"]["id"]: member["online"] for member in members} == {ann.id: True, bob.id: True}
        assert (await bob.room_frame(room))["online"] == 2


async def test_a_worker_that_is_killed_is_replaced_and_its_people_are_gone_with_its_lease(
    fresh_server, newcomer
) -> None:
    site = fresh_server("grown")
    ann, bob = await newcomer("ann", site), await newcomer("bob", site)
    room = await ann.make_room("public")
    await bob.join(room)
    sockets = [await bob.connect() for _ in range(8)]
    # All of bob's sockets go; those at the worker that lives as they should, the others with it.
    workers = children(site._process.pid)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    for socket in sockets:
        await socket.close()
    watcher = await connect_again(ann)
    async with asyncio.timeout(25):
        while (await ann.room_frame(room))["online"] > 1:
            await asyncio.sleep(0.2)
    assert (await watcher.send("still here", room))["type"] == "ack"
    async with asyncio.timeout(10):
        while len(children(site._process.pid)) < 2:
            await asyncio.sleep(0.1)
    assert "starting it again" in site.log_text()


async def connect_again(person: Person):
    """Connect, though the first try may meet a worker that is gone."""
    for _ in range(50):
        try:
            return await person.connect()
        except (OSError, AssertionError, WebSocketException):
            await asyncio.sleep(0.1)
    raise AssertionError("nobody answers")


def children(parent: int) -> list[int]:
    """Return the ids of the processes that a process started and that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return sorted(found)


async def test_workers_end_with_the_process_that_started_them(fresh_server) -> None:
    site = fresh_server("grown")
    workers = children(site._process.pid)
    os.kill(site._process.pid, signal.SIGKILL)
    async with asyncio.timeout(15):
        while any(Path(f"/proc/{worker}/cmdline").exists() and alive(worker) for worker in workers):
            await asyncio.sleep(0.1)


def alive(process: int) -> bool:
    """Tell whether a process runs."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_what_one_worker_lets_someone_do_counts_at_the_other(fresh_server, newcomer) -> None:
    site = fresh_server("grown", CHATSITE_RATE_LIMITS="on")
    ann = await newcomer("ann", site)
    room = await ann.make_room("public")
    stored = 0
    # Slowly enough for the workers to tell each other, and by new connections, which go to either.
    began = time.monotonic()
    for _ in range(30):
        socket = await ann.connect()
        answers = [await socket.send("again", room) for _ in range(12)]
        stored += sum(answer["type"] == "ack" for answer in answers)
        await socket.close()
        await asyncio.sleep(0.2)
    # 60 at once and 10 a second; a worker may let a few through before it hears of the other. Two allowances are twice.
    allowance = 60 + 10 * (time.monotonic() - began)
    assert 60 <= stored < 1.4 * allowance


@pytest.mark.parametrize(
    ("variables", "remedy"),
    [
        ({"WEB_CONCURRENCY": "2"}, "Set REDIS_URL and DATABASE_URL"),
        ({"WEB_CONCURRENCY": "2", "REDIS_URL": "redis://127.0.0.1:1"}, "Set DATABASE_URL"),
        ({"REDIS_URL": "redis://127.0.0.1:1"}, "unset REDIS_URL"),
        ({"CHATSITE_HOSTS": "*"}, "For example CHATSITE_HOSTS"),
    ],
)
def test_what_cannot_work_does_not_start_and_the_remedy_is_named(tmp_path, variables: dict[str, str], remedy: str):
    result = subprocess.run(
        [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment(tmp_path, **variables), text=True,
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert result.returncode
    assert remedy in result.stderr
    assert "Traceback" not in result.stderr


def test_a_second_server_on_the_same_folder_does_not_start(fresh_server) -> None:
    site = fresh_server()
    result = subprocess.run(
        [sys.executable, "manage.py", "serve"], cwd=ROOT, env=site.env | {"PORT": "0"}, text=True,
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert result.returncode
    assert re.search("being served already.*CHATSITE_DATA", result.stderr, re.DOTALL)
