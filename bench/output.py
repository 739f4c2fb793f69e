"""The report as text, as JSON and as docs/performance.md: all three from the same numbers."""

import json
from string import Template
from typing import Any

import pygal

from bench.plan import HEADLINE
from bench.report import NAMES, Report, Table
from bench.servers import HERE, PROJECT

LATEST = PROJECT / "bench" / "results" / "latest.json"
PAGE = PROJECT / "docs" / "performance.md"
PLOT = PROJECT / "docs" / "performance.svg"
TEMPLATE = HERE / "performance.md.in"


def write_files(report: Report) -> None:
    """Write the results, and the page that is made of them."""
    _plot(report)
    for path, text in ((LATEST, json.dumps(_values(report), indent=1, ensure_ascii=False)), (PAGE, _page(report))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")


def _plot(report: Report) -> None:
    """Draw deliveries a second, one bar a server."""
    chart = pygal.HorizontalBar(
        style=pygal.style.CleanStyle, show_legend=True, legend_at_bottom=True, width=900, height=420,
        title=f"Deliveries a second: {report.results.options.sockets} sockets, {HEADLINE} messages in flight",
        js=[], value_formatter=lambda value: f"{value:,.0f}", print_values=True,
    )  # fmt: skip
    for name, rate in report.bars().items():
        chart.add(name, rate)
    PLOT.write_bytes(chart.render())


def terminal_text(report: Report) -> str:
    """Return the tables for a terminal."""
    parts = [_aligned(report.table())]
    if "ws" in report.servers:
        parts.append("ours ÷ ws\n" + _aligned(report.ratios("ws")))
    if report.results.findings:
        parts.append("other goals\n" + _aligned(report.findings_table()))
    parts.append("one client process or two\n" + _aligned(report.check_table()))
    return "\n\n".join([*parts, *report.goals(), *_left_out(report)])


def _values(report: Report) -> dict[str, Any]:
    return {
        "date": report.date,
        "machine": report.machine,
        "versions": report.versions,
        "goals": report.goals(),
        **report.results.to_json(),
    }


def _page(report: Report) -> str:
    options, machine = report.results.options, report.machine
    page = Template(TEMPLATE.read_text()).substitute(
        date=report.date,
        machine=f"{machine['processor']}, {machine['cores']} cores that server and client share, {machine['system']}",
        versions=", ".join(f"{name} {number}" for name, number in report.versions.items()),
        store=f"{report.results.store_milliseconds:.2f}",
        sockets=options.sockets,
        senders=options.senders,
        headline=HEADLINE,
        repeats=options.repeats,
        warm_up=f"{options.warm_up:g}",
        seconds=f"{options.seconds:g}",
        goals="\n".join(f"- {sentence}" for sentence in report.goals()) or "Node `ws` was not there to compare with.",
        table=_markdown(report.table()),
        findings=_markdown(report.findings_table()),
        ratios=_markdown(report.ratios("ws")) if "ws" in report.servers else "(not measured)",
        sizes=", ".join(f"{report.bytes_per_delivery(name):.0f} bytes from {NAMES[name]}" for name in report.servers),
        client_shares="; ".join(f"{report.client_share(name):.0%} against {NAMES[name]}" for name in report.servers),
        above_ours=report.room_above("ours", "bare, gathered"),
        above_ws=report.room_above("ws", "bare, single"),
        check=_markdown(report.check_table()),
        left_out="\n".join(_left_out(report)) or "Nothing was left out of this run.",
    )
    return page.rstrip()


def _left_out(report: Report) -> list[str]:
    return [f"Left out: {NAMES.get(name, name)} ({why})." for name, why in report.results.left_out.items()]


def _aligned(table: Table) -> str:
    lines = [table.headings, *table.rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _markdown(table: Table) -> str:
    lines = [table.headings, ["---"] * len(table.headings), *table.rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
