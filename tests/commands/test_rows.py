"""Rows of scans and queries, and what is no row: read from bytes packed by hand, whole and damaged."""

from __future__ import annotations

import copy
import pickle
import random
import struct
from collections.abc import Iterator

import pytest

from fixtures.query_node import LAST, digests_of, field, message, partition_of, row
from fixtures.wire import frame
from triospike import AerospikeError, ProtocolError, Record
from triospike._commands.rows import RowReader, Rows
from triospike.values import OpaqueBlob
from vectors.recorded import load

DIGESTS = digests_of(20)
PARTITIONS = range(4096)
HEAD = [field(0, b"test"), field(4, DIGESTS[0])]


def op(name: bytes, kind: int, value: bytes) -> bytes:
    return struct.pack(">IBBBB", 4 + len(name) + len(value), 1, kind, 0, len(name)) + name + value


def read(*messages: bytes, limit: int = 1000, **more: bool) -> list[Record]:
    reader = RowReader("test", PARTITIONS, **more)
    reader.begin(frame(3, b"".join(messages)))
    records = []
    while not reader.exhausted:
        records += reader.read(limit).records
    return records


def test_fields_may_come_in_any_order() -> None:
    parts = [field(2, b"\x03me"), field(1, b"demo"), field(4, DIGESTS[0]), field(0, b"test"), field(99, b"?")]
    (record,) = read(message(fields=parts, generation=7))
    key = record.key
    assert (key.namespace, key.set_name, key.user_key, key.digest) == ("test", "demo", "me", DIGESTS[0])
    assert (record.generation, record.bins, record.ttl) == (7, {}, None)


def test_each_row_has_its_own_set() -> None:
    rows = [
        [*HEAD, field(1, b"a")],
        HEAD,
        [*HEAD, field(1, b"b")],
        [*HEAD, field(1, b"b")],
        [*HEAD, field(2, b"\x03k")],
    ]
    records = read(*[message(fields=fields) for fields in rows])
    assert [(record.key.set_name, record.key.user_key) for record in records] == [
        ("a", None),
        ("", None),
        ("b", None),
        ("b", None),
        ("", "k"),
    ]
    assert [record.key.wire_fields[:18] for record in records[:3:2]] == [
        field(0, b"test") + field(1, b"a") + b"\0\0\0",
        field(0, b"test") + field(1, b"b") + b"\0\0\0",
    ]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (b"\x01" + struct.pack(">q", -5), -5),
        (b"\x03" + "käse".encode(), "käse"),
        (b"\x04\x00\xff", b"\x00\xff"),
        (b"\x02" + bytes(8), None),
        (b"\x03\xff", None),
        (b"", None),
    ],
)
def test_user_keys(stored: bytes, expected: object) -> None:
    (record,) = read(message(fields=[*HEAD, field(2, stored)]))
    assert record.key.user_key == expected


def test_bins_of_all_kinds() -> None:
    ops = [op(b"i", 1, struct.pack(">q", -1)), op(b"s", 3, b"x"), op(b"b", 4, b"\0"), op(b"l", 20, b"\x91\x01")]
    (record,) = read(message(fields=HEAD, ops=ops))
    assert record.bins == {"i": -1, "s": "x", "b": b"\0", "l": [1]}
    (record,) = read(message(fields=HEAD, ops=ops), deserialize=False)
    assert record.bins == {"i": -1, "s": "x", "b": b"\0", "l": OpaqueBlob(20, b"\x91\x01")}


def test_several_results_for_a_bin_are_a_list() -> None:
    ops = [op(b"a", 1, struct.pack(">q", 1)), op(b"b", 0, b""), op(b"a", 0, b"")]
    (record,) = read(message(fields=HEAD, ops=ops), gathers=True)
    assert record.bins == {"a": [1, None], "b": None}
    assert record.results == (("a", 1), ("b", None), ("a", None))


def test_a_frame_is_read_by_and_by() -> None:
    reader = RowReader("test", PARTITIONS)
    reader.begin(frame(3, b"".join(row(digest, 0) for digest in DIGESTS) + LAST))
    sizes = []
    while not reader.exhausted:
        assert not reader.ended
        sizes.append(len(reader.read(7).records))
    assert (sizes, reader.ended) == ([7, 7, 6], True)


def test_the_last_of_each_partition_is_where_to_go_on() -> None:
    digests = [bytes([5, high << 4 | 1, number]) + bytes(17) for number, high in enumerate((3, 1, 2))]
    digests.append(bytes([6, 0xF1]) + bytes(18))
    rows = Rows(digests=digests, values=[1, 2, 3, 4])
    assert rows.last_of_partitions() == {0x105: (digests[2], 3), 0x106: (digests[3], 4)}
    assert rows.last_of_partitions(2) == {0x105: (digests[1], 2)}
    assert Rows().last_of_partitions() == {}


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([message(fields=[field(0, b"test")])], "has no digest"),
        ([message(fields=[field(4, b"short")])], "has no digest"),
        ([message(fields=[field(4, DIGESTS[0]), field(1, b"x" * 64)])], "no set that can be"),
        ([message(fields=[*HEAD, field(2, b"\x01\x00\x00\x00")])], "integer of 3 bytes"),
        ([message(fields=[*HEAD], ops=[op(b"\xff", 1, bytes(8))])], "is not UTF-8"),
        ([message(fields=[*HEAD], ops=[b"\0\0\0\x02\x01\x01\0\0"])], "does not fit"),
        ([message(fields=[*HEAD], ops=[op(b"x", 99, b"")])], "unknown particle type 99"),
        ([LAST, LAST], "too many behind the last message"),
        ([LAST, b"\0"], "too many behind the last message"),
        ([row(DIGESTS[0], 1)[:-1]], "cut off|does not fit"),
        ([row(DIGESTS[0], 1)[:60]], "cut off|does not fit"),
        ([row(DIGESTS[0], 1)[:21]], "cut off"),
        ([message(info3=4, generation=4096)], "partition 4096, which it was not asked for"),
        ([message(info3=4, code=11, generation=5, fields=[b"\0\0\0\x09"])], "cut off"),
    ],
)
def test_what_is_no_answer_is_a_protocol_error(messages: list[bytes], expected: str) -> None:
    with pytest.raises(ProtocolError, match=expected):
        read(*messages)


def test_a_frame_of_another_kind_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="frame of type 1"):
        RowReader("test", PARTITIONS).begin(frame(1, b"x"))


def test_a_row_of_another_partition_is_a_protocol_error() -> None:
    reader = RowReader("test", [partition_of(DIGESTS[0])])
    reader.begin(frame(3, row(DIGESTS[0], 1) + row(DIGESTS[1], 2)))
    with pytest.raises(ProtocolError, match="partitions that it was not asked for"):
        reader.read(10)


def test_a_row_of_a_query_needs_its_value_in_the_index() -> None:
    assert len(read(row(DIGESTS[0], 1, value=1), row(DIGESTS[1], 2, value=2), with_values=True)) == 2
    with pytest.raises(ProtocolError, match="not one value in the index"):
        read(row(DIGESTS[0], 1), with_values=True)


@pytest.mark.parametrize("code", [4, 9, 15, 201])
def test_an_error_is_raised_as_what_it_is(code: int) -> None:
    for bad in (message(code=code), message(info3=1, code=code)):
        with pytest.raises(AerospikeError) as caught:
            read(row(DIGESTS[0], 1), bad)
        assert caught.value.result_code == code


def test_a_set_that_does_not_exist_is_empty() -> None:
    assert read(message(code=2)) == read(message(info3=1, code=2)) == []


def test_what_looks_like_the_end_is_told_from_what_does_not() -> None:
    reader = RowReader("test", PARTITIONS)
    for messages, expected in (([LAST], True), ([row(DIGESTS[0], 1), LAST], True), ([row(DIGESTS[0], 1)], False)):
        reader.begin(frame(3, b"".join(messages)))
        assert reader.may_end_here() is expected
    reader.begin(frame(3, b""))
    assert not reader.may_end_here()
    assert reader.exhausted


# Damage.


def _answers() -> Iterator[bytes]:
    yield frame(3, b"".join(row(digest, 0, value=5) for digest in DIGESTS) + LAST)
    for vector in load("query"):
        if vector.call.get("method") == "query" and vector.id.startswith(("scan/", "where/")):
            for exchange in vector.exchanges:
                yield from (each for each in exchange.response if len(each) > 30)


ANSWERS = list(_answers())


def _read_all(answer: bytes, with_values: bool) -> None:
    reader = RowReader("test", PARTITIONS, with_values=with_values)
    reader.begin(answer)
    while not reader.exhausted:
        reader.read(3)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_answers_are_read_or_refused_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    outcomes = set()
    for _ in range(500):
        answer = bytearray(chance.choice(ANSWERS)[:3000])
        for _ in range(chance.randint(1, 4)):
            answer[chance.randrange(8, len(answer))] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
        try:
            _read_all(bytes(answer), chance.random() < 0.3)
            outcomes.add("read")
        except AerospikeError as error:
            outcomes.add(type(error).__name__)
    assert "ProtocolError" in outcomes


# Rows of one shape, which are read in another way from the second on.


def _shaped(number: int) -> bytes:
    ops = [
        op(b"i", 1, struct.pack(">q", number)),
        op(b"f", 2, struct.pack(">d", number / 2)),
        op(b"s", 3, f"{number:04}".encode()),
        op(b"l", 20, bytes([0x91, number])),
    ]
    fields = [
        *HEAD[:1],
        field(4, DIGESTS[number]),
        field(1, b"demo"),
        field(2, b"\x01" + struct.pack(">q", number)),
    ]
    return message(fields=fields, ops=ops, generation=number, void_time=0xFFFFFFF0 if number % 2 else 0)


def test_rows_of_one_shape_are_read_like_rows_of_many() -> None:
    rows = [_shaped(number) for number in range(20)]
    assert len({len(each) for each in rows}) == 1
    together, one_by_one = read(*rows), [record for each in rows for record in read(each)]
    assert together == one_by_one
    assert together[7].bins == {"i": 7, "f": 3.5, "s": "0007", "l": [7]}
    assert [record.key.user_key for record in together] == list(range(20))
    assert {type(record.ttl) for record in together} == {int, type(None)}


def test_shapes_may_take_turns_and_sets_and_names_change() -> None:
    other = [message(fields=[*HEAD, field(1, b"else")], ops=[op(b"x", 1, struct.pack(">q", n))]) for n in range(9)]
    rows = [each for pair in zip([_shaped(number) for number in range(9)], other, strict=True) for each in pair]
    rows += other + rows
    assert read(*rows) == [record for each in rows for record in read(each)]


def _keyed(number: int, key: bytes) -> bytes:
    ops = [
        op(b"s", 3, b"x" * number),
        op(b"b", 4, b"\xff" * (number % 3)),
        op(b"t", 17, bytes([number % 2])),
        op(b"l", 20, b"\x91\x01"),
        op(b"n", 0, b""),
    ]
    fields = [*HEAD[:1], field(4, DIGESTS[number]), field(2, key), field(15, struct.pack("<Q", number))]
    return message(fields=fields, ops=ops, generation=number)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(b"\x03", [f"k{'y' * n}" for n in range(9)]), (b"\x04", [b"k" + b"y" * n for n in range(9)])],
)
def test_values_and_keys_of_any_size_are_read_like_those_of_one_size(kind: bytes, expected: list[object]) -> None:
    rows = [_keyed(number, kind + b"k" + b"y" * number) for number in range(9)]
    records = read(*rows)
    assert [record.key.user_key for record in records] == expected
    assert [record.bins for record in records] == [
        {"s": "x" * number, "b": b"\xff" * (number % 3), "t": bool(number % 2), "l": [1], "n": None}
        for number in range(9)
    ]
    assert [record.bins["l"] for record in read(*rows, deserialize=False)] == [OpaqueBlob(20, b"\x91\x01")] * 9


def test_results_of_rows_that_look_alike_are_kept_in_their_order() -> None:
    ops = [op(b"b", 1, struct.pack(">q", 2)), op(b"a", 3, b"x")]
    (*records,) = read(*[message(fields=HEAD, ops=ops)] * 5, gathers=True)
    assert [record.results for record in records] == [(("b", 2), ("a", "x"))] * 5
    twice = [op(b"b", 1, struct.pack(">q", number)) for number in range(2)]
    (*records,) = read(*[message(fields=HEAD, ops=twice)] * 5, gathers=True)
    assert [record.bins for record in records] == [{"b": [0, 1]}] * 5


def test_rows_of_very_many_looks_are_read_all_the_same() -> None:
    rows = [
        message(fields=HEAD, ops=[op(b"%d" % (number * 7919 % 500), 3, b"x" * (number % 5))])
        for number in range(900)
    ]
    assert read(*rows) == [record for each in rows for record in read(each)]


def test_an_error_among_rows_of_one_shape_is_seen() -> None:
    rows = [_shaped(number) for number in range(5)]
    broken = bytearray(rows[3])
    broken[5] = 9
    with pytest.raises(AerospikeError, match="TIMEOUT"):
        read(*rows[:3], bytes(broken), rows[4])


def test_values_in_an_index_are_left_where_nobody_asked_for_them() -> None:
    rows = [row(digest, 1, value=number) for number, digest in enumerate(DIGESTS)]
    reader = RowReader("test", PARTITIONS)
    reader.begin(frame(3, b"".join(rows)))
    assert reader.read(100).values == []
    reader = RowReader("test", PARTITIONS, with_values=True)
    reader.begin(frame(3, b"".join(rows)))
    assert reader.read(100).values == list(range(20))


@pytest.mark.parametrize("user_key", [[], [field(2, b"\x03me")]])
def test_records_can_be_pickled_and_copied_before_anybody_looks_at_their_keys(user_key: list[bytes]) -> None:
    rows = [message(fields=[field(0, b"test"), field(4, digest), field(1, b"s"), *user_key]) for digest in DIGESTS]
    expected = [("test", "s", "me" if user_key else None, digest) for digest in DIGESTS]
    for copied in (pickle.loads(pickle.dumps(read(*rows))), copy.deepcopy(read(*rows)), read(*rows)):
        keys = [record.key for record in copied]
        assert [(key.namespace, key.set_name, key.user_key, key.digest) for key in keys] == expected
