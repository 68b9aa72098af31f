"""Records as Arrow's tables and record batches: types, nulls, and what does not fit."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pyarrow as pa
import pytest

from columnar.making import Cursorlike, one_by_one, record, records
from triospike import HLL, BatchResult, GeoJSON, Key, KeyOrderedMap, Record, columns


def test_types_are_those_that_all_values_have() -> None:
    table = columns.arrow_table(
        records(
            {"n": 1, "f": 1, "b": True, "s": "x", "y": b"\0", "g": GeoJSON("{}"), "h": HLL(b"\1")},
            {"n": -(2**63), "f": 1.5, "l": [1, None], "m": {"a": 1.5}, "deep": [{"k": [True]}]},
            {"m": KeyOrderedMap({"b": 2}), "l": []},
        )
    )
    assert table.schema == pa.schema(
        [
            ("n", pa.int64()),
            ("f", pa.float64()),
            ("b", pa.bool_()),
            ("s", pa.string()),
            ("y", pa.binary()),
            ("g", pa.string()),
            ("h", pa.binary()),
            ("l", pa.list_(pa.int64())),
            ("m", pa.map_(pa.string(), pa.float64())),
            ("deep", pa.list_(pa.map_(pa.string(), pa.list_(pa.bool_())))),
        ]
    )
    assert table["n"].to_pylist() == [1, -(2**63), None]
    assert table["f"].to_pylist() == [1.0, 1.5, None]
    assert table["g"].to_pylist() == ["{}", None, None]
    assert table["h"].to_pylist() == [b"\1", None, None]
    assert table["l"].to_pylist() == [None, [1, None], []]
    assert table["m"].to_pylist() == [None, [("a", 1.5)], [("b", 2.0)]]
    assert table["deep"].to_pylist() == [None, [[("k", [True])]], None]


def test_values_of_no_common_type_need_a_schema() -> None:
    rows = records({"c": 1}, {"c": "x"})
    with pytest.raises(ValueError, match="column 'c' has values of no common type: int, str; pass a schema"):
        columns.arrow_table(rows)
    assert columns.arrow_table(rows, pa.schema([])).num_columns == 0


def test_declared_types_are_kept_and_other_bins_left_out() -> None:
    schema = pa.schema(
        [
            ("n", pa.uint16()),
            ("at", pa.timestamp("s")),
            ("d", pa.dictionary(pa.int8(), pa.string())),
            ("v", pa.list_(pa.float32(), 2)),
            ("p", pa.struct([("x", pa.int8()), ("y", pa.string())])),
            ("f16", pa.float32()),
        ],
        metadata={"from": "test"},
    )
    rows = records(
        {"n": 65535, "at": 86400, "d": "a", "v": [1, 2.5], "p": {"x": 1, "z": 0}, "f16": 3, "other": 1}, {}
    )
    table = columns.arrow_table(rows, schema)
    assert table.schema.equals(schema, check_metadata=True)
    assert table["at"].cast(pa.int64()).to_pylist() == [86400, None]
    assert table["d"].to_pylist() == ["a", None]
    assert table["v"].to_pylist() == [[1.0, 2.5], None]
    assert table["p"].to_pylist() == [{"x": 1, "y": None}, None]


def test_defaults_stand_for_what_is_missing() -> None:
    table = columns.arrow_table(records({"n": 1}, {"s": "x"}), defaults={"n": -1})
    assert table["n"].to_pylist() == [1, -1]
    assert table["s"].to_pylist() == [None, "x"]


def test_what_must_be_there_is_missed_by_name() -> None:
    schema = pa.schema([pa.field("n", pa.int64(), nullable=False)])
    with pytest.raises(ValueError, match=r"column 'n' is not nullable, and has no value in row 1, Key\("):
        columns.arrow_table(records({"n": 1}, {}), schema)
    assert columns.arrow_table(records({"n": 1}, {}), schema, defaults={"n": 0})["n"].to_pylist() == [1, 0]


@pytest.mark.parametrize(
    ("of_type", "value", "why"),
    [
        (pa.int64(), 1.5, "must be of int, not float"),
        (pa.int64(), True, "must be of int, not bool"),
        (pa.int64(), "1", "must be of int, not str"),
        (pa.int8(), 300, "too large"),
        (pa.uint8(), -1, "."),
        (pa.float64(), "1", "must be of float or int, not str"),
        (pa.float64(), 2**53 + 1, "outside of the range exactly representable"),
        (pa.bool_(), 1, "must be of bool, not int"),
        (pa.string(), b"x", "must be of str, not bytes"),
        (pa.string(), 1, "must be of str, not int"),
        (pa.binary(), "x", "must be of bytes, not str"),
        (pa.binary(2), b"abc", "expected to be length 2 was 3"),
        (pa.list_(pa.int64()), [1, 2.5], "must be of int, not float"),
        (pa.list_(pa.int64()), 1, "a int is no list"),
        (pa.map_(pa.string(), pa.int64()), {1: 1}, "must be of str, not int"),
        (pa.map_(pa.string(), pa.int64()), {"a": "b"}, "must be of int, not str"),
        (pa.struct([("x", pa.int64())]), {"x": "1"}, "must be of int, not str"),
        (pa.timestamp("s"), 1.5, "must be of int, not float"),
        (pa.dictionary(pa.int8(), pa.string()), 1, "must be of str, not int"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(of_type: Any, value: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        columns.arrow_table([record(0), record(1, c=value)], pa.schema([("c", of_type)]))
    assert f"column 'c' of {of_type}: {value!r} of row 1, Key(" in str(caught.value)


def test_metadata_are_columns_too() -> None:
    rows = records({"n": 5}, {"n": 6})
    what = {"id": "key", "gen": "generation", "life": "ttl", "d": "digest", "set": "set", "in": "namespace"}
    table = columns.arrow_table(rows, metadata=what)
    assert table.column_names == ["n", *what]
    assert table["id"].to_pylist() == [0, 1]
    assert table["gen"].to_pylist() == [1, 2]
    assert table["life"].to_pylist() == [60, None]
    assert table["d"].to_pylist() == [row.key.digest for row in rows]
    assert table["in"].to_pylist() == ["test", "test"]
    declared = columns.arrow_table(rows, pa.schema([("key", pa.int16()), ("n", pa.int8())]), metadata=["key"])
    assert declared.schema == pa.schema([("key", pa.int16()), ("n", pa.int8())])
    with pytest.raises(ValueError, match="'n' is a bin"):
        columns.arrow_table(rows, metadata={"n": "key"})


def test_keys_that_are_not_known_are_null() -> None:
    key = Key("test", "s", 1)
    rows = [Record(Key.from_digest("test", "s", key.digest), {"n": 1}, 1, None)]
    table = columns.arrow_table(rows, metadata=["key"])
    assert table["key"].to_pylist() == [None]


def test_rows_without_a_record_keep_their_place_or_not() -> None:
    key = Key("test", "s", 7)
    rows = [record(0, n=1), None, BatchResult(index=2, key=key, result_code=2)]
    table = columns.arrow_table(rows, metadata=["key"])
    assert table.to_pydict() == {"n": [1, None, None], "key": [0, None, 7]}
    assert columns.arrow_table(rows, absent="skip")["n"].to_pylist() == [1]


def test_no_rows_are_a_table_without_rows() -> None:
    assert columns.arrow_table([], pa.schema([("n", pa.int8())])).num_rows == 0
    assert columns.arrow_table([]).num_columns == 0


def test_a_schema_is_one_of_arrow() -> None:
    with pytest.raises(TypeError, match=r"schema must be a pyarrow\.Schema, not list"):
        columns.arrow_table([], [("n", pa.int8())])
    with pytest.raises(ValueError, match="defaults name 'm', which is no column; there are n"):
        columns.arrow_table([], pa.schema([("n", pa.int8())]), defaults={"m": 1})


# Streams.

ROWS = [record(number, n=number, s=str(number)) for number in range(25)]
SCHEMA = pa.schema([("n", pa.int32()), ("s", pa.string())])


@pytest.mark.parametrize("schema", [None, SCHEMA])
async def test_a_stream_comes_in_batches_of_one_schema(schema: Any) -> None:
    batches = [batch async for batch in columns.arrow_batches(one_by_one(ROWS), schema, chunk=10)]
    assert [batch.num_rows for batch in batches] == [10, 10, 5]
    table = pa.Table.from_batches(batches)
    assert table["n"].to_pylist() == list(range(25))
    assert table["s"].to_pylist() == [str(number) for number in range(25)]


async def test_results_of_a_query_are_asked_for_chunks() -> None:
    source = Cursorlike(ROWS, 10, 10, 5)
    assert [batch.num_rows async for batch in columns.arrow_batches(source, SCHEMA, chunk=10)] == [10, 10, 5]
    assert source.asked_for == 10


async def test_later_records_have_to_fit_the_types_of_the_first() -> None:
    for late, why in (({"n": 0.5}, r"0\.5 of row 0, Key\(.* does not fit"), ({"late": 1}, "bin 'late' is not in")):
        source = one_by_one([*ROWS[:4], record(4, **late)])
        async with aclosing(columns.arrow_batches(source, chunk=4)) as batches:
            await anext(batches)
            with pytest.raises(ValueError, match=why):
                await anext(batches)
