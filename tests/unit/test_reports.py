"""Reports: made by anyone, gathered, dealt with, and told of."""

from typing import Any

import pytest

from accounts.models import User
from chat.actions.direct import open_direct_room
from chat.actions.messages import delete_message
from live import publisher
from moderation.actions import reports as module
from moderation.actions.reports import close_case, report_message, report_person, reports_of, take_case
from moderation.models import Case, Report
from tests.unit.cast import Cast, say
from tests.unit.test_moderation import refusal

__all__ = ["publisher"]


def test_reports_of_the_same_are_one_case(cast: Cast) -> None:
    message = say(cast.bob, cast.square, "nasty")
    report_message(cast.ann, message.pk, "harassment", "look at this")
    report_message(cast.gus, message.pk, "spam")
    report_message(cast.gus, message.pk, "hate")
    case = Case.objects.get()
    assert (case.report_count, case.reports.count(), case.person_id) == (2, 2, cast.bob.pk)
    assert case.reports.get(by=cast.gus).reason == "hate"
    report_person(cast.ann, cast.bob.pk, "spam")
    assert Case.objects.count() == 2


def test_a_report_keeps_the_text_as_it_was(cast: Cast) -> None:
    message = say(cast.bob, cast.square, "nasty")
    report_message(cast.ann, message.pk, "harassment")
    delete_message(cast.bob.pk, message.pk)
    assert Report.objects.get().quote == "nasty"


def test_what_cannot_be_reported(cast: Cast) -> None:
    secret, own = say(cast.ann, cast.den), say(cast.bob, cast.square)
    assert refusal(report_message, cast.eve, secret.pk, "spam") == "not_found"
    assert refusal(report_message, cast.bob, own.pk, "spam") == "invalid"
    assert refusal(report_message, cast.ann, own.pk, "because") == "invalid"
    assert refusal(report_message, cast.ann, own.pk, "spam", "x" * 501) == "invalid"
    assert refusal(report_person, cast.ann, cast.ann.pk, "spam") == "invalid"
    assert refusal(report_person, cast.ann, 10**6, "spam") == "not_found"


def test_a_message_of_a_private_chat_can_be_reported_by_who_got_it(cast: Cast) -> None:
    chat = open_direct_room(cast.ann, cast.bob.pk)
    message = say(cast.bob, chat, "psst")
    report_message(cast.ann, message.pk, "harassment")
    assert refusal(report_message, cast.gus, message.pk, "spam") == "not_found"


@pytest.mark.django_db(transaction=True)
def test_the_reporter_is_told_of_the_outcome(real_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(module, "publish", lambda item: told.append((item["group"], item["events"])))
    boss = User.objects.create_user("boss", "a good long password", is_staff=True, is_superuser=True)
    message = say(real_cast.bob, real_cast.square, "nasty")
    report_message(real_cast.ann, message.pk, "harassment")
    case = Case.objects.get()
    take_case(boss, case.pk)
    assert reports_of(real_cast.ann)[0]["status"] == "taken"
    close_case(boss, case.pk, "acted", "muted for a day")
    ((group, events),) = told
    assert group == f"user.{real_cast.ann.pk}"
    assert '"report.closed"' in events
    assert "muted for a day" not in events
    assert reports_of(real_cast.ann)[0]["outcome"] == "acted"
    assert refusal(close_case, boss, case.pk, "dismissed") == "invalid"
    report_message(real_cast.ann, message.pk, "harassment")
    assert Case.objects.count() == 2


def test_dealing_with_reports_takes_the_right(cast: Cast, mod: User) -> None:
    report_person(cast.ann, cast.bob.pk, "spam")
    case = Case.objects.get()
    assert refusal(take_case, cast.mia, case.pk) == "forbidden"
    assert refusal(close_case, mod, case.pk, "whatever") == "invalid"
    assert take_case(mod, case.pk).taken_by == mod
