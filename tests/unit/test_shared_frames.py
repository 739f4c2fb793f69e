"""A frame is made once for all its receivers, and goes past the server's `send` only where that keeps the order."""

import asyncio
from typing import Any

import pytest
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode
from websockets.streams import StreamReader

from live.envelope import Frame
from live.outlet import Outlet


def read_frame(data: bytes) -> WebSocketFrame:
    """Parse one unmasked frame as a client does."""
    reader = StreamReader()
    reader.feed_data(data)
    parsing = WebSocketFrame.parse(reader.read_exact, mask=False, max_size=None)
    try:
        next(parsing)
    except StopIteration as parsed:
        frame: WebSocketFrame = parsed.value
        return frame
    raise AssertionError("The frame is not whole.")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 300_000])
def test_a_frame_of_any_size_is_read_as_it_was_made(size: int) -> None:
    frame = read_frame(Frame("x" * size).framed)
    assert (frame.opcode, frame.fin, frame.data) == (Opcode.TEXT, True, b"x" * size)


def test_a_frame_counts_bytes_and_not_characters() -> None:
    assert read_frame(Frame("小明😀" * 40).framed).data == ("小明😀" * 40).encode()


class Line:
    """A server's end of a socket: what was sent in which way, and whether it takes more just now."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_open = True
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, message: dict[str, Any]) -> None:
        await self.gate.wait()
        self.sent.append(f"send {message.get('text', message['type'])}")

    def write(self, frame: bytes) -> bool:
        if self.is_open and self.gate.is_set():
            self.sent.append(f"write {bytes(read_frame(frame).data).decode()}")
            return True
        return False


async def test_frames_for_many_are_written_and_texts_for_one_are_sent() -> None:
    line = Line()
    outlet = Outlet(line.send, lambda: None, line.write)
    outlet.deliver(Frame("1"))
    outlet.deliver("2")
    outlet.deliver(Frame("3"))
    assert line.sent == ["write 1", "send 2", "write 3"]


async def test_what_cannot_be_written_waits_its_turn() -> None:
    line = Line()
    outlet = Outlet(line.send, lambda: None, line.write)
    line.gate.clear()
    outlet.deliver(Frame("1"))
    outlet.deliver("2")
    line.gate.set()
    outlet.deliver(Frame("3"))
    await asyncio.sleep(0.01)
    assert line.sent == ["send 1", "send 2", "send 3"]
    outlet.deliver(Frame("4"))
    assert line.sent[-1] == "write 4"


async def test_what_is_held_is_not_written_before_its_time() -> None:
    line = Line()
    outlet = Outlet(line.send, lambda: None, line.write)
    outlet.hold()
    outlet.deliver(Frame("2"))
    outlet.release("1")
    assert line.sent == ["send 1", "send 2"]


async def test_nothing_is_written_after_a_close_or_a_cut() -> None:
    closed, cut = Line(), Line()
    outlet = Outlet(closed.send, lambda: None, closed.write)
    outlet.close(1012)
    outlet.deliver(Frame("late"))
    other = Outlet(cut.send, lambda: None, cut.write)
    other.cut()
    other.deliver(Frame("late"))
    assert (closed.sent, cut.sent) == (["send websocket.close"], [])
