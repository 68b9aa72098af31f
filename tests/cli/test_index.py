from __future__ import annotations

import json

import pytest

from triospike import exp
from triospike.operations import context

from .running import triospike
from .writing import write_all


@pytest.fixture(scope="module", autouse=True)
def records(hosts: str) -> None:
    write_all(hosts, "index", {n: {"age": n} for n in range(10)})


def indexes(hosts: str) -> dict[str, dict[str, object]]:
    lines = triospike("index", "list", "--host", hosts, "test", "--json").stdout.splitlines()
    return {row["name"]: row for row in map(json.loads, lines)}


def test_an_index_is_made_listed_and_dropped(hosts: str) -> None:
    arguments = ("--host", hosts, "test", "index", "i_age", "--bin", "age", "--type", "integer")
    made = triospike("index", "create", *arguments)
    assert made.exit_code == 0
    assert made.stdout.startswith("created: test/i_age in ")
    assert indexes(hosts)["i_age"] == {
        "namespace": "test",
        "set": "index",
        "name": "i_age",
        "bin": "age",
        "kind": "integer",
        "collection": "default",
        "context": None,
        "expression": None,
        "set_index": False,
        "readable": True,
    }
    dropped = triospike("index", "drop", "--host", hosts, "test", "i_age")
    assert (dropped.exit_code, dropped.stdout) == (0, "dropped: test/i_age\n")
    assert "i_age" not in indexes(hosts)


def test_it_may_be_left_to_build(hosts: str) -> None:
    arguments = ("--host", hosts, "test", "index", "i_late", "--bin", "late", "--type", "string", "--no-wait")
    assert triospike("index", "create", *arguments).stdout == "created: test/i_late, being built\n"
    triospike("index", "drop", "--host", hosts, "test", "i_late")


def test_lists_maps_paths_and_expressions_can_be_indexed(hosts: str) -> None:
    path = context.to_base64([context.map_key("a")])
    expression = (exp.bin_int("age") + 1).to_base64()
    for name, arguments in {
        "i_tags": ["--bin", "tags", "--type", "string", "--collection", "list"],
        "i_keys": ["--bin", "m", "--type", "blob", "--collection", "map-keys", "--context", path],
        "i_expr": ["--expression", expression, "--type", "integer"],
        "i_geo": ["--bin", "place", "--type", "geo"],
    }.items():
        made = triospike("index", "create", "--host", hosts, "test", "index", name, *arguments)
        assert made.exit_code == 0, made.stderr
    found = indexes(hosts)
    assert (found["i_tags"]["kind"], found["i_tags"]["collection"]) == ("string", "list")
    assert (found["i_keys"]["collection"], found["i_keys"]["context"]) == ("map-keys", path)
    assert (found["i_expr"]["bin"], found["i_expr"]["expression"]) == (None, expression)
    assert found["i_geo"]["kind"] == "geo"
    for name in ("i_tags", "i_keys", "i_expr", "i_geo"):
        assert triospike("index", "drop", "--host", hosts, "test", name).exit_code == 0


def test_a_table_and_csv_have_the_same_rows(hosts: str) -> None:
    triospike("index", "create", "--host", hosts, "test", "index", "i_t", "--bin", "t", "--type", "integer")
    table = triospike("index", "list", "--host", hosts, "test").stdout
    assert any(
        line.split() == ["i_t", "test/index", "t", "integer", "default", "yes"] for line in table.splitlines()
    )
    lines = triospike("index", "list", "--host", hosts, "--csv").stdout.splitlines()
    assert lines[0] == "namespace,set,name,bin,kind,collection,context,expression,set_index,readable"
    assert "test,index,i_t,t,integer,default,,,false,true" in lines
    triospike("index", "drop", "--host", hosts, "test", "i_t")


def test_no_indexes_are_told_in_a_table_only(hosts: str) -> None:
    assert triospike("index", "list", "--host", hosts, "bar").stdout == "no indexes\n"
    assert triospike("index", "list", "--host", hosts, "bar", "--json").stdout == ""


def test_an_index_that_is_not_there_can_t_be_dropped(hosts: str) -> None:
    result = triospike("index", "drop", "--host", hosts, "bar", "i_none")
    assert (result.exit_code, result.stderr) == (1, "Error: not found: bar/i_none; there are none\n")


def test_another_index_of_the_same_name_fails_with_one_line(hosts: str) -> None:
    arguments = ("index", "create", "--host", hosts, "test", "index", "i_same", "--type", "integer", "--bin")
    triospike(*arguments, "a")
    result = triospike(*arguments, "b")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    triospike("index", "drop", "--host", hosts, "test", "i_same")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--type", "integer"], "one of --bin, --expression and --all-records"),
        (["--bin", "a", "--expression", "kQA=", "--type", "integer"], "one of --bin"),
        (["--bin", "a"], "--type"),
        (["--bin", "a", "--type", "float"], "--type"),
        (["--expression", "%", "--type", "integer"], "not base64"),
        (["--bin", "a", "--type", "integer", "--context", "%"], "base64"),
    ],
)
def test_what_can_t_be_indexed_is_wrong_usage(arguments: list[str], message: str) -> None:
    result = triospike("index", "create", "test", "s", "i", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
