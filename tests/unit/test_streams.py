"""Which numbers have arrived, compared with a plain set."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from live.streams import Stream

_spans = st.tuples(st.integers(1, 25), st.integers(0, 4)).map(lambda pair: (pair[0], pair[0] + pair[1]))
_steps = st.lists(st.one_of(_spans, st.integers(0, 30)), max_size=40)


class Model:
    """The same as a set of numbers."""

    def __init__(self, start: int) -> None:
        self.arrived = set(range(start + 1))

    @property
    def upto(self) -> int:
        """The number up to which all has arrived."""
        return next(number for number in range(10**6) if number + 1 not in self.arrived)

    @property
    def has_gap(self) -> bool:
        """Whether anything arrived beyond that."""
        return max(self.arrived) > self.upto


@given(start=st.integers(0, 10), steps=_steps)
def test_a_stream_knows_what_a_set_of_numbers_knows(start: int, steps: list[tuple[int, int] | int]) -> None:
    stream, model = Stream(start), Model(start)
    for step in steps:
        if isinstance(step, int):
            stream.fill(step)
            model.arrived |= set(range(step + 1))
        else:
            first, last = step
            stream.accept(first, last, "")
            model.arrived |= set(range(first, last + 1))
        assert (stream.upto, stream.has_gap) == (model.upto, model.has_gap)


@given(
    cuts=st.sets(st.integers(1, 30), min_size=4),
    picks=st.permutations(range(30)).flatmap(
        lambda order: st.just(order) | st.lists(st.sampled_from(order), max_size=60)
    ),
)
def test_each_batch_is_due_exactly_once_and_in_order(cuts: set[int], picks: list[int]) -> None:
    """Batches do not overlap: each is published whole, however often and in whatever order it arrives."""
    edges = [0, *sorted(cuts)]
    batches = [(low + 1, high) for low, high in pairwise(edges)]
    stream, model = Stream(0), Model(0)
    told: list[str] = []
    for pick in picks:
        batch = batches[pick % len(batches)]
        told += stream.accept(*batch, str(batch))
        model.arrived |= set(range(batch[0], batch[1] + 1))
        assert (stream.upto, stream.has_gap) == (model.upto, model.has_gap)
        assert told == [str(batch) for batch in batches if batch[1] <= model.upto]


@given(start=st.integers(0, 10), first=st.integers(1, 10), length=st.integers(0, 5))
def test_what_was_filled_from_elsewhere_is_not_new(start: int, first: int, length: int) -> None:
    stream = Stream(start)
    stream.fill(first + length)
    assert stream.accept(first, first + length, "old") == []
    assert stream.accept(stream.upto + 2, stream.upto + 2, "later") == []
    assert stream.accept(stream.upto + 1, stream.upto + 1, "next") == ["next", "later"]
