"""Answers of batches: rows in any order and of any look, and frames that nobody should send."""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import Any

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from commands.neutral import exact
from fixtures.wire import frame
from triospike import GeoJSON, Key, Record
from triospike._commands.alike_rows import records_reader
from triospike._commands.batch import BatchRow
from triospike._commands.batch_answer import Answer, read_answers, read_flags, read_records
from triospike._commands.batch_row import Row
from triospike._commands.batch_rows import read_row
from triospike._commands.row_look import batch_look
from triospike.batch import BatchResult
from triospike.errors import CommandTimeout, Overloaded, PartitionUnavailable, ProtocolError
from triospike.policy import BatchPolicy
from triospike.values import OpaqueBlob
from vectors.recorded import load
from wire.plain_reader import plain_value
from wire.strategies import QUICK, damaged

KEYS = [Key("test", "s", number) for number in range(8)]
WAITING = object()
ROW = read_row(None, BatchPolicy())
MANY = settings(max_examples=500, deadline=None)


def op(name: str, kind: int, value: bytes) -> bytes:
    encoded = name.encode()
    return struct.pack(">IBBBB", 4 + len(encoded) + len(value), 1, kind, 0, len(encoded)) + encoded + value


def row(index: int, *ops: bytes, code: int = 0, generation: int = 1, void_time: int = 0, info3: int = 0) -> bytes:
    head = struct.pack(">BBBBBBIIIHH", 22, 0, 0, info3, 0, code, generation, void_time, index, 0, len(ops))
    return head + b"".join(ops)


def last(code: int = 0) -> bytes:
    return row(0, code=code, generation=0, info3=1)


def integer(name: str, value: int) -> bytes:
    return op(name, 1, struct.pack(">q", value))


def text(name: str, value: str) -> bytes:
    return op(name, 3, value.encode())


def records(*rows: bytes) -> list[Any]:
    answers: list[Any] = [WAITING] * len(KEYS)
    assert read_records(frame(3, b"".join(rows)), KEYS, answers, WAITING) is None
    return answers


# What rows look like.


def test_rows_come_in_any_order() -> None:
    answers = records(row(2, integer("n", 2)), row(0, integer("n", 0)), row(1, integer("n", 1)))
    assert [answer.bins for answer in answers[:3]] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert [answer.key for answer in answers[:3]] == KEYS[:3]
    assert answers[3:] == [WAITING] * 5


def test_missing_and_filtered_rows_are_told_apart() -> None:
    answers = records(
        row(0, integer("n", 0)), row(1, code=2), row(2, integer("n", 2)), row(3, code=27), row(4, code=14)
    )
    assert [answers[0].bins, answers[1], answers[2].bins, answers[3], answers[4]] == [
        {"n": 0},
        None,
        {"n": 2},
        27,
        14,
    ]


def test_generation_and_ttl_are_the_rows_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triospike.clock.wall_clock", lambda: 1_262_304_000.0 + 100)
    answers = records(
        *(row(at, integer("n", at), generation=at + 1, void_time=at and 100 + at) for at in range(4))
    )
    assert [(answer.generation, answer.ttl) for answer in answers[:4]] == [(1, None), (2, 1), (3, 2), (4, 3)]


@pytest.mark.parametrize(
    "second",
    [
        [integer("n", 2), text("s", "longer than before")],
        [integer("m", 2), text("s", "b")],
        [text("n", "2"), text("s", "b")],
        [text("s", "b"), integer("n", 2)],
        [integer("n", 2)],
        [integer("n", 2), text("s", "b"), integer("more", 1)],
        [],
        [integer("n", 2), op("s", 3, b"\xff")],
        [integer("n", 2), op("s", 4, b"b")],
        [integer("n", 2), op("s", 20, b"\x91\x01")],
        [op("n", 1, b"\x00\x02"), text("s", "b")],
        [integer("n", 2), text("s", "")],
        [integer("n", 2), integer("n", 3)],
    ],
)
def test_rows_are_read_right_whatever_the_row_before_looked_like(second: list[bytes]) -> None:
    first = [integer("n", 1), text("s", "a")]
    alone = records(row(1, *second))[1]
    answers = records(row(0, *first), row(1, *second), row(2, *first), row(3, *second), row(4, *second))
    assert [answers[at].bins for at in (0, 2)] == [{"n": 1, "s": "a"}] * 2
    assert [exact(answers[at].bins) for at in (1, 3, 4)] == [exact(alone.bins)] * 3


def test_text_that_is_not_utf_8_comes_as_it_is() -> None:
    rows = [row(0, text("s", "a")), row(1, op("s", 3, b"\xff")), row(2, text("s", "b"))]
    assert [answer.bins["s"] for answer in records(*rows)[:3]] == ["a", OpaqueBlob(3, b"\xff"), "b"]


def test_rows_with_fields_are_read() -> None:
    head = struct.pack(">BBBBBBIIIHH", 22, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1)
    with_field = head + struct.pack(">IB7s", 8, 3, b"version") + integer("n", 1)
    answers = records(row(0, integer("n", 0)), with_field, row(2, integer("n", 2)))
    assert [answer.bins for answer in answers[:3]] == [{"n": 0}, {"n": 1}, {"n": 2}]


_VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1).map(lambda value: (1, struct.pack(">q", value))),
    st.floats(allow_nan=False).map(lambda value: (2, struct.pack(">d", value))),
    st.text(max_size=20).map(lambda value: (3, value.encode())),
    st.binary(max_size=20).map(lambda value: (4, value)),
    st.booleans().map(lambda value: (17, bytes([value]))),
    st.just((0, b"")),
    st.just((20, b"\x92\x01\x02")),
    st.just((19, b"\x81\xa2\x03a\x01")),
    st.just((23, b'\0\0\0{"type": "Point", "coordinates": [1.0, 2.0]}')),
)
_NAMES = st.sampled_from(["a", "b", "name", "n" * 15])
_BINS = st.lists(st.tuples(_NAMES, _VALUES), max_size=4, unique_by=lambda each: each[0])
_ROWS = st.lists(_BINS, min_size=1, max_size=8)


@given(_ROWS)
@MANY
def test_records_are_what_the_plain_reader_reads(rows: list[list[tuple[str, tuple[int, bytes]]]]) -> None:
    packed = [row(at, *(op(name, *value) for name, value in bins)) for at, bins in enumerate(rows)]
    answers = records(*packed)
    for answer, bins in zip(answers, rows, strict=False):
        assert exact(answer.bins) == exact({name: plain_value(*value) for name, value in bins})


@given(_ROWS)
@QUICK
def test_both_readers_read_the_same(rows: list[list[tuple[str, tuple[int, bytes]]]]) -> None:
    packed = [row(at, *(op(name, *value) for name, value in bins)) for at, bins in enumerate(rows)]
    taken: dict[int, Answer] = {}
    body = frame(3, b"".join(packed) + last(4))
    code = read_answers(body, KEYS, ROW, [WAITING] * len(KEYS), WAITING, taken.__setitem__)
    assert code == 4
    found: list[Any] = [taken[at].record if at in taken else WAITING for at in range(len(KEYS))]
    assert records(*packed) == found


def test_a_reader_of_alike_rows_stops_before_what_it_does_not_know() -> None:
    body = frame(3, row(0, integer("n", 0)) + row(1, integer("n", 1)) + row(2, integer("m", 2)))
    look = batch_look(body, 8 + 22, 1)
    assert look is not None
    answers: list[Any] = [WAITING] * len(KEYS)
    stopped = records_reader(look)(body, 8, len(body), KEYS, answers, WAITING, 0.0)
    assert stopped == 8 + 2 * len(row(0, integer("n", 0)))
    assert [type(answer) for answer in answers[:3]] == [Record, Record, object]


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("operated", [False, True])
def test_results_of_alike_rows_are_those_of_rows_alone(mixed: bool, operated: bool) -> None:
    asked = attrs.evolve(ROW, operated=operated)
    rows = [asked, asked, asked, asked, attrs.evolve(ROW, operated=not operated)] if mixed else asked
    packed = [row(at, integer("n", at), text("s", "x" * at), generation=at + 1) for at in range(5)]
    slow: list[Any] = [WAITING] * 5
    read_answers(frame(3, b"".join(packed)), KEYS, rows, slow, WAITING, slow.__setitem__)
    fast: list[Any] = [WAITING] * 5

    def take(index: int, answer: Answer) -> None:
        put(BatchResult(index, KEYS[index], answer.code, answer.record))

    def put(result: BatchResult) -> None:
        fast[result.index] = result

    read_answers(frame(3, b"".join(packed)), KEYS, rows, fast, WAITING, take, put, "A")
    assert [result.record for result in fast] == [answer.record for answer in slow]
    assert [(result.index, result.key, result.ok, result.in_doubt, result.error) for result in fast] == [
        (at, KEYS[at], True, False, None) for at in range(5)
    ]
    assert [result.node for result in fast[2:]] == ["A", "A", None if mixed else "A"]
    assert fast[3].record.results == ((("n", 3), ("s", "xxx")) if operated else ())


def results_of(keys: list[Key], rows: Row | list[Row], packed: list[bytes]) -> list[Any]:
    taken: list[Any] = [WAITING] * len(keys)

    def take(index: int, answer: Answer) -> None:
        put(BatchResult(index, keys[index], answer.code, answer.record))

    def put(result: BatchResult) -> None:
        taken[result.index] = result

    assert read_answers(frame(3, b"".join(packed)), keys, rows, taken, WAITING, take, put, "A") is None
    assert read_answers(frame(3, last()), keys, rows, taken, WAITING, take, put, "A") == 0
    return taken


def test_what_a_frame_has_taught_serves_the_next_batch_of_that_set_from_its_first_row() -> None:
    keys = [Key("test", "taught", number) for number in range(3)]
    packed = [row(at, integer("taught", at)) for at in range(3)]
    assert [result.node for result in results_of(keys, ROW, packed)] == [None, None, "A"]  # by hand, by hand, made
    assert [result.node for result in results_of(keys, ROW, packed)] == ["A"] * 3
    others = [Key("test", "untaught", number) for number in range(3)]
    assert [result.node for result in results_of(others, ROW, packed)] == [None, "A", "A"]


def test_what_results_of_operations_have_taught_is_kept_apart_from_plain_reads() -> None:
    keys = [Key("test", "apart", number) for number in range(3)]
    packed = [row(at, integer("n", at)) for at in range(3)]
    operated = attrs.evolve(ROW, operated=True)
    mixed = [ROW, operated, ROW]
    for _ in range(3):
        for rows in (ROW, operated, mixed):
            for at, result in enumerate(results_of(keys, rows, packed)):
                asked = rows[at] if isinstance(rows, list) else rows
                assert result.record.results == ((("n", at),) if asked.operated else ())
                assert result.record.bins == {"n": at}


@pytest.mark.parametrize("operated", [False, True])
def test_a_bin_that_comes_several_times_has_all_results_of_operations_and_else_the_last(operated: bool) -> None:
    keys = [Key("test", f"several{operated}", number) for number in range(5)]
    packed = [row(at, integer("n", at), text("s", "x" * at), integer("n", -at)) for at in range(5)]
    expected = [{"n": [at, -at] if operated else -at, "s": "x" * at} for at in range(5)]
    results = results_of(keys, attrs.evolve(ROW, operated=operated), packed)
    assert [result.node for result in results][2:] == ["A"] * 3  # by a reader for that look
    assert [result.record.bins for result in results] == expected


def test_a_deleting_batch_never_guesses_what_its_rows_hold() -> None:
    keys = [Key("test", "deleting", number) for number in range(3)]
    packed = [row(at, integer("n", at)) for at in range(3)]
    for _ in range(2):
        results_of(keys, ROW, packed)
    assert [result.record for result in results_of(keys, attrs.evolve(ROW, deletes=True), packed)] == [None] * 3


def test_rows_are_read_right_though_the_batch_before_looked_different() -> None:
    def read(*rows: bytes) -> list[Any]:
        return [answer.bins if isinstance(answer, Record) else answer for answer in records(*rows)[:2]]

    for _ in range(3):
        assert read(row(0, integer("n", 1)), row(1, integer("n", 2))) == [{"n": 1}, {"n": 2}]
        assert read(row(0, text("n", "1")), row(1, text("n", "2"))) == [{"n": "1"}, {"n": "2"}]
        assert read(row(0, code=2), row(1, integer("n", 2))) == [None, {"n": 2}]
        with pytest.raises(ProtocolError, match="a row with index 9, in a batch of 8"):
            records(row(9, integer("n", 1)))
        with pytest.raises(ProtocolError, match="does not fit"):
            records(row(0, integer("n", 1))[:-1])


def test_rows_of_very_many_bins_are_read() -> None:
    bins = {f"n{at}": at for at in range(200)}
    ops = [integer(name, value) for name, value in bins.items()]
    assert [answer.bins for answer in records(row(0, *ops), row(1, *ops))[:2]] == [bins, bins]


# What nobody should send.


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (row(8, integer("n", 1)), "a row with index 8, in a batch of 8"),
        (row(0xFFFFFFFF), "a row with index 4294967295"),
        (row(0, integer("n", 0)) + row(0, integer("n", 0)), "index 0 was not asked of this node, or has come"),
        (row(0) + row(0), "index 0 was not asked of this node, or has come before"),
        (last() + b"\0", "1 bytes behind the last message"),
        (last() + row(0), "22 bytes behind the last message"),
        (row(0)[:21], "expected a message"),
        (row(0, integer("n", 1))[:-1], "does not fit"),
        (row(0) + row(1)[:10], "row cut off at byte offset 30 of 40"),
        (row(0, op("n" * 200, 1, b"")[:-50]), "does not fit"),
        (row(0, struct.pack(">IBBBB", 3, 1, 3, 0, 0)), "does not fit"),
        (row(0, op("n", 99, b"")), "unknown particle type 99"),
        (row(0, op("n", 1, b"\0\0\0")), "integer of 3 bytes"),
    ],
)
def test_damaged_rows_raise_and_say_where(body: bytes, message: str) -> None:
    answers: list[Any] = [WAITING] * len(KEYS)
    with pytest.raises(ProtocolError, match=message):
        read_records(frame(3, body), KEYS, answers, WAITING)
    answers = [WAITING] * len(KEYS)
    with pytest.raises(ProtocolError, match=message):
        read_answers(frame(3, body), KEYS, ROW, answers, WAITING, answers.__setitem__)
    answers = [WAITING] * len(KEYS)
    with pytest.raises(ProtocolError, match=message):
        read_flags(frame(3, body), answers, WAITING)


def test_a_frame_of_another_type_raises() -> None:
    with pytest.raises(ProtocolError, match="got a frame of type 1"):
        read_records(frame(1, row(0)), KEYS, [WAITING] * 8, WAITING)


_WHOLE = frame(3, b"".join(row(at, integer("n", at), text("s", f"text {at}")) for at in range(8)) + last())


@pytest.mark.parametrize("size", range(8, len(_WHOLE)))
def test_a_frame_cut_off_anywhere_gives_rows_or_a_protocol_error(size: int) -> None:
    for data in (_WHOLE[:size], frame(3, _WHOLE[8:size])):
        answers: list[Any] = [WAITING] * len(KEYS)
        with suppress(ProtocolError):
            read_records(data, KEYS, answers, WAITING)
        for at, answer in enumerate(answers):
            assert answer is WAITING or answer.bins == {"n": at, "s": f"text {at}"}


_RECORDED = [
    frame
    for vector in load("batch")
    for exchange in vector.exchanges
    for frame in exchange.response
    if len(frame) < 4000 and frame[1] == 3
]


@given(damaged(_RECORDED), st.booleans())
@MANY
def test_damaged_answers_give_rows_or_a_protocol_error(data: bytes, records: bool) -> None:
    answers: list[Any] = [WAITING] * 100
    keys = [KEYS[0]] * 100
    with suppress(ProtocolError):
        if records:
            read_records(data, keys, answers, WAITING)
        else:
            read_answers(data, keys, ROW, answers, WAITING, answers.__setitem__)


@given(damaged(_RECORDED))
@QUICK
def test_damaged_answers_to_a_row_alone_give_it_or_an_error(data: bytes) -> None:
    with suppress(ProtocolError, CommandTimeout, PartitionUnavailable, Overloaded):
        assert isinstance(BatchRow(KEYS[0], ROW, BatchPolicy()).parse(data), Answer)


def test_values_of_all_types_are_read_in_alike_rows() -> None:
    point = '{"type": "Point", "coordinates": [1.0, 2.0]}'
    ops = [
        op("g", 23, b"\0\0\0" + point.encode()),
        op("l", 20, b"\x92\x01\x02"),
        op("b", 17, b"\1"),
        op("x", 0, b""),
    ]
    expected = {"g": GeoJSON(point), "l": [1, 2], "b": True, "x": None}
    assert [answer.bins for answer in records(row(0, *ops), row(1, *ops), row(2, *ops))[:3]] == [expected] * 3
