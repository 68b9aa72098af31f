from __future__ import annotations

import json

from .running import triospike


def test_a_touched_record_has_its_new_ttl_and_the_next_generation(hosts: str) -> None:
    triospike("put", "--host", hosts, "test", "touch", "k", '{"a": 1}')
    result = triospike("touch", "--host", hosts, "test", "touch", "k", "--ttl", "1h")
    assert (result.exit_code, result.stdout) == (0, "touched: test/touch/k\n")
    found = json.loads(triospike("get", "--host", hosts, "test", "touch", "k", "--json").stdout)
    assert found["generation"] == 2
    assert 3_590 <= found["ttl"] <= 3_600


def test_a_missing_record_can_t_be_touched(hosts: str) -> None:
    result = triospike("touch", "--host", hosts, "test", "touch", "none")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "Error: not found: test/touch/none\n")
