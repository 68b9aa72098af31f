from __future__ import annotations

import pytest

from .running import triospike
from .writing import read_all, write_all


def test_it_asks_and_removes_nothing_without_a_yes(hosts: str) -> None:
    write_all(hosts, "truncate", {n: {"a": n} for n in range(20)})
    result = triospike("truncate", "--host", hosts, "test", "truncate", stdin="n\n")
    assert result.exit_code == 1
    assert "Remove the records of test/truncate for good? 20 are there [y/N]" in result.stdout
    assert len(read_all(hosts, "truncate")) == 20
    result = triospike("truncate", "--host", hosts, "test", "truncate", stdin="y\n")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "truncated: test/truncate, 20 records removed"
    assert read_all(hosts, "truncate") == {}


def test_with_yes_it_does_not_ask(hosts: str) -> None:
    write_all(hosts, "truncate2", {1: {"a": 1}})
    result = triospike("truncate", "--host", hosts, "test", "truncate2", "--yes")
    assert (result.exit_code, result.stdout) == (0, "truncated: test/truncate2, 1 record removed\n")


def test_only_records_before_a_time_are_removed(hosts: str) -> None:
    write_all(hosts, "truncate3", {1: {"a": 1}})
    for time in ("2020-01-01", "2020-01-01 12:30", "2020-01-01T12:30:00Z", "1600000000"):
        result = triospike(
            "truncate", "--host", hosts, "test", "truncate3", "--yes", "--no-wait", "--before", time
        )
        assert (result.exit_code, result.stdout) == (0, "truncated: test/truncate3, being removed\n")
    assert len(read_all(hosts, "truncate3")) == 1


def test_a_whole_namespace_is_named_as_such(hosts: str) -> None:
    result = triospike("truncate", "--host", hosts, "bar", stdin="n\n")
    assert "Remove the records of the whole namespace bar for good?" in result.stdout


@pytest.mark.parametrize(
    ("names", "message"),
    [(["test", "nobodys"], "not found: set nobodys in test"), (["nowhere"], "not found: namespace nowhere")],
)
def test_what_is_not_there_is_told(hosts: str, names: list[str], message: str) -> None:
    result = triospike("truncate", "--host", hosts, *names, "--yes")
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_time_that_is_none_is_wrong_usage() -> None:
    result = triospike("truncate", "test", "s", "--before", "tomorrow")
    assert result.exit_code == 2
    assert "'tomorrow' is no time" in result.stderr
