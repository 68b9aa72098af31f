from __future__ import annotations

from .running import triospike


def test_it_prints_true_for_a_record_that_is_there(hosts: str) -> None:
    triospike("put", "--host", hosts, "test", "exists", "k", '{"a": 1}')
    result = triospike("exists", "--host", hosts, "test", "exists", "k")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "true\n", "")


def test_it_prints_false_and_fails_for_one_that_is_not(hosts: str) -> None:
    result = triospike("exists", "--host", hosts, "test", "exists", "none")
    assert (result.exit_code, result.stdout) == (1, "false\n")
    assert result.stderr == "Error: not found: test/exists/none\n"
