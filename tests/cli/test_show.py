from __future__ import annotations

import csv
import io
import json

import pytest

from .running import triospike
from .writing import write_all


@pytest.fixture(scope="module", autouse=True)
def records(hosts: str) -> None:
    write_all(hosts, "show", {n: {"a": n} for n in range(10)})
    arguments = ("test", "show", "i_show", "--bin", "a", "--type", "integer")
    triospike("index", "create", "--host", hosts, *arguments)
    triospike("scan", "--host", hosts, "test", "show")


def shown(hosts: str, *arguments: str) -> list[dict[str, object]]:
    result = triospike("show", *arguments, "--host", hosts, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_namespaces_count_each_record_once(hosts: str) -> None:
    found = {row["name"]: row for row in shown(hosts, "namespaces")}
    assert found.keys() == {"test", "bar"}
    assert found["test"]["replication_factor"] == 2
    assert found["test"]["objects"] == 2 * int(str(found["test"]["records"]))


def test_sets_count_copies(hosts: str) -> None:
    (row,) = [row for row in shown(hosts, "sets", "test") if row["name"] == "show"]
    assert (row["namespace"], row["objects"]) == ("test", 20)
    assert row in shown(hosts, "sets")


def test_nodes_have_names_and_addresses(hosts: str) -> None:
    rows = shown(hosts, "nodes")
    assert {row["address"] for row in rows} == set(hosts.split(","))
    assert [row["name"] for row in rows] == sorted(str(row["name"]) for row in rows)


def test_indexes_are_those_of_the_verb_index(hosts: str) -> None:
    assert "i_show" in {row["name"] for row in shown(hosts, "indexes", "test")}


def test_jobs_that_are_done_are_shown_but_not_as_active(hosts: str) -> None:
    jobs = [row for row in shown(hosts, "jobs") if row["set"] == "show"]
    assert {row["kind"] for row in jobs} == {"basic"}
    assert sum(int(str(row["succeeded"])) for row in jobs) >= 10
    assert shown(hosts, "jobs", "--active") == []


@pytest.mark.parametrize("what", ["namespaces", "sets", "nodes", "indexes", "jobs"])
def test_tables_csv_and_json_have_as_many_rows(hosts: str, what: str) -> None:
    rows = shown(hosts, what)
    assert rows
    table = triospike("show", what, "--host", hosts).stdout.splitlines()
    listed = list(csv.DictReader(io.StringIO(triospike("show", what, "--host", hosts, "--csv").stdout)))
    assert len(table) - 1 == len(listed) == len(rows)
    assert list(listed[0]) == list(rows[0])


def test_an_embedded_server_has_its_namespace() -> None:
    result = triospike("show", "namespaces")
    assert result.stdout.splitlines()[1].split()[0] == "test"
    assert triospike("show", "sets").stdout == "no sets\n"
