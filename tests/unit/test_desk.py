"""What the desk shows before an act is done, what it offers, and what it refuses at once."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chat.actions.memberships import join_room
from chat.actions.messages import delete_message
from chat.models import Message
from moderation.actions.acts import undo_act
from moderation.actions.bans import ban_people, lift_bans
from moderation.actions.messages import take_down_messages
from moderation.actions.mutes import mute_people
from moderation.actions.profiles import reset_profiles
from moderation.actions.reports import report_message, report_person
from moderation.actions.rooms import change_rooms
from moderation.actions.staff import make_moderators
from moderation.models import Act, ActItem, ActKind, Case, Filter
from tests.unit.cast import Cast, change, say, say_many

AtDesk = Callable[[User], Client]
MESSAGES, PEOPLE, ACTS, ROOMS = (
    "/admin/chat/message/", "/admin/accounts/user/", "/admin/moderation/act/", "/admin/chat/room/",
)  # fmt: skip


def open_form(desk: Client, where: str, name: str, *ids: int, **fields: Any) -> str:
    """Choose an act for things of a list; return the page that comes, as it is read."""
    form = {"action": name, "index": "0", "select_across": "0", "_selected_action": [str(pk) for pk in ids]}
    page = desk.post(where, form | fields, follow=True)
    return unescape(page.content.decode())


def page_of(desk: Client, where: str, pk: int) -> str:
    """Return a thing's own page."""
    return unescape(desk.get(f"{where}{pk}/change/").content.decode())


def offered(page: str) -> set[str]:
    """Return the acts that a page has buttons for."""
    return set(re.findall(r'name="action" value="(\w+)"', page))


def chosen(page: str) -> list[str]:
    """Return what a page asks about, as it is read."""
    (listed,) = re.findall(r'<ul class="chosen">(.*?)</ul>', page, re.DOTALL)
    return [
        " ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in re.findall(r"<li>(.*?)</li>", listed, re.DOTALL)
    ]


def fresh(thing: Any) -> Any:
    """Return a row as it is stored now."""
    return type(thing).objects.get(pk=thing.pk)


# Before it is done.


@pytest.mark.parametrize("act", ["take_down", "restore"])
def test_who_takes_down_or_restores_reads_who_wrote_what_where_and_when(
    cast: Cast, mod: User, at_desk: AtDesk, act: str
) -> None:
    change(cast.square, name="Square")
    message = say(cast.bob, cast.square, "Buy my watches " + "x" * 300)
    change(message, created_at=timezone.now().replace(year=2024, month=3, day=5))
    if act == "restore":
        take_down_messages(mod, [message.pk])
    (line,) = chosen(open_form(at_desk(mod), MESSAGES, act, message.pk))
    for part in ("bob", "#Square", "2024", "Buy my watches"):
        assert part in line
    assert len(line) < 220


def test_of_many_twenty_are_shown_and_the_others_counted(cast: Cast, mod: User, at_desk: AtDesk) -> None:
    said = say_many(cast.bob, cast.square, 23, "word")
    lines = chosen(open_form(at_desk(mod), MESSAGES, "take_down", *(message.pk for message in said)))
    assert len(lines) == 21
    assert "word 0" in lines[0]
    assert lines[-1] == "and 3 more"


def test_taking_down_closes_the_reports_about_it_unless_one_does_not_want_that(
    cast: Cast, mod: User, at_desk: AtDesk
) -> None:
    desk = at_desk(mod)
    first, second, quiet = (say(cast.bob, cast.square, text) for text in ("one", "two", "three"))
    for reporter in (cast.ann, cast.gus):
        report_message(reporter, first.pk, "spam")
    report_message(cast.ann, second.pk, "spam")
    report_person(cast.ann, cast.bob.pk, "spam")
    asked = open_form(desk, MESSAGES, "take_down", first.pk)
    assert "Close the 2 open reports about it" in asked
    assert re.search(r'name="close_reports"[^>]* checked', asked)
    assert "close_reports" not in open_form(desk, MESSAGES, "take_down", quiet.pk)
    told = open_form(desk, MESSAGES, "take_down", first.pk, apply="1", reason="ads", close_reports="on")
    assert "2 reports closed" in told
    open_form(desk, MESSAGES, "take_down", second.pk, apply="1", reason="ads")
    assert fresh(second).deleted_at
    by_message = {case.message_id: case for case in Case.objects.all()}
    closed = by_message[first.pk]
    assert (closed.status, closed.outcome, closed.note, closed.taken_by) == ("closed", "acted", "ads", mod)
    assert {by_message[second.pk].status, by_message[None].status} == {"open"}
    undo_act(mod, Act.objects.filter(items__object_id=first.pk).latest("pk").pk)
    assert fresh(closed).status == "closed"


def test_reports_are_closed_only_by_who_has_the_right_to(cast: Cast, boss: User, at_desk: AtDesk) -> None:
    keeper = with_rights(boss, "take_down_messages", "view_message", "view_user")
    message = say(cast.bob, cast.square)
    report_message(cast.ann, message.pk, "spam")
    assert "close_reports" not in open_form(at_desk(keeper), MESSAGES, "take_down", message.pk)
    take_down_messages(keeper, [message.pk], close_reports=True)
    assert Case.objects.get().status == "open"


def with_rights(boss: User, *names: str) -> User:
    """Return a moderator with these rights alone."""
    group = Group.objects.create(name=" ".join(names)[:100])
    group.permissions.set(Permission.objects.filter(codename__in=names))
    user = User.objects.create_user("keeper", "a good long password")
    make_moderators(boss, [user.pk], groups=[group])
    return User.objects.get(pk=user.pk)


# What is offered, and refused at once.


def test_nothing_is_offered_about_people_at_or_above_the_own_standing_and_the_page_says_why(
    cast: Cast, boss: User, mod: User, at_desk: AtDesk
) -> None:
    other = User.objects.create_user("other", "a good long password", is_staff=True)
    desk = at_desk(mod)
    for person, why in (
        (boss, "boss is an administrator: nobody acts on administrators here."),
        (other, "other is a moderator: only administrators act on moderators."),
        (mod, "This is you"),
    ):
        page = page_of(desk, PEOPLE, person.pk)
        assert offered(page) == set()
        assert why in page
    assert "ban" in offered(page_of(desk, PEOPLE, cast.bob.pk))
    assert "ban" in offered(page_of(at_desk(boss), PEOPLE, other.pk))


@pytest.mark.parametrize("act", ["ban", "mute", "unmute", "sign_out", "reset_profile", "lift_ban"])
def test_a_form_about_somebody_above_does_not_open(
    cast: Cast, boss: User, mod: User, at_desk: AtDesk, act: str
) -> None:
    page = open_form(at_desk(mod), PEOPLE, act, cast.bob.pk, boss.pk)
    assert "You may not act on: boss" in page
    assert 'name="apply"' not in page
    assert 'name="apply"' in open_form(at_desk(mod), PEOPLE, act, cast.bob.pk)


def test_forms_that_would_be_refused_for_another_reason_do_not_open(cast: Cast, boss: User, at_desk: AtDesk) -> None:
    desk = at_desk(boss)
    change(cast.square, is_default=True)
    for where, act, pk, why in (
        (PEOPLE, "make_moderator", cast.gus.pk, "Only people with a password"),
        (PEOPLE, "make_admin", cast.rex.pk, "Only people with a password"),
        (PEOPLE, "step_down", cast.gus.pk, "for everybody to decide alone"),
        (ROOMS, "archive", cast.square.pk, "everyone is in cannot be archived"),
    ):
        page = open_form(desk, where, act, pk)
        assert why in page
        assert 'name="apply"' not in page


def test_messages_of_people_above_and_what_their_authors_deleted_are_left_alone(
    cast: Cast, boss: User, mod: User, at_desk: AtDesk
) -> None:
    join_room(boss, cast.square.pk)
    above, own, down = say(boss, cast.square), say(cast.bob, cast.square), say(cast.bob, cast.square)
    delete_message(cast.bob.pk, own.pk)
    take_down_messages(boss, [down.pk])
    desk = at_desk(mod)
    for message, act, why in (
        (above, "take_down", "nobody acts on administrators"),
        (own, "restore", "Its author deleted it"),
        (down, "restore", "Somebody above you took it down"),
    ):
        page = page_of(desk, MESSAGES, message.pk)
        assert offered(page) == set()
        assert why in page
        assert 'name="apply"' not in open_form(desk, MESSAGES, act, message.pk)
    assert "restore" in offered(page_of(at_desk(boss), MESSAGES, down.pk))


def test_a_report_offers_only_what_one_has_the_right_to(cast: Cast, boss: User, at_desk: AtDesk) -> None:
    keeper = with_rights(boss, "view_case", "change_case", "mute_people", "view_user")
    message = say(cast.bob, cast.square)
    report_message(cast.ann, message.pk, "spam")
    page = page_of(at_desk(keeper), "/admin/moderation/case/", Case.objects.get().pk)
    assert offered(page) == {"take", "act_done", "dismiss", "mute"}
    ban_people(boss, [cast.gus.pk], "x")
    assert "take_away" not in open_form(at_desk(with_rights_to_ban(boss)), PEOPLE, "ban", cast.bob.pk)


def with_rights_to_ban(boss: User) -> User:
    """Return a moderator who bans, and takes nothing down."""
    group = Group.objects.create(name="Doorkeepers")
    group.permissions.set(Permission.objects.filter(codename__in=["ban_people", "view_user"]))
    user = User.objects.create_user("doorkeeper", "a good long password")
    make_moderators(boss, [user.pk], groups=[group])
    return User.objects.get(pk=user.pk)


def test_what_asks_nothing_is_done_with_one_click(cast: Cast, mod: User, at_desk: AtDesk) -> None:
    report_message(cast.ann, say(cast.bob, cast.square).pk, "spam")
    case = Case.objects.get()
    assert "Taken." in open_form(at_desk(mod), "/admin/moderation/case/", "take", case.pk)
    assert fresh(case).taken_by == mod


# What has ended.


def soon() -> Any:
    """Return when it is tomorrow."""
    return timezone.now() + timedelta(days=1)


def test_a_ban_that_was_lifted_says_by_whom_and_when_in_place_of_take_back(
    cast: Cast, mod: User, boss: User, at_desk: AtDesk
) -> None:
    act = ban_people(mod, [cast.bob.pk], "spam")
    desk = at_desk(mod)
    assert offered(page_of(desk, ACTS, act.pk)) == {"take_back"}
    lift_bans(boss, [cast.bob.pk])
    page = page_of(desk, ACTS, act.pk)
    assert offered(page) == set()
    assert re.search(r'class="why-not">lifted by <a [^>]*>boss</a>, .*\d{4}', page)
    assert re.search(r"lifted by <a [^>]*>boss</a>", page_of(desk, PEOPLE, cast.bob.pk))
    assert "lifted by" in unescape(desk.get(ACTS).content.decode())
    refused = open_form(desk, ACTS, "take_back", act.pk)
    assert "Lifted by boss" in refused
    assert 'name="apply"' not in refused


def test_what_was_taken_down_with_a_ban_can_still_come_back_once_that_was_lifted(
    cast: Cast, mod: User, at_desk: AtDesk
) -> None:
    message = say(cast.bob, cast.square)
    act = ban_people(mod, [cast.bob.pk], "spam", hours=1)
    lift_bans(mod, [cast.bob.pk])
    page = page_of(at_desk(mod), ACTS, act.pk)
    assert offered(page) == {"take_back"}
    assert "lifted by" in page
    undo_act(mod, act.pk)
    assert fresh(message).deleted_at is None


def test_lifting_a_ban_offers_to_bring_back_what_was_taken_down_with_it(cast: Cast, mod: User, at_desk: AtDesk) -> None:
    said, others = [say(cast.bob, cast.square, text) for text in "ab"], say(cast.gus, cast.square, "c")
    desk = at_desk(mod)
    ban_people(mod, [cast.bob.pk, cast.gus.pk], "the wrong one", hours=1)
    asked = open_form(desk, PEOPLE, "lift_ban", cast.bob.pk)
    assert "Bring back the 2 messages that were taken down with the ban" in asked
    assert re.search(r'name="bring_back"[^>]* checked', asked)
    told = open_form(desk, PEOPLE, "lift_ban", cast.bob.pk, apply="1", bring_back="on")
    assert "1 ban lifted. 2 messages are back." in told
    assert [fresh(message).deleted_at for message in said] == [None, None]
    assert not fresh(cast.gus).is_active
    told = open_form(desk, PEOPLE, "lift_ban", cast.gus.pk, apply="1")
    assert "1 message that was taken down with the ban stays down." in told
    assert fresh(others).deleted_at
    ban_people(mod, [cast.bob.pk], "x")
    assert "bring_back" not in open_form(desk, PEOPLE, "lift_ban", cast.bob.pk)


def test_what_is_brought_back_with_a_ban_takes_that_right_too(cast: Cast, boss: User, at_desk: AtDesk) -> None:
    message, keeper = say(cast.bob, cast.square), with_rights_to_ban(boss)
    ban_people(keeper, [cast.bob.pk], "x")
    waiting = Act.objects.latest("pk")
    ActItem.objects.create(act=waiting, kind="message", object_id=message.pk)
    change(message, deleted_at=waiting.at, deleted_by=keeper)
    assert "bring_back" not in open_form(at_desk(keeper), PEOPLE, "lift_ban", cast.bob.pk)
    assert "stays down" in open_form(at_desk(keeper), PEOPLE, "lift_ban", cast.bob.pk, apply="1", bring_back="on")
    assert fresh(message).deleted_at


def test_what_ran_out_or_was_ended_or_taken_back_says_so(cast: Cast, mod: User, boss: User, at_desk: AtDesk) -> None:
    desk, past = at_desk(mod), timezone.now() - timedelta(minutes=1)
    over = ban_people(mod, [cast.bob.pk], "spam", until=soon())
    change(over, until=past)
    ended = mute_people(mod, [cast.gus.pk], soon())
    mute_people(boss, [cast.gus.pk], None)
    undone = ban_people(mod, [cast.rex.pk], "x")
    undo_act(boss, undone.pk)
    for act, why in ((over, "ran out, "), (ended, "lifted by <a"), (undone, "taken back by <a")):
        page = page_of(desk, ACTS, act.pk)
        assert offered(page) == set()
        assert f'class="why-not">{why}' in page


def test_what_an_act_did_to_a_room_and_why_it_was_taken_back_is_said(cast: Cast, mod: User, at_desk: AtDesk) -> None:
    desk = at_desk(mod)
    for change_of_it, said in (
        ("lock", "locking"), ("unlock", "unlocking"),
        ("archive", "archiving"), ("restore", "bringing back from the archive"),
    ):  # fmt: skip
        act = change_rooms(mod, [cast.square.pk], change_of_it)
        assert f">{said}<" in unescape(desk.get(ACTS).content.decode())
        assert f"{said}: #{cast.square}" in page_of(desk, ACTS, act.pk)
    undo_act(mod, act.pk, "a misunderstanding")
    assert "a misunderstanding" in page_of(desk, ACTS, act.pk)


def test_an_act_of_which_nothing_is_left_is_not_offered_to_be_taken_back(
    cast: Cast, mod: User, boss: User, at_desk: AtDesk
) -> None:
    desk, message = at_desk(mod), say(cast.bob, cast.square)
    acts = {
        take_down_messages(mod, [message.pk]): lambda: Message.objects.update(deleted_at=None, deleted_by=None),
        change_rooms(mod, [cast.square.pk], "lock"): lambda: change(cast.square, is_read_only=False),
        reset_profiles(mod, [cast.bob.pk], "x", nickname=True, picture=False): lambda: change(
            cast.bob, nickname="Robert", nickname_key="robert"
        ),
    }
    for act, change_again in acts.items():
        assert offered(page_of(desk, ACTS, act.pk)) == {"take_back"}, act
        change_again()
        page = page_of(desk, ACTS, act.pk)
        assert offered(page) == set(), act
        assert "it has been changed again since" in page


def test_a_lifted_ban_of_an_earlier_version_is_known_too(cast: Cast, mod: User, at_desk: AtDesk) -> None:
    act = ban_people(mod, [cast.bob.pk], "spam")
    lift_bans(mod, [cast.bob.pk])
    ActItem.objects.filter(act=act).update(before={"lifted": True})
    assert 'class="why-not">lifted</p>' in page_of(at_desk(mod), ACTS, act.pk)


def test_of_two_who_were_banned_one_is_let_in_and_the_act_goes_on(cast: Cast, mod: User, at_desk: AtDesk) -> None:
    act = ban_people(mod, [cast.bob.pk, cast.gus.pk], "spam")
    lift_bans(mod, [cast.bob.pk])
    desk = at_desk(mod)
    assert offered(page_of(desk, ACTS, act.pk)) == {"take_back"}
    assert "lifted by" in page_of(desk, PEOPLE, cast.bob.pk)
    assert "lifted by" not in page_of(desk, PEOPLE, cast.gus.pk)
    assert Act.objects.get(kind=ActKind.BAN).undone_at is None


# Filters.


def test_a_filter_is_rehearsed_before_it_is_saved(cast: Cast, mod: User, boss: User, at_desk: AtDesk) -> None:
    say(cast.bob, cast.square, "d.a.r.n it")
    say(cast.bob, cast.square, "fine")
    desk, where = at_desk(mod), "/admin/moderation/filter/"
    form = {"name": "rude", "kind": "words", "terms": "darn", "response": "refuse", "newer_than": "0"}
    assert 'name="_rehearse"' in desk.get(f"{where}add/").content.decode()
    page = desk.post(f"{where}add/", form | {"_rehearse": "1"}).content.decode()
    assert "It would have hit 0 messages · Looked at: 2" in page
    page = desk.post(f"{where}add/", form | {"_rehearse": "1", "spelled_apart": "on"}).content.decode()
    assert "It would have hit 1 message of 1 person · Looked at: 2" in page
    assert "d.a.r.n it" in page
    assert 'value="rude"' in page
    assert re.search(r'name="spelled_apart"[^>]* checked', page)
    assert not Filter.objects.exists()
    page = desk.post(f"{where}add/", form | {"_rehearse": "1", "terms": ""}).content.decode()
    assert "Say at least one word." in page
    assert "would have hit" not in page.partition("<form")[2].partition("fieldset")[0]
    desk.post(f"{where}add/", form)
    stored = Filter.objects.get()
    page = desk.post(f"{where}{stored.pk}/change/", form | {"_rehearse": "1", "terms": "fine"}).content.decode()
    assert "It would have hit 1 message" in page
    stored.refresh_from_db()
    assert stored.terms == "darn"
    looker = at_desk(with_rights(boss, "view_filter"))
    assert looker.post(f"{where}add/", form | {"_rehearse": "1"}).status_code == 403
    assert "Rehearse" in looker.get(f"{where}{stored.pk}/change/").content.decode()
