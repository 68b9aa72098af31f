"""What `triospike bench` shows: a live view while it runs, and the result."""

from __future__ import annotations

from typing import Any

import trio
from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

import triospike

from .render import bar, console, duration, number, plural, share, sparkline
from .workload import Tally, Workload

__all__ = ["LiveView", "show_report"]

_WIDTH = 40
_NAMED = ("count", "mean", "p50", "p90", "p99", "p99.9", "max")


class LiveView:
    """Throughput and latency so far.

    Args:
        workload: What runs.
        client: The client that it runs on.
    """

    def __init__(self, workload: Workload, client: triospike.Client) -> None:
        self._workload = workload
        self._client = client
        self._began = self._last = trio.current_time()
        self._rates: list[float] = []

    def picture(self, tally: Tally) -> Group:
        """The view of this moment."""
        now = trio.current_time()
        recent = tally.take_recent()
        self._rates.append(recent.count / max(now - self._last, 1e-9))
        self._last = now
        elapsed, whole = now - self._began, self._workload.duration
        loops = self._client.statistics().event_loops
        rows = Table.grid(padding=(0, 2))
        rows.add_row("time", Text(bar(elapsed, whole, _WIDTH), "blue"), f"{elapsed:.1f} of {whole:g} s")
        rows.add_row("throughput", Text(sparkline(self._rates, _WIDTH), "green"), f"{number(self._rates[-1])}/s")
        rows.add_row(
            "latency",
            "  ".join(f"p{percent:g} {duration(recent.percentile(percent))}" for percent in (50, 90, 99, 99.9)),
        )
        rows.add_row(
            "event loops",
            f"{sum(loop.in_process for loop in loops):,} in process, "
            f"{sum(loop.queued for loop in loops):,} queued",
        )
        rows.add_row("done", f"{tally.done:,}", f"{sum(tally.errors.values()):,} errors")
        return Group(rows)


def show_report(report: dict[str, Any]) -> None:
    """Print the result for people."""
    out = console()
    out.print(_summary(report))
    out.print()
    out.print(_latencies(report))
    for kind in ("reads", "writes"):
        if report[kind]["count"]:
            out.print()
            out.print(_bars(kind, report[kind]))
    out.print()
    out.print(_peaks(report))


def _summary(report: dict[str, Any]) -> Text:
    text = Text()
    text.append(f"{number(report['per_second'])} commands/s", "bold green")
    text.append(f"   {report['commands']:,} in {report['seconds']:.2f} s")
    whose = "client and embedded server" if report["embedded"] else "this process"
    cpu, used = report["cpu_seconds_per_command"], report["cpu_share"]
    text.append(f"\n{duration(cpu)} of CPU per command, {used:.0%} of a core ({whose})", "dim")
    if report["retries"]:
        text.append(f"\n{report['retries']:,} retries", "yellow")
    if report["missing"]:
        text.append(f"\n{report['missing']:,} gets found no record", "yellow")
    for kind, count in sorted(report["errors"].items()):
        text.append(f"\n{count:,} × {kind}", "bold red")
    return text


def _latencies(report: dict[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("latency")
    for name in _NAMED:
        table.add_column(name, justify="right")
    for kind in ("reads", "writes"):
        numbers = report[kind]
        if numbers["count"]:
            table.add_row(kind, f"{numbers['count']:,}", *(duration(numbers[name]) for name in _NAMED[1:]))
    return table


def _bars(kind: str, numbers: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    table.add_column()
    table.add_column(justify="right")
    highest = max(count for _, _, count in numbers["histogram"])
    table.add_row(Text(kind, "bold"))
    for _, high, count in numbers["histogram"]:
        part = Text(f"{share(count, numbers['count']):.1%}", "dim")
        table.add_row(f"under {duration(high)}", Text(bar(count, highest, _WIDTH), "cyan"), part)
    return table


def _peaks(report: dict[str, Any]) -> Text:
    peaks, limits = report["peaks"], report["limits"]
    in_process = limits["in_process"] or "no limit"
    text = (
        f"peaks: {peaks['in_process_of_a_loop']:,} in process of a loop (limit {in_process}), "
        f"{peaks['queued_of_a_loop']:,} queued, {plural(peaks['connections_of_a_node'], 'connection')} to a node"
    )
    if limits["pipeline_depth"] > 1:
        text += f", up to {limits['pipeline_depth']:,} commands on each"
    if report["embedded"]:
        text += (
            f"\nthe server counted {plural(peaks['server_commands_at_work'], 'command')} at work, "
            f"{plural(peaks['server_connections_of_a_node'], 'connection')}"
        )
    return Text(text, "dim")
