"""A peer that is slow, or silent, ends by itself, and the report says so."""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.figures import summary
from benchmarks.processes import Process
from benchmarks.shapes import SHAPES
from benchmarks.table import render

ROUND = {"units": 10, "seconds": 4.0, "cpu": 1.0, "peak": 0, "errors": {}, "beside": None}
TIMES = {"p50": 4.0, "p99": 4.0, "p99.9": 4.0}


def table_of(rounds: int, wanted: int, errors: dict[str, int]) -> str:
    measured: list[dict[str, Any]] = [{**ROUND, **TIMES, "errors": errors}] * rounds
    case = {"workload": "scan", "shape": "three", "in_flight": 1, "competing": False, "unit": "record"}
    return render(
        {
            "machine": {"implementation": "CPython", "python": "3.11", "cpus": 2},
            "server": {"build": "8.1", "embedded": True, "nodes": 1},
            "measuring": {"rounds": wanted, "seconds": 1.0},
            "shapes": SHAPES,
            "peers": {"one": {"title": "one"}},
            "cases": [{**case, "results": {"one": {"rounds": measured, **summary(measured)}}}],
        }
    )


def test_a_peer_with_fewer_rounds_than_the_others_is_called_slow() -> None:
    assert "slow: 2 rounds of 5\n" in table_of(2, 5, {})
    assert "3 errors, slow: 1 round of 5\n" in table_of(1, 5, {"TimeoutError": 3})


def test_a_peer_with_all_its_rounds_is_not() -> None:
    assert "slow" not in table_of(5, 5, {})


def test_a_process_that_says_nothing_is_ended_and_said_to_have_been_silent() -> None:
    process = Process([sys.executable, "-c", "import time; time.sleep(60)"])
    assert process.hear(0.2) == {"failed": "it did not answer within 0.2 s"}
    process.stop()


def test_a_process_that_ends_is_told_from_one_that_is_silent() -> None:
    process = Process([sys.executable, "-c", "raise SystemExit('out of records')"])
    assert process.hear(30) == {"failed": "the process ended with 1: out of records"}
    process.stop()
