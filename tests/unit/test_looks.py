"""Moderators who look at the desk into private rooms are written down: who, which room, when; once an hour."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit import log
from audit.chain import find_fault
from audit.models import Entry, Head, Verb
from chat.actions.direct import open_direct_room
from chat.models import Attachment, Message
from moderation.actions.bans import ban_people
from moderation.actions.looks import note_looks_into
from moderation.actions.reports import report_message
from moderation.inspection import get_attachment_at_desk
from moderation.models import Case, Filter
from tests.unit.cast import Cast, draft_of, make_site_moderator, post, say

SECRET = "between these walls"


@pytest.fixture
def eve(cast: Cast) -> User:
    """Eve, who is in no room, as a moderator of the site."""
    return make_site_moderator(cast.eve)


@pytest.fixture
def desk(client: Client, eve: User, settings: Settings, tmp_path: Path) -> Client:
    """Eve's browser."""
    # What serves static files looks for a folder that only `collectstatic` makes.
    settings.STATIC_ROOT = tmp_path
    client.force_login(eve)
    return client


def looks() -> list[tuple[str, str, str]]:
    """Return who looked into what, by the log, in its order."""
    entries = Entry.objects.filter(verb=Verb.LOOK).order_by("number")
    return [(entry.actor, entry.kind, entry.object_id) for entry in entries]


def report(cast: Cast, message: Message) -> int:
    report_message(cast.ann, message.pk, "spam")
    return Case.objects.get(message=message).pk


def ban(cast: Cast, message: Message) -> int:
    boss = User.objects.create_user("boss", "a good long password", is_staff=True, is_superuser=True)
    return ban_people(boss, [message.author_id], "x", hours=1).pk


def rule(_cast: Cast, _message: Message) -> int:
    return Filter.objects.create(name="walls", kind="words", terms="walls").pk


PAGES: dict[str, Callable[[Cast, Message], str]] = {
    "the list of messages": lambda _cast, _message: "chat/message/",
    "a search": lambda _cast, _message: "chat/message/?q=walls",
    "a message": lambda _cast, message: f"chat/message/{message.pk}/change/",
    "a room": lambda cast, _message: f"chat/room/{cast.den.pk}/change/",
    "a person": lambda cast, _message: f"accounts/user/{cast.bob.pk}/change/",
    "a report": lambda cast, message: f"moderation/case/{report(cast, message)}/change/",
    "an act": lambda cast, message: f"moderation/act/{ban(cast, message)}/change/",
    "a raid": lambda _cast, _message: "moderation/act/raid/?since=2020-01-01T00:00",
    "a rehearsal": lambda cast, message: f"moderation/filter/{rule(cast, message)}/rehearse/",
}
"""Every page of the desk that shows what was said in rooms."""


@pytest.mark.parametrize("name", PAGES)
def test_each_page_that_shows_a_private_rooms_messages_leaves_one_entry(cast: Cast, desk: Client, name: str) -> None:
    message = say(cast.bob, cast.den, SECRET)
    path = PAGES[name](cast, message)
    assert SECRET in desk.get(f"/admin/{path}").content.decode()
    assert looks() == [("eve", "room", str(cast.den.pk))]
    desk.get(f"/admin/{path}")
    assert len(looks()) == 1
    entry = Entry.objects.get(verb=Verb.LOOK)
    assert timezone.now() - entry.at < timedelta(minutes=5)
    assert find_fault(Entry.objects.order_by("number"), Head.objects.get()) is None


@pytest.mark.parametrize("name", [name for name in PAGES if name != "a room"])
def test_public_rooms_leave_none(cast: Cast, desk: Client, name: str) -> None:
    message = say(cast.bob, cast.square, SECRET)
    assert SECRET in desk.get(f"/admin/{PAGES[name](cast, message)}").content.decode()
    assert looks() == []


def test_private_chats_leave_none_and_show_what_was_reported_alone(cast: Cast, desk: Client) -> None:
    chat = open_direct_room(cast.ann, cast.bob.pk)
    say(cast.bob, chat, "not this")
    case = report(cast, say(cast.bob, chat, SECRET))
    page = desk.get(f"/admin/moderation/case/{case}/change/").content.decode()
    assert (SECRET in page, "not this" in page) == (True, False)
    assert looks() == []


def test_who_looks_at_nothing_of_a_private_room_leaves_none(cast: Cast, desk: Client) -> None:
    say(cast.bob, cast.den, SECRET)
    say(cast.bob, cast.square, "in the open")
    for path in ("", "chat/message/?q=open", "chat/room/", "accounts/user/", "moderation/case/", "audit/entry/"):
        assert SECRET not in desk.get(f"/admin/{path}").content.decode()
    assert looks() == []


def test_looks_are_gathered_by_moderator_room_and_hour(cast: Cast, eve: User, desk: Client) -> None:
    other_room = say(cast.bob, cast.den, SECRET).room
    path = f"/admin/chat/room/{other_room.pk}/change/"
    desk.get(path)
    second = Client()
    second.force_login(make_site_moderator(cast.gus))
    second.get(path)
    assert [actor for actor, _kind, _room in looks()] == ["eve", "gus"]
    an_hour_ago = timezone.now() - timedelta(minutes=59)
    Entry.objects.filter(actor="eve").update(at=an_hour_ago)
    desk.get(path)
    assert len(looks()) == 2
    Entry.objects.filter(actor="eve").update(at=an_hour_ago - timedelta(minutes=2))
    desk.get(path)
    assert [actor for actor, _kind, _room in looks()] == ["eve", "gus", "eve"]


def test_two_pages_at_once_leave_one_entry(real_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_looked, not_written, first = threading.Barrier(2), log._not_written, threading.local()

    def look_together(*arguments: Any) -> Any:
        found = not_written(*arguments)
        if not hasattr(first, "is_over"):
            first.is_over = True
            both_have_looked.wait(timeout=20)
        return found

    def look() -> None:
        note_looks_into(real_cast.eve, [real_cast.den])
        connection.close()

    monkeypatch.setattr(log, "_not_written", look_together)
    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looks()) == 1


def test_one_page_of_two_private_rooms_is_an_entry_for_each(cast: Cast, desk: Client) -> None:
    say(cast.bob, cast.den, SECRET)
    cast.square.kind = "private"
    cast.square.save()
    say(cast.bob, cast.square, SECRET)
    desk.get("/admin/chat/message/")
    assert {room for _actor, _kind, room in looks()} == {str(cast.den.pk), str(cast.square.pk)}


@pytest.mark.parametrize("across", ["0", "1"])
def test_what_is_chosen_without_a_list_before_is_a_look_too(cast: Cast, desk: Client, across: str) -> None:
    message = say(cast.bob, cast.den, SECRET)
    say(cast.bob, cast.square, "in the open")
    form: dict[str, Any] = {"action": "take_down", "index": "0", "select_across": across}
    desk.post("/admin/chat/message/?q=walls", form | {"_selected_action": [str(message.pk)]})
    assert looks() == [("eve", "room", str(cast.den.pk))]


@pytest.mark.parametrize(("place", "expected"), [("den", 1), ("square", 0), ("chat", 0)])
def test_files_of_private_rooms_are_looks_too(cast: Cast, eve: User, place: str, expected: int) -> None:
    file = Attachment.objects.create(
        uploader=cast.bob, folder="2026-01-01", name="a.txt", kind="file", type="x", size=1, digest="0"
    )
    room = open_direct_room(cast.bob, cast.ann.pk) if place == "chat" else getattr(cast, place)
    post(draft_of(cast.bob, room, "", attachments=[file.pk]))
    file.refresh_from_db()
    if place == "chat":
        report(cast, Message.objects.get(pk=file.message_id))
    for _ in range(2):
        get_attachment_at_desk(eve, file.pk, file.token)
    assert len(looks()) == expected


def test_who_may_not_read_messages_there_sees_none_and_leaves_none(cast: Cast, desk: Client, eve: User) -> None:
    message = say(cast.bob, cast.den, SECRET)
    eve.groups.clear()
    for path in ("chat/message/", f"chat/message/{message.pk}/change/", f"chat/room/{cast.den.pk}/change/"):
        assert desk.get(f"/admin/{path}").status_code == 403
    assert looks() == []


def test_the_log_says_it_in_words(cast: Cast, desk: Client) -> None:
    say(cast.bob, cast.den, SECRET)
    desk.get(f"/admin/chat/room/{cast.den.pk}/change/")
    page = desk.get("/admin/audit/entry/").content.decode()
    assert re.search(r"looked into the private room\s*<a ", page)
    assert f"/admin/chat/room/{cast.den.pk}/change/" in page
