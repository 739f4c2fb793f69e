"""Which numbers of a numbered stream have arrived."""


class Stream:
    """Keeps the number `upto` which all has arrived, and what arrived beyond a hole.

    Numbers start anywhere: the first span seen, or `start`, sets the beginning.
    """

    __slots__ = ("_ahead", "upto")

    def __init__(self, start: int) -> None:
        self.upto = start
        self._ahead: set[tuple[int, int]] = set()

    @property
    def has_gap(self) -> bool:
        """Whether something arrived while something before it is missing."""
        return bool(self._ahead)

    def accept(self, first: int, last: int) -> bool:
        """Note that the numbers `first` to `last` arrived; return False if all of them had before."""
        if last <= self.upto or (first, last) in self._ahead:
            return False
        if first > self.upto + 1:
            self._ahead.add((first, last))
        else:
            self.fill(last)
        return True

    def fill(self, upto: int) -> None:
        """Note that everything up to the number `upto` has arrived, in whatever way."""
        self.upto = max(self.upto, upto)
        for first, last in sorted(self._ahead):
            if first <= self.upto + 1:
                self._ahead.discard((first, last))
                self.upto = max(self.upto, last)
