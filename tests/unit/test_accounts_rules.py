"""Small rules of accounts: origins, languages, and how much someone may do in a time."""

import threading
from collections import Counter
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import limits
from accounts.errors import RateLimited
from accounts.languages import supported_language
from accounts.limits import Limiter, Rate
from accounts.origins import is_allowed_origin


@pytest.fixture(autouse=True)
def _hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["chat.example", "localhost", "[::1]", "127.0.0.1"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://front.example"]


@pytest.mark.parametrize(
    ("origin", "host", "secure", "expected"),
    [
        ("https://chat.example", "chat.example", True, True),
        ("http://chat.example", "chat.example", False, True),
        ("http://localhost:8000", "localhost:8000", False, True),
        ("http://[::1]:8000", "[::1]:8000", False, True),
        ("https://front.example", "chat.example", True, True),
        ("https://front.example", "anything", False, True),
        ("http://chat.example", "chat.example", True, False),
        ("https://chat.example", "chat.example", False, False),
        ("https://chat.example:444", "chat.example", True, False),
        ("http://localhost:8001", "localhost:8000", False, False),
        ("https://evil.example", "chat.example", True, False),
        ("https://chat.example.evil.example", "chat.example", True, False),
        ("https://rebound.example", "rebound.example", True, False),
        ("https://chat.example/", "chat.example", True, False),
        ("null", "chat.example", True, False),
        ("", "chat.example", True, False),
        ("http://", "", False, False),
        ("https://front.example:8443", "chat.example", True, False),
        ("HTTPS://CHAT.EXAMPLE", "chat.example", True, False),
    ],
)
def test_which_pages_may_speak_to_us(origin: str, host: str, secure: bool, expected: bool) -> None:
    assert is_allowed_origin(origin, host, secure=secure) is expected


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"), ("en-GB", "en"), (" EN ", "en"), ("zh", "zh-hans"), ("zh-CN", "zh-hans"),
        ("zh-Hant-TW", "zh-hans"), ("fr", ""), ("", ""), ("*", ""), ("english", ""), ("e\x00n", ""),
    ],
)  # fmt: skip
def test_which_language_a_tag_stands_for(tag: str, language: str) -> None:
    assert supported_language(tag) == language


# Limits.


class Clock:
    """Stands for the module `time`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return the seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the limits."""
    clock = Clock()
    monkeypatch.setattr(limits, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


FIVE = Rate(5, 2)


def taken(limiter: Limiter, times: int, who: str = "ann", rate: Rate = FIVE) -> int:
    """Take `times` times; return how often it was allowed."""
    count = 0
    for _time in range(times):
        try:
            limiter.take(rate, who)
        except RateLimited:
            continue
        count += 1
    return count


def test_a_burst_is_allowed_and_then_so_many_a_second(clock: Clock) -> None:
    limiter = Limiter()
    assert taken(limiter, 20) == 5
    clock.now += 1.5
    assert taken(limiter, 20) == 3
    for pause in (30, 1000):
        clock.now += pause
        assert taken(limiter, 20) == 5


def test_everyone_and_everything_has_a_bucket_of_its_own(clock: Clock) -> None:
    limiter = Limiter()
    assert [taken(limiter, 9, who) for who in ("ann", "bob")] == [5, 5]
    assert taken(limiter, 9, "ann", Rate(3, 1)) == 3


def test_who_waits_as_long_as_told_is_served(clock: Clock) -> None:
    limiter = Limiter()
    taken(limiter, 5)
    for _time in range(10):
        with pytest.raises(RateLimited) as refused:
            limiter.take(FIVE, "ann")
        assert refused.value.retry_after is not None
        assert 0 < refused.value.retry_after <= 0.6
        clock.now += refused.value.retry_after
        limiter.take(FIVE, "ann")


def test_refusals_cost_nothing(clock: Clock) -> None:
    limiter = Limiter()
    taken(limiter, 500)
    clock.now += 0.5
    assert taken(limiter, 2) == 1


@given(st.lists(st.floats(0, 2), max_size=60))
def test_no_timing_gets_more_than_the_rate(waits: list[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        patch.setattr(limits, "time", SimpleNamespace(monotonic=clock.monotonic))
        limiter, count = Limiter(), 0
        for wait in waits:
            clock.now += wait
            count += taken(limiter, 3)
        assert count <= 5 + 2 * sum(waits) + 0.001


def test_full_buckets_are_forgotten_and_others_kept(clock: Clock) -> None:
    limiter, slow = Limiter(), Rate(5, 0.001)
    taken(limiter, 1, "ann")
    taken(limiter, 5, "bob", slow)
    clock.now += limits.SWEEP_SECONDS + 1
    taken(limiter, 1, "gus")
    assert {who for _rate, who in limiter._buckets} == {"bob", "gus"}
    assert taken(limiter, 5, "bob", slow) == 0


def test_limits_can_be_turned_off(clock: Clock, settings: Settings) -> None:
    settings.RATE_LIMITS = False
    assert taken(Limiter(), 50) == 50


def test_threads_share_a_bucket(clock: Clock) -> None:
    limiter, counts = Limiter(), Counter[str]()
    together = threading.Barrier(8)

    def work(name: str) -> None:
        together.wait(5)
        counts[name] = taken(limiter, 200, rate=Rate(300, 1))

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts.total() == 300
