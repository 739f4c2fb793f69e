"""The emoji that the page offers, in groups, with what they are called in English and Chinese."""

import json
from functools import cache
from importlib.metadata import version

import emoji

NEWEST = 15.0
"""The version of Unicode's emoji up to which people's systems can be trusted to draw them."""
VERSION = version("emoji")
_SKIN = range(0x1F3FB, 0x1F400)
# In this order: the first group that has an emoji's first character takes it, and shows it in its order of ranges.
_GROUPS: dict[str, str] = {
    "flags": "1F1E6-1F1FF 1F3F3-1F3F4 1F38C 1F3C1 1F6A9",
    "faces": "1F600-1F644 1F648-1F64A 1F910-1F917 1F920-1F925 1F927-1F92F 1F970-1F976 1F978-1F97A 1F9D0 1FAE0-1FAE9"
    " 2639-263A 1F479-1F47B 1F47D-1F480 1F4A9 1F48B 1F48C 2764 1F493-1F49F 1F5A4 1F90D-1F90E 1F9E1 1FA75-1FA77 1F4AF"
    " 1F4A2-1F4A6 1F4A8 1F4AB-1F4AD 2763",
    "people": "1F442-1F450 1F464-1F478 1F47C 1F481-1F487 1F48F 1F491 1F4AA 1F574-1F575 1F57A 1F590-1F596 1F5E3"
    " 1F645-1F647 1F64B-1F64F 1F6A3 1F6B4-1F6B6 1F90C 1F90F 1F918-1F91F 1F926 1F930-1F93E 1F977 1F9B5-1F9B9 1F9BB"
    " 1F9CD-1F9CF 1F9D1-1F9E0 1FAC0-1FAC5 1FAE6 1FAF0-1FAF8 261D 26F9 270A-270D 1F385 1F3C2-1F3C4 1F3C7 1F3CA-1F3CC",
    "nature": "1F300-1F32C 1F330-1F344 1F400-1F441 1F490 1F4AE 1F54A 1F577-1F578 1F940 1F980-1F9AE 1FAB0-1FABF"
    " 1FACE-1FACF 1FABB-1FABD 2600-2604 2614 2618 26C4-26C5 26C8 26A1 2728 2744 2B50 1F525 1F4A7",
    "food": "1F32D-1F32F 1F345-1F37F 1F382 1F950-1F96F 1F9C0-1F9CB 1FAD0-1FADB 2615",
    "play": "1F380-1F3C0 1F3C5-1F3C6 1F3C8-1F3C9 1F3CF-1F3D3 1F3F8-1F3F9 1F93F 1F945-1F94F 1F9E7-1F9E9 1F52E 1FA70"
    " 1FA80-1FA87 26BD-26BE 26F3 26F8 265F 2660 2663 2665 2666",
    "travel": "1F3CD-1F3CE 1F3D4-1F3F0 1F5FA-1F5FF 1F680-1F6FF 1F9BC-1F9BD 26EA 26F0-26F5 26FA 26FD 2693 2708 1F54B"
    " 1F54C 1F54D 1F566 1F5FB 1FA82 231A-231B 23F0-23F3 1F550-1F567",
    "symbols": "0023-27BF 2934-303F 3297-3299 1F004 1F0CF 1F170-1F251 1F500-1F50B 1F519-1F51F 1F520-1F524 1F52F-1F53D"
    " 1F549 1F54E 1F7E0-1F7F0 1F4F4 1F4F3 1F4F6 1F3E7 1F194",
    "things": "0-10FFFF",
}
# As people look through them.
ORDER = ("faces", "people", "nature", "food", "play", "travel", "things", "symbols", "flags")


@cache
def emoji_json() -> bytes:
    """Return `{groups: [{id, emoji: [[character, English names, Chinese name]]}]}` as JSON.

    English names are as they stand between colons, with spaces between one and the next.
    """
    emoji.config.load_language("zh")
    groups: dict[str, list[list[str]]] = {name: [] for name in ORDER}
    for character, names in sorted(emoji.EMOJI_DATA.items(), key=lambda item: _place(item[0])):
        if names["status"] == emoji.STATUS["fully_qualified"] and names["E"] <= NEWEST and not _is_toned(character):
            english = [names["en"], *names.get("alias", [])]
            row = [character, " ".join(name.strip(":").lower() for name in english), names["zh"].strip(":")]
            groups[_place(character)[0]].append(row)
    listed = [{"id": name, "emoji": rows} for name, rows in groups.items()]
    return json.dumps({"groups": listed}, ensure_ascii=False, separators=(",", ":")).encode()


def _is_toned(character: str) -> bool:
    return any(ord(part) in _SKIN for part in character)


def _place(character: str) -> tuple[str, int, str]:
    """Return the group of an emoji, and what orders it there."""
    # A keycap's first character is a digit.
    first = ord(character[0])
    return next((name, number, character) for name, number, part in _ranges() if first in part)


@cache
def _ranges() -> list[tuple[str, int, range]]:
    return [(name, number, _range(part)) for name, text in _GROUPS.items() for number, part in enumerate(text.split())]


def _range(part: str) -> range:
    first, _dash, last = part.partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)
