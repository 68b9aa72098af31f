from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from triospike import HLL, GeoJSON, Key, KeyOrderedMap
from triospike.cli import importing

from .running import triospike
from .writing import read_all, write_all


def line(user_key: Any, **changes: Any) -> str:
    return json.dumps({"set": "import", "key": user_key, "bins": {"n": user_key}, **changes})


def written(path: Path, *lines: str) -> str:
    path.write_text("".join(f"{one}\n" for one in lines))
    return str(path)


def ns_of(hosts: str, set_name: str) -> list[Any]:
    return sorted(record.bins["n"] for record in read_all(hosts, set_name).values())


def test_what_was_exported_comes_back_as_it_was(hosts: str, tmp_path: Path) -> None:
    point = GeoJSON('{"type": "Point", "coordinates": [1.0, 2.0]}')
    bins: dict[str, Any] = {
        "i": -(2**63),
        "f": float("inf"),
        "s": "Zoë\n",
        "b": b"\x00\xff",
        "t": True,
        "g": point,
        "h": HLL(bytes.fromhex("00080000000000000001") + bytes(193)),
        "l": [1, [b"x", None], {"a": 1}],
        "m": {1: "one", "two": [2.5], b"\x03": point},
        "o": KeyOrderedMap({"z": 1, "a": KeyOrderedMap({2: 3})}),
    }
    write_all(hosts, "import-all", {"text": bins, 7: {"n": 1}, b"\xc0": {"n": 2}})
    write_all(hosts, "import-all", {"by digest": {"n": 3}}, send_key=False)
    before = read_all(hosts, "import-all")
    assert len(before) == 4
    output = tmp_path / "out.jsonl"
    triospike("export", "--host", hosts, "test", "import-all", "-o", str(output))
    triospike("truncate", "--host", hosts, "test", "import-all", "--yes")
    result = triospike("import", "--host", hosts, "test", str(output))
    assert result.exit_code == 0, result.stderr
    after = read_all(hosts, "import-all")
    assert {digest: record.bins for digest, record in after.items()} == {
        digest: record.bins for digest, record in before.items()
    }
    assert {record.key.user_key for record in after.values()} == {"text", 7, b"\xc0", None}
    ordered = after[Key("test", "import-all", "text").digest].bins["o"]
    assert isinstance(ordered, KeyOrderedMap)
    assert isinstance(ordered["a"], KeyOrderedMap)


def test_packed_lists_and_maps_come_back_too(hosts: str, tmp_path: Path) -> None:
    write_all(hosts, "import-packed", {1: {"l": [1, {"a": 2}], "m": KeyOrderedMap({5: [6]})}})
    output = tmp_path / "out.jsonl"
    triospike("export", "--host", hosts, "test", "import-packed", "--packed", "-o", str(output))
    assert triospike("import", "--host", hosts, "test", str(output), "--set", "import-packed2").exit_code == 0
    (record,) = read_all(hosts, "import-packed2").values()
    assert record.bins == {"l": [1, {"a": 2}], "m": {5: [6]}}
    assert isinstance(record.bins["m"], KeyOrderedMap)


def test_an_interrupted_import_goes_on_where_it_was(
    hosts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PORTION", 100)
    lines = [line(n, set="import-on") for n in range(200)]
    file = tmp_path / "in.jsonl"
    written(file, *lines[:120], "x" * len(lines[120]), *lines[121:])
    arguments = ("import", "--host", hosts, "test", str(file), "--in-process", "4")
    first = triospike(*arguments)
    assert first.exit_code == 1
    note, error = first.stderr.splitlines()
    assert note == "interrupted: 120 lines so far; --resume goes on"
    assert error.startswith("Error: line 121: not JSON")
    assert triospike(*arguments).stderr.startswith("Error: an earlier run did not finish")
    assert "set was None, and is 'y' now" in triospike(*arguments, "--resume", "--set", "y").stderr
    written(file, *lines)
    last = triospike(*arguments, "--resume")
    assert last.exit_code == 0
    assert last.stderr.startswith("imported: 200 lines, 120 of them earlier: 200 written; ")
    assert ns_of(hosts, "import-on") == list(range(200))
    assert list(tmp_path.iterdir()) == [file]


def test_lines_that_fail_may_be_passed_over(hosts: str, tmp_path: Path) -> None:
    bad = (line(1, bins={}), "", line(2, key=None), line(3, bins={"a_much_too_long_name": 1}))
    file = written(tmp_path / "in.jsonl", line(0, set="import-bad"), *bad, line(4, set="import-bad"))
    result = triospike("import", "--host", hosts, "test", file, "--keep-going")
    assert result.exit_code == 1
    told = result.stderr.splitlines()
    assert [text.split(":")[0] for text in told] == ["line 2", "line 4", "line 5", "imported", "Error"]
    assert "6 lines: 2 written, 3 failed" in told[3]
    assert told[4] == "Error: 3 lines failed"
    assert ns_of(hosts, "import-bad") == [0, 4]


def test_a_line_that_the_server_refuses_is_told(hosts: str, tmp_path: Path) -> None:
    lines = (line(1), line(2, bins={"n": "x" * (2 << 20)}))
    result = triospike("import", "--host", hosts, "test", written(tmp_path / "in.jsonl", *lines))
    assert result.exit_code == 1
    note, error = result.stderr.splitlines()
    assert note == "interrupted: 1 line so far; --resume goes on"
    assert error.startswith("Error: line 2: ")
    piped = triospike("import", "--host", hosts, "test", "-", stdin="\n".join(lines))
    assert piped.stderr.startswith("interrupted: 1 line so far; --from-line 2 goes on\n")


def test_an_unknown_namespace_fails_with_one_line(hosts: str, tmp_path: Path) -> None:
    file = written(tmp_path / "in.jsonl", line(1))
    result = triospike("import", "--host", hosts, "nowhere", file)
    assert result.exit_code == 1
    assert "nowhere" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("how", "bins", "counted"),
    [
        ("replace", {"n": 5}, "1 written"),
        ("merge", {"n": 5, "old": 1}, "1 written"),
        ("skip", {"n": 1, "old": 1}, "0 written, 1 skipped"),
        ("newer", {"n": 5}, "1 written"),
    ],
)
def test_records_that_are_there(hosts: str, tmp_path: Path, how: str, bins: dict[str, int], counted: str) -> None:
    set_name = f"import-{how}"
    write_all(hosts, set_name, {"k": {"n": 1, "old": 1}})
    file = written(tmp_path / "in.jsonl", line("k", set=set_name, bins={"n": 5}, generation=2))
    result = triospike("import", "--host", hosts, "test", file, "--if-exists", how)
    assert result.exit_code == 0
    assert counted in result.stderr
    (record,) = read_all(hosts, set_name).values()
    assert record.bins == bins


def test_an_older_generation_does_not_replace_a_newer(hosts: str, tmp_path: Path) -> None:
    write_all(hosts, "import-older", {"k": {"n": 1}})
    file = written(tmp_path / "in.jsonl", line("k", set="import-older", bins={"n": 5}, generation=1))
    assert "1 skipped" in triospike("import", "--host", hosts, "test", file, "--if-exists", "newer").stderr
    assert ns_of(hosts, "import-older") == [1]


def test_records_expire_when_they_would_have(hosts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (line(1, expires=1_000_600), line(2, expires=999_999), line(3, expires=None), line(4, ttl=50))
    file = written(tmp_path / "in.jsonl", *lines)
    monkeypatch.setattr(importing, "wall_clock", lambda: 1_000_000.0)
    result = triospike("import", "--host", hosts, "test", file, "--set", "import-ttl")
    assert result.exit_code == 0
    assert "3 written, 1 expired" in result.stderr
    ttls = {record.key.user_key: record.ttl for record in read_all(hosts, "import-ttl").values()}
    assert ttls.keys() == {1, 3, 4}
    assert 590 < ttls[1] <= 600
    assert ttls[3] is None
    assert 40 < ttls[4] <= 50


def test_a_ttl_can_be_given_to_all(hosts: str, tmp_path: Path) -> None:
    file = written(tmp_path / "in.jsonl", line(1, expires=None), line(2, expires=1))
    triospike("import", "--host", hosts, "test", file, "--set", "import-ttl2", "--ttl", "1h")
    assert all(3_500 < record.ttl <= 3_600 for record in read_all(hosts, "import-ttl2").values())
    assert len(read_all(hosts, "import-ttl2")) == 2


def test_stdin_is_read_from_a_line_on(hosts: str) -> None:
    lines = "".join(line(n, set="import-stdin") + "\n" for n in range(10))
    result = triospike("import", "--host", hosts, "test", "-", "--from-line", "8", stdin=lines)
    assert result.exit_code == 0
    assert "3 written, 7 passed over" in result.stderr
    assert ns_of(hosts, "import-stdin") == [7, 8, 9]


def test_several_event_loops_share_the_work(hosts: str, tmp_path: Path) -> None:
    file = written(tmp_path / "in.jsonl", *(line(n, set="import-loops") for n in range(50)))
    arguments = ("--event-loops", "3", "--in-process", "2")
    assert triospike("import", "--host", hosts, "test", file, *arguments).exit_code == 0
    assert ns_of(hosts, "import-loops") == list(range(50))


@pytest.mark.parametrize(
    "arguments",
    [
        ["-", "--resume"],
        ["-", "--restart"],
        ["{file}", "--resume", "--restart"],
        ["{file}", "--resume", "--from-line", "3"],
        ["{file}", "--ttl", "soon"],
        ["{file}", "--if-exists", "maybe"],
        ["no-such-file"],
    ],
)
def test_what_does_not_go_together_is_wrong_usage(tmp_path: Path, arguments: list[str]) -> None:
    file = written(tmp_path / "in.jsonl", line(1))
    result = triospike("import", "test", *(argument.format(file=file) for argument in arguments))
    assert result.exit_code == 2
