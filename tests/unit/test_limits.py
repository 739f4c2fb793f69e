"""What is spent at one process is spent at the other."""

import pytest

from accounts.errors import RateLimited
from accounts.limits import Limiter, Rate

RATE = Rate(10, 0.001)


def share(one: Limiter, other: Limiter) -> None:
    """Tell `other` what was spent at `one`."""
    for (rate, who), amount in one.take_spent().items():
        other.debit(rate, who, amount)


def test_one_more_process_is_not_one_more_allowance() -> None:
    here, there = Limiter(), Limiter()
    here.shares = there.shares = True
    for _ in range(7):
        here.take(RATE, "ann")
    share(here, there)
    for _ in range(3):
        there.take(RATE, "ann")
    with pytest.raises(RateLimited):
        there.take(RATE, "ann")
    there.take(RATE, "bob")


def test_what_was_told_is_not_told_again_and_a_refusal_costs_nothing() -> None:
    limiter = Limiter()
    limiter.shares = True
    limiter.take(RATE, "ann", 10)
    with pytest.raises(RateLimited):
        limiter.take(RATE, "ann")
    assert limiter.take_spent() == {(RATE, "ann"): 10}
    assert limiter.take_spent() == {}


def test_a_debt_is_bounded() -> None:
    limiter = Limiter()
    limiter.debit(RATE, "ann", 10_000)
    with pytest.raises(RateLimited) as refused:
        limiter.take(RATE, "ann")
    assert refused.value.retry_after is not None
    assert refused.value.retry_after <= 11 / RATE.per_second + 1


def test_one_process_alone_keeps_no_account_of_it() -> None:
    limiter = Limiter()
    limiter.take(RATE, "ann")
    assert limiter.take_spent() == {}
