from __future__ import annotations

import json

import pytest

from .running import triospike


def nodes(hosts: str) -> list[str]:
    return list(json.loads(triospike("info", "--host", hosts, "node", "--json").stdout))


def test_every_node_answers_under_its_name(hosts: str) -> None:
    result = triospike("info", "--host", hosts, "namespaces")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[1::2] == ["test;bar", "test;bar"]
    assert sorted(line.rstrip(":") for line in lines[::2]) == sorted(nodes(hosts))


def test_one_node_s_answer_is_printed_alone(hosts: str) -> None:
    name = nodes(hosts)[0]
    assert triospike("info", "--host", hosts, "node", "--node", name).stdout == f"{name}\n"


def test_lines_breaks_an_answer_at_its_semicolons(hosts: str) -> None:
    name = nodes(hosts)[0]
    result = triospike("info", "--host", hosts, "namespaces", "--node", name, "--lines")
    assert result.stdout == "test\nbar\n"


def test_json_is_an_object_of_nodes(hosts: str) -> None:
    found = json.loads(triospike("info", "--host", hosts, "build", "--json").stdout)
    assert len(found) == 2
    assert len(set(found.values())) == 1


def test_without_a_command_it_shows_an_overview(hosts: str) -> None:
    result = triospike("info", "--host", hosts)
    assert result.exit_code == 0
    for name in nodes(hosts):
        assert name in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_an_unknown_node_is_named_beside_those_that_exist(hosts: str) -> None:
    result = triospike("info", "--host", hosts, "node", "--node", "BB9")
    assert result.exit_code == 1
    assert "no node 'BB9'" in result.stderr
    assert nodes(hosts)[0] in result.stderr


def test_an_error_answer_fails_with_one_line(hosts: str) -> None:
    result = triospike("info", "--host", hosts, "nonsense")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: nonsense failed on ")
    assert result.stderr.count("unrecognized command") == 1
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["--json", "--lines"])
def test_an_overview_has_no_other_forms(option: str) -> None:
    assert triospike("info", option).exit_code == 2
