from __future__ import annotations

from .running import triospike


def test_a_deleted_record_is_gone_and_deleting_it_again_fails(hosts: str) -> None:
    triospike("put", "--host", hosts, "test", "delete", "k", '{"a": 1}')
    first = triospike("delete", "--host", hosts, "test", "delete", "k")
    assert (first.exit_code, first.stdout) == (0, "deleted: test/delete/k\n")
    second = triospike("delete", "--host", hosts, "test", "delete", "k")
    assert (second.exit_code, second.stdout) == (1, "")
    assert second.stderr == "Error: not found: test/delete/k\n"


def test_a_record_of_another_generation_stays(hosts: str) -> None:
    triospike("put", "--host", hosts, "test", "delete", "g", '{"a": 1}')
    refused = triospike("delete", "--host", hosts, "test", "delete", "g", "--generation", "9")
    assert refused.exit_code == 1
    assert triospike("delete", "--host", hosts, "test", "delete", "g", "--generation", "1").exit_code == 0
