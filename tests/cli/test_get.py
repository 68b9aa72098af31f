from __future__ import annotations

import json

import pytest

from triospike import Key

from .running import triospike


@pytest.fixture(scope="module", autouse=True)
def ada(hosts: str) -> None:
    triospike("put", "--host", hosts, "test", "get", "ada", '{"name": "Ada", "age": 36}', "--ttl", "2d")
    triospike("put", "--host", hosts, "test", "get", "7", '{"n": 1}', "--int")
    triospike("put", "--host", hosts, "test", "get", "c0ff", '{"n": 2}', "--bytes")


def test_a_record_is_shown_bin_by_bin(hosts: str) -> None:
    result = triospike("get", "--host", hosts, "test", "get", "ada")
    assert result.exit_code == 0
    head, *bins = result.stdout.splitlines()
    assert head.startswith(
        ("test/get/ada  generation 1, expires in 2 days", "test/get/ada  generation 1, expires in 1 day 23 hours")
    )
    assert bins == ['  name  "Ada"', "  age   36"]


def test_json_is_one_object_and_nothing_else(hosts: str) -> None:
    result = triospike("get", "--host", hosts, "test", "get", "ada", "--json")
    found = json.loads(result.stdout)
    assert found["bins"] == {"name": "Ada", "age": 36}
    assert found["generation"] == 1
    assert 172_700 < found["ttl"] <= 172_800
    assert result.stderr == ""


def test_only_the_bins_asked_for_are_read(hosts: str) -> None:
    result = triospike("get", "--host", hosts, "test", "get", "ada", "--bin", "age", "--bin", "none", "--json")
    assert json.loads(result.stdout)["bins"] == {"age": 36}


@pytest.mark.parametrize(
    ("arguments", "n"),
    [
        (["7", "--int"], 1),
        (["c0ff", "--bytes"], 2),
        ([Key("test", "get", 7).digest.hex(), "--digest"], 1),
    ],
    ids=["int", "bytes", "digest"],
)
def test_keys_of_each_type_find_their_record(hosts: str, arguments: list[str], n: int) -> None:
    result = triospike("get", "--host", hosts, "test", "get", *arguments, "--json")
    assert json.loads(result.stdout)["bins"] == {"n": n}


@pytest.mark.parametrize("arguments", [["7"], ["eve"]])
def test_a_key_of_another_type_or_name_is_not_found(hosts: str, arguments: list[str]) -> None:
    result = triospike("get", "--host", hosts, "test", "get", *arguments, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: not found: test/get/{arguments[0]}\n"


def test_an_embedded_server_has_no_record_yet() -> None:
    result = triospike("get", "test", "users", "ada")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0].startswith("no --host given: running on an embedded server")
    assert result.stderr.splitlines()[1] == "Error: not found: test/users/ada"


def test_an_unknown_namespace_is_named(hosts: str) -> None:
    result = triospike("get", "--host", hosts, "nowhere", "s", "k")
    assert result.exit_code == 1
    assert "nowhere" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_unreachable_host_is_named_in_one_line(free_port: int) -> None:
    result = triospike("get", "--host", f"127.0.0.1:{free_port}", "test", "s", "k", "--timeout", "1")
    assert result.exit_code == 1
    assert f"127.0.0.1:{free_port}" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [["--bin", "a_much_too_long_name"], ["--bin", ""], ["--timeout", "-1"], ["--digest"]],
)
def test_arguments_that_can_t_be_are_wrong_usage(arguments: list[str]) -> None:
    assert triospike("get", "test", "s", "k", *arguments).exit_code == 2
