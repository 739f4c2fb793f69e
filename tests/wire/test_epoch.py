"""A database that has gone back in time is noticed by everyone."""

import shutil
import sqlite3
from contextlib import closing

from tests.client import Person
from tests.servers import Site

DATABASE = "chatsite.sqlite3"


def back_up(site: Site) -> None:
    """Copy a site's database as an operator should."""
    with (
        closing(sqlite3.connect(site.data / DATABASE)) as database,
        closing(sqlite3.connect(site.data / "backup")) as copy,
    ):
        database.backup(copy)


def restore(site: Site) -> None:
    """Put the copy in the place of a stopped site's database."""
    for name in (f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (site.data / name).unlink(missing_ok=True)
    shutil.copy(site.data / "backup", site.data / DATABASE)


async def epoch_of(person: Person) -> str:
    """Return the epoch that a new socket is told."""
    return str((await person.connect()).welcome["epoch"])


async def test_a_new_epoch_by_hand_closes_all_sockets_with_1012(fresh_server, newcomer):
    site: Site = fresh_server()
    ann = await newcomer("ann", site)
    room = await ann.make_room("public")
    await ann.post("hi", room)
    sockets = [await ann.connect(), await ann.connect()]
    site.manage("new_epoch")
    assert [await socket.closed() for socket in sockets] == [1012, 1012]
    back = await ann.connect(epoch=sockets[0].welcome["epoch"], rooms={room: 1})
    assert back.welcome["epoch"] != sockets[0].welcome["epoch"]
    assert (await back.wait_for("room.synced"))["reset"] is True


async def test_a_restart_and_a_crash_keep_the_epoch(fresh_server, newcomer):
    site: Site = fresh_server()
    ann = await newcomer("ann", site)
    first = await epoch_of(ann)
    site.stop()
    site.start()
    assert await epoch_of(ann) == first
    site.kill()
    site.start()
    assert await epoch_of(ann) == first


async def test_a_restart_closes_sockets_with_1012(fresh_server, newcomer):
    site: Site = fresh_server()
    ann = await newcomer("ann", site)
    socket = await ann.connect()
    site.stop()
    assert await socket.closed() == 1012


async def test_a_restored_older_database_is_noticed_at_the_start(fresh_server, newcomer):
    site: Site = fresh_server()
    ann = await newcomer("ann", site)
    room = await ann.make_room("public")
    await ann.post("old", room)
    first = await epoch_of(ann)
    site.stop()
    back_up(site)
    site.start()
    await ann.post("new", room)
    site.stop()
    restore(site)
    site.start()
    socket = await ann.connect(epoch=first, rooms={room: 2})
    assert socket.welcome["epoch"] != first
    assert (await socket.wait_for("room.synced"))["reset"] is True
    assert [message["body"] for message in await ann.messages(room)] == ["old"]


async def test_it_is_noticed_again_after_a_second_restoring(fresh_server, newcomer):
    site: Site = fresh_server()
    ann = await newcomer("ann", site)
    site.stop()
    back_up(site)
    epochs = []
    for _ in range(3):
        site.start()
        epochs.append(await epoch_of(ann))
        site.stop()
        restore(site)
    assert len(set(epochs)) == 3
