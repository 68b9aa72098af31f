"""From rounds to figures, without any clock."""

from __future__ import annotations

import argparse
from array import array
from typing import Any

import pytest

from benchmarks.compare_verb import IN_FLIGHT, main
from benchmarks.comparing import LEAST_SECONDS, Measuring, share_of
from benchmarks.figures import ratio, summary
from benchmarks.job import WORKLOADS, Case, Job
from benchmarks.options import listed, parse_hosts
from benchmarks.peers import PEERS
from benchmarks.peers.base import WrongAnswerError, verify
from benchmarks.sampling import percentiles
from benchmarks.shapes import SHAPES, bins_of
from benchmarks.table import render


def one_round(units: int, seconds: float = 1.0, cpu: float = 0.5) -> dict[str, Any]:
    times = {"p50": 0.001, "p99": 0.002, "p99.9": 0.003}
    return {"units": units, "seconds": seconds, "cpu": cpu, "peak": 0, "errors": {}, "beside": None, **times}


def test_ratios_are_taken_round_by_round_and_then_the_median() -> None:
    peer = [one_round(10), one_round(40), one_round(90)]
    base = [one_round(10), one_round(20), one_round(30)]
    assert ratio(peer, base) == {"median": 2.0, "low": 1.0, "high": 3.0}


def test_there_is_no_ratio_to_a_peer_that_has_no_rounds() -> None:
    assert ratio([one_round(10)], []) is None


def test_figures_are_medians_and_never_the_best() -> None:
    figures = summary([one_round(10), one_round(1000), one_round(20, cpu=0.2)])
    assert figures["per_second"] == {"median": 20.0, "low": 10.0, "high": 1000.0}
    assert figures["cpu"]["median"] == 0.01


def test_percentiles_are_at_most_a_fifth_of_a_percent_too_low() -> None:
    values = array("d", [number / 1000 for number in range(1, 1001)])
    found = percentiles(values)
    assert found == pytest.approx({"p50": 0.5, "p99": 0.99, "p99.9": 0.999}, rel=0.002)


def test_a_budget_is_divided_among_rounds_and_peers_down_to_what_still_tells_something() -> None:
    measuring = Measuring(rounds=5, seconds=1.0, budget=600.0)
    assert share_of(measuring, 60.0, 10) == 1.2
    assert share_of(measuring, 4.0, 10) == LEAST_SECONDS
    assert share_of(measuring, -3.0, 0) == LEAST_SECONDS


def test_without_a_budget_rounds_are_as_long_as_was_asked_for() -> None:
    assert share_of(Measuring(seconds=0.1), -1e9, 10) == 0.1


def test_zeros_come_before_all_other_values() -> None:
    values = array("d", [0.0] * 60 + [0.25] * 39 + [4.0])
    assert percentiles(values) == {"p50": 0.0, "p99": 0.25, "p99.9": 4.0}


def test_without_latencies_percentiles_are_zero() -> None:
    assert percentiles(array("d")) == {"p50": 0.0, "p99": 0.0, "p99.9": 0.0}


def test_a_job_arrives_as_it_was_sent() -> None:
    job = Job(
        peer="triospike",
        case=Case(workload="mix", in_flight=7, competing=True),
        hosts=(("db1", 3000), ("db2", 3100)),
        namespace="test",
        set_name="bench",
        keys=10,
        options={"pipelined": True},
    )
    assert Job.from_json(job.to_json()) == job


def test_hosts_may_lack_their_port() -> None:
    assert parse_hosts("db1:3100, db2") == (("db1", 3100), ("db2", 3000))


def test_an_unknown_choice_is_refused_with_the_known_ones() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="'gut' is none of get, put"):
        listed(str, ["get", "put"])("get,gut")


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_has_bins_of_its_own(shape: str) -> None:
    assert bins_of(shape)
    assert all(bins_of(shape) != bins_of(other) for other in SHAPES if other != shape)


def test_shapes_are_of_the_sizes_that_they_claim() -> None:
    assert [len(value) for value in bins_of("small").values()] == [20]
    assert len(bins_of("ten")) == 10
    assert [len(value) for value in bins_of("big").values()] == [10_240]
    assert [len(value) for value in bins_of("map").values()] == [1_000]


def answer_of(workload: str, bins: dict[str, Any] | None, units: int) -> None:
    job = Job(
        peer="triospike", case=Case(workload=workload), hosts=(), namespace="test", set_name="bench", keys=500
    )
    verify(job, bins, units)


def test_a_peer_that_brings_what_is_stored_is_measured() -> None:
    answer_of("get", bins_of("small"), 1)
    answer_of("batch", bins_of("small"), 100)
    answer_of("scan", None, 500)


@pytest.mark.parametrize(
    ("workload", "bins", "units"),
    [("get", {"data": "y"}, 1), ("get", {}, 1), ("batch", None, 99), ("scan", None, 0)],
)
def test_a_peer_that_brings_something_else_is_not_measured(
    workload: str, bins: dict[str, Any] | None, units: int
) -> None:
    with pytest.raises(WrongAnswerError):
        answer_of(workload, bins, units)


def test_the_peers_are_those_that_there_are() -> None:
    others = {name.partition("-asyncio")[0] for name in PEERS if name.endswith("-asyncio")}
    assert {"aerospike-native", "aerospike-py", "aioaerospike"} <= others
    assert {"triospike", "triospike-pipelined", "floor", "official-loop", "official-threads"} <= PEERS.keys()
    assert all(set(peer.only) <= set(WORKLOADS) for peer in PEERS.values())
    assert IN_FLIGHT == (1, 50, 500)


def test_the_table_names_what_is_absent_and_what_failed() -> None:
    table = render(
        {
            "machine": {"implementation": "CPython", "python": "3.11", "cpus": 2},
            "server": {"build": "8.1", "embedded": True, "nodes": 1},
            "measuring": {"rounds": 1, "seconds": 1.0},
            "shapes": SHAPES,
            "peers": {"a": {"title": "one", "absent": "No module named 'a'"}, "b": {"title": "two"}},
            "cases": [
                {
                    "workload": "get",
                    "shape": "small",
                    "in_flight": 1,
                    "competing": False,
                    "unit": "command",
                    "results": {"a": {"absent": "No module named 'a'"}, "b": {"failed": "it ended with 1"}},
                }
            ],
        }
    )
    assert "one  absent: No module named 'a'" in table
    assert "two  failed: it ended with 1" in table
    assert "absent: one (No module named 'a')" in table


def test_a_wrong_option_ends_the_run_before_anything_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--peers", "nobody"])
    assert "'nobody' is none of triospike" in capsys.readouterr().err
