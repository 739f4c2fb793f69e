"""The log of what moderators did: what was tampered with is found."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.log import record
from audit.models import Entry, Head, Verb
from tests.unit.cast import Cast


@pytest.fixture
def log(cast: Cast) -> list[Entry]:
    """Five entries."""
    reasons = ["spam", "", "“quoted” 你好", "x" * 500, "last"]
    return [record(cast.ann, Verb.BAN, cast.bob, why, people=[cast.bob.pk], until=None) for why in reasons]


def verify(*arguments: str) -> str:
    """Return what `manage.py verify_audit` prints."""
    printed = StringIO()
    call_command("verify_audit", *arguments, stdout=printed)
    return printed.getvalue()


def test_a_log_as_it_was_written_is_fine(log: list[Entry]) -> None:
    assert "5 entries, none tampered with" in verify()
    assert f"5:{log[-1].digest}" in verify("--expect", f"3:{log[2].digest}")


def test_no_log_is_fine_too(cast: Cast) -> None:
    assert "0 entries" in verify()


@pytest.mark.parametrize(
    ("field", "value"),
    [("reason", "ham"), ("actor", "eve"), ("actor_id", 99), ("label", "gus"), ("verb", "mute"), ("object_id", "7"),
     ("kind", "room"), ("details", {"people": []}), ("previous", "0" * 64), ("digest", "f" * 64)],
)  # fmt: skip
def test_an_entry_that_was_changed_is_named(log: list[Entry], field: str, value: Any) -> None:
    Entry.objects.filter(number=3).update(**{field: value})
    with pytest.raises(CommandError, match="Entry 3 was changed"):
        verify()


def test_the_time_counts_too(log: list[Entry]) -> None:
    Entry.objects.filter(number=2).update(at=log[0].at)
    with pytest.raises(CommandError, match="Entry 2 was changed"):
        verify()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda: Entry.objects.filter(number=2).delete(), "Entry 2 is missing"),
        (lambda: Entry.objects.filter(number__gte=4).delete(), "Entry 4 and what followed it were cut off"),
        (lambda: Entry.objects.filter(number=1).delete(), "Entry 1 is missing"),
        (lambda: Head.objects.update(number=4), "Entry 4 is not the one"),
        (lambda: Head.objects.all().delete(), "Entry 5 is not the one"),
    ],
)
def test_an_entry_that_is_missing_is_named(log: list[Entry], harm: Callable[[], Any], said: str) -> None:
    harm()
    with pytest.raises(CommandError, match=said):
        verify()


def test_a_log_written_anew_is_not_the_one_that_was_noted(log: list[Entry], cast: Cast) -> None:
    noted = f"5:{log[-1].digest}"
    Entry.objects.all().delete()
    Head.objects.all().delete()
    for _number in range(5):
        record(cast.ann, Verb.BAN, cast.bob, "another story")
    assert "none tampered" in verify()
    with pytest.raises(CommandError, match="written anew"):
        verify("--expect", noted)


def test_what_two_databases_would_store_differently_is_no_part_of_an_entry(cast: Cast) -> None:
    with pytest.raises(ValueError, match="fraction"):
        record(cast.ann, Verb.OTHER, cast.bob, weights=[{"a": 0.5}])
    assert not Entry.objects.exists()
