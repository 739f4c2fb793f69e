"""Which numbers of a numbered stream have arrived, and what waits until those before it have."""

Span = tuple[int, int]


class Stream:
    """Keeps the number `upto` which all has arrived, and what arrived beyond a hole.

    Numbers start anywhere: the first span seen, or `start`, sets the beginning.
    """

    __slots__ = ("_ahead", "upto")

    def __init__(self, start: int) -> None:
        self.upto = start
        self._ahead: dict[Span, str] = {}

    @property
    def has_gap(self) -> bool:
        """Whether something arrived while something before it is missing."""
        return bool(self._ahead)

    def accept(self, first: int, last: int, events: str) -> list[str]:
        """Note that the numbers `first` to `last` arrived, as `events`; return what is due now, in order.

        That is nothing where all of them had arrived before, or where a number before them is missing: then they wait.
        """
        if last <= self.upto or (first, last) in self._ahead:
            return []
        if first > self.upto + 1:
            self._ahead[first, last] = events
            return []
        return [events, *self.fill(last)]

    def fill(self, upto: int) -> list[str]:
        """Note that everything up to the number `upto` has arrived, in whatever way; return what is due after it."""
        self.upto = max(self.upto, upto)
        due: list[str] = []
        for first, last in sorted(self._ahead):
            if first <= self.upto + 1:
                events = self._ahead.pop((first, last))
                if last > self.upto:
                    due.append(events)
                    self.upto = last
        return due
