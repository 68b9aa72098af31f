"""Statements, filters, partition filters and cursors: what they take, what they refuse, and how they are kept."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

import pytest

from triospike import CollectionKind, Cursor, Filter, GeoJSON, Key, PartitionFilter, QueryProgress, Statement, exp
from triospike.operations import context, lists, read, read_all, write

DIGEST = bytes(range(20))
CURSOR = Cursor(
    b"12345678",
    1000,
    300,
    99,
    frozenset({1000, 1007, 1299}),
    {1001: (b"\xe9\x03" + bytes(18), 0), 1298: (DIGEST, 7)},
)


# Statements.


def test_a_statement_is_plain_data() -> None:
    statement = Statement("test", None, bins=["a", "b"], filter=Filter.equal("n", 1))
    assert statement == Statement("test", "", bins=("a", "b"), filter=Filter.equal("n", 1))
    assert hash(statement)
    assert (statement.set_name, statement.bins) == ("", ("a", "b"))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Statement(""), ValueError, "namespace must be 1 to 31 bytes"),
        (lambda: Statement("test", "x" * 64), ValueError, "set_name must be at most 63 bytes"),
        (lambda: Statement("test", 5), TypeError, "set_name must be a str"),  # type: ignore[arg-type]
        (lambda: Statement("test", bins="ab"), TypeError, "bins must be a sequence of names"),
        (lambda: Statement("test", bins=["x" * 16]), ValueError, "a bin name in bins"),
        (lambda: Statement("test", filter=5), TypeError, "filter must be a Filter"),  # type: ignore[arg-type]
        (lambda: Statement("test", operations=[5]), TypeError, "operations must be made"),  # type: ignore[list-item]
        (lambda: Statement("test", operations=[write("a", 1)]), ValueError, "must be read operations"),
        (lambda: Statement("test", bins=["a"], operations=[read("a")]), ValueError, "can't both be given"),
    ],
)
def test_what_can_not_be_asked_for_is_refused(
    make: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


def test_operations_that_read_are_taken() -> None:
    assert len(Statement("test", operations=[read("a"), lists.size("l"), read_all()]).operations) == 3


def test_a_fingerprint_tells_which_records_are_meant() -> None:
    fingerprints = {
        statement.fingerprint
        for statement in (
            Statement("test"),
            Statement("test", "a"),
            Statement("testa"),
            Statement("test", filter=Filter.equal("a", 1)),
            Statement("test", filter=Filter.equal("a", 2)),
            Statement("test", filter=Filter.contains("a", 1)),
            Statement("test", filter=Filter.equal(None, 1, index="a")),
        )
    }
    assert len(fingerprints) == 7
    assert Statement("test", bins=["a"]).fingerprint == Statement("test").fingerprint
    assert Statement("test").fingerprint.hex() == "b50351623dc02db4"  # cursors of the first version hold it


# Filters.


def test_filters_say_what_they_are() -> None:
    assert str(Filter.between("age", 20, 30)) == "between('age', 20, 30)"
    assert str(Filter.contains("tags", "x", CollectionKind.MAP_KEYS)) == "contains('tags', 'x', MAP_KEYS)"


def test_a_filter_takes_geojson_as_value_or_text() -> None:
    text = '{"type": "Point", "coordinates": [1.5, 2]}'
    expected = Filter.regions_containing("r", text)
    assert Filter.regions_containing("r", GeoJSON(text)) == expected == Filter.regions_containing("r", (1.5, 2))


def test_a_filter_takes_an_index_or_an_expression_instead_of_a_bin() -> None:
    by_name = Filter.equal(None, 1, index="by_n")
    sum_of = exp.bin_int("n") + 1
    by_expression = Filter.equal(None, 1, expression=sum_of)
    assert (by_name.bin_name, by_name.index, by_name.expression) == ("", "by_n", None)
    assert (by_expression.bin_name, by_expression.index) == ("", None)
    assert by_expression.expression == sum_of.packed
    assert Filter.equal("m", 1, context=[context.map_key("a")]).context == bytes.fromhex("9222a20361")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Filter.equal(None, 1), ValueError, "one of bin_name, index and expression"),
        (lambda: Filter.equal("n", 1, index="x"), ValueError, "one of bin_name, index and expression"),
        (lambda: Filter.equal("", 1), ValueError, "bin_name must be 1 to 15 bytes"),
        (lambda: Filter.equal(None, 1, index=""), ValueError, "index must be 1 to 63 bytes"),
        (lambda: Filter.equal(None, 1, index="x" * 64), ValueError, "index must be 1 to 63 bytes"),
        (lambda: Filter.equal(None, 1, index=5), TypeError, "index must be the name"),  # type: ignore[arg-type]
        (lambda: Filter.equal("n", 1.5), TypeError, "value must be an int, str or bytes"),  # type: ignore[arg-type]
        (lambda: Filter.equal("n", True), TypeError, "value must be an int, str or bytes"),
        (lambda: Filter.equal("n", 2**63), ValueError, "value does not fit in 64 bits"),
        (lambda: Filter.between("n", 2, 1), ValueError, "low must not be above high"),
        (lambda: Filter.between("n", 1, "2"), TypeError, "high must be an int"),  # type: ignore[arg-type]
        (lambda: Filter.contains("n", 1, 1), TypeError, "collection must be a CollectionKind"),  # type: ignore[arg-type]
        (lambda: Filter.within_radius("g", 1, float("nan"), 5), ValueError, "latitude must be a finite number"),
        (lambda: Filter.within_radius("g", "1", 1, 5), TypeError, "longitude must be a number"),  # type: ignore[arg-type]
        (lambda: Filter.within_region("g", b"{}"), TypeError, "region must be GeoJSON"),  # type: ignore[arg-type]
        (lambda: Filter.regions_containing("g", (1.0,)), ValueError, "not 1 numbers"),  # type: ignore[arg-type]
    ],
)
def test_what_no_index_can_answer_is_refused(
    make: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


# Partition filters.


def test_partition_filters() -> None:
    assert PartitionFilter.all() == PartitionFilter.range(0, 4096)
    assert PartitionFilter.one(7) == PartitionFilter.range(7, 1)
    key = Key("test", "demo", 1)
    assert PartitionFilter.after(key) == PartitionFilter(key.partition_id, 1, key.digest)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: PartitionFilter.one(4096), ValueError),
        (lambda: PartitionFilter.one(-1), ValueError),
        (lambda: PartitionFilter.one(True), TypeError),
        (lambda: PartitionFilter.range(0, 0), ValueError),
        (lambda: PartitionFilter.range(4000, 97), ValueError),
        (lambda: PartitionFilter.after(b"short"), ValueError),
        (lambda: PartitionFilter.after("digest"), TypeError),  # type: ignore[arg-type]
    ],
)
def test_partitions_that_there_are_not_are_refused(make: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        make()


# Cursors.


def test_a_cursor_survives_as_bytes() -> None:
    again = Cursor.from_bytes(CURSOR.to_bytes())
    assert again == CURSOR
    assert not again.done
    assert Cursor(b"12345678", 5, 1, 0, frozenset({5})).done


def test_the_bytes_of_a_cursor_do_not_change() -> None:
    cursor = Cursor(b"12345678", 4090, 6, 3, frozenset({4090, 4095}), {4091: (DIGEST, 2**64 - 1)})
    data = bytes.fromhex("54535143 01") + b"12345678" + bytes.fromhex("0ffa 0006 0000000000000003 0001 21")
    data += bytes.fromhex("0ffb") + DIGEST + b"\xff" * 8
    assert cursor.to_bytes() == data + crc32(data).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: b"", "do not begin as one"),
        (lambda data: b"x" + data[1:], "do not begin as one"),
        (lambda data: data[:4] + b"\x02" + data[5:], "version 2; this client reads version 1"),
        (lambda data: data[:20], "cut off"),
        (lambda data: data[:-1], "checksum"),
        (lambda data: data[:30] + bytes([data[30] ^ 1]) + data[31:], "checksum"),
        (lambda data: _signed(data[:13] + b"\xff\xff" + data[15:-4]), "damaged cursor: partitions"),
        (lambda data: _signed(data[:-4] + b"\0"), "do not fit its 2 positions"),
        (lambda data: _signed(data[:-34] + b"\x00\x01" + data[-32:-4]), "position in partition 1"),
    ],
)
def test_what_is_no_cursor_is_refused(damage: Callable[[bytes], bytes], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Cursor.from_bytes(damage(CURSOR.to_bytes()))


def _signed(data: bytes) -> bytes:
    return data + crc32(data).to_bytes(4, "big")


def test_a_cursor_is_read_from_bytes_only() -> None:
    with pytest.raises(TypeError, match="data must be bytes, not str"):
        Cursor.from_bytes("TSQC")  # type: ignore[arg-type]


def test_progress_is_a_share_of_the_partitions() -> None:
    assert QueryProgress(1024, 4096, 5).fraction == 0.25
