"""The log of what moderators did: what was tampered with is found."""

from collections.abc import Callable
from io import StringIO
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit import chain
from audit.log import record
from audit.models import Entry, Head, Verb
from database.threads import close_connections
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


def forge(log: list[Entry], number: int, **fields: Any) -> None:
    """Append an entry without the head."""
    values = {"number": number, "at": log[-1].at, "verb": "ban", "previous": log[-1].digest, "digest": "00"}
    Entry.objects.create(**values | fields)


def set_back(log: list[Entry], number: int) -> None:
    """Have the head say that an earlier entry is the last."""
    Entry.objects.filter(number=number + 1).update(reason="FORGED")
    Head.objects.update(number=number, digest=log[number - 1].digest if number else "")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda log: set_back(log, 3), "Entry 4 stands after"),
        (lambda log: set_back(log, 0), "Entry 1 stands after"),
        (lambda log: Head.objects.update(number=4, digest=log[3].digest), "Entry 5 stands after"),
        (lambda log: forge(log, 6), "Entry 6 stands after"),
        (lambda log: forge(log, 9), "Entry 9 stands after"),
    ],
)
def test_what_stands_after_the_head_is_named(log: list[Entry], harm: Callable[[list[Entry]], Any], said: str) -> None:
    harm(log)
    for arguments in ((), ("--expect", f"5:{log[4].digest}"), ("--expect", "6:00")):
        with pytest.raises(CommandError, match=said):
            verify(*arguments)


@pytest.mark.parametrize("noted", ["6:00", "0:", "5", "x:y", "5:00", "²:00"])
def test_what_was_noted_must_be_among_what_was_checked(log: list[Entry], noted: str) -> None:
    with pytest.raises(CommandError, match="written anew"):
        verify("--expect", noted)


def test_acts_go_on_while_a_log_is_checked(real_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(5):
        last = record(real_cast.ann, Verb.BAN, real_cast.bob, "spam")
    plain, looked_at = chain.digest_of, []

    def act() -> None:
        record(real_cast.mia, Verb.BAN, real_cast.gus, "meanwhile")
        close_connections()

    def meanwhile(entry: Entry) -> str:
        looked_at.append(entry.number)
        thread = Thread(target=act)
        thread.start()
        thread.join()
        return plain(entry)

    monkeypatch.setattr(chain, "AT_ONCE", 1)
    monkeypatch.setattr(chain, "digest_of", meanwhile)
    assert f"5 entries, none tampered with. The last is 5:{last.digest}" in verify()
    assert looked_at == [1, 2, 3, 4, 5]
    monkeypatch.undo()
    assert "10 entries, none tampered with. The last is 10:" in verify("--expect", f"5:{last.digest}")


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
