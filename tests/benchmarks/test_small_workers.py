"""The benchmark of worker processes runs; what it measures is not judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sources import ROOT


@pytest.mark.slow
def test_workers_are_compared_with_this_process(tmp_path: Path) -> None:
    results = tmp_path / "workers.json"
    options = ["--numbers", "0,1", "--gets", "200", "--rounds", "1", "--chunk", "50", "--json", str(results)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "workers", *options],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "TRIOSPIKE_TEST_HOSTS"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert " in this process " in done.stdout
    report = json.loads(results.read_text(encoding="utf-8"))
    assert report["embedded"] is True
    assert report["workers"].keys() == {"0", "1"}
    assert report["workers"]["0"]["ratio"] == {"median": 1.0, "low": 1.0, "high": 1.0}
    assert report["workers"]["1"]["per_second"] > 0
