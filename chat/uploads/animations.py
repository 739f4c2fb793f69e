"""The frames of animated pictures, as many and as large as may be."""

from dataclasses import dataclass

from PIL import Image

MAX_FRAMES = 600
MAX_DECODED = 300_000_000
"""Pixels of all frames together, as they come."""
MAX_KEPT = 30_000_000
"""Pixels of all frames together, as they are kept: 120 MB while they are encoded. Larger ones are scaled down."""
MAX_SIDE = 1280
SHORTEST, LONGEST, USUAL = 20, 60_000, 100
"""Milliseconds that a frame is shown."""


class TooLong(Exception):
    """It has too many frames, or too large ones."""


@dataclass(frozen=True)
class Frames:
    """An animation, taken apart. `loop` is how often it runs; 0 for ever."""

    images: list[Image.Image]
    durations: list[int]
    loop: int


def frames_of(image: Image.Image) -> Frames:
    """Return the frames of an open animated picture. Raises TooLong before they are decoded."""
    count = getattr(image, "n_frames", 1)
    if count > MAX_FRAMES or count * image.width * image.height > MAX_DECODED:
        raise TooLong
    size = _size(image.width, image.height, count)
    loop = image.info.get("loop", 1)
    images, durations = [], []
    for number in range(count):
        image.seek(number)
        frame = image.convert("RGBA")
        images.append(frame if frame.size == size else frame.resize(size, Image.Resampling.BILINEAR))
        durations.append(_duration(image))
    for frame in images:
        frame.info = {}
    return Frames(images, durations, loop if isinstance(loop, int) and 0 <= loop < 1 << 16 else 0)


def _size(width: int, height: int, count: int) -> tuple[int, int]:
    scale = min(1.0, MAX_SIDE / max(width, height), (MAX_KEPT / (count * width * height)) ** 0.5)
    return max(1, int(width * scale)), max(1, int(height * scale))


def _duration(image: Image.Image) -> int:
    """Return how long the present frame is shown; as in browsers, those that say next to nothing take a tenth."""
    given = image.info.get("duration", 0)
    duration = round(given) if isinstance(given, int | float) else 0
    return USUAL if duration < SHORTEST else min(duration, LONGEST)
