"""What filters hold back has a page of its own, and is decided there or in its row of the list."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chat.models import Message
from moderation.models import HeldMessage
from tests.unit.cast import Cast, change, say_many
from tests.unit.test_desk import open_form, page_of

HELD = "/admin/moderation/heldmessage/"
AtDesk = Callable[[User], Client]


@pytest.fixture
def held(cast: Cast) -> HeldMessage:
    """A message of Bob's that waits, in the middle of a conversation."""
    said = say_many(cast.ann, cast.square, 30, "word")
    for minutes, message in enumerate(reversed(said)):
        change(message, created_at=timezone.now() - timedelta(minutes=minutes))
    at = timezone.now() - timedelta(minutes=15, seconds=30)
    return HeldMessage.objects.create(author=cast.bob, room=cast.square, ref=uuid.uuid4(), body="the casino", at=at)


def buttons_of(page: str) -> list[tuple[str, str]]:
    """Return the acts of a page's rows and what each is about."""
    return re.findall(r'<button type="submit" form="row-(\w+)" name="_selected_action" value="(\d+)"', page)


def list_of(desk: Client, query: str = "") -> str:
    """Return the list."""
    return unescape(desk.get(f"{HELD}{query}").content.decode())


def test_its_page_shows_the_conversation_around_and_both_buttons(
    cast: Cast, mod: User, held: HeldMessage, at_desk: AtDesk
) -> None:
    page = page_of(at_desk(mod), HELD, held.pk)
    shown = re.search(r'<ol class="messages-shown">(.*?)</ol>', page, re.DOTALL)
    assert shown
    words = re.findall(r"word \d+|the casino", shown[1])
    assert words == [f"word {n}" for n in range(4, 14)] + ["the casino"] + [f"word {n}" for n in range(14, 24)]
    assert set(re.findall(r'name="action" value="(\w+)"', page)) == {"approve", "refuse"}
    assert f'href="{HELD}{held.pk}/change/' in list_of(at_desk(mod))


def test_it_is_let_through_with_one_click_in_its_row(cast: Cast, mod: User, held: HeldMessage, at_desk: AtDesk) -> None:
    desk = at_desk(mod)
    page = list_of(desk)
    assert buttons_of(page) == [("approve", str(held.pk)), ("refuse", str(held.pk))]
    for name in ("approve", "refuse"):
        assert re.search(rf'<form id="row-{name}" method="post"[^>]*>.*name="action" value="{name}"', page)
    told = open_form(desk, HELD, "approve", held.pk)
    assert "1 message let through." in told
    assert Message.objects.filter(body="the casino", author=cast.bob).exists()
    assert buttons_of(list_of(desk)) == []
    decided = list_of(desk, "?status=decided")
    assert buttons_of(decided) == []
    assert re.search(r"let through by <a [^>]*>mod</a>", decided)


def test_refusing_asks_what_its_author_is_told(cast: Cast, mod: User, held: HeldMessage, at_desk: AtDesk) -> None:
    desk = at_desk(mod)
    asked = open_form(desk, HELD, "refuse", held.pk)
    assert "What the author is told" in asked
    assert "the casino" in asked
    open_form(desk, HELD, "refuse", held.pk, apply="1", reason="not here")
    page = page_of(desk, HELD, held.pk)
    assert re.search(r"refused by <a [^>]*>mod</a>", page)
    assert 'name="action"' not in page


def test_one_that_cannot_be_let_through_says_why(cast: Cast, mod: User, held: HeldMessage, at_desk: AtDesk) -> None:
    change(cast.square, is_archived=True)
    page = open_form(at_desk(mod), HELD, "approve", held.pk)
    assert "archived" in page
    held.refresh_from_db()
    assert held.decided_at is None


def test_who_may_only_look_has_no_buttons(cast: Cast, boss: User, held: HeldMessage, at_desk: AtDesk) -> None:
    from tests.unit.test_desk import with_rights  # noqa: PLC0415

    desk: Any = at_desk(with_rights(boss, "view_heldmessage"))
    assert buttons_of(list_of(desk)) == []
    assert 'name="action" value' not in page_of(desk, HELD, held.pk)
