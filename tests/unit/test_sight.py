"""At the desk one right opens no more than it says: what was said in private rooms, their names, and reports."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Entry, Verb
from chat.actions.direct import open_direct_room
from chat.actions.messages import delete_message
from chat.models import Attachment, Message, Room
from moderation.actions.messages import take_down_messages
from moderation.actions.mutes import mute_people
from moderation.actions.reports import close_case, report_message, report_person
from moderation.actions.rooms import change_rooms
from moderation.models import Act, Case, Filter, HeldMessage
from tests.unit.cast import Cast, change, make_staff, say
from tests.unit.test_moderation import refusal

AtDesk = Callable[[User], Client]
SECRET, OPEN, CHAT = "between these walls", "in the open", "between us two"
DEN, SQUARE = "Hidden den", "Market square"


@pytest.fixture
def said(cast: Cast) -> Message:
    """Something said in the private room, which is returned, something in the public one, and both have names."""
    change(cast.den, name=DEN)
    change(cast.square, name=SQUARE)
    say(cast.bob, cast.square, OPEN)
    return say(cast.bob, cast.den, SECRET)


@pytest.fixture
def look(cast: Cast, at_desk: AtDesk) -> Callable[..., str]:
    """`look(path, *rights)`: what a moderator with these rights alone reads on a page of the desk."""

    def read(path: str, *rights: str) -> str:
        cast.eve.user_permissions.clear()
        answer = at_desk(make_staff(cast.eve, *rights)).get(f"/admin/{path}")
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    return read


Look = Callable[..., str]


def looks() -> int:
    """Return how many looks into private rooms are in the log."""
    return Entry.objects.filter(verb=Verb.LOOK).count()


def found(page: str, *texts: str) -> list[bool]:
    """Tell of each text whether a page shows it."""
    return [text in page for text in texts]


def links(page: str) -> set[str]:
    """Return which kinds of things a page links to."""
    return set(re.findall(r'href="/admin/(\w+/\w+)/\d+/change/"', page))


def test_who_sees_people_reads_of_them_what_is_public(cast: Cast, said: Message, look: Look) -> None:
    chat = open_direct_room(cast.ann, cast.bob.pk)
    report_message(cast.ann, say(cast.bob, chat, CHAT).pk, "spam")
    path = f"accounts/user/{cast.bob.pk}/change/"
    page = look(path, "accounts.view_user")
    assert found(page, OPEN, SQUARE, SECRET, DEN, CHAT) == [True, True, False, False, False]
    assert links(page) == {"accounts/user"}
    assert looks() == 0
    assert found(look(path, "accounts.view_user", "chat.view_room"), SECRET, DEN) == [False, True]
    assert looks() == 0
    assert found(look(path, "accounts.view_user", "chat.view_message"), SECRET, DEN, CHAT) == [True, False, False]
    assert looks() == 1
    assert CHAT in look(path, "accounts.view_user", "moderation.view_case")


def test_who_sees_rooms_reads_no_messages_of_private_ones(cast: Cast, said: Message, look: Look) -> None:
    den, square = (f"chat/room/{room.pk}/change/" for room in (cast.den, cast.square))
    assert found(look(den, "chat.view_room"), DEN, SECRET) == [True, False]
    assert looks() == 0
    page = look(square, "chat.view_room")
    assert OPEN in page
    assert links(page) == set()
    assert SECRET in look(den, "chat.view_room", "chat.view_message")
    assert looks() == 1


def test_of_reports_about_oneself_and_ones_peers_nobody_knows(cast: Cast, look: Look) -> None:
    message = say(cast.bob, cast.square, "rude")
    report_message(cast.ann, message.pk, "spam")
    report_person(cast.ann, cast.eve.pk, "spam")
    rights = ["moderation.view_case", "chat.view_message", "accounts.view_user"]

    def known(*rights: str) -> tuple[list[str], list[str], bool]:
        waiting = re.findall(r"<strong>(\d+)</strong> reports? waits?", look("", *rights))
        counted = re.findall(r'field-open_cases">(\d+)<', look("accounts/user/", *rights))
        page = look(f"chat/message/{message.pk}/change/", *rights) if "chat.view_message" in rights else ""
        return waiting, counted, "moderation/case" in links(page)

    assert known(*rights) == (["1"], ["1"], True)
    assert known("accounts.view_user") == ([], [], False)
    change(cast.bob, is_staff=True)
    assert known(*rights) == (["0"], [], False)


def test_administrators_hear_of_reports_about_each_other_and_nobody_of_those_about_himself(
    cast: Cast, at_desk: AtDesk
) -> None:
    change(cast.bob, is_staff=True, is_superuser=True, is_guest=False)
    change(cast.mia, is_staff=True, is_superuser=True, is_guest=False)
    report_message(cast.ann, say(cast.bob, cast.square, "rude").pk, "spam")
    report_person(cast.ann, cast.bob.pk, "harassment")
    path = f"/admin/moderation/case/{Case.objects.exclude(message=None).get().pk}/change/"

    def seen_by(user: User) -> tuple[list[str], int]:
        desk = at_desk(User.objects.get(pk=user.pk))
        waiting = re.findall(r"<strong>(\d+)</strong> reports? waits?", desk.get("/admin/").content.decode())
        return waiting, desk.get(path).status_code

    assert seen_by(make_staff(cast.eve, "moderation.view_case", "moderation.change_case")) == (["0"], 302)
    assert seen_by(cast.bob) == (["0"], 302)
    assert seen_by(cast.mia) == (["2"], 200)
    mia = User.objects.get(pk=cast.mia.pk)
    page = at_desk(mia).get(path).content.decode()
    assert "is an administrator: nobody acts on administrators here." in page
    assert "Take the message down" not in page
    for case in Case.objects.all():
        assert refusal(close_case, cast.bob, case.pk, "dismissed") == "forbidden"
        assert close_case(mia, case.pk, "acted", "spoke with him").status == "closed"
    # And the log tells him no more.
    log = "/admin/audit/entry/"
    told = [at_desk(User.objects.get(pk=user.pk)).get(log).content.decode() for user in (mia, cast.bob)]
    assert ["spoke with him" in page for page in told] == [True, False]
    entry = Entry.objects.filter(reason="spoke with him").first()
    assert entry
    assert at_desk(User.objects.get(pk=cast.bob.pk)).get(f"{log}{entry.pk}/change/").status_code == 302


def test_who_undoes_raids_reads_what_is_public_and_counts_the_rest(cast: Cast, said: Message, look: Look) -> None:
    path = "moderation/act/raid/?since=2020-01-01T00:00"
    page = look(path, "moderation.undo_raids")
    assert found(page, OPEN, SECRET) == [True, False]
    assert "2 messages since then" in page
    assert links(page) == set()
    assert looks() == 0
    assert SECRET in look(path, "moderation.undo_raids", "chat.view_message")
    assert looks() == 1


@pytest.mark.parametrize(("rights", "reads"), [([], False), (["chat.view_message"], True)])
def test_a_rehearsal_counts_and_shows_what_one_may_read(
    cast: Cast, said: Message, at_desk: AtDesk, rights: list[str], reads: bool
) -> None:
    desk = at_desk(make_staff(cast.eve, "moderation.add_filter", *rights))
    form = {"name": "all", "kind": "pattern", "terms": ".", "response": "refuse", "newer_than": "0", "_rehearse": "1"}
    page = desk.post("/admin/moderation/filter/add/", form).content.decode()
    assert f"It would have hit {'2 messages' if reads else '1 message'}" in page
    assert found(page, OPEN, SECRET) == [True, reads]
    assert looks() == int(reads)


@pytest.mark.parametrize(("rights", "reads"), [([], False), (["chat.view_message"], True)])
def test_the_log_shows_texts_of_what_was_taken_down_to_who_may_read_them(
    cast: Cast, said: Message, look: Look, rights: list[str], reads: bool
) -> None:
    delete_message(cast.ann.pk, said.pk)
    delete_message(cast.ann.pk, Message.objects.get(body=OPEN).pk)
    entry = Entry.objects.get(kind="message", object_id=str(said.pk))
    for path in ("audit/entry/", f"audit/entry/{entry.pk}/change/"):
        page = look(path, "audit.view_entry", *rights)
        assert found(page, SECRET, DEN) == [reads, False], path
        assert reads or "took down in private room: a message" in re.sub(r"<[^>]+>", "", page)
    assert OPEN in look("audit/entry/", "audit.view_entry")
    assert (f"/{entry.pk}/change/" in look("audit/entry/?q=walls", "audit.view_entry", *rights)) is reads


@pytest.mark.parametrize(("rights", "reads"), [([], False), (["chat.view_message"], True)])
def test_an_act_shows_what_was_taken_down_to_who_may_read_it(
    cast: Cast, boss: User, said: Message, look: Look, rights: list[str], reads: bool
) -> None:
    act = take_down_messages(boss, [said.pk, Message.objects.get(body=OPEN).pk])
    page = look(f"moderation/act/{act.pk}/change/", "moderation.view_act", *rights)
    assert found(page, OPEN, SECRET) == [True, reads]
    assert looks() == int(reads)


@pytest.mark.parametrize(("rights", "named"), [([], False), (["chat.view_room"], True)])
def test_forms_name_private_rooms_to_who_sees_rooms(
    cast: Cast, said: Message, at_desk: AtDesk, rights: list[str], named: bool
) -> None:
    basic = ("accounts.view_user", "moderation.mute_people", "moderation.add_filter")
    desk = at_desk(make_staff(cast.eve, *basic, *rights))
    form = {"action": "mute", "index": "0", "select_across": "0", "_selected_action": [str(cast.bob.pk)]}
    muting = desk.post("/admin/accounts/user/", form).content.decode()
    filtering = desk.get("/admin/moderation/filter/add/").content.decode()
    for page in (muting, filtering):
        assert found(page, SQUARE, DEN) == [True, named]
    tried = form | {"apply": "1", "hours": "24", "reason": "x", "room": str(cast.den.pk)}
    desk.post("/admin/accounts/user/", tried)
    assert Act.objects.exists() is named


@pytest.mark.parametrize(("rights", "named"), [([], False), (["chat.view_room"], True)])
def test_acts_and_the_log_name_private_rooms_to_who_sees_rooms(
    cast: Cast, boss: User, said: Message, look: Look, rights: list[str], named: bool
) -> None:
    mute_people(boss, [cast.bob.pk], timezone.now() + timedelta(days=1), room_id=cast.den.pk)
    change_rooms(boss, [cast.den.pk], "lock")
    change_rooms(boss, [cast.den.pk, cast.square.pk], "archive")
    entries = Entry.objects.filter(verb__in=[Verb.MUTE, Verb.ROOM])
    paths = [f"audit/entry/{entry.pk}/change/" for entry in entries]
    paths += [f"moderation/act/{act.pk}/change/" for act in Act.objects.all()]
    for path in ("audit/entry/", "moderation/act/", *paths):
        assert found(look(path, "audit.view_entry", "moderation.view_act", *rights), DEN) == [named], path
    searched = look("audit/entry/?q=Hidden", "audit.view_entry", *rights)
    assert ("/change/" in searched.partition('id="result_list"')[2]) is named


def test_a_filter_of_a_private_room_is_seen_and_kept_without_its_name(
    cast: Cast, said: Message, look: Look, at_desk: AtDesk
) -> None:
    rule = Filter.objects.create(name="rude", kind="words", terms="darn", response="refuse", room=cast.den)
    path = f"moderation/filter/{rule.pk}/change/"
    for right in ("view_filter", "change_filter"):
        for where in ("moderation/filter/", path):
            assert DEN not in look(where, f"moderation.{right}")
        assert DEN in look(path, f"moderation.{right}", "chat.view_room")
    desk = at_desk(make_staff(cast.eve, "moderation.change_filter"))
    form = {"name": "ruder", "kind": "words", "terms": "darn", "response": "refuse", "newer_than": "0"}
    desk.post(f"/admin/{path}", form | {"room": str(cast.den.pk)})
    rule.refresh_from_db()
    assert (rule.name, rule.room) == ("ruder", cast.den)


def test_around_what_was_reported_or_is_held_one_reads_with_the_right_to_messages(
    cast: Cast, said: Message, look: Look
) -> None:
    report_message(cast.ann, say(cast.bob, cast.den, "reported").pk, "spam")
    HeldMessage.objects.create(author=cast.gus, room=cast.den, ref=uuid.uuid4(), body="darn it")
    for path, right, shown in (
        (f"moderation/case/{Case.objects.get().pk}/change/", "moderation.view_case", "reported"),
        (f"moderation/heldmessage/{HeldMessage.objects.get().pk}/change/", "moderation.view_heldmessage", "darn it"),
    ):
        page = look(path, right)
        assert found(page, shown, SECRET, DEN) == [True, False, False]
        assert links(page) == set()
        assert found(look(path, right, "chat.view_message"), shown, SECRET) == [True, True]


def test_the_first_page_promises_only_what_one_may(cast: Cast, look: Look) -> None:
    page = look("", "accounts.view_user", "moderation.mute_people")
    assert found(page, "Everybody who has been here", "ban") == [True, False]


def test_nothing_else_names_what_the_desk_hides(cast: Cast, boss: User, said: Message, at_desk: AtDesk) -> None:
    change_rooms(boss, [cast.den.pk], "lock")
    desk = at_desk(make_staff(cast.eve, "audit.view_entry", "moderation.view_act"))
    act = Act.objects.get()
    assert desk.get(f"/admin/moderation/act/{act.pk}/history/").status_code == 404
    for path in ("moderation/act/?summary__contains=Hid", "audit/entry/?label__contains=Hid"):
        assert desk.get(f"/admin/{path}").status_code in (302, 400)
    assert Room.objects.filter(name=DEN).exists()


def test_files_that_one_may_not_open_are_no_links(cast: Cast, said: Message, look: Look) -> None:
    fields = {"uploader": cast.bob, "folder": "2026-01-01", "kind": "file", "type": "x", "size": 1, "digest": "0"}
    file = Attachment.objects.create(name="plans.txt", **fields)
    say(cast.bob, cast.square, "see", attachments=[file.pk])
    path = f"accounts/user/{cast.bob.pk}/change/"
    for rights, is_link in (([], False), (["chat.view_message"], True)):
        page = look(path, "accounts.view_user", *rights)
        assert found(page, "plans.txt", "/media/desk/files/") == [True, is_link]


def test_who_has_all_rights_sees_all_of_it(cast: Cast, boss: User, said: Message, at_desk: AtDesk) -> None:
    desk = at_desk(boss)
    for path in (f"accounts/user/{cast.bob.pk}/change/", f"chat/room/{cast.den.pk}/change/"):
        page = desk.get(f"/admin/{path}").content.decode()
        assert found(page, SECRET, DEN) == [True, True]
        assert {"accounts/user", "chat/message"} <= links(page)
