"""The README's picture, drawn from the JSON: commands per second of each peer, by commands in flight.

It is written by hand as SVG, since nobody should need a plotting library to run a benchmark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from .figures import BASE

__all__ = ["draw"]

_NAMES = 252
_PANEL = 236
_BAR = 108
_ROW = 22
_TOP = 74
_BOTTOM = 62
_STYLE = """
  svg { color-scheme: light dark; font: 12px system-ui, sans-serif; }
  text { fill: #24292f; } .quiet { fill: #57606a; font-size: 11px; } .title { font-size: 15px; font-weight: 600; }
  .head { font-weight: 600; } .ours { fill: #3da67d; } .floor { fill: #b8c0c8; } .theirs { fill: #7f9fc4; }
  .spread { stroke: #24292f; stroke-width: 1.5; opacity: .8; } .own { font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .quiet { fill: #9aa4ae; } .ours { fill: #3fb488; } .floor { fill: #59636e; }
    .theirs { fill: #5c83b5; } .spread { stroke: #e6edf3; }
  }
"""


def draw(report: dict[str, Any], workload: str = "get", shape: str = "small") -> str:
    """An SVG of one workload with one shape.

    Args:
        report: As `compare` returns it, or read from its JSON.
        workload: Whose cases; without any of them, those of the report's first case.
        shape: Of which shape.
    """
    cases = _cases_of(report, workload, shape)
    if not cases:
        first = report["cases"][0]
        workload, shape = first["workload"], first["shape"]
        cases = _cases_of(report, workload, shape)
    names = [
        name for name in report["peers"] if any("per_second" in case["results"].get(name, {}) for case in cases)
    ]
    width, height = _NAMES + _PANEL * len(cases) + 8, _TOP + _ROW * len(names) + _BOTTOM
    title = f"{workload}, {report['shapes'][shape]}: {cases[0]['unit']}s per second"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="8" y="24">{escape(title)}</text>',
        *_names(report, names),
        *(line for place, case in enumerate(cases) for line in _panel(case, names, _NAMES + place * _PANEL)),
        f'<text class="quiet" x="8" y="{height - 37}">{escape(_footnote(report))}</text>',
        f'<text class="quiet" x="8" y="{height - 22}">Bar: median of rounds, on a scale of its own in each column;'
        " line: lowest to highest.</text>",
        f'<text class="quiet" x="8" y="{height - 7}">Beside it: {cases[0]["unit"]}s per second, and µs of CPU that'
        f" each {cases[0]['unit']} takes the client.</text>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _cases_of(report: dict[str, Any], workload: str, shape: str) -> list[dict[str, Any]]:
    return [
        case
        for case in report["cases"]
        if case["workload"] == workload and case["shape"] == shape and not case["competing"]
    ] or [case for case in report["cases"] if case["workload"] == workload and case["shape"] == shape]


def _names(report: dict[str, Any], names: Sequence[str]) -> Iterator[str]:
    for row, name in enumerate(names):
        own = " own" if name.startswith(BASE) else ""
        y = _TOP + _ROW * row + 15
        yield f'<text class="name{own}" x="8" y="{y}">{escape(report["peers"][name]["title"])}</text>'


def _panel(case: dict[str, Any], names: Sequence[str], left: int) -> Iterator[str]:
    """The bars of one case."""
    results = case["results"]
    highest = max(
        (results[name]["per_second"]["high"] for name in names if "per_second" in results.get(name, {})),
        default=1.0,
    )
    beside = ", beside other work" if case["competing"] else ""
    yield f'<text class="head" x="{left}" y="{_TOP - 12}">{case["in_flight"]} in flight{beside}</text>'
    for row, name in enumerate(names):
        y = _TOP + _ROW * row
        result = results.get(name, {})
        if "per_second" not in result:
            why = "not possible" if "cannot" in result else "absent" if "absent" in result else "failed"
            yield f'<text class="quiet" x="{left}" y="{y + 15}">{why}</text>'
            continue
        speed, cpu = result["per_second"], result["cpu"]["median"] * 1e6
        kind = "ours" if name.startswith(BASE) else "floor" if name == "floor" else "theirs"
        low, middle, high = (_BAR * speed[end] / highest for end in ("low", "median", "high"))
        yield f'<rect class="{kind}" x="{left}" y="{y + 4}" width="{middle:.1f}" height="{_ROW - 8}" rx="2"/>'
        yield (
            f'<line class="spread" x1="{left + low:.1f}" x2="{left + high:.1f}" y1="{y + _ROW / 2}" '
            f'y2="{y + _ROW / 2}"/>'
        )
        yield (
            f'<text x="{left + high + 5:.1f}" y="{y + 15}">{speed["median"]:,.0f}'
            # Moved, since renderers drop a space where a tspan begins.
            f'<tspan class="quiet" dx="4">· {cpu:.{0 if cpu >= 10 else 1}f} µs</tspan></text>'
        )


def _footnote(report: dict[str, Any]) -> str:
    machine, server, measuring = report["machine"], report["server"], report["measuring"]
    length = "" if measuring.get("budget") else f" of {measuring['seconds']:g} s each"
    where = "embedded server" if server["embedded"] else f"server {server['build']}"
    return (
        f"{machine['implementation']} {machine['python']}, {machine['cpus']} CPUs, {where}; "
        f"{measuring['rounds']} interleaved rounds{length}."
    )
