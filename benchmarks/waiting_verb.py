"""``python -m benchmarks waiting``: what commands cost that wait, by their number: CPU or memory for each.

Each measurement runs in a process of its own. A cost that grows with the number of those who wait shows in the
last column, which divides the cost of the largest number by that of the smallest.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from .options import listed
from .processes import Process, python_module
from .serving import Hosts, serving

__all__ = ["main", "measure", "render"]

NUMBERS = (1_000, 10_000, 50_000, 200_000)
FAMILIES = ("submits", "bare", "limited", "tasks", "queue", "deadlines", "pool")
SERVICE_TIME = 3600.0
NAMESPACE = "test"
_PATIENCE = 300.0

Figures = dict[str, dict[int, float]]


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks waiting", description=__doc__)
    parser.add_argument("--numbers", type=listed(int), default=list(NUMBERS), metavar="N,N", help="how many wait")
    parser.add_argument("--families", type=listed(str, FAMILIES), default=list(FAMILIES), metavar="F,F")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is taken (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="PATH")
    options = parser.parse_args(arguments)
    figures: Figures = {}
    with serving(NAMESPACE, service_time=SERVICE_TIME) as hosts:
        for family in options.families:
            for number in options.numbers:
                sys.stderr.write(f"{family}, {number:,}\n")
                for name, value in measure(family, number, hosts, options.rounds).items():
                    figures.setdefault(name, {})[number] = value
    sys.stdout.write(render(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measure(family: str, number: int, hosts: Hosts, rounds: int) -> dict[str, float]:
    """The medians of a family's figures, each round in a process of its own.

    Raises:
        RuntimeError: A process failed.
    """
    seeds = ",".join(f"{name}:{port}" for name, port in hosts)
    all_rounds = []
    for _ in range(rounds):
        process = Process(python_module("waiting", family, str(number), seeds, NAMESPACE))
        answer = process.hear(_PATIENCE)
        process.stop()
        if "failed" in answer:
            raise RuntimeError(f"{family} with {number}: {answer['failed']}")
        all_rounds.append(answer)
    return {name: sorted(one[name] for one in all_rounds)[rounds // 2] for name in all_rounds[0]}


def render(figures: Figures) -> str:
    """A table of figures by number."""
    return "\n".join(_lines(figures)) + "\n"


def _lines(figures: Figures) -> Iterator[str]:
    numbers = sorted({number for row in figures.values() for number in row})
    width = max(len(name) for name in figures)
    yield "  ".join([" " * width, *(f"{number:>10,}" for number in numbers), "growth"])
    for name, row in figures.items():
        what, _, unit = name.rpartition(": ")
        cells = [f"{_shown(row[number], unit):>10}" if number in row else " " * 10 for number in numbers]
        low, high = row[min(row)], row[max(row)]
        growth = f"{high / low:5.2f}" if low > 0 and len(row) > 1 else ""
        yield "  ".join([what.ljust(width), *cells, growth]).rstrip()


def _shown(value: float, unit: str) -> str:
    return f"{value:,.0f} B" if unit == "bytes" else f"{value * 1e6:.2f} µs"
