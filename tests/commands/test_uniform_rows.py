"""Rows of one look whose sizes are the same for a while: read as if each were the only one, damaged ones too."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from hypothesis import given, strategies as st

from commands.neutral import exact
from fixtures.query_node import LAST, digests_of, field, message
from fixtures.wire import frame
from triospike import Key, Record
from triospike._commands import batch_answer
from triospike._commands.batch_answer import read_records
from triospike._commands.rows import RowReader
from triospike.errors import ProtocolError
from wire.plain_reader import plain_bins
from wire.strategies import QUICK

WAITING = object()
MOST = 40
KEYS = [Key("test", "uniform", number) for number in range(MOST)]
DIGESTS = digests_of(MOST)


def op(name: str, kind: int, value: bytes) -> bytes:
    encoded = name.encode()
    return struct.pack(">IBBBB", 4 + len(encoded) + len(value), 1, kind, 0, len(encoded)) + encoded + value


def row(index: int, *ops: bytes, code: int = 0, generation: int = 1) -> bytes:
    return struct.pack(">BBBBBBIIIHH", 22, 0, 0, 0, 0, code, generation, 0, index, 0, len(ops)) + b"".join(ops)


def ops_of(number: int, text: str, *, name: str = "name", kind: int = 1) -> list[bytes]:
    """A text, a number whose eight bytes may be an integer's or a float's, a blob, and nothing at all."""
    return [
        op(name, 3, text.encode()),
        op("n", kind, struct.pack(">q", number)),
        op("blob", 4, text.encode()[::-1]),
        op("none", 0, b""),
    ]


def read(*rows: bytes) -> list[Any]:
    answers: list[Any] = [WAITING] * MOST
    assert read_records(frame(3, b"".join(rows)), KEYS, answers, WAITING) is None
    return answers


def test_sizes_may_change_after_any_number_of_rows() -> None:
    texts = [text for count in range(1, 8) for text in ["x" * count] * count]
    answers = read(*(row(at, *ops_of(at, text), generation=at + 1) for at, text in enumerate(texts)))
    for at, text in enumerate(texts):
        bins = {"name": text, "n": at, "blob": text.encode(), "none": None}
        assert answers[at] == Record(KEYS[at], bins, at + 1, None)
        assert exact(answers[at].bins) == exact(bins)
    assert answers[len(texts) :] == [WAITING] * (MOST - len(texts))


looks = st.tuples(
    st.sampled_from(["", "x", "y", "zz", "é"]),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from(["name"] * 6 + ["eman"]),
    st.sampled_from([1] * 6 + [17]),
    st.sampled_from([0] * 6 + [2]),
)


@given(st.lists(looks, min_size=2, max_size=MOST))
@QUICK
def test_rows_are_what_the_plain_reader_reads_of_each(rows: list[tuple[str, int, str, int, int]]) -> None:
    packed = []
    expected: list[Any] = []
    for at, (text, number, name, kind, code) in enumerate(rows):
        if kind == 17:  # a bool, which has another size
            ops = [op("name", 3, text.encode()), op("b", 17, bytes([number % 2]))]
        else:
            ops = ops_of(number, text, name=name, kind=kind)
        if code:
            packed.append(row(at, code=code, generation=0))
            expected.append(None)
        else:
            packed.append(row(at, *ops))
            expected.append(exact(dict(plain_bins(frame(3, packed[-1])))))
    found = read(*packed)[: len(rows)]
    assert [record and exact(record.bins) for record in found] == expected


def outcome(frame_: bytes, keys: list[Key]) -> Any:
    answers: list[Any] = [WAITING] * MOST
    try:
        read_records(frame_, keys, answers, WAITING)
    except ProtocolError:
        return "ProtocolError"
    return [
        answer if not isinstance(answer, Record) else (exact(answer.bins), answer.generation) for answer in answers
    ]


@pytest.mark.parametrize("seed", range(12))
def test_damage_in_a_run_is_seen_as_it_is_without_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    texts = ["same"] * 9 + ["other"] * 3
    whole = frame(3, b"".join(row(at, *ops_of(at, text)) for at, text in enumerate(texts)))
    seen: set[str] = set()
    for number in range(150):
        damaged = bytearray(whole)
        damaged[chance.randrange(8, len(damaged))] ^= 1 << chance.randrange(8)
        keys = [Key("test", f"{seed}.{number}", at) for at in range(MOST)]
        fast = outcome(bytes(damaged), keys)
        with monkeypatch.context() as without:
            without.setattr(batch_answer, "_MOST_GUESSES", 0)
            others = [Key("test", f"{seed}.{number} slowly", at) for at in range(MOST)]
            slow = outcome(bytes(damaged), others)
        assert fast == slow
        seen.add(type(fast).__name__)
    assert seen == {"str", "list"}


def scanned(number: int, text: str) -> bytes:
    fields = [field(0, b"test"), field(4, DIGESTS[number]), field(1, b"demo"), field(2, b"\x03" + text.encode())]
    return message(fields=fields, ops=ops_of(number, text), generation=number)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 39, 40, 1000])
def test_a_scan_takes_no_more_rows_of_a_run_than_it_was_asked_for(limit: int) -> None:
    texts = ["same"] * 20 + ["other"] * 20
    reader = RowReader("test", range(4096))
    reader.begin(frame(3, b"".join(scanned(at, text) for at, text in enumerate(texts)) + LAST))
    records: list[Record] = []
    while not reader.exhausted:
        rows = reader.read(limit)
        assert len(rows.records) == len(rows.digests) == min(limit, MOST - len(records))
        records += rows.records
    assert reader.ended
    assert [(record.key.user_key, record.bins["n"], record.generation) for record in records] == [
        (text, at, at) for at, text in enumerate(texts)
    ]
    assert [record.key.digest for record in records] == DIGESTS
