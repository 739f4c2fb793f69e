"""The tables of docs/permissions.md, which people read and tests try."""

from pathlib import Path
from typing import NamedTuple

DOCUMENT = Path(__file__).parent.parent / "docs" / "permissions.md"


class Cell(NamedTuple):
    """What comes of someone's trying something somewhere: `ok`, or an error code."""

    place: str
    action: str
    who: str
    outcome: str

    @property
    def name(self) -> str:
        """What the test is called."""
        return f"{self.place}: {self.who}: {self.action}"


def cells(heading: str, place: str) -> list[Cell]:
    """Return the cells of the table under a heading of docs/permissions.md."""
    return table(DOCUMENT, heading, place)


def table(document: Path, heading: str, place: str) -> list[Cell]:
    """Return the cells of the table under a heading of a document."""
    section = document.read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    header, _rule, *lines = [[column.strip() for column in row] for row in rows]
    return [
        Cell(place, action, who, outcome)
        for action, *outcomes in lines
        for who, outcome in zip(header[1:], outcomes, strict=True)
    ]


PUBLIC = cells("In a public room", "public")
PRIVATE = cells("In a private room", "private")
DIRECT = cells("With the owner in private", "direct")
DESK = cells("At the desk", "desk")
