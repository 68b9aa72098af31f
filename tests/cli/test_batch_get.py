from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from triospike import Key

from .running import triospike
from .writing import write_all


@pytest.fixture(scope="module", autouse=True)
def records(hosts: str) -> None:
    write_all(hosts, "batch", {"a": {"n": 1, "m": 1}, "b": {"n": 2}, 7: {"n": 7}, b"\xc0": {"n": 8}})


def test_records_are_in_the_order_of_their_keys(hosts: str) -> None:
    result = triospike("batch-get", "--host", hosts, "test", "batch", "b", "a", "b", "--json")
    assert result.exit_code == 0
    assert [json.loads(line)["bins"]["n"] for line in result.stdout.splitlines()] == [2, 1, 2]


def test_those_that_are_not_there_are_shown_and_make_it_fail(hosts: str) -> None:
    result = triospike("batch-get", "--host", hosts, "test", "batch", "a", "nobody", "b")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[2].split() == ["nobody", "-", "not", "found"]
    assert result.stderr == "Error: not found: 1 of 3 records\n"
    lines = triospike("batch-get", "--host", hosts, "test", "batch", "a", "nobody", "--json").stdout.splitlines()
    assert json.loads(lines[1])["bins"] is None


def test_keys_come_from_a_file_or_from_stdin(hosts: str, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("a\n\nb\n")
    for arguments, stdin in (([str(file)], None), (["-"], "a\nb\n")):
        result = triospike(
            "batch-get",
            "--host",
            hosts,
            "test",
            "batch",
            "--csv",
            "--bins",
            "n",
            "--keys",
            *arguments,
            stdin=stdin,
        )
        assert result.exit_code == 0
        assert [row["n"] for row in csv.DictReader(io.StringIO(result.stdout))] == ["1", "2"]


@pytest.mark.parametrize(
    ("arguments", "n"),
    [(["7", "--int"], 7), (["c0", "--bytes"], 8), ([Key("test", "batch", "a").digest.hex(), "--digest"], 1)],
    ids=["int", "bytes", "digest"],
)
def test_keys_of_each_type_find_their_record(hosts: str, arguments: list[str], n: int) -> None:
    result = triospike("batch-get", "--host", hosts, "test", "batch", *arguments, "--json")
    assert json.loads(result.stdout)["bins"]["n"] == n


def test_thousands_of_keys_are_read_in_portions(hosts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triospike.cli.batch_get.PORTION", 2)
    result = triospike("batch-get", "--host", hosts, "test", "batch", "a", "b", "a", "b", "a", "--json")
    assert [json.loads(line)["bins"]["n"] for line in result.stdout.splitlines()] == [1, 2, 1, 2, 1]


@pytest.mark.parametrize("arguments", [[], ["x", "--int"], ["zz", "--bytes"]])
def test_keys_that_can_t_be_are_wrong_usage(arguments: list[str]) -> None:
    assert triospike("batch-get", "test", "batch", *arguments).exit_code == 2
