"""Files to attach, and the ways in which people attach them.

await choose(ann, picture("lake.png"), text("list.txt"))      # by the button
await paste(ann, picture("lake.png"))
await drop(ann, picture("lake.png"))
"""

import base64
import io
import math
import struct
import wave
from typing import Any

from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, Locator, Route, expect

from tests.pages.visitor import Visitor

UPLOADS = "**/api/v1/uploads/"
_TRANSFER = """(files) => {
  const transfer = new DataTransfer();
  for (const { name, type, bytes } of files) {
    transfer.items.add(new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], name, { type }));
  }
  return transfer;
}"""


def picture(name: str = "lake.png", size: tuple[int, int] = (640, 400), colour: str = "#2b7a78") -> FilePayload:
    """Return a picture in which no two sizes look alike."""
    image = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.ellipse((width * 0.6, height * 0.1, width * 0.6 + height * 0.3, height * 0.4), fill="#f4d58d")
    draw.polygon([(0, height), (width * 0.35, height * 0.35), (width * 0.7, height)], fill="#17252a")
    draw.polygon([(width * 0.4, height), (width * 0.75, height * 0.5), (width, height)], fill="#3a506b")
    content = io.BytesIO()
    image.save(content, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": content.getvalue()}


def text(name: str = "list.txt", length: int = 2000) -> FilePayload:
    """Return a text of `length` bytes."""
    return {"name": name, "mimeType": "text/plain", "buffer": b"word " * (length // 5)}


def sound(name: str = "birds.wav", seconds: float = 8) -> FilePayload:
    """Return a tone that lasts so long."""
    content = io.BytesIO()
    with wave.open(content, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        samples = (int(9000 * math.sin(n / 5)) for n in range(int(8000 * seconds)))
        out.writeframes(b"".join(struct.pack("<h", one) for one in samples))
    return {"name": name, "mimeType": "audio/wav", "buffer": content.getvalue()}


async def choose(someone: Visitor, *files: FilePayload) -> None:
    """Press "Attach files" and choose."""
    async with someone.page.expect_file_chooser() as chooser:
        await someone.page.get_by_role("button", name="Attach files", exact=True).click()
    await (await chooser.value).set_files(list(files))


async def _transfer(someone: Visitor, files: tuple[FilePayload, ...]) -> Any:
    plain = [
        {"name": one["name"], "type": one["mimeType"], "bytes": base64.b64encode(one["buffer"]).decode()}
        for one in files
    ]
    return await someone.page.evaluate_handle(_TRANSFER, plain)


async def paste(someone: Visitor, *files: FilePayload) -> None:
    """Paste files into the box."""
    await someone.box.evaluate(
        "(box, clipboardData) => box.dispatchEvent(new ClipboardEvent('paste', "
        "{ clipboardData, bubbles: true, cancelable: true }))",
        await _transfer(someone, files),
    )


async def drag(someone: Visitor, kind: str, where: str, *files: FilePayload) -> None:
    """Drag files over (`dragenter`, `dragover`), or let them fall (`drop`)."""
    await someone.page.dispatch_event(where, kind, {"dataTransfer": await _transfer(someone, files)})


async def drop(someone: Visitor, *files: FilePayload) -> None:
    """Drag files onto the room and let them fall."""
    for kind in ("dragenter", "dragover", "drop"):
        await drag(someone, kind, "#timeline", *files)


def tray(someone: Visitor) -> Locator:
    """What will go with the next message."""
    return someone.page.locator("#tray").get_by_role("listitem")


async def is_up(someone: Visitor, count: int = 1) -> None:
    """Wait until so many files in the tray are uploaded."""
    await expect(tray(someone)).to_have_count(count)
    await expect(someone.page.locator('.tray-item[data-state="up"]')).to_have_count(count)


async def send_files(someone: Visitor, *files: FilePayload, words: str = "") -> None:
    """Send a message with files and wait until it is delivered."""
    await choose(someone, *files)
    await is_up(someone, len(files))
    await someone.box.fill(words)
    await someone.send.click()
    await expect(tray(someone)).to_have_count(0)
    await expect(someone.log.locator("[data-ref]")).to_have_count(0)


class Gate:
    """Uploads of one page come to a closed gate: `await gate.open()` lets them on, `await gate.fail()` breaks them."""

    def __init__(self, someone: Visitor) -> None:
        self.page = someone.page
        self.held: list[Route] = []
        self.passed = 0
        self.is_open = False

    async def close(self) -> None:
        """Hold what is uploaded from now on."""
        self.is_open = False
        await self.page.unroute(UPLOADS)
        await self.page.route(UPLOADS, self._come)

    async def _come(self, route: Route) -> None:
        if self.is_open:
            self.passed += 1
            await route.continue_()
        else:
            self.held.append(route)

    async def open(self) -> None:
        """Let on what waits, and what comes later."""
        self.is_open = True
        held, self.held = self.held, []
        for route in held:
            self.passed += 1
            await route.continue_()

    async def fail(self) -> None:
        """Break the line under what waits."""
        held, self.held = self.held, []
        for route in held:
            await route.abort("connectionreset")

    async def has(self, count: int) -> None:
        """Wait until so many uploads wait at the gate."""
        for _try in range(150):
            if len(self.held) >= count:
                return
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"{len(self.held)} uploads wait instead of {count}")
