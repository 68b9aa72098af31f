from __future__ import annotations

import json
from pathlib import Path

import pytest

from .running import triospike
from .writing import write_all

SOURCE = """-- visits
function add(rec, n)
  rec['n'] = (rec['n'] or 0) + n
  aerospike:update(rec)
  return rec['n']
end

function kind(rec, value)
  return type(value)
end
"""


@pytest.fixture(scope="module", autouse=True)
def module(hosts: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("lua") / "cli_visits.lua"
    file.write_text(SOURCE)
    result = triospike("udf", "register", "--host", hosts, str(file))
    assert (result.exit_code, result.stdout) == (0, "registered: cli_visits.lua, on 2 nodes\n")


def test_a_module_is_listed_and_printed_as_it_is(hosts: str) -> None:
    rows = [json.loads(one) for one in triospike("udf", "list", "--host", hosts, "--json").stdout.splitlines()]
    (row,) = [row for row in rows if row["name"] == "cli_visits.lua"]
    assert row["language"] == "LUA"
    assert len(row["hash"]) == 40
    assert triospike("udf", "get", "--host", hosts, "cli_visits.lua").stdout == SOURCE
    assert "cli_visits.lua" in triospike("udf", "list", "--host", hosts).stdout


def test_it_is_removed(hosts: str) -> None:
    registered = triospike(
        "udf", "register", "--host", hosts, "-", "--name", "cli_gone.lua", "--no-wait", stdin="function f() end\n"
    )
    assert registered.stdout == "registered: cli_gone.lua, being passed on\n"
    assert triospike("udf", "remove", "--host", hosts, "cli_gone").stdout == "removed: cli_gone.lua\n"
    again = triospike("udf", "remove", "--host", hosts, "cli_gone.lua")
    assert again.exit_code == 1
    assert again.stderr.startswith("Error: not found: cli_gone.lua; there are cli_visits.lua")


def test_a_module_that_is_not_there_is_not_printed(hosts: str) -> None:
    result = triospike("udf", "get", "--host", hosts, "cli_none")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: not found: cli_none; there are cli_visits.lua")


def test_a_module_that_does_not_compile_fails_with_one_line(hosts: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.lua"
    file.write_text("function (")
    result = triospike("udf", "register", "--host", hosts, str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1


def test_a_module_from_stdin_needs_a_name() -> None:
    assert triospike("udf", "register", "-", stdin="x").exit_code == 2


@pytest.mark.parametrize(
    ("function", "argument", "printed"),
    [("add", "5", "15"), ("kind", "5", '"number"'), ("kind", '"5"', '"string"'), ("kind", "five", '"string"')],
)
def test_a_function_is_applied_to_a_record(hosts: str, function: str, argument: str, printed: str) -> None:
    write_all(hosts, "udf", {"ada": {"n": 10}})
    result = triospike("udf", "apply", "--host", hosts, "test", "udf", "ada", "cli_visits", function, argument)
    assert (result.exit_code, result.stdout) == (0, f"{printed}\n"), result.stderr


def test_a_function_that_is_not_there_fails_with_one_line(hosts: str) -> None:
    result = triospike("udf", "apply", "--host", hosts, "test", "udf", "ada", "cli_visits", "nothing")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
