"""The lists of the desk: narrowed down by what is offered there, and by nothing else that an address says."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from accounts.models import User
from chat.actions.messages import delete_message
from chat.models import Message
from moderation.actions.bans import ban_people
from moderation.actions.reports import report_message
from moderation.models import Filter
from tests.unit.cast import Cast, say

AtDesk = Callable[[User], Client]
LISTS = (
    "chat/message", "chat/room", "accounts/user", "moderation/act", "moderation/case", "moderation/filter",
    "moderation/heldmessage", "audit/entry", "auth/group",
)  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        "accounts/user/?password__regex=^pbkdf2", "accounts/user/?password__startswith=pbkdf2",
        "accounts/user/?password__gte=pbkdf2", "accounts/user/?nickname__regex=^(a|aa)%2B$",
        "accounts/user/?id__exact=1&password=x", "chat/message/?body__regex=^(a|aa)%2B$",
        "chat/message/?author__password__startswith=p", "chat/message/?author__nickname__regex=x",
        "chat/room/?name__iregex=x", "moderation/act/?reason__regex=x", "moderation/filter/?terms__regex=x",
        "audit/entry/?label__regex=x", "auth/group/?name__regex=x", "accounts/admission/?guests__regex=x",
    ],
)  # fmt: skip
def test_nothing_is_asked_for_letter_by_letter_or_by_a_pattern(boss: User, at_desk: AtDesk, asked: str) -> None:
    assert at_desk(boss).get(f"/admin/{asked}").status_code == 400


@pytest.mark.parametrize("name", LISTS)
def test_what_is_offered_beside_a_list_narrows_it_down(cast: Cast, boss: User, at_desk: AtDesk, name: str) -> None:
    message = say(cast.bob, cast.square, "harmless")
    Filter.objects.create(name="one", kind="words", terms="casino")
    report_message(cast.ann, message.pk, "spam", "")
    ban_people(boss, [cast.gus.pk], reason="spam")
    delete_message(cast.bob.pk, message.pk)
    desk = at_desk(boss)
    page = unescape(desk.get(f"/admin/{name}/").content.decode())
    for link in set(re.findall(r'href="(\?[^"]+)"', page)):
        assert desk.get(f"/admin/{name}/{link}").status_code == 200, link


def test_lists_that_other_pages_link_to(cast: Cast, mod: User, at_desk: AtDesk) -> None:
    say(cast.bob, cast.square, "from bob, in the square")
    say(cast.ann, cast.den, "from ann, in the den")
    desk = at_desk(mod)
    for query, shown in (
        (f"author__id__exact={cast.bob.pk}", "from bob, in the square"),
        (f"room__id__exact={cast.den.pk}", "from ann, in the den"),
    ):
        page = desk.get(f"/admin/chat/message/?{query}").content.decode()
        assert [text for text in ("from bob, in the square", "from ann, in the den") if text in page] == [shown]


@pytest.mark.parametrize("pk", ["abc", "1" * 30, "-1", "1 or 1", "\u0661"])
def test_what_is_no_id_is_refused(cast: Cast, mod: User, at_desk: AtDesk, pk: str) -> None:
    say(cast.bob, cast.square, "harmless")
    form = {"action": "take_down", "index": "0", "_selected_action": [pk]}
    assert at_desk(mod).post("/admin/chat/message/", form).status_code == 400
    assert not Message.objects.exclude(deleted_at=None).exists()


@pytest.mark.parametrize(
    "asked",
    [
        "accounts/user/?came=" + "9" * 9, "accounts/user/?came=" + "9" * 5000, "chat/message/?written=" + "9" * 15,
        "chat/message/?room=" + "9" * 30, "chat/message/?author=" + "9" * 30, "chat/message/?author_came=" + "9" * 15,
        "audit/entry/?at__year=" + "9" * 30, "audit/entry/?at__year=" + "9" * 12,
        "audit/entry/?at__year=9999", "audit/entry/?at__year=0", "audit/entry/?at__month=x",
        "chat/message/?room=" + "9" * 30 + "&room=1", "chat/message/?q=" + "in:a+" * 1200,
        *(f"{name}/?q=" + "a+" * 2000 for name in LISTS),
    ],
)  # fmt: skip
def test_numbers_and_searches_without_measure_are_no_errors(boss: User, at_desk: AtDesk, asked: str) -> None:
    assert at_desk(boss).get(f"/admin/{asked}", follow=True).status_code == 200


def test_nothing_is_completed_as_one_types(cast: Cast, boss: User, at_desk: AtDesk) -> None:
    say(cast.bob, cast.den, "secret")
    asked = {"app_label": "moderation", "model_name": "case", "field_name": "message", "term": "secret"}
    assert at_desk(boss).get("/admin/autocomplete/", asked).status_code == 404
