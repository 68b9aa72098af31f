"""Batches that are not what they should be: what a server takes from them all the same."""

from __future__ import annotations

import struct

import pytest
from asking import field, frame, integer, op, read, write
from batching import EVERYTHING, WRITE, ask, batch, key, put, repeat, row
from hypothesis import given, settings, strategies as st
from lone_node import LoneNode

from triospike.server.config import NamespaceConfig
from vectors.recorded import load


@pytest.fixture
def node() -> LoneNode:
    node = LoneNode()
    for number, name in enumerate("abc", 1):
        write(node, key(name), op(2, "a", 1, integer(number)))
    return node


def with_key(index: int, name: str) -> bytes:
    return row(index, name, (0, WRITE, 0), op(2, "a", 1, integer(1)), fields=[field(2, b"\x03" + name.encode())])


BROKEN = {
    "a repetition of nothing": [repeat(0, "a")],
    "a repetition of a row with a key": [with_key(0, "a"), repeat(1, "b")],
    "no rows": [],
    "fewer bytes than a row has": [bytes(24)],
    "a row without fields": [row(0, "a", head=b"", n_head=0)],
    "a row that begins with its set": [row(0, "a", head=field(1, b"demo") + field(0, b"test"))],
    "a namespace that is not there": [row(0, "a", head=field(0, b"nope"), n_head=1)],
    "a namespace without a name": [row(0, "a", head=field(0, b""), n_head=1)],
    "a field of no size": [row(0, "a", head=field(0, b"test") + bytes(5))],
    "a namespace field of no size": [row(0, "a", head=bytes(5), n_head=1)],
    "a field larger than the message": [row(0, "a", head=field(0, b"test") + b"\x7f\xff\xff\xff\x01")],
    "a namespace larger than the message": [row(0, "a", head=b"\x7f\xff\xff\xff\0test", n_head=1)],
    "more fields than there are": [row(0, "a", n_head=3)],
    "more operations than there are": [row(0, "a", (1, 0, 0), op(1, "a"), n_ops=2)],
    "an operation larger than the message": [row(0, "a", (1, 0, 0), b"\x7f\xff\xff\xff\x01\0\0\0")],
    "an operation smaller than its name": [row(0, "a", (1, 0, 0), b"\0\0\0\x04\x01\0\0\x09a")],
}


@pytest.mark.parametrize("rows", BROKEN.values(), ids=BROKEN)
def test_malformed_rows_end_a_batch_as_invalid(node: LoneNode, rows: list[bytes]) -> None:
    found = ask(node, batch(*rows))
    assert (found.frames, found.code) == ((), 4)


@pytest.mark.parametrize("rows", list(BROKEN.values())[3:], ids=list(BROKEN)[3:])
def test_rows_in_front_of_a_malformed_one_are_carried_out_without_a_word(
    node: LoneNode, rows: list[bytes]
) -> None:
    found = ask(node, batch(put(0, "d", 5), *rows))
    assert (found.frames, found.code) == ((), 4)
    assert read(node, key("d")).code == 0


def test_frames_that_were_full_before_a_malformed_row_have_been_sent(node: LoneNode) -> None:
    for name in "ab":
        write(node, key(name), op(2, "a", 4, bytes(100_000)))
    found = ask(node, batch(row(0, "a"), repeat(1, "b"), n_rows=3))
    assert ([[each.index for each in rows] for rows in found.frames], found.code) == ([[0]], 4)


def test_number_of_rows_rules_over_the_size_of_their_field(node: LoneNode) -> None:
    assert ask(node, batch(row(0, "a"), repeat(1, "b"), n_rows=1)).codes == {0: 0}
    beyond = batch(row(0, "a"), n_rows=2, tail=repeat(1, "b"))
    assert ask(node, beyond).codes == {0: 0, 1: 0}
    assert ask(node, batch(row(0, "a"), n_rows=0xFFFFFFFF)).code == 4


def test_what_follows_the_rows_is_not_looked_at(node: LoneNode) -> None:
    assert ask(node, batch(row(0, "a"), tail=b"xyz")).codes == {0: 0}
    assert ask(node, batch(row(0, "a"), n_ops=1)).codes == {0: 0}
    assert ask(node, batch(row(0, "a"), n_ops=1, tail=op(1, "a"))).codes == {0: 0}


def test_of_repeated_fields_the_last_counts(node: LoneNode) -> None:
    second = field(41, struct.pack(">IB", 1, EVERYTHING) + row(4, "b"))
    assert ask(node, batch(row(3, "a"), after=[second])).codes == {4: 0}
    no, yes = field(43, b"\xc2"), field(43, b"\xc3")
    assert ask(node, batch(row(0, "a"), before=[no, yes])).codes == {0: 0}
    assert ask(node, batch(row(0, "a"), before=[yes, no])).codes == {0: 27}


@pytest.mark.parametrize(
    "body",
    [
        b"\x16\x08",
        b"\x16\x08" + bytes(19),
        b"\x16\x08" + bytes(20),
        b"\x16\x08" + bytes(16) + b"\0\x01\0\0",
        b"\x16\x08" + bytes(16) + b"\0\x01\0\0" + field(0, b"test"),
        b"\x16\x08" + bytes(16) + b"\0\x01\0\0" + field(41, b"\0\0\0\x01"),
        b"\x16\x08" + bytes(16) + b"\0\x02\0\0" + field(41, struct.pack(">IB", 1, 13) + row(0, "a")),
        b"\x16\x08" + bytes(16) + b"\0\x02\0\0" + bytes(5) + field(41, struct.pack(">IB", 1, 13) + row(0, "a")),
    ],
)
def test_batch_without_whole_fields_or_rows_is_invalid(node: LoneNode, body: bytes) -> None:
    found = ask(node, frame(body))
    assert (found.frames, found.code) == ((), 4)


_REQUESTS = [
    exchange.request
    for vector in load("batch")
    for exchange in vector.exchanges
    if len(exchange.request) < 400 and exchange.request[9] & 8
]


@settings(deadline=None, max_examples=300)
@given(
    request=st.sampled_from(_REQUESTS),
    changes=st.lists(st.tuples(st.integers(22, 400), st.binary(min_size=1, max_size=4)), max_size=4),
    cut=st.integers(0, 30),
)
def test_any_bytes_of_a_batch_get_an_answer_with_an_end(
    request: bytes, changes: list[tuple[int, bytes]], cut: int
) -> None:
    body = bytearray(request[8:])
    for at, replacement in changes:
        start = max(at % len(body), 2)
        body[start : start + len(replacement)] = replacement
    ask(LoneNode(NamespaceConfig("test"), NamespaceConfig("bar")), frame(bytes(body[: max(len(body) - cut, 2)])))
