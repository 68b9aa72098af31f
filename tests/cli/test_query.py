from __future__ import annotations

import json

import pytest

from .running import triospike
from .writing import write_all


@pytest.fixture(scope="module", autouse=True)
def people(hosts: str) -> None:
    write_all(hosts, "query", {n: {"age": n, "name": f"p{n % 3}", "tags": [f"t{n % 5}"]} for n in range(60)})
    for name, bin_name, kind, collection in (
        ("q_age", "age", "integer", "default"),
        ("q_name", "name", "string", "default"),
        ("q_tags", "tags", "string", "list"),
    ):
        index = ("--bin", bin_name, "--type", kind, "--collection", collection)
        triospike("index", "create", "--host", hosts, "test", "query", name, *index)


@pytest.mark.parametrize(
    ("condition", "note", "keys"),
    [
        ("age between 20 and 30", "by the index q_age: age between 20 and 30", range(20, 31)),
        ("age >= 57", "by the index q_age: age >= 57", [57, 58, 59]),
        ("name = 'p1' and age < 9", "by the index q_name: name = 'p1'", [1, 4, 7]),
        ("age > 50 and tags contains 't2'", "by the index q_tags: tags contains 't2'", [52, 57]),
        ("age != 3 and age < 5", "by the index q_age: age < 5", [0, 1, 2, 4]),
        ("name matches '2' and tags exists", "no index of test/query fits a condition", range(2, 60, 3)),
    ],
)
def test_an_index_answers_one_condition_and_the_servers_check_the_others(
    hosts: str, condition: str, note: str, keys: list[int]
) -> None:
    result = triospike("query", "--host", hosts, "test", "query", "--where", condition, "--json")
    assert result.exit_code == 0, result.stderr
    assert sorted(json.loads(line)["key"] for line in result.stdout.splitlines()) == list(keys)
    assert result.stderr.startswith(note)


def test_an_index_can_be_chosen(hosts: str) -> None:
    arguments = ("--where", "name = 'p1' and age < 9", "--index", "q_age", "--csv", "--bins", "age")
    result = triospike("query", "--host", hosts, "test", "query", *arguments)
    assert sorted(line.split(",")[-1] for line in result.stdout.splitlines()) == ["1", "4", "7", "age"]
    assert "q_age: age < 9" in result.stderr


def test_without_a_condition_it_reads_all(hosts: str) -> None:
    result = triospike("query", "--host", hosts, "test", "query")
    assert len(result.stdout.splitlines()) == 61
    assert result.stderr == "60 records\n"


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (
            "q_name",
            "the index q_name, of string values in the bin name of test/query, fits none of the conditions",
        ),
        ("none", "there is no index none in test"),
    ],
)
def test_an_index_that_can_t_be_used_is_told(hosts: str, index: str, message: str) -> None:
    arguments = ("--where", "age < 3", "--index", index)
    result = triospike("query", "--host", hosts, "test", "query", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: {message}\n"


def test_an_index_without_a_condition_is_wrong_usage() -> None:
    result = triospike("query", "test", "s", "--index", "i")
    assert result.exit_code == 2
    assert "--where" in result.stderr
