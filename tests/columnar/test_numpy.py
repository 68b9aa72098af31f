"""Records as structured arrays: types, missing values, and what does not fit."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import numpy as np
import pytest

from columnar.making import Cursorlike, one_by_one, record, records
from triospike import HLL, BatchResult, GeoJSON, Key, Record, columns


def test_types_are_those_that_all_values_have() -> None:
    array = columns.numpy_array(
        records(
            {"n": 1, "f": 1.5, "b": True, "s": "x", "mixed": 1, "near": 1, "l": [1]},
            {"n": -(2**63), "f": -0.0, "b": False, "s": "yy", "mixed": "a", "near": 0.5, "l": []},
        )
    )
    assert array.dtype == np.dtype(
        [("n", "i8"), ("f", "f8"), ("b", "?"), ("s", "O"), ("mixed", "O"), ("near", "f8"), ("l", "O")]
    )
    assert array["n"].tolist() == [1, -(2**63)]
    assert array["near"].tolist() == [1.0, 0.5]
    assert array["s"].tolist() == ["x", "yy"]
    assert array["l"].tolist() == [[1], []]
    assert not array["n"].mask.any()


def test_what_is_missing_is_masked() -> None:
    array = columns.numpy_array(records({"n": 1}, {"m": 2.5}, {}))
    assert array["n"].mask.tolist() == [False, True, True]
    assert array["m"].mask.tolist() == [True, False, True]
    assert array["n"].sum() == 1
    assert array["m"].mean() == 2.5


def test_defaults_stand_for_what_is_missing() -> None:
    array = columns.numpy_array(
        records({"n": 1}, {"s": "x"}), [("n", "i4"), ("s", "U3"), ("f", "f4")], defaults={"n": -1, "s": "?"}
    )
    assert array["n"].tolist() == [1, -1]
    assert array["s"].tolist() == ["?", "x"]
    assert not array["n"].mask.any()
    assert array["f"].mask.all()


def test_declared_types_are_kept_and_other_bins_left_out() -> None:
    dtype = np.dtype(
        [
            ("n", "u2"),
            ("f", "f4"),
            ("s", "U4"),
            ("b", "S3"),
            ("raw", "V2"),
            ("at", "M8[s]"),
            ("o", "O"),
            ("t", "?"),
        ]
    )
    rows = records(
        {
            "n": 65535,
            "f": 3,
            "s": "Grüß",
            "b": b"a\0c",
            "raw": b"\0\1",
            "at": 86400,
            "o": {"a": 1},
            "t": True,
            "x": 1,
        }
    )
    array = columns.numpy_array(rows, dtype)
    assert array.dtype == dtype
    assert array.filled()[0].tolist()[:5] == (65535, 3.0, "Grüß", b"a\0c", b"\0\1")
    assert array["at"][0] == np.datetime64("1970-01-02")
    assert array["o"][0] == {"a": 1}
    assert array["t"][0]


def test_a_field_with_a_shape_takes_lists() -> None:
    rows = records({"v": [1, 2.5, 3]}, {}, {"v": [4.0, 5.0, 6.0]})
    array = columns.numpy_array(rows, [("v", "f4", (3,))])
    assert array["v"].shape == (3, 3)
    assert array["v"][0].tolist() == [1.0, 2.5, 3.0]
    assert array["v"].mask.tolist() == [[False] * 3, [True] * 3, [False] * 3]
    matrix = columns.numpy_array(records({"m": [[1, 2], [3, 4]]}), [("m", "i8", (2, 2))])
    assert matrix["m"][0].tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("of_type", "value", "why"),
    [
        ("i4", 2**31, "must be -2147483648 to 2147483647"),
        ("u1", -1, "must be 0 to 255"),
        ("i8", 1.0, "must be of int, not float"),
        ("i8", True, "must be of int, not bool"),
        ("i8", "12", "must be of int, not str"),
        ("f8", "1.5", "must be of float or int, not str"),
        ("f8", 2**53 + 1, "can't hold this int exactly"),
        ("f4", 1e300, "overflow"),
        ("?", 1, "must be of bool, not int"),
        ("U2", "abc", "3 long, the column has room for 2"),
        ("U4", "a\0", "ends with a NUL"),
        ("U4", b"a", "must be of str, not bytes"),
        ("S2", b"abc", "3 long, the column has room for 2"),
        ("S4", b"a\0", "ends with a NUL"),
        ("V2", b"abc", "3 bytes long, not 2"),
        (("f4", (2,)), [1.0], "1 elements, not 2"),
        (("f4", (2,)), [1.0, "x"], "must be of float or int, not str"),
        (("f4", (2,)), 1.0, "must be of list, not float"),
        ("c16", 1.0, "is no type for values of bins"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(of_type: Any, value: Any, why: str) -> None:
    rows = [record(0), record(1, c=value)]
    with pytest.raises(ValueError, match=why) as caught:
        columns.numpy_array(rows, np.dtype([("c", *of_type)] if isinstance(of_type, tuple) else [("c", of_type)]))
    assert "column 'c'" in str(caught.value)
    assert repr(value) in str(caught.value) or of_type == "c16"
    assert "row 1, Key(" in str(caught.value) or of_type == "c16"


def test_ints_that_floats_can_not_hold_are_not_made_floats() -> None:
    array = columns.numpy_array(records({"n": 2**53 + 1}, {"n": 0.5}))
    assert array.dtype == np.dtype([("n", "O")])


def test_geo_and_sketches_have_their_text_and_bytes() -> None:
    rows = records({"g": GeoJSON("{}"), "h": HLL(b"\1\2")})
    array = columns.numpy_array(rows, [("g", "U5"), ("h", "S4")])
    assert array["g"][0] == "{}"
    assert array["h"][0] == b"\1\2"


def test_metadata_are_columns_too() -> None:
    rows = records({"n": 5}, {"n": 6})
    array = columns.numpy_array(rows, metadata={"id": "key", "gen": "generation", "life": "ttl", "d": "digest"})
    assert array.dtype.names == ("n", "id", "gen", "life", "d")
    assert array["id"].tolist() == [0, 1]
    assert array["gen"].tolist() == [1, 2]
    assert array["life"].tolist() == [60, None]
    assert array["d"][1].tobytes() == rows[1].key.digest
    narrow = columns.numpy_array(rows, [("generation", "u2"), ("n", "i1")], metadata=["generation", "set"])
    assert narrow.dtype.names == ("generation", "n", "set")
    assert narrow.dtype["generation"] == np.dtype("u2")
    assert narrow["set"].tolist() == ["s", "s"]


def test_rows_without_a_record_keep_their_place_or_not() -> None:
    key = Key("test", "s", 7)
    rows = [
        record(0, n=1),
        None,
        BatchResult(index=2, key=key, result_code=2),
        BatchResult(index=3, key=key, result_code=0, record=Record(key, {"n": 4}, 1, None)),
    ]
    array = columns.numpy_array(rows, metadata=["key"])
    assert array["n"].tolist() == [1, None, None, 4]
    assert array["key"].tolist() == [0, None, 7, 7]
    assert columns.numpy_array(rows, absent="skip")["n"].tolist() == [1, 4]


def test_no_rows_are_an_array_without_rows() -> None:
    assert columns.numpy_array([], [("n", "i4"), ("v", "f4", (2,))]).shape == (0,)
    assert columns.numpy_array([]).dtype.names == ()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"dtype": "i4"}, "dtype must be a structured one"),
        ({"metadata": "key"}, "metadata must be a sequence of names"),
        ({"metadata": ["void"]}, "metadata must be of key, digest"),
        ({"metadata": {"n": "key"}}, "'n' is a bin"),
        ({"defaults": {"q": 1}}, "defaults name 'q', which is no column; there are n"),
        ({"defaults": {"n": None}}, "the default of 'n' is None"),
        ({"absent": "drop"}, "absent must be 'keep' or 'skip'"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], why: str) -> None:
    with pytest.raises((ValueError, TypeError), match=why):
        columns.numpy_array(records({"n": 1}), **arguments)


def test_rows_must_be_rows() -> None:
    with pytest.raises(TypeError, match="rows must be records, results of a batch, or None, not dict"):
        columns.numpy_array([{"n": 1}])  # type: ignore[list-item]


# Streams.

ROWS = [record(number, n=number, s=str(number)) for number in range(25)]


@pytest.mark.parametrize("chunk", [1, 7, 10, 25, 100])
async def test_a_stream_comes_in_arrays_of_one_size(chunk: int) -> None:
    arrays = [array async for array in columns.numpy_batches(one_by_one(ROWS), chunk=chunk)]
    assert [len(array) for array in arrays[:-1]] == [chunk] * (len(arrays) - 1)
    assert 1 <= len(arrays[-1]) <= chunk
    assert [n for array in arrays for n in array["n"].tolist()] == list(range(25))


async def test_lists_that_stream_in_are_cut_anew() -> None:
    source = one_by_one([ROWS[:3], ROWS[3:20], ROWS[20:]])
    assert [len(array) async for array in columns.numpy_batches(source, chunk=10)] == [10, 10, 5]


async def test_results_of_a_query_are_asked_for_chunks() -> None:
    source = Cursorlike(ROWS, 10, 4, 11)
    sizes = [len(array) async for array in columns.numpy_batches(source, chunk=10)]
    assert (sizes, source.asked_for) == ([10, 10, 5], 10)


async def test_no_more_is_taken_than_one_batch_needs() -> None:
    source = Cursorlike(ROWS, 10, 10, 5)
    async with aclosing(columns.numpy_batches(source, chunk=10)) as batches:
        await anext(batches)
        assert source.given == 10


async def test_nothing_that_streams_in_gives_no_arrays() -> None:
    assert [array async for array in columns.numpy_batches(one_by_one([]))] == []


async def test_later_records_have_to_fit_the_types_of_the_first() -> None:
    source = one_by_one([*ROWS[:4], record(4, n=0.5)])
    async with aclosing(columns.numpy_batches(source, chunk=4)) as batches:
        await anext(batches)
        with pytest.raises(ValueError, match=r"column 'n' of int64: 0\.5 of row 0, Key\(.* does not fit"):
            await anext(batches)


async def test_a_bin_that_comes_late_is_not_lost_silently() -> None:
    source = one_by_one([*ROWS[:4], record(4, late=1)])
    async with aclosing(columns.numpy_batches(source, chunk=4)) as batches:
        await anext(batches)
        with pytest.raises(ValueError, match="bin 'late' is not in the first rows"):
            await anext(batches)
    declared = columns.numpy_batches(one_by_one([*ROWS[:4], record(4, late=1)]), [("n", "i4")], chunk=4)
    assert [len(array) async for array in declared] == [4, 1]


@pytest.mark.parametrize(("chunk", "error"), [(0, ValueError), (1.5, TypeError), (True, TypeError)])
def test_a_chunk_is_a_number_of_rows(chunk: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="chunk must be"):
        columns.numpy_batches(one_by_one([]), chunk=chunk)


def test_a_list_does_not_stream() -> None:
    with pytest.raises(TypeError, match=r"what `async for` takes, not list; for a list there are numpy_array"):
        columns.numpy_batches(ROWS)  # type: ignore[arg-type]
