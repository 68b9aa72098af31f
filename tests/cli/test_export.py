from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from triospike import Record
from triospike.cli import export as export_verb
from triospike.cli.portable import record_to_line
from triospike.cli.resuming import Progressed, StateFile

from .running import triospike
from .writing import digests_of, write_all

N = 300


@pytest.fixture(scope="module", autouse=True)
def records(hosts: str) -> None:
    write_all(hosts, "export", {n: {"n": n, "raw": bytes([n % 256])} for n in range(N)})


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_verb, "LINES", 10)
    monkeypatch.setattr(export_verb, "SAVE_INTERVAL", -1.0)


def exported(hosts: str, output: Path, *arguments: str) -> Any:
    return triospike("export", "--host", hosts, "test", "export", "-o", str(output), *arguments)


def lines_of(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.read_text().splitlines()]


def break_at(monkeypatch: pytest.MonkeyPatch, last: int) -> None:
    """Let the disk fail at a record."""
    seen: list[Record] = []

    def failing(record: Record, now: float) -> str:
        seen.append(record)
        if len(seen) == last:
            raise OSError(28, "No space left on device")
        return record_to_line(record, now)

    monkeypatch.setattr(export_verb, "record_to_line", failing)


def test_every_record_is_a_line_and_no_state_is_left(hosts: str, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    result = exported(hosts, output)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "exported: 300 records of test/export\n"
    lines = lines_of(output)
    assert {line["digest"] for line in lines} == digests_of("export", *range(N))
    assert sorted(line["bins"]["n"] for line in lines) == list(range(N))
    assert next(line for line in lines if line["key"] == 7)["bins"]["raw"] == {"$bytes": "07"}
    assert list(tmp_path.iterdir()) == [output]


def test_to_stdout_nothing_else_goes(hosts: str) -> None:
    result = triospike("export", "--host", hosts, "test", "export", "--where", "n < 5", "--bins", "n")
    assert result.exit_code == 0
    assert sorted(json.loads(line)["bins"]["n"] for line in result.stdout.splitlines()) == list(range(5))


def test_an_interrupted_export_goes_on_without_loss_or_doubles(
    hosts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.jsonl"
    with monkeypatch.context() as broken:
        break_at(broken, 125)
        first = exported(hosts, output)
    assert first.exit_code == 1
    assert first.stderr.splitlines() == [
        "interrupted: 120 records so far; --resume goes on",
        "Error: No space left on device",
    ]
    with monkeypatch.context() as broken:
        break_at(broken, 100)
        assert "interrupted: 210 records so far" in exported(hosts, output, "--resume").stderr
    last = exported(hosts, output, "--resume")
    assert last.exit_code == 0
    assert last.stderr == "exported: 300 records of test/export, 210 of them earlier\n"
    lines = lines_of(output)
    assert len(lines) == N
    assert {line["digest"] for line in lines} == digests_of("export", *range(N))
    assert list(tmp_path.iterdir()) == [output]


def test_what_a_crash_left_behind_the_last_note_is_cut_off(
    hosts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.jsonl"
    with monkeypatch.context() as broken:
        break_at(broken, 50)
        exported(hosts, output)
    with output.open("a") as file:
        file.write('{"half a li')
    assert exported(hosts, output, "--resume").exit_code == 0
    assert {line["digest"] for line in lines_of(output)} == digests_of("export", *range(N))


def test_an_export_that_runs_out_of_time_can_be_resumed(hosts: str, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    slow = exported(hosts, output, "--rps", "100", "--timeout", "0.3")
    assert slow.exit_code == 1
    assert "so far; --resume goes on" in slow.stderr
    assert len(lines_of(output)) < N
    assert exported(hosts, output, "--resume").exit_code == 0
    lines = lines_of(output)
    assert len(lines) == N
    assert {line["digest"] for line in lines} == digests_of("export", *range(N))


def test_packed_lists_and_maps_are_left_as_they_are(hosts: str) -> None:
    write_all(hosts, "export-packed", {1: {"l": [1, 2], "m": {"a": 1}}})
    result = triospike("export", "--host", hosts, "test", "export-packed", "--packed")
    assert json.loads(result.stdout)["bins"] == {
        "l": {"$blob": "920102", "type": 20},
        "m": {"$blob": "81a2036101", "type": 19},
    }


def test_nothing_is_replaced_or_resumed_by_mistake(
    hosts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.jsonl"
    nothing = exported(hosts, output, "--resume")
    assert (nothing.exit_code, nothing.stderr) == (
        1,
        f"Error: nothing to resume: there is no {output}.export-state\n",
    )
    output.write_text("precious")
    assert "is there already: --overwrite replaces it" in exported(hosts, output).stderr
    assert output.read_text() == "precious"
    with monkeypatch.context() as broken:
        break_at(broken, 50)
        exported(hosts, output, "--overwrite")
    unsaid = exported(hosts, output)
    assert unsaid.exit_code == 1
    assert "--resume goes on, --overwrite begins again" in unsaid.stderr
    other = exported(hosts, output, "--resume", "--bins", "n")
    assert other.exit_code == 1
    assert "is of other work: bins was None, and is ['n'] now" in other.stderr
    assert exported(hosts, output, "--overwrite").exit_code == 0
    assert len(lines_of(output)) == N


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": 2, "job": {}}'])
def test_a_damaged_state_is_told(hosts: str, tmp_path: Path, text: str) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("")
    output.with_name("out.jsonl.export-state").write_text(text)
    result = exported(hosts, output, "--resume")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "out.jsonl.export-state" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_file_that_became_shorter_is_not_resumed(
    hosts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.jsonl"
    with monkeypatch.context() as broken:
        break_at(broken, 50)
        exported(hosts, output)
    output.write_text("")
    assert "is shorter than it was" in exported(hosts, output, "--resume").stderr


def test_an_unreachable_cluster_leaves_no_file(free_port: int, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    assert exported(f"127.0.0.1:{free_port}", output, "--timeout", "1").exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_namespace_leaves_no_file(hosts: str, tmp_path: Path) -> None:
    result = triospike("export", "--host", hosts, "nowhere", "-o", str(tmp_path / "out.jsonl"))
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["--resume"], ["--overwrite"], ["--resume", "--overwrite", "-o", "x"]])
def test_what_does_not_go_together_is_wrong_usage(arguments: list[str]) -> None:
    assert triospike("export", "test", *arguments).exit_code == 2


def test_notes_survive_a_crash_while_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = StateFile(tmp_path / "x", ".state", {"a": 1})
    state.write(Progressed(5, 1))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as crashing:
        crashing.setattr("triospike.cli.resuming.os.fsync", crash)
        with pytest.raises(KeyboardInterrupt):
            state.write(Progressed(9, 2))
    assert state.read() == Progressed(5, 1)
