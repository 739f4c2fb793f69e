"""What the client is checked against: a rebroadcast loop that does the least that can be done, near what C would do.

`python -m bench.bare_loop PORT EVENT_BYTES gather|single`. It takes each text out of its frame, puts bytes made before
after it until it is as long as one of our events, and hands that to the kernel once for each receiver. Nothing is
parsed, checked, stored or encoded, and a receiver that cannot take it all ends the run. What it reaches, the client
can take.
"""

import selectors
import socket
import sys

from bench.client import allow_many_sockets
from bench.frames import server_frame, split_frames
from bench.texts import TEXT_SIZE

_UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
_SEND_BUFFER = 4 * 1024 * 1024
_CHUNK = 64 * 1024


class Room:
    """All sockets that are open."""

    def __init__(self, port: int, event_bytes: int, *, gathers: bool) -> None:
        self.gathers = gathers
        self.filling = b"." * max(0, event_bytes - TEXT_SIZE)
        self.streams: dict[socket.socket, bytearray] = {}
        self.selector = selectors.DefaultSelector()
        self.listening = socket.create_server(("127.0.0.1", port), backlog=2048)
        self.selector.register(self.listening, selectors.EVENT_READ)

    def run(self) -> None:
        """Serve until the process is ended."""
        while True:
            texts: list[bytes] = []
            for key, _events in self.selector.select():
                if key.fileobj is self.listening:
                    self._accept()
                else:
                    texts += self._read(key.fileobj)  # type: ignore[arg-type]
            self._send_all(texts)

    def _accept(self) -> None:
        client, _address = self.listening.accept()
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self.selector.register(client, selectors.EVENT_READ)
        self.streams[client] = bytearray()

    def _read(self, client: socket.socket) -> list[bytes]:
        try:
            data = client.recv(_CHUNK)
        except ConnectionError:
            data = b""
        if not data:
            self._leave(client)
            return []
        if data.startswith(b"GET "):
            client.send(_UPGRADED)
            return []
        stream = self.streams[client]
        stream += data
        return list(split_frames(stream))

    def _leave(self, client: socket.socket) -> None:
        self.selector.unregister(client)
        del self.streams[client]
        client.close()

    def _send_all(self, texts: list[bytes]) -> None:
        if not texts:
            return
        frames = [server_frame(b"".join([text + self.filling for text in texts]))] if self.gathers else [
            server_frame(text + self.filling) for text in texts
        ]  # fmt: skip
        for frame in frames:
            for client in self.streams:
                try:
                    sent = client.send(frame)
                except ConnectionError:
                    continue
                if sent != len(frame):
                    sys.exit("A receiver could not take a whole frame: raise the kernel's buffers")


def main() -> None:
    """Serve on the port that the command line names."""
    allow_many_sockets()
    Room(int(sys.argv[1]), int(sys.argv[2]), gathers=sys.argv[3] == "gather").run()


if __name__ == "__main__":
    main()
