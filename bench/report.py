"""What the numbers say: medians, ratios, and whether the goals are met."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from bench.goals import Finding
from bench.machine import describe
from bench.plan import HEADLINE, Results, Run
from bench.servers import versions

NAMES = {
    "ours": "this site, storing",
    "ws": "Node `ws`, storing nothing",
    "bare, gathered": "bare loop, one send for all that is ready",
    "bare, single": "bare loop, one send a message",
}
BUSY = 0.85
"""Share of a core past which the client may be the limit."""
GAIN = 1.1
"""What a second client process brings past which the first was the limit."""


class Table(NamedTuple):
    """Cells as they are shown."""

    headings: list[str]
    rows: list[list[str]]


class Report:
    """Reads `results` in the ways that a reader wants them."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        self.machine = describe()
        self.versions = versions()
        self.servers = [name for name in NAMES if any(run.server == name for run in results.runs)]

    def table(self) -> Table:
        """Return the headings, and a row for each server and number in flight: medians, and the spread of the rate."""
        headings = [
            "in flight", "server", "deliveries/s", "lowest–highest", "messages/s", "p50 ms", "p99 ms",
            "server CPU µs a delivery", "server CPU", "client CPU",
        ]  # fmt: skip
        rows = []
        for in_flight in self.results.options.in_flight:
            for server in self.servers:
                runs = self._runs(server, in_flight)
                rates = [run.deliveries_per_second for run in runs]
                rows.append([
                    str(in_flight),
                    NAMES[server],
                    _thousands(_median(runs, lambda run: run.deliveries_per_second)),
                    f"{_thousands(min(rates))}–{_thousands(max(rates))}",
                    f"{_median(runs, lambda run: run.messages_per_second):,.0f}",
                    f"{_median(runs, lambda run: run.p50):.2f}",
                    f"{_median(runs, lambda run: run.p99):.2f}",
                    f"{_median(runs, lambda run: run.server_microseconds_per_delivery):.2f}",
                    f"{_median(runs, lambda run: run.server_share):.0%}",
                    f"{_median(runs, lambda run: run.client_share):.0%}",
                ])  # fmt: skip
        return Table(headings, rows)

    def ratios(self, other: str) -> Table:
        """Return, by number in flight, ours beside another server: medians of what each round gave."""
        headings = ["in flight", "deliveries/s", "p50", "server CPU a delivery"]
        rows = []
        for in_flight in self.results.options.in_flight:
            values = [
                self.ratio(other, in_flight, lambda run: run.deliveries_per_second),
                self.ratio(other, in_flight, lambda run: run.p50),
                self.ratio(other, in_flight, lambda run: run.server_microseconds_per_delivery),
            ]
            rows.append([str(in_flight), *(f"{value:.2f} ×" for value in values)])
        return Table(headings, rows)

    def check_table(self) -> Table:
        """Return deliveries with one and with two client processes."""
        headings = ["server", "one client process, deliveries/s", "two", "two ÷ one"]
        rows = []
        for server in self.servers:
            one, two = (
                [run for run in self.results.check_runs if run.server == server and run.client_processes == processes]
                for processes in (1, 2)
            )
            if one and two:
                rates = [_median(runs, lambda run: run.deliveries_per_second) for runs in (one, two)]
                share = _paired(two, one, lambda run: run.deliveries_per_second)
                rows.append([NAMES[server], *map(_thousands, rates), f"{share:.2f}"])
        return Table(headings, rows)

    def ratio(self, other: str, in_flight: int, value: Callable[[Run], float]) -> float:
        """Return ours ÷ another's, the median over the rounds: what disturbs a round disturbs both."""
        return _paired(self._runs("ours", in_flight), self._runs(other, in_flight), value)

    def goals(self) -> list[str]:
        """Return a sentence for each goal that these numbers can tell of."""
        if "ws" not in self.servers:
            return []
        sentences = []
        if HEADLINE in self.results.options.in_flight:
            found = self.ratio("ws", HEADLINE, lambda run: run.deliveries_per_second)
            verdict = "met" if found >= 3 else "missed"
            sentences.append(
                f"{HEADLINE} in flight, stored messages fan out at least 3 × as fast as the bare Node loop sends what "
                f"it never stored: {found:.2f} ×, {verdict}."
            )
        if 1 in self.results.options.in_flight:
            found = self.ratio("ws", 1, lambda run: run.p50)
            verdict = "met" if found <= 2 else "missed"
            sentences.append(f"1 in flight, p50 at most 2 × that of the Node loop: {found:.2f} ×, {verdict}.")
        return [*sentences, *self._doubts()]

    def findings_table(self) -> Table:
        """Return a row for each goal that was measured by itself."""
        rows = [
            [found.name, found.goal, found.value, "met" if found.is_met else "**missed**", _spread(found)]
            for found in self.results.findings
        ]
        return Table(["what", "goal", "found", "", "medians, and lowest–highest"], rows)

    def bars(self) -> dict[str, float]:
        """Return deliveries a second at the headline, by server: what the plot shows."""
        bars = {
            NAMES[server].replace("`", ""): _median(self._runs(server, HEADLINE), lambda run: run.deliveries_per_second)
            for server in self.servers if server in ("ours", "ws")
        }  # fmt: skip
        beside = [found for found in self.results.findings if found.name.startswith("200 sockets")]
        for found in beside[:1]:
            bars |= {name: statistics.median(rates) for name, rates in found.rows.items() if name != "ours"}
        return bars

    def room_above(self, server: str, ceiling: str) -> str:
        """Say, by number in flight, how much more a bare loop delivered than a server: medians over the rounds."""
        parts = [
            f"{_paired(above, below, lambda run: run.deliveries_per_second):.1f} × at {in_flight}"
            for in_flight in self.results.options.in_flight
            if (above := self._runs(ceiling, in_flight)) and (below := self._runs(server, in_flight))
        ]
        return ", ".join(parts) or "not measured"

    def _doubts(self) -> list[str]:
        """Say where the client may have kept `ws` back, which would make us look better than we are."""
        share = self.client_share("ws")
        one, two = (
            [run for run in self.results.check_runs if run.server == "ws" and run.client_processes == processes]
            for processes in (1, 2)
        )
        gain = _paired(two, one, lambda run: run.deliveries_per_second)
        if share < BUSY and gain < GAIN:
            return []
        doubt = (
            f"Not proven by this run: the client used up to {share:.0%} of a core against `ws`, and with two client "
            f"processes `ws` delivered {gain:.2f} × as much. It may have been kept back; CPU a delivery tells more."
        )
        return [doubt]

    def _runs(self, server: str, in_flight: int) -> list[Run]:
        return [run for run in self.results.runs if run.server == server and run.in_flight == in_flight]

    def client_share(self, server: str) -> float:
        """Return the most of a core that the client used in any one window against a server."""
        return max(run.client_share for run in self.results.runs if run.server == server)

    def bytes_per_delivery(self, server: str) -> float:
        """Return the median size of a delivery, framing included."""
        runs = [run for run in self.results.runs if run.server == server]
        return _median(runs, lambda run: run.bytes_per_delivery)


def _spread(found: Finding) -> str:
    parts = [
        f"{name}: {statistics.median(values):,.1f} ({min(values):,.1f}–{max(values):,.1f})"
        for name, values in found.rows.items()
    ]
    return f"{'; '.join(parts)} {found.unit}"


def _paired(upper: Sequence[Run], lower: Sequence[Run], value: Callable[[Run], float]) -> float:
    pairs = zip(upper, lower, strict=False)
    return statistics.median([value(first) / value(second) for first, second in pairs if value(second)] or [0.0])


def _median(runs: Iterable[Run], value: Callable[[Run], float]) -> float:
    return statistics.median(map(value, runs))


def _thousands(rate: float) -> str:
    return f"{rate / 1000:,.1f}k"
