from __future__ import annotations

import json

import pytest

import triospike as ts
from triospike.cli.workload import Tally, Workload, load, run_workload

from .running import triospike

SHORT = ("--duration", "0.2", "--keys", "50", "--concurrency", "5", "--in-process", "4")


def test_json_is_one_object_and_nothing_else_is_on_stdout(hosts: str) -> None:
    result = triospike("bench", "--host", hosts, *SHORT, "--event-loops", "2", "--workload", "50/50", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    report = json.loads(result.stdout)
    assert report["commands"] == report["reads"]["count"] + report["writes"]["count"] > 0
    assert report["reads"]["p50"] <= report["reads"]["p99"] <= report["reads"]["max"]
    assert sum(count for _, _, count in report["reads"]["histogram"]) == report["reads"]["count"]
    assert report["peaks"]["in_process_of_a_loop"] <= 4
    assert (report["errors"], report["missing"], report["embedded"]) == ({}, 0, False)


def test_without_a_host_it_says_that_the_server_shares_its_core() -> None:
    result = triospike("bench", *SHORT)
    assert result.exit_code == 0
    assert "embedded server in this process" in result.stderr
    assert "(client and embedded server)" in result.stdout
    for part in ("commands/s", "p99.9", "reads", "writes", "peaks:", "the server counted"):
        assert part in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_a_workload_of_reads_alone_writes_nothing(hosts: str) -> None:
    arguments = ("--workload", "100/0", "--no-load", "--set", "empty", "--json")
    report = json.loads(triospike("bench", "--host", hosts, *SHORT, *arguments).stdout)
    assert report["writes"]["count"] == 0
    assert report["missing"] == report["commands"] > 0


@pytest.mark.parametrize("mix", ["90", "90/", "a/b", "0/0", "-1/2"])
def test_a_workload_that_is_none_is_wrong_usage(mix: str) -> None:
    result = triospike("bench", "--workload", mix)
    assert result.exit_code == 2
    assert "--workload" in result.stderr


@pytest.mark.filterwarnings("default::triospike.LimitsWarning")
def test_limits_that_contradict_each_other_are_told_on_stderr(hosts: str) -> None:
    result = triospike("bench", "--host", hosts, *SHORT, "--connections", "90", "--json")
    assert result.exit_code == 0
    assert result.stderr.startswith("Warning: async_max_conns_per_node 90 can't be reached")
    assert json.loads(result.stdout)["limits"]["connections"] == 90


def test_pipelined_commands_share_the_connections_and_the_server_counts_them() -> None:
    arguments = ("--in-process", "30", "--concurrency", "30", "--pipeline-depth", "16", "--connections", "2")
    result = triospike("bench", *SHORT, *arguments, "--json")
    report = json.loads(result.stdout)
    assert report["limits"]["pipeline_depth"] == 16
    assert report["peaks"]["server_connections_of_a_node"] == report["peaks"]["connections_of_a_node"] == 2
    shown = triospike("bench", *SHORT, *arguments).stdout
    assert "2 connections to a node, up to 16 commands on each" in " ".join(shown.split())


async def test_the_load_writes_every_record_and_the_workload_finds_them() -> None:
    workload = Workload(keys=30, concurrency=4, duration=0.05, read_share=1.0)
    tally = Tally()
    async with ts.open_client("embedded://") as client:
        await load(client, workload)
        assert [await client.exists(key) for key in workload.record_keys()] == [True] * 30
        await run_workload(client, workload, tally)
    assert tally.done == tally.reads.count > 0
    assert tally.missing == 0
    assert tally.take_recent().count == tally.done
    assert tally.take_recent().count == 0


async def test_errors_are_counted_by_their_kind() -> None:
    workload = Workload(keys=5, concurrency=1, duration=0.05, bin_size=2 << 20, read_share=0.0)
    tally = Tally()
    async with ts.open_client("embedded://") as client:
        await run_workload(client, workload, tally)
    assert tally.done == 0
    assert list(tally.errors) == ["RecordTooBig"]
