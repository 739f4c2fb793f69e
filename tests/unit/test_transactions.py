"""What fails in the middle leaves nothing behind, and announces nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection

from chat.actions import announce, posting
from chat.actions.memberships import join_room
from chat.actions.messages import delete_message, pin_message, react_to_message
from chat.models import Membership, Message, Reaction, Room
from tests.unit.cast import Cast, draft_of, post, say

FAIL_ON_ROOMS = "CREATE TRIGGER fail BEFORE UPDATE ON chat_room BEGIN SELECT RAISE(ABORT, 'no room'); END"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was announced."""
    told: list[Any] = []
    for module in (announce, posting):
        monkeypatch.setattr(module, "publish", lambda *envelopes: told.extend(envelopes), raising=False)
    return told


@pytest.fixture
def break_rooms(transactional_db: None) -> Iterator[Callable[[], None]]:
    """`break_rooms()`: from now on no room can be changed, which is what every act does last."""

    def run(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    yield lambda: run(FAIL_ON_ROOMS)
    run("DROP TRIGGER IF EXISTS fail")


def state() -> list[Any]:
    """Return all that the acts below change."""
    return [list(model.objects.order_by("pk").values()) for model in (Message, Room, Membership, Reaction)]


ACTS: dict[str, Callable[[Cast, Message], Any]] = {
    "post": lambda cast, _message: post(draft_of(cast.ann, cast.den), draft_of(cast.bob, to=cast.gus.pk)),
    "delete": lambda cast, message: delete_message(cast.ann.pk, message.pk),
    "pin": lambda cast, message: pin_message(cast.ann.pk, message.pk),
    "react": lambda cast, message: react_to_message(cast.ann.pk, message.pk, "👍"),
    "join": lambda cast, _message: join_room(cast.eve, cast.square.pk),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_fails_half_way_changes_and_tells_nothing(
    real_cast: Cast, told: list[Any], break_rooms: Callable[[], None], name: str
) -> None:
    message = say(real_cast.ann, real_cast.den)
    before = state()
    told.clear()
    break_rooms()
    with pytest.raises(IntegrityError, match="no room"):
        ACTS[name](real_cast, message)
    assert state() == before
    assert told == []
