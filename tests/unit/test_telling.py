"""Of which messages one is told, by the table of docs/notifications.md."""

from pathlib import Path
from typing import Any

import pytest

from chat.models import Membership, Notify, Room, RoomKind
from chat.telling import TOLD, Facts, Why, told_of, why
from tests.table import Cell, table

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "notifications.md"
CELLS = table(DOCUMENT, "The rule", "")
FACTS: dict[str, dict[str, bool]] = {
    "that I wrote": {"is_own": True, "names_me": True},
    "that is a line of the site": {"is_system": True},
    "that was deleted": {"is_deleted": True, "names_me": True},
    "of somebody I have blocked": {"is_blocked": True},
    "of somebody I have blocked, that mentions me": {"is_blocked": True, "names_me": True},
    "that mentions me": {"names_me": True},
    "that answers me": {"answers_me": True},
    "that mentions everyone": {"names_all": True},
    "that mentions and answers me": {"names_me": True, "answers_me": True},
    "in a private chat": {"is_direct": True},
    "in a private chat, that mentions me": {"is_direct": True, "names_me": True},
    "like any other": {},
}


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.action} / {cell.who}")
def test_the_rule_is_the_table(cell: Cell) -> None:
    setting = None if cell.who == "not in the room" else cell.who
    assert why(Facts(told_of=setting, **FACTS[cell.action])) == cell.outcome


def test_the_table_has_every_reason() -> None:
    assert {cell.outcome for cell in CELLS} == set(Why.values)
    assert {"mention", "reply", "everyone", "private", "all"} == TOLD


@pytest.mark.parametrize(
    ("room", "membership", "expected"),
    [
        ({}, {}, "mentions"),
        ({"is_group": True}, {}, "all"),
        ({"kind": RoomKind.DIRECT}, {}, "all"),
        ({}, {"is_notify_chosen": True}, "all"),
        ({}, {"notify": Notify.NONE}, "none"),
        ({"kind": RoomKind.DIRECT}, {"notify": Notify.MENTIONS, "is_notify_chosen": True}, "mentions"),
    ],
)
def test_all_that_nobody_chose_is_all_in_small_circles_alone(
    room: dict[str, Any], membership: dict[str, Any], expected: str
) -> None:
    assert told_of(Room(**room), Membership(**membership)) == expected
