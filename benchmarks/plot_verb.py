"""``python -m benchmarks plot RESULTS.json PICTURE.svg``: draw a result that was written before."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .job import WORKLOADS
from .plot import draw
from .shapes import SHAPES

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks plot", description=__doc__)
    parser.add_argument("results", type=Path, help="what --json wrote")
    parser.add_argument("picture", type=Path, help="the SVG to write")
    parser.add_argument("--workload", choices=WORKLOADS, default="get")
    parser.add_argument("--shape", choices=list(SHAPES), default="small")
    options = parser.parse_args(arguments)
    report = json.loads(options.results.read_text(encoding="utf-8"))
    options.picture.write_text(draw(report, options.workload, options.shape), encoding="utf-8")
