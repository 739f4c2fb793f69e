"""What was found for one goal."""

import statistics
from dataclasses import dataclass, field


@dataclass
class Finding:
    """What was found for one goal: `value` is what the goal is about, `rows` what it comes from."""

    name: str
    goal: str
    value: str
    is_met: bool
    rows: dict[str, list[float]] = field(default_factory=dict)
    unit: str = ""


def at_least(name: str, goal: float, mine: list[float], theirs: list[float], rows: dict[str, list[float]]) -> Finding:
    """Return whether the median of `mine` is at least `goal` times that of `theirs`."""
    ratio = statistics.median(mine) / statistics.median(theirs)
    return Finding(name, f"≥ {goal:g} ×", f"{ratio:.2f} ×", ratio >= goal, rows, "deliveries/s")


def at_most(
    name: str, goal: float, mine: list[float], theirs: list[float], rows: dict[str, list[float]], unit: str
) -> Finding:
    ratio = statistics.median(mine) / statistics.median(theirs)
    value = f"{ratio:.2f} × ({statistics.median(mine):.2f} {unit}, {statistics.median(theirs):.2f} {unit})"
    return Finding(name, f"≤ {goal:g} ×", value, ratio <= goal, rows, unit)
