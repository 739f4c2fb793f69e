"""The chat room that a newcomer to Channels writes first: every socket in the group, nothing stored, nobody signed in.

Served by Daphne (`python -m bench.peers.tutorial daphne PORT`) or Uvicorn. Its layer is the in-memory one, with room
for more than Channels' 100 messages, of which it would otherwise drop some.
"""

import json
import sys
from typing import Any

from django.conf import settings

CAPACITY = 1_000_000
settings.configure(
    SECRET_KEY="not for anyone",
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": CAPACITY}}},
)

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402 - it reads the settings


class RoomConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Sends what comes to everyone in the one room."""

    async def connect(self) -> None:
        await self.channel_layer.group_add("room", self.channel_name)
        await self.accept()

    async def disconnect(self, _code: int) -> None:
        await self.channel_layer.group_discard("room", self.channel_name)

    async def receive(self, text_data: str = "", **_other: Any) -> None:
        await self.channel_layer.group_send("room", {"type": "room.message", "text": text_data})

    async def room_message(self, event: dict[str, Any]) -> None:
        """Pass on what somebody said."""
        await self.send(text_data=json.dumps({"message": event["text"]}))


application = RoomConsumer.as_asgi()


def main(server: str, port: str) -> None:
    """Serve on loopback until the process is ended."""
    if server == "daphne":
        from daphne.server import Server  # noqa: PLC0415 - starts Twisted

        Server(application=application, endpoints=[f"tcp:port={port}:interface=127.0.0.1"], verbosity=0).run()
    else:
        import uvicorn  # noqa: PLC0415

        uvicorn.run(
            application, host="127.0.0.1", port=int(port), log_level="error", lifespan="off", ws="websockets-sansio"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
