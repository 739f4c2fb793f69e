"""Who does not read delays nobody else, is cut off, and loses nothing."""

import asyncio
import socket as sockets
import time
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect

from tests.client import Person, RoomView, Socket
from tests.servers import Site

MESSAGES = 420
TEXT = "大" * 4000


async def open_and_read_nothing(person: Person) -> ClientConnection:
    """Open a socket, say hello, and never read again; the kernel keeps little for it."""
    address = urlsplit(person.site.url)
    narrow = sockets.socket()
    narrow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, (address.hostname, address.port))
    connection = await connect(
        person.site.socket_url, sock=narrow, additional_headers=person.headers, compression=None,
        ping_interval=None, max_queue=1, close_timeout=1, proxy=None, max_size=None,
    )  # fmt: skip
    await connection.send('{"type":"hello","protocol":1}')
    await connection.recv()
    return connection


async def test_twenty_sockets_that_do_not_read_delay_nobody_are_cut_off_and_lose_nothing(fresh_server, newcomer):
    site: Site = fresh_server()
    ann, bob, eve = [await newcomer(name, site) for name in ("ann", "bob", "eve")]
    room = await ann.make_room("public")
    await bob.join(room)
    await eve.join(room)
    writer, reader = await ann.connect(), await bob.connect()
    stuck = [await open_and_read_nothing(eve) for _ in range(20)]
    await reader.wait_for("presence.changed", room=room, online=3)
    delays = sorted([await delay_of_a_message(writer, reader, room) for _ in range(MESSAGES)])
    assert delays[len(delays) // 2] < 1.0
    assert delays[-1] < 5.0
    gone = await reader.wait_for("presence.changed", room=room, online=2, within=30)
    assert [user["id"] for user in gone["left"]] == [eve.id]
    view = RoomView(room)
    await view.catch_up(await eve.connect())
    assert sorted(message["seq"] for message in view.messages.values()) == list(range(1, MESSAGES + 1))
    for connection in stuck:
        connection.transport.abort()
    site.check_log()


async def delay_of_a_message(writer: Socket, reader: Socket, room: int) -> float:
    """Return the seconds from sending a large message until somebody else has it."""
    started = time.monotonic()
    await writer.send(TEXT, room)
    await reader.wait_for("message.created", room=room)
    return time.monotonic() - started
