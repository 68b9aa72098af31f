"""The report as a table in plain text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["render"]

_HEAD = ("", "ops/s", "spread", "µs CPU", "p50", "p99", "p99.9", "peak MB", "× triospike", "")
_BESIDE = ("beside it: late p50", "p99")


def render(report: dict[str, Any]) -> str:
    """The whole report.

    Args:
        report: As `compare` returns it.
    """
    return "\n".join(_lines(report)) + "\n"


def _lines(report: dict[str, Any]) -> Iterator[str]:
    machine, server, measuring = report["machine"], report["server"], report["measuring"]
    embedded, many = ", embedded" if server["embedded"] else "", "" if server["nodes"] == 1 else "s"
    yield (
        f"{machine['implementation']} {machine['python']}, {machine['cpus']} CPUs; "
        f"server {server['build']}{embedded}, {server['nodes']} node{many}; "
        f"medians of {measuring['rounds']} rounds{_length(measuring)}, interleaved"
    )
    for case in report["cases"]:
        yield ""
        yield from _case_lines(case, report)
    absent = {peer["title"]: peer["absent"] for peer in report["peers"].values() if "absent" in peer}
    if absent:
        yield ""
        yield from (f"absent: {title} ({reason})" for title, reason in absent.items())
    yield ""
    for peer in report["peers"].values():
        if "versions" in peer:
            versions = ", ".join(f"{name} {version}" for name, version in peer["versions"].items())
            yield f"{peer['title']}: {versions}; loop: {peer.get('loop', 'none')}"


def _length(measuring: dict[str, Any]) -> str:
    """How long each round is, if that is the same in all cases."""
    return "" if measuring.get("budget") else f" of {measuring['seconds']:g} s"


def _case_lines(case: dict[str, Any], report: dict[str, Any]) -> Iterator[str]:
    beside = ", beside other work" if case["competing"] else ""
    seconds = f"; rounds of {case['seconds']:.2g} s" if report["measuring"].get("budget") else ""
    yield (
        f"{case['workload']}, {report['shapes'][case['shape']]}, {case['in_flight']} in flight{beside}; "
        f"ops are {case['unit']}s{seconds}"
    )
    measuring = report["measuring"]
    head: tuple[str, ...] = (*_HEAD[:-1], *_BESIDE, "") if case["competing"] else _HEAD
    rows = [head]
    rows += [
        _row(report["peers"][name]["title"], result, measuring["rounds"], competing=case["competing"])
        for name, result in case["results"].items()
    ]
    widths = [max(len(row[column]) for row in rows if len(row) > 2) for column in range(len(head))]
    for row in rows:
        name = row[0].ljust(widths[0])
        cells = [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:], strict=False)]
        yield "  ".join(["", name, *cells, row[-1]]).rstrip()


def _row(title: str, result: dict[str, Any], wanted: int, *, competing: bool) -> tuple[str, ...]:
    for reason in ("absent", "cannot", "failed"):
        if reason in result:
            return title, f"{reason}: {result[reason]}"
    speed, cpu = result["per_second"], result["cpu"]
    compared = result.get("ratio")
    row = [
        title,
        f"{speed['median']:,.0f}",
        f"{speed['low'] / speed['median'] - 1:+.0%} {speed['high'] / speed['median'] - 1:+.0%}",
        f"{cpu['median'] * 1e6:.1f}",
        *(_time(result[name]) for name in ("p50", "p99", "p99.9")),
        f"{result['peak'] / 1e6:.1f}",
        f"{compared['median']:.2f} ({compared['low']:.2f}-{compared['high']:.2f})" if compared else "",
    ]
    if competing:
        row += [_time(result["beside"][f"late_{name}"]) for name in ("p50", "p99")]
    remarks = [f"{result['errors']:,} errors"] if result["errors"] else []
    if (had := len(result["rounds"])) < wanted:
        remarks.append(f"slow: {had} round{'' if had == 1 else 's'} of {wanted}")
    return (*row, ", ".join(remarks))


def _time(seconds: float) -> str:
    """A time for people."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds:.3g} s"
