"""The log is read as sentences, in the language of who reads; what is stored stays as it is."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from django.utils.html import strip_tags

from accounts.models import User
from audit.chain import digest_of, find_fault
from audit.log import record
from audit.models import Entry, Head, Verb
from chat.actions.memberships import change_role, expel_member, mute_member
from chat.actions.messages import delete_message
from chat.actions.rooms import edit_room
from chat.models import Room
from moderation.actions.access import sign_out_people
from moderation.actions.acts import undo_act
from moderation.actions.bans import ban_people, lift_bans
from moderation.actions.messages import restore_messages, take_down_messages
from moderation.actions.mutes import mute_people
from moderation.actions.profiles import reset_profiles
from moderation.actions.raids import undo_raid
from moderation.actions.reports import close_case, report_person, take_case
from moderation.actions.rooms import change_rooms
from moderation.admin.log_details import details_shown
from moderation.admin.log_sentences import sentence_of
from moderation.models import Case, Filter
from moderation.sight import read_by
from tests.unit.cast import Cast, change, say
from tests.unit.test_desk import with_rights

AtDesk = Callable[[User], Client]


def said(verb: str, language: str = "en") -> str:
    """Return the newest entry of a verb as a sentence."""
    with translation.override(language):
        return unescape(strip_tags(sentence_of(Entry.objects.filter(verb=verb).latest("number"))))


def tomorrow() -> Any:
    """Return when it is tomorrow."""
    return timezone.now() + timedelta(days=1)


def test_entries_are_sentences(cast: Cast, boss: User, mod: User) -> None:
    change(cast.square, name="Square")
    message = say(cast.bob, cast.square, "spam")
    assert said(Verb.STAFF) == "boss made mod a moderator"
    act = ban_people(mod, [cast.bob.pk], "x")
    assert said(Verb.BAN) == "mod banned bob"
    lift_bans(mod, [cast.bob.pk])
    assert said(Verb.UNBAN) == "mod lifted the ban of bob"
    ban_people(mod, [cast.bob.pk, cast.gus.pk], "x", until=tomorrow())
    assert said(Verb.BAN).startswith("mod banned bob, gus until ")
    undo_act(mod, act.pk)
    assert said(Verb.UNBAN) == "mod took back: ban: bob"
    mute_people(mod, [cast.rex.pk], tomorrow(), room_id=cast.square.pk)
    assert said(Verb.MUTE).startswith("mod muted rex in #Square until ")
    mute_people(mod, [cast.rex.pk], tomorrow())
    assert said(Verb.MUTE).startswith("mod muted rex everywhere until ")
    sign_out_people(mod, [cast.rex.pk])
    assert said(Verb.SIGN_OUT) == "mod signed rex out everywhere"
    take_down_messages(mod, [message.pk])
    assert said(Verb.TAKE_DOWN).startswith("mod took down in #")
    restore_messages(mod, [message.pk])
    assert said(Verb.RESTORE) == "mod restored 1 message"
    reset_profiles(mod, [cast.rex.pk], "x", nickname=True, picture=False)
    assert said(Verb.PROFILE) == "mod took the nickname away from rex"
    undo_raid(mod, [cast.eve.pk], "x")
    assert said(Verb.RAID) == "mod undid a raid of eve"


@pytest.mark.parametrize(
    ("change_it", "sentence"),
    [
        (lambda cast, mod: change_rooms(mod, [cast.square.pk], "lock"), "mod locked #Square: only moderators write"),
        (lambda cast, mod: change_rooms(mod, [cast.square.pk], "archive"), "mod archived #Square"),
        (lambda cast, _mod: edit_room(cast.ann, cast.square.pk, {"topic": "Tea"}), "ann changed the topic of #Square"),
        (lambda cast, _mod: edit_room(cast.ann, cast.square.pk, {"name": "Plaza"}), "ann renamed #Square to #Plaza"),
        (lambda cast, _mod: edit_room(cast.ann, cast.square.pk, {"archived": True}), "ann archived #Square"),
        (
            lambda cast, _mod: edit_room(cast.ann, cast.square.pk, {"topic": "Tea", "slow_mode": 30}),
            "ann changed #Square",
        ),
        (
            lambda cast, _mod: edit_room(cast.ann, cast.square.pk, {"slow_mode": 30}),
            "ann turned slow mode on in #Square",
        ),
    ],
)
def test_what_was_changed_about_a_room_is_said(cast: Cast, mod: User, change_it: Any, sentence: str) -> None:
    change(cast.square, name="Square")
    change_it(cast, mod)
    assert said(Verb.ROOM) == sentence


def test_what_a_room_was_called_stays_with_those_who_may_know(cast: Cast, mod: User, boss: User) -> None:
    change(cast.den, name="den")
    edit_room(cast.ann, cast.den.pk, {"name": "Hideout", "topic": "Shh"})
    entry = Entry.objects.get(verb=Verb.ROOM)
    assert entry.details["was"] == {"name": "den", "topic": ""}
    edit_room(cast.ann, cast.den.pk, {"name": "Attic"})
    for reader, is_shown in ((mod, True), (with_rights(boss, "view_entry"), False)):
        with read_by(reader):
            for each in Entry.objects.filter(verb=Verb.ROOM):
                shown = sentence_of(each) + details_shown(each)
                assert ("Hideout" in shown, "Attic" in shown) == (is_shown, is_shown and each.pk != entry.pk)


def test_what_is_done_in_rooms_and_about_reports_and_filters_is_said(cast: Cast, mod: User) -> None:
    change(cast.square, name="Square")
    mute_member(cast.mia, cast.square.pk, cast.bob.pk, tomorrow())
    assert said(Verb.MUTE).startswith("mia muted bob in #Square until ")
    change_role(cast.ann, cast.square.pk, cast.bob.pk, "moderator")
    assert said(Verb.ROLE) == "ann made bob a moderator of #Square"
    report_person(cast.ann, cast.gus.pk, "spam")
    take_case(mod, Case.objects.get().pk)
    assert said(Verb.REPORT) == "mod took the report about gus"
    close_case(mod, Case.objects.get().pk, "dismissed")
    assert said(Verb.REPORT) == "mod closed the report about gus: nothing had to be done"
    record(mod, Verb.FILTER, Filter.objects.create(name="rude", kind="words", terms="darn"), is_on=True)
    assert said(Verb.FILTER) == "mod saved the filter rude: on"
    record(mod, Verb.OTHER, Room.objects.get(pk=cast.square.pk))
    assert said(Verb.OTHER) == "mod did something else: #Square"


def test_in_chinese_there_is_no_english_in_it(cast: Cast, boss: User, mod: User, at_desk: AtDesk) -> None:
    act = ban_people(mod, [cast.bob.pk], "骚扰", until=tomorrow())
    undo_act(mod, act.pk)
    assert said(Verb.UNBAN, "zh-hans") == "mod 撤回了：封禁：bob"
    assert said(Verb.STAFF, "zh-hans") == "boss 将 mod 设为管理员"
    shown = []
    with translation.override("zh-hans"):
        shown = [unescape(strip_tags(details_shown(entry).replace("<li>", " "))) for entry in Entry.objects.all()]
    words = set(re.findall(r"[a-zA-Z]+", " ".join(shown)))
    assert words <= {"bob", "mod", "boss", "Moderators"}
    change(boss, language="zh-hans")
    desk = at_desk(User.objects.get(pk=boss.pk))
    entry = Entry.objects.get(verb=Verb.BAN)
    page = desk.get(f"/admin/audit/entry/{entry.pk}/change/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "封禁了" in page
    assert "until" not in page.partition('class="details"')[2].partition("</ul>")[0]


def test_details_name_people_rooms_and_messages_and_link_them(cast: Cast, mod: User, at_desk: AtDesk) -> None:
    change(cast.square, name="Square")
    message = say(cast.bob, cast.square, "spam")
    take_down_messages(mod, [message.pk])
    mute_people(mod, [cast.bob.pk, cast.gus.pk], tomorrow(), room_id=cast.square.pk)
    taken, muted = (Entry.objects.get(verb=verb) for verb in (Verb.TAKE_DOWN, Verb.MUTE))
    with read_by(mod):
        assert f'href="/admin/chat/message/{message.pk}/change/"' in details_shown(taken)
        listed = details_shown(muted)
    assert re.search(r"<span>people</span> <a [^>]*>bob</a>, <a [^>]*>gus</a>", listed)
    assert re.search(r"<span>room</span> <a [^>]*>#Square</a>", listed)
    assert re.search(r"<span>until</span> \d", listed)
    page = at_desk(mod).get(f"/admin/audit/entry/{muted.pk}/change/").content.decode()
    assert "{" not in page.partition('class="details"')[2].partition("</ul>")[0]


def test_what_nobody_foresaw_is_shown_as_it_is_and_escaped(cast: Cast, mod: User) -> None:
    entry = record(mod, Verb.OTHER, cast.bob, label="<b>{who}</b>", odd={"a": 1}, text="<i>")
    shown = f"{sentence_of(entry)}{details_shown(entry)}"
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "{who}" in unescape(shown)


def test_reading_changes_nothing_of_what_is_stored(cast: Cast, mod: User, at_desk: AtDesk) -> None:
    ban_people(mod, [cast.bob.pk], "x")
    before = json.dumps(list(Entry.objects.order_by("number").values("number", "details", "digest", "label")))
    desk = at_desk(mod)
    assert desk.get("/admin/audit/entry/").status_code == 200
    for entry in Entry.objects.all():
        assert desk.get(f"/admin/audit/entry/{entry.pk}/change/").status_code == 200
        assert digest_of(entry) == entry.digest
    assert json.dumps(list(Entry.objects.order_by("number").values("number", "details", "digest", "label"))) == before
    assert find_fault(Entry.objects.order_by("number"), Head.objects.first()) is None


def test_a_persons_page_shows_what_was_done_about_him_in_rooms(
    cast: Cast, boss: User, mod: User, at_desk: AtDesk
) -> None:
    change(cast.square, name="Square")
    message = say(cast.bob, cast.square, "spam and more")
    delete_message(cast.mia.pk, message.pk)
    mute_member(cast.mia, cast.square.pk, cast.bob.pk, tomorrow())
    mute_people(mod, [cast.bob.pk], tomorrow(), "at the desk")
    expel_member(cast.ann, cast.square.pk, cast.bob.pk)
    page = unescape(strip_tags(at_desk(mod).get(f"/admin/accounts/user/{cast.bob.pk}/change/").content.decode()))
    shown = page.partition("In rooms")[2]
    for sentence in (
        "ann removed bob from #Square", "mia muted bob in #Square until", "mia took down in #Square: spam and more",
    ):  # fmt: skip
        assert sentence in shown
    assert "everywhere" not in shown
    other = at_desk(mod).get(f"/admin/accounts/user/{cast.gus.pk}/change/").content.decode()
    assert "In rooms" not in other


def test_a_persons_page_says_where_each_message_was_written(cast: Cast, mod: User, at_desk: AtDesk) -> None:
    change(cast.square, name="Square")
    change(cast.den, name="Den")
    say(cast.bob, cast.square, "spam and more")
    say(cast.bob, cast.den, "and here too")
    page = at_desk(mod).get(f"/admin/accounts/user/{cast.bob.pk}/change/").content.decode()
    shown = page.partition('class="messages-shown"')[2].partition("</ol>")[0]
    lines = [line for line in shown.split("<li") if "spam and more" in line or "and here too" in line]
    assert [re.findall(r'href="/admin/chat/room/(\d+)/change/">(#\w+)</a>', line) for line in lines] == [
        [(str(cast.den.pk), "#Den")], [(str(cast.square.pk), "#Square")],
    ]  # fmt: skip
