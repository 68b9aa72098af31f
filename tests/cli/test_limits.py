from __future__ import annotations

import json

import pytest

from .running import triospike

ASKED = ("--proto-fd-max", "10000", "--clients", "20", "--event-loops", "10", "--in-process", "50")


def test_it_shows_each_limit_with_its_reason() -> None:
    result = triospike("limits", *ASKED)
    assert result.exit_code == 0
    for part in ("max_commands_in_process", "44", "async_max_conns_per_node", "440", "2,500", "11,134"):
        assert part in result.stdout
    assert "EventPolicy(max_commands_in_process=44, max_commands_in_queue=2500)" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_json_is_one_object_of_the_limits() -> None:
    found = json.loads(triospike("limits", *ASKED, "--nodes", "3", "--json").stdout)
    assert found["max_commands_in_process"] == 50
    assert found["async_max_conns_per_node"] == 449
    assert len(found["notes"]) == 3


def test_pipelined_it_says_how_many_connections_are_to_be_shared() -> None:
    result = triospike("limits", *ASKED, "--pipeline-depth", "16")
    assert result.exit_code == 0
    assert "ClientPolicy(pipeline_depth=16, pipe_max_conns_per_node=32, async_max_conns_per_node=" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--proto-fd-max", "10", "--clients", "20"], "not enough for 20 clients"),
        (["--reserve", "2"], "reserve must be"),
        (["--latency", "0"], "latency must be"),
    ],
)
def test_numbers_that_can_t_be_fail_with_one_line(arguments: list[str], reason: str) -> None:
    result = triospike("limits", *arguments)
    assert result.exit_code == 1
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("clients", ["many", "0", "-1", "1.5"])
def test_what_is_no_count_is_wrong_usage(clients: str) -> None:
    assert triospike("limits", "--clients", clients).exit_code == 2
