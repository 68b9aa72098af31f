from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from triospike import Key, Record
from triospike.cli.records_view import CsvRecords, JsonRecords, TableRecords, cell


def record(user_key: Any, bins: dict[str, Any], ttl: int | None = None) -> Record:
    return Record(Key("test", "s", user_key), bins, 3, ttl)


def put_all(writer: JsonRecords | CsvRecords | TableRecords, *records: Record) -> None:
    for one in records:
        writer.add(one.key, one)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("Ada", "Ada"),
        ("36", '"36"'),
        (36, "36"),
        ("true", '"true"'),
        ("truth", "truth"),
        ("NaN", '"NaN"'),
        ("", '""'),
        ("a\nb", '"a\\nb"'),
        ("[1", "[1"),
        (b"\xff", '{"$bytes": "ff"}'),
        (["x", 1], '["x", 1]'),
    ],
)
def test_a_cell_is_never_taken_for_something_else(value: Any, text: str) -> None:
    assert cell(value) == text


def test_json_has_a_line_for_each_record(capsys: pytest.CaptureFixture[str]) -> None:
    writer = JsonRecords()
    put_all(writer, record("ada", {"n": 1}, 60), record(b"\x00", {"n": 2}))
    missing = Key("test", "s", "nobody")
    writer.add(missing, None)
    assert writer.finish() is None
    first, second, third = map(json.loads, capsys.readouterr().out.splitlines())
    digest = Key("test", "s", "ada").digest.hex()
    assert first == {"set": "s", "key": "ada", "digest": digest, "generation": 3, "ttl": 60, "bins": {"n": 1}}
    assert second["key"] == {"$bytes": "00"}
    assert (third["key"], third["bins"]) == ("nobody", None)


def test_csv_finds_its_columns_in_the_first_records(capsys: pytest.CaptureFixture[str]) -> None:
    writer = CsvRecords(None)
    put_all(writer, record("a", {"x": "1,5"}), record("b", {"y": [1], "x": "36"}))
    writer.flush()
    assert capsys.readouterr().out == ""
    assert writer.finish() is None
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == ["set", "key", "digest", "generation", "ttl", "x", "y"]
    assert [row[:2] + row[3:] for row in rows[1:]] == [
        ["s", "a", "3", "", "1,5", ""],
        ["s", "b", "3", "", "36", "[1]"],
    ]


def test_csv_tells_of_bins_for_which_it_has_no_column(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triospike.cli.records_view.CSV_LOOKED_AT", 2)
    writer = CsvRecords(None)
    put_all(writer, record(1, {"x": 1}), record(2, {"x": 1}))
    writer.flush()
    put_all(writer, record(3, {"x": 1, "late": 1}))
    complaint = writer.finish()
    assert complaint == "bins without a column, left out: late (1 record); name the columns with --bins"
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_csv_of_no_records_has_its_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert CsvRecords(["a"]).finish() is None
    assert capsys.readouterr().out == "set,key,digest,generation,ttl,a\n"


def test_a_table_lines_up_and_names_new_bins_when_they_come(
    capsys: pytest.CaptureFixture[str],
) -> None:
    writer = TableRecords(one_set=True)
    put_all(writer, record("ada", {"name": "Zoë"}, 60), record("bo", {"name": "長い名前", "n": 1}))
    writer.flush()
    put_all(writer, record("c", {"more": 1}))
    writer.finish()
    assert capsys.readouterr().out.splitlines() == [
        "key  name      n  gen  ttl",
        "ada  Zoë          3    60 s",
        "bo   長い名前  1  3    never",
        "",
        "key  name  n  more  gen  ttl",
        "c             1     3    never",
    ]


def test_a_table_fits_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"COLUMNS": "60", "FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    writer = TableRecords(one_set=False)
    put_all(writer, record("a", {"long": "x" * 200, "short": 5}), record("b", {"long": "y", "short": 6}))
    writer.finish()
    lines = capsys.readouterr().out.replace("\x1b[2m", "").replace("\x1b[0m", "").splitlines()
    assert all(len(line) <= 60 for line in lines)
    assert "…" in lines[1]
    assert lines[1].split()[-4:] == ["5", "3", "never"] or lines[1].endswith("5      3    never")


def test_nothing_is_cut_off_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    writer = TableRecords(one_set=True)
    put_all(writer, record("a", {"long": "x" * 200}))
    writer.finish()
    assert "x" * 200 in capsys.readouterr().out
