"""Expressions beyond the recordings: hostile ones, what they see while a record is written, patterns."""

from __future__ import annotations

import struct

import pytest
from asking import Answer, field, integer, op, read, send, write
from lone_node import LoneNode

from triospike.key import Key
from triospike.server.evaluate.expression import build
from triospike.server.evaluate.regex import compile_posix
from triospike.server.refusal import Refusal

KEY = Key("test", "demo", "user1")
EXP_READ = 7
EXP_MODIFY = 8
SECONDS_2010 = 1_262_304_000


def evaluate(node: LoneNode, expression: str, flags: str = "00") -> Answer:
    packed = bytes.fromhex("92" + expression + flags)
    return send(node, KEY, op(EXP_READ, "r", 4, packed), info=(1, 0x80, 0))


def value_of(expression: str) -> str:
    node = LoneNode()
    write(node, KEY)
    ((_, _, value),) = evaluate(node, expression).bins
    return value


def test_many_nested_operations_can_be_evaluated() -> None:
    assert value_of("9212" * 300 + "c3") == "01"


@pytest.mark.parametrize("depth", [400, 5_000, 100_000])
def test_too_many_nested_operations_are_refused(depth: int) -> None:
    node = LoneNode()
    write(node, KEY)
    assert evaluate(node, "9212" * depth + "c3").code == 4


def test_too_large_an_expression_is_refused() -> None:
    arguments = 60_000
    packed = b"\xdc" + struct.pack(">H", arguments + 1) + b"\x10" + b"\xc3" * arguments
    with pytest.raises(Refusal):
        build(packed)
    build(b"\xdc" + struct.pack(">H", 1001) + b"\x10" + b"\xc3" * 1000)


def test_container_of_any_depth_is_a_value() -> None:
    nested = "91" * 50_000 + "90"
    assert value_of("927e" + nested) == nested
    assert value_of("9301" + "927e" + nested + "927e" + nested) == "01"


@pytest.mark.parametrize("code", ["17", "1a"])
def test_lowest_integer_divided_by_minus_one_wraps(code: str) -> None:
    quotient = value_of(f"93{code}d38000000000000000ff")
    assert quotient == ("8000000000000000" if code == "17" else "0000000000000000")


def test_operation_in_a_write_sees_what_is_being_written() -> None:
    node = LoneNode()
    write(node, KEY, ttl=60)
    node.calendar.now += 10
    since_update, void_time, key_exists = "914300", "914400", "914700"
    ops = [
        op(EXP_READ, name, 4, bytes.fromhex("92" + packed))
        for name, packed in {"s": since_update, "v": void_time, "k": key_exists}.items()
    ]
    key = (field(2, b"\x03user1"),)
    answer = send(node, KEY, op(2, "a", 1, integer(2)), *ops, info=(1, 1, 0), ttl=100, fields=key)
    assert answer.bins == [
        ("s", 1, "0000000000000000"),
        ("v", 1, integer((answer.void_time + SECONDS_2010) * 10**9).hex()),
        ("k", 17, "00"),
    ]
    assert evaluate(node, "9147").bins == [("r", 17, "01")]


def test_expression_that_writes_sees_earlier_operations_of_the_request() -> None:
    node = LoneNode()
    double = bytes.fromhex("92" + "9314935102a161935102a161" + "00")
    send(node, KEY, op(2, "a", 1, integer(4)), op(EXP_MODIFY, "b", 4, double), info=(0, 1, 0))
    assert read(node, KEY).bins == [("a", 1, integer(4).hex()), ("b", 1, integer(8).hex())]


def test_failing_expression_leaves_the_record_as_it_was() -> None:
    node = LoneNode()
    write(node, KEY)
    before = read(node, KEY)
    unknown = bytes.fromhex("92" + "935102a17a" + "00")
    assert send(node, KEY, op(2, "a", 1, integer(9)), op(EXP_MODIFY, "b", 4, unknown), info=(0, 1, 0)).code == 26
    assert read(node, KEY) == before


def test_filter_reads_the_set_and_the_time_to_live() -> None:
    node = LoneNode()
    write(node, KEY, ttl=100)
    less_than_60 = (field(43, bytes.fromhex("93059145" + "3c")),)
    assert send(node, KEY, info=(3, 0, 0), fields=less_than_60).code == 27
    node.calendar.now += 50
    assert send(node, KEY, info=(3, 0, 0), fields=less_than_60).code == 0


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "matches"),
    [
        (b"a+", 0, b"a+", True),
        (b"a+", 0, b"aa", False),
        (rb"a\+b", 0, b"aab", True),
        (rb"\(ab\)\1", 0, b"abab", True),
        (b"(ab|c)d", 1, b"xcd", True),
        (b"(ab|c)d", 0, b"xcd", False),
        (b"[[:digit:]]{2}-[^a-z]", 1, b"42-X", True),
        (b"[]x]", 0, b"]", True),
        (b"^b", 0, b"a\nb", False),
        (b"^b", 4, b"a\nb", True),
        (b"a.b", 0, b"a\nb", True),
        (b"a.b", 4, b"a\nb", False),
        (b"HELLO", 2, b"say hello", True),
        (b"a)", 1, b"a)", True),
        (b"*a", 0, b"*a", True),
        (b"a**", 1, b"", True),
        (b"x$", 0, b"x\n", False),
        (b"a\0b", 0, b"a", True),
    ],
)
def test_pattern_matches_as_in_posix(pattern: bytes, flags: int, text: bytes, matches: bool) -> None:
    assert (compile_posix(pattern, flags).search(text) is not None) is matches


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [(b"(", 1), (rb"\(", 0), (b"[a", 0), (b"a{2", 1), (b"a{3,2}", 1), (b"*a", 1), (b"a\\", 0), (b"[b-a]", 0)],
)
def test_malformed_pattern_is_refused(pattern: bytes, flags: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        compile_posix(pattern, flags)
