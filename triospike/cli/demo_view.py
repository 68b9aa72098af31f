"""What `triospike demo` shows: a live view, lines where there is no terminal, and the table at the end."""

from __future__ import annotations

from collections import deque

import trio
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ..server.node import ServerNode
from .histogram import Histogram
from .judgement import Report
from .render import bar, console, duration, number, sparkline
from .scenario import Phase, Scenario

__all__ = ["follow_live", "follow_plainly", "show_report"]

REFRESH = 0.2
PLAIN_INTERVAL = 1.0
_BAR = 16
_OTHER_LINES = 11
"""Of the picture: frame, two heads, three lines of numbers, three events, and the cursor's."""
_REMEMBERED = 8


async def follow_live(scenario: Scenario) -> None:
    """Show the scenario on the terminal until cancelled; in the end only what happened stays."""
    view = _View(scenario, console().height)
    try:
        with Live(view.picture(), console=console(), auto_refresh=False, transient=True) as live:
            while True:
                await trio.sleep(REFRESH)
                live.update(view.picture(), refresh=True)
    finally:
        _print_events(scenario, 0)


async def follow_plainly(scenario: Scenario) -> None:
    """Print what happens, and once a second how far it is, until cancelled."""
    view, out, shown = _View(scenario, 0), console(), 0
    try:
        while True:
            await trio.sleep(PLAIN_INTERVAL)
            shown = _print_events(scenario, shown)
            if scenario.phase in (Phase.WRITING, Phase.READING):
                out.print(view.line(), soft_wrap=True)
    finally:
        _print_events(scenario, shown)


def _print_events(scenario: Scenario, shown: int) -> int:
    for when, text in scenario.events[shown:]:
        console().print(f"{when:6.2f} s  {text}", soft_wrap=True)
    return len(scenario.events)


class _View:
    """The pictures of a scenario, one after the other, for a terminal of so many lines."""

    def __init__(self, scenario: Scenario, height: int) -> None:
        self._height = height
        self._scenario = scenario
        self._rates: list[float] = []
        self._ended, self._when = 0, 0.0
        self._recent: deque[Histogram] = deque(maxlen=_REMEMBERED)

    def picture(self) -> RenderableType:
        """The view of this moment."""
        scenario = self._scenario
        self._measure()
        title = f"triospike demo · {scenario.phase.value} · {scenario.elapsed:.1f} s"
        room = self._height - _OTHER_LINES - len(scenario.server.nodes if scenario.server else ())
        gap = [Text()] if room >= scenario.config.event_loops + 6 else []
        parts: list[RenderableType] = []
        if scenario.client is not None:
            parts = [self._loops(max(1, room)), *gap, self._nodes(), *gap, self._numbers(), *gap]
        return Panel(
            Group(*parts, self._events(6 if gap else 3)),
            title=title,
            title_align="left",
            border_style="dim",
            width=80,
        )

    def line(self) -> str:
        """This moment in one line."""
        self._measure()
        scenario = self._scenario
        return (
            f"{scenario.elapsed:6.2f} s  {scenario.phase.value}: {scenario.ended_in_phase:,} of "
            f"{scenario.config.commands:,}, {number(self._rates[-1])}/s, latency {self._latency()}"
        )

    def _measure(self) -> None:
        scenario = self._scenario
        ended, now = scenario.ended, scenario.elapsed
        self._rates.append((ended - self._ended) / max(now - self._when, 1e-3))
        self._ended, self._when = ended, now
        self._recent.append(scenario.take_recent())

    def _latency(self) -> str:
        """Of the last second or two."""
        recent = Histogram()
        for part in self._recent:
            recent.add(part)
        if not recent.count:
            return "…"
        return f"p50 {duration(recent.percentile(50))}, p99 {duration(recent.percentile(99))}"

    def _loops(self, shown: int) -> Table:
        config, client = self._scenario.config, self._scenario.client
        assert client is not None
        share = -(-config.commands // config.event_loops)
        table = _table("event loop", f"in process, limit {config.in_process:,}", f"queue, limit {config.queue:,}")
        for loop in client.statistics().event_loops[:shown]:
            table.add_row(
                str(loop.index),
                _gauge(loop.in_process, config.in_process, "green"),
                _gauge(loop.queued, share, "blue"),
            )
        return table

    def _nodes(self) -> Table:
        server = self._scenario.server
        assert server is not None
        table = _table(
            "node",
            f"connections, limit {self._scenario.config.connections:,}",
            "by server",
            "peak",
            "at work",
            "",
        )
        for node in server.nodes:
            table.add_row(*self._node(node))
        return table

    def _node(self, node: ServerNode) -> tuple[RenderableType, ...]:
        client, counters = self._scenario.client, node.counters
        assert client is not None
        pools = {known.name: known.pool for known in client.statistics().nodes}
        opened = pools[node.name].open if node.name in pools else 0
        state = node.state.value
        return (
            node.name,
            _gauge(opened, self._scenario.config.connections, "magenta"),
            f"{counters.data_connections_open:,}",
            f"{counters.data_connections_peak:,}",
            f"{counters.commands_at_work:,}",
            Text(state, "green" if state == "running" else "bold red"),
        )

    def _numbers(self) -> Table:
        scenario, client = self._scenario, self._scenario.client
        assert client is not None
        done, whole = scenario.ended_in_phase, scenario.config.commands
        table = Table.grid(padding=(0, 2))
        table.add_row("progress", Text(bar(done, whole, 40), "cyan"), f"{done:,} of {whole:,}")
        table.add_row("throughput", Text(sparkline(self._rates, 40), "green"), f"{number(self._rates[-1])}/s")
        table.add_row("latency", self._latency(), f"{client.statistics().retries:,} retries")
        return table

    def _events(self, shown: int) -> Text:
        lines = [f"{when:6.2f} s  {text}" for when, text in self._scenario.events[-shown:]]
        text = "\n".join(lines + [""] * (shown - len(lines)))
        return Text(text, "dim", no_wrap=True, overflow="ellipsis")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, collapse_padding=True, padding=(0, 1), header_style="dim")
    for column in columns:
        is_count = column in ("by server", "peak", "at work")
        table.add_column(column, justify="right" if is_count else "left", no_wrap=True)
    return table


def _gauge(part: int, whole: int, colour: str) -> Text:
    """A bar, and the number beside it."""
    return Text.assemble((bar(part, whole, _BAR), colour), f" {part:>6,}")


def show_report(report: Report) -> None:
    """Print the table at the end, and the judgement."""
    out = console()
    out.print()
    out.print(_commands(report))
    out.print()
    out.print(_limits(report))
    out.print()
    for fault in report.faults():
        out.print(f"✗ {fault}", style="bold red", markup=False)
    if report.ok:
        out.print(
            "✓ nothing was lost, every record is as it was written, no limit was exceeded", style="bold green"
        )


def _commands(report: Report) -> Table:
    table = Table.grid(padding=(0, 2))
    half, latency = report.commands // 2, report.latency
    rows = {
        "commands done": f"{report.done:,} of {report.commands:,}",
        "retried": f"{report.retried:,}",
        "failed": f"{report.failed:,}",
        "records read back and equal": f"{half - len(report.mismatched):,} of {half:,}",
        "writes": _speed(half, report.seconds_writing),
        "reads": _speed(half, report.seconds_reading),
        "latency, from place to answer": (
            f"p50 {duration(latency.percentile(50))}, p99 {duration(latency.percentile(99))}, "
            f"max {duration(latency.maximum)}"
        ),
    }
    for name, value in rows.items():
        table.add_row(Text(name, "dim"), value)
    return table


def _speed(commands: int, seconds: float) -> str:
    return f"{seconds:.1f} s, {number(commands / max(seconds, 1e-9))}/s"


def _limits(report: Report) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("limit")
    table.add_column("peak", justify="right")
    table.add_column("allowed", justify="right")
    table.add_column("counted by")
    rows = [
        (f"connections to {node.name}", node.connections, report.connection_limit, "server")
        for node in report.nodes
    ]
    rows += [
        ("commands at work, all nodes", report.at_work_peak, report.at_work_limit, "server"),
        ("commands in process of a loop", report.in_process_peak, report.in_process_limit, "client"),
        ("commands queued in a loop", report.queued_peak, report.queued_limit, "client"),
    ]
    for name, peak, allowed, by in rows:
        colour = "bold red" if peak > allowed else "green"
        table.add_row(name, Text(f"{peak:,}", colour), f"{allowed:,}", by)
    return table
