from __future__ import annotations

import csv
import io
import json

import pytest

from triospike import Key, exp
from triospike.key import N_PARTITIONS

from .running import triospike
from .writing import write_all


@pytest.fixture(scope="module", autouse=True)
def people(hosts: str) -> None:
    write_all(hosts, "scan", {n: {"name": f"p{n}", "age": n} for n in range(100)})


def scanned(hosts: str, *arguments: str) -> list[int]:
    result = triospike("scan", "--host", hosts, "test", "scan", "--json", *arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return sorted(json.loads(line)["key"] for line in result.stdout.splitlines())


def test_every_record_is_a_line_of_json(hosts: str) -> None:
    assert scanned(hosts) == list(range(100))


def test_a_table_has_names_at_its_top_and_a_count_beside_it(hosts: str) -> None:
    result = triospike("scan", "--host", hosts, "test", "scan")
    head, *rows = result.stdout.splitlines()
    assert head.split() == ["key", "name", "age", "gen", "ttl"]
    assert sorted(row.split() for row in rows) == sorted(
        [str(n), f"p{n}", str(n), "1", "never"] for n in range(100)
    )
    assert result.stderr == "100 records\n"


def test_csv_reads_back(hosts: str) -> None:
    result = triospike("scan", "--host", hosts, "test", "scan", "--csv", "--bins", "age")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert sorted(int(row["age"]) for row in rows) == list(range(100))
    assert list(rows[0]) == ["set", "key", "digest", "generation", "ttl", "age"]
    assert result.stderr == ""


def test_a_namespace_is_all_of_its_sets(hosts: str) -> None:
    write_all(hosts, "scan-other", {"x": {"a": 1}})
    lines = triospike("scan", "--host", hosts, "test", "--json").stdout.splitlines()
    assert {"scan", "scan-other"} <= {json.loads(line)["set"] for line in lines}
    assert triospike("scan", "--host", hosts, "test").stdout.split()[:2] == ["set", "key"]


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["--where", "age between 20 and 30"], range(20, 31)),
        (["--where", "age >= 97 and name != 'p98'"], [97, 99]),
        (["--where", "age >= 97", "--where", "name != 'p98'"], [97, 99]),
        (["--filter", (exp.bin_int("age") < 3).to_base64()], range(3)),
        (["--filter", (exp.bin_int("age") < 3).to_base64(), "--where", "age > 1"], [2]),
        (["--where", "age = 1000"], []),
        (["--partitions", "0-4095", "--where", "age < 2"], [0, 1]),
    ],
)
def test_conditions_are_checked_by_the_servers(hosts: str, arguments: list[str], keys: list[int]) -> None:
    assert scanned(hosts, *arguments) == list(keys)


def test_partitions_are_a_range_with_both_its_ends(hosts: str) -> None:
    partitions = {n: Key("test", "scan", n).partition_id for n in range(100)}
    first, last = partitions[3], min(partitions[3] + 500, N_PARTITIONS - 1)
    expected = [n for n, partition in partitions.items() if first <= partition <= last]
    assert scanned(hosts, "--partitions", f"{first}-{last}") == expected
    assert 3 in scanned(hosts, "--partitions", str(first))


def test_a_limit_is_exact(hosts: str) -> None:
    assert len(scanned(hosts, "--limit", "7")) == 7
    assert "7 records, the limit" in triospike("scan", "--host", hosts, "test", "scan", "--limit", "7").stderr


def test_bins_are_given_in_one_option_or_in_several(hosts: str) -> None:
    for arguments in (["--bins", "name,age"], ["--bins", "name", "--bins", "age"]):
        result = triospike("scan", "--host", hosts, "test", "scan", "--json", "--limit", "1", *arguments)
        assert json.loads(result.stdout)["bins"].keys() == {"name", "age"}


def test_a_set_without_records_prints_none(hosts: str) -> None:
    result = triospike("scan", "--host", hosts, "test", "nothing-here")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "0 records\n")


def test_an_embedded_server_can_be_scanned() -> None:
    result = triospike("scan", "test")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[1:] == ["0 records"]


def test_an_unknown_namespace_fails_with_one_line(hosts: str) -> None:
    result = triospike("scan", "--host", hosts, "nowhere")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nowhere" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--partitions", "5-3"], "no partitions"),
        (["--partitions", "4096"], "no partitions"),
        (["--partitions", "a"], "no partitions"),
        (["--where", "age >"], "at the end in 'age >'"),
        (["--where", f"age > {2**63}"], "64 bits"),
        (["--filter", "%%%"], "not base64"),
        (["--bins", "a_much_too_long_name"], "1 to 15 bytes"),
        (["--limit", "-1"], "--limit"),
        (["--rps", "x"], "--rps"),
    ],
)
def test_what_can_t_be_is_wrong_usage(arguments: list[str], message: str) -> None:
    result = triospike("scan", "test", "s", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
