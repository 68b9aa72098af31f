"""The benchmarks run: a small version of each against embedded servers. What they measure is not judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from sources import ROOT

pytestmark = pytest.mark.slow

PERCENTILES = ("p50", "p99", "p99.9")
PEERS = "triospike,triospike-pipelined,floor,official-loop"


def run(*arguments: str) -> str:
    """What a run prints."""
    environment = {name: value for name, value in os.environ.items() if name != "TRIOSPIKE_TEST_HOSTS"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Report, table and picture of the small comparison."""
    folder: Path = tmp_path_factory.mktemp("benchmarks")
    table = run(
        "--small", "--peers", PEERS, "--json", str(folder / "results.json"), "--plot", str(folder / "picture.svg")
    )
    return {
        "table": table,
        "report": json.loads((folder / "results.json").read_text(encoding="utf-8")),
        "picture": (folder / "picture.svg").read_text(encoding="utf-8"),
    }


def test_the_report_says_on_what_it_was_measured(small: dict[str, Any]) -> None:
    report = small["report"]
    assert report["format"] == 1
    assert report["server"].keys() == {"build", "nodes", "embedded"}
    assert report["server"]["embedded"] is True
    assert report["machine"].keys() >= {"python", "implementation", "cpus", "priority"}
    assert report["measuring"]["rounds"] == 2


def test_every_workload_is_measured(small: dict[str, Any]) -> None:
    cases = small["report"]["cases"]
    assert [case["workload"] for case in cases] == ["get", "mix", "operate", "batch", "scan"]
    assert [case["unit"] for case in cases] == ["command", "command", "command", "record", "record"]


@pytest.mark.parametrize("peer", ["triospike", "triospike-pipelined"])
def test_our_own_client_has_figures_for_every_case(small: dict[str, Any], peer: str) -> None:
    for case in small["report"]["cases"]:
        result = case["results"][peer]
        assert "failed" not in result, result
        assert len(result["rounds"]) == 2
        for name in ("per_second", "cpu", "ratio"):
            assert 0 < result[name]["low"] <= result[name]["median"] <= result[name]["high"]
        assert 0 < result["p50"] <= result["p99"] <= result["p99.9"]
        assert result["errors"] == 0
        assert result["peak"] >= 0


def test_our_own_client_is_its_own_measure(small: dict[str, Any]) -> None:
    for case in small["report"]["cases"]:
        assert case["results"]["triospike"]["ratio"] == {"median": 1.0, "low": 1.0, "high": 1.0}


def test_rounds_are_of_the_same_priority(small: dict[str, Any]) -> None:
    priority = small["report"]["machine"]["priority"]
    for case in small["report"]["cases"]:
        for result in case["results"].values():
            assert {one["priority"] for one in result.get("rounds", ())} <= {priority}


def test_other_work_is_measured_only_where_there_is_some(small: dict[str, Any]) -> None:
    for case in small["report"]["cases"]:
        beside = case["results"]["triospike"].get("beside")
        assert (beside is not None) == case["competing"]
        if beside is not None:
            assert beside.keys() == {"per_second", "cpu", *(f"late_{name}" for name in PERCENTILES)}


def test_a_peer_that_cannot_be_measured_is_in_the_table_with_the_reason(small: dict[str, Any]) -> None:
    results = small["report"]["cases"][1]["results"]
    known = {"absent", "cannot"}
    assert results["official-loop"].keys() & known
    assert "official client, plain loop" in small["table"]


def test_the_picture_is_a_well_formed_svg_with_every_measured_peer(small: dict[str, Any]) -> None:
    picture = ElementTree.fromstring(small["picture"])
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    text = " ".join(picture.itertext())
    assert "triospike, pipelined" in text
    assert "1 in flight" in text


def test_waiting_tells_the_cost_of_each_by_their_number(tmp_path: Path) -> None:
    results = tmp_path / "waiting.json"
    run("waiting", "--numbers", "100,200", "--rounds", "1", "--families", "submits,queue", "--json", str(results))
    figures = json.loads(results.read_text(encoding="utf-8"))
    assert figures["a submitted command: bytes"].keys() == {"100", "200"}
    assert figures["cancel submitted, in any order: s"].keys() == {"100", "200"}
    assert figures["queue, put: s"].keys() == {"100", "200"}


def test_scale_tells_the_cost_of_a_command_by_nodes_and_event_loops_and_by_how_many_wait(tmp_path: Path) -> None:
    results = tmp_path / "scale.json"
    run(
        *("scale", "--nodes", "1,3", "--loops", "1,4", "--crowds", "1,4", "--modes", "triospike"),
        *("--in-flight", "8", "--for-each", "4", "--rounds", "1", "--seconds", "0.1", "--json", str(results)),
    )
    report = json.loads(results.read_text(encoding="utf-8"))
    assert {title: set(sizes) for title, sizes in report.items()} == {
        "triospike, by nodes": {"1", "3"},
        "triospike, by nodes, 4 in flight for each": {"1", "3"},
        "triospike, by event loops": {"1", "4"},
        "triospike, by commands for each connection": {"1", "4"},
        "triospike, by commands for each place": {"1", "4"},
    }
    for sizes in report.values():
        assert all(one["errors"] == 0 and one["cpu"] > 0 for one in sizes.values())
