from __future__ import annotations

import json
from typing import Any

import pytest

from .running import triospike

RECORD = {
    "name": "Ada",
    "age": 36,
    "score": 1.5,
    "tags": ["a", {"$bytes": "00ff"}],
    "where": {"$geojson": '{"type": "Point", "coordinates": [1, 2]}'},
    "years": {"$map": [[1815, "born"], [1852, "died"]]},
    "ok": True,
}


def read(hosts: str, key: str, *options: str) -> Any:
    return json.loads(triospike("get", "--host", hosts, "test", "put", key, "--json", *options).stdout)


def test_what_is_put_is_what_get_shows(hosts: str) -> None:
    result = triospike("put", "--host", hosts, "test", "put", "ada", json.dumps(RECORD))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "written: test/put/ada\n", "")
    assert read(hosts, "ada")["bins"] == RECORD


def test_null_removes_a_bin_and_others_stay(hosts: str) -> None:
    triospike("put", "--host", hosts, "test", "put", "bob", '{"a": 1, "b": 2}')
    triospike("put", "--host", hosts, "test", "put", "bob", '{"a": null, "c": 3}')
    assert read(hosts, "bob")["bins"] == {"b": 2, "c": 3}


def test_the_record_may_come_from_stdin(hosts: str) -> None:
    result = triospike("put", "--host", hosts, "test", "put", "stdin", "-", stdin='{"a": 7}')
    assert result.exit_code == 0
    assert read(hosts, "stdin")["bins"] == {"a": 7}


@pytest.mark.parametrize(("ttl", "low", "high"), [("90s", 85, 90), ("2h", 7_190, 7_200), ("30", 25, 30)])
def test_the_ttl_is_kept(hosts: str, ttl: str, low: int, high: int) -> None:
    triospike("put", "--host", hosts, "test", "put", "ttl", '{"a": 1}', "--ttl", ttl)
    assert low <= read(hosts, "ttl")["ttl"] <= high


def test_a_record_that_never_expires_has_no_ttl(hosts: str) -> None:
    triospike("put", "--host", hosts, "test", "put", "forever", '{"a": 1}', "--ttl", "never")
    assert read(hosts, "forever")["ttl"] is None


@pytest.mark.parametrize(
    ("options", "reason"),
    [(["--generation", "7"], "generation"), (["--exists", "create"], "exists")],
    ids=["another generation", "exists already"],
)
def test_a_write_the_server_refuses_fails_with_one_line(hosts: str, options: list[str], reason: str) -> None:
    triospike("put", "--host", hosts, "test", "put", "refused", '{"a": 1}')
    result = triospike("put", "--host", hosts, "test", "put", "refused", '{"a": 2}', *options)
    assert result.exit_code == 1
    assert reason in result.stderr.lower()
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["test", "s", "k", "{a: 1}"], "not JSON"),
        (["test", "s", "k", "[1]"], "JSON object of bins"),
        (["test", "s", "k", '{"a": {"$bytes": "x"}}'], "$bytes"),
        (["test", "s", "k", '{"a": 1}', "--ttl", "soon"], "no time"),
        (["test", "s", "k", '{"a": 1}', "--generation", "-1"], "--generation"),
        (["n" * 32, "s", "k", '{"a": 1}'], "namespace"),
        (["test", "s", "k", '{"a": 1}', "--int"], "KEY with --int"),
        (["test", "s", "k", '{"a": 1}', "--host", "h:x"], "port"),
        (["test", "s", "k", '{"a": 1}', "--host", "embedded://?bogus=1"], "bogus"),
    ],
)
def test_arguments_that_can_t_be_are_wrong_usage(arguments: list[str], reason: str) -> None:
    result = triospike("put", *arguments)
    assert result.exit_code == 2
    assert reason in result.stderr


@pytest.mark.parametrize(
    ("record", "reason"),
    [('{"a_much_too_long_name": 1}', "a_much_too_long_name"), ('{"a": 9223372036854775808}', "64")],
)
def test_bins_that_can_t_be_are_wrong_usage(hosts: str, record: str, reason: str) -> None:
    result = triospike("put", "--host", hosts, "test", "s", "k", record)
    assert result.exit_code == 2
    assert reason in result.stderr


def test_without_a_host_it_says_that_it_runs_on_an_embedded_server() -> None:
    result = triospike("put", "any", "s", "k", '{"a": 1}')
    assert (result.exit_code, result.stdout) == (0, "written: any/s/k\n")
    assert "embedded server" in result.stderr
    assert result.stderr.count("\n") == 1
