"""Writes of bins that look alike: the same bytes as if each were the first of its kind, the same errors."""

from __future__ import annotations

import itertools
import struct
from typing import Any
from uuid import uuid4

import msgpack
import pytest
from hypothesis import given, strategies as st

from triospike import Key, operations as op
from triospike._commands.operate import OperateCommand
from triospike._commands.write import AddCommand, AppendCommand, PutCommand
from triospike.operations import Operation
from triospike.policy import GenerationPolicy, KeyPolicy, OperatePolicy, WritePolicy
from wire.strategies import QUICK

ENOUGH = 8
"""Writes after which those like them are packed in one go, if ever."""
KEY = Key("test", "s", 1)
POLICY = WritePolicy()
OPERATIONS = {PutCommand: 2, AddCommand: 5, AppendCommand: 9}


def new_names(count: int) -> list[str]:
    """Names that no other test has written."""
    return [uuid4().hex[:12] + str(at) for at in range(count)]


def plain_value(value: object) -> tuple[int, bytes]:
    """Particle type and bytes, as protocol section 4 has them."""
    match value:
        case None:
            return 0, b""
        case bool():
            return 17, bytes([value])
        case int():
            return 1, value.to_bytes(8, "big", signed=True)
        case float():
            return 2, struct.pack(">d", value)
        case str():
            return 3, value.encode()
        case bytes():
            return 4, value
        case _:
            raise AssertionError(value)


def plain_ops(kind: int, bins: dict[str, Any]) -> bytes:
    ops = b""
    for name, value in bins.items():
        particle, data = plain_value(value)
        body = bytes([kind, particle, 0, len(name)]) + name.encode() + data
        ops += struct.pack(">I", len(body)) + body
    return ops


def request(bins: dict[str, Any], command: Any = PutCommand) -> bytes:
    made: bytes = command(KEY, bins, POLICY).request
    return made


def ops_of(frame: bytes, count: int) -> bytes:
    """The operations of a request, whose sizes fit."""
    assert len(frame) == 8 + int.from_bytes(frame[2:8], "big")
    assert struct.unpack_from(">HH", frame, 26) == (3, count)
    at = 30
    for _ in range(3):
        at += 4 + int.from_bytes(frame[at : at + 4], "big")
    return frame[at:]


SAMPLES: dict[str, tuple[Any, ...]] = {
    "ints": (0, -1, 2**63 - 1, -(2**63)),
    "floats": (0.0, -1.5, 1e300),
    "bools": (True, False),
    "texts": ("", "x", "é" * 70, "a longer text"),
    "blobs": (b"", b"\0\1", bytes(300)),
    "nothing": (None,),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_one_bin_is_packed_as_the_protocol_says(kind: str) -> None:
    (name,) = new_names(1)
    for number in range(ENOUGH * 2):
        bins = {name: SAMPLES[kind][number % len(SAMPLES[kind])]}
        assert ops_of(request(bins), 1) == plain_ops(2, bins)


@pytest.mark.parametrize("kinds", list(itertools.product(SAMPLES, repeat=2)), ids=" and ".join)
def test_bins_of_every_two_types_are_packed_as_the_protocol_says(kinds: tuple[str, str]) -> None:
    names = new_names(3)
    for number in range(ENOUGH * 2):
        values = [SAMPLES[kind][number % len(SAMPLES[kind])] for kind in kinds]
        bins = dict(zip(names, [*values, number], strict=True))
        assert ops_of(request(bins), 3) == plain_ops(2, bins)


plain_values = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
)


@given(st.lists(st.tuples(plain_values, st.integers(2, 9)), min_size=1, max_size=9))
@QUICK
def test_any_bins_are_packed_as_the_protocol_says(values: list[tuple[Any, int]]) -> None:
    names = new_names(len(values))
    bins = {name: value for name, (value, _) in zip(names, values, strict=True)}
    for _ in range(ENOUGH):
        assert ops_of(request(bins), len(bins)) == plain_ops(2, bins)
    # The next has the same names, but some values of other types.
    other = {name: other if other % 2 else value for name, (value, other) in zip(names, values, strict=True)}
    assert ops_of(request(other), len(bins)) == plain_ops(2, other)


def test_lists_and_maps_are_packed_beside_others() -> None:
    a, b, c = new_names(3)
    for number in range(ENOUGH * 2):
        ops = ops_of(request({a: [number, "x"], b: number, c: {"k": [number]}}), 3)
        found: dict[str, tuple[int, bytes]] = {}
        while ops:
            size, _, kind, _, length = struct.unpack_from(">IBBBB", ops)
            found[ops[8 : 8 + length].decode()] = kind, ops[8 + length : 4 + size]
            ops = ops[4 + size :]
        assert list(found) == [a, b, c]
        # Texts in containers have their particle type before them (protocol section 10.2).
        assert (found[a][0], msgpack.unpackb(found[a][1])) == (20, [number, "\x03x"])
        assert found[b] == (1, number.to_bytes(8, "big"))
        assert (found[c][0], msgpack.unpackb(found[c][1])) == (19, {"\x03k": [number]})


@pytest.mark.parametrize("command", [AddCommand, AppendCommand, PutCommand])
def test_each_kind_of_write_has_its_own(command: Any) -> None:
    names = new_names(2)
    for number in range(ENOUGH * 2):
        value: Any = "x" * number if command is AppendCommand else number
        bins = dict.fromkeys(names, value)
        assert ops_of(request(bins, command), 2) == plain_ops(OPERATIONS[command], bins)
    refused = AddCommand if command is AppendCommand else AppendCommand
    with pytest.raises(TypeError, match=r"must be (int or float|str or bytes)"):
        request(bins, refused)


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        (1, 2**63, "does not fit in 64 bits"),
        ("x", "\ud800", "can't be encoded|surrogates"),
        ([1], [object()], "can't be stored"),
        ({"a": 1}, {"a": 2**70}, "does not fit"),
    ],
)
def test_what_is_wrong_is_said_with_the_bins_name(good: Any, bad: Any, message: str) -> None:
    a, b = new_names(2)
    for _ in range(ENOUGH):
        request({a: 1, b: good})
    with pytest.raises((TypeError, ValueError), match=rf"bins\['{b}'\].*({message})"):
        request({a: 1, b: bad})


def test_a_number_of_another_type_is_not_taken_for_one() -> None:
    class Count(int):
        pass

    a, b = new_names(2)
    for _ in range(ENOUGH):
        request({a: 1, b: 0.5})
    for value in (True, Count(7), 1, None):
        bins = {a: value, b: 1}
        assert ops_of(request(bins), 2) == plain_ops(2, bins)


def test_looks_that_come_in_turn_are_each_packed_as_they_are() -> None:
    """The same names with values of other types: the last look is tried first, and not taken for another."""
    a, b = new_names(2)
    turns: list[tuple[Any, Any]] = [(1, "x"), (None, "x"), (1.5, b"x"), (True, None), ("x", 1), (None, None)]
    for _ in range(ENOUGH):
        for pair in turns:
            bins = dict(zip((a, b), pair, strict=True))
            assert ops_of(request(bins), 2) == plain_ops(2, bins)
    for pair in itertools.permutations([1, None, 1.5, "x", b"x", False], 2):
        bins = dict(zip((a, b), pair, strict=True))
        assert ops_of(request(bins), 2) == plain_ops(2, bins)


def test_names_in_another_order_stay_in_it() -> None:
    a, b, c = new_names(3)
    for _ in range(ENOUGH):
        for names in itertools.permutations((a, b, c)):
            bins = {name: name for name in names}
            assert ops_of(request(bins), 3) == plain_ops(2, bins)


def test_bins_that_never_look_alike_leave_nothing_behind_without_end() -> None:
    from triospike._commands import alike_writes

    key = Key("test", uuid4().hex, 1)
    for number in range(3000):
        bins = {f"{number}a": 1, f"{number}b": 2}
        assert ops_of(PutCommand(key, bins, POLICY).request, 2) == plain_ops(2, bins)
    assert len(alike_writes._seen) <= 1024
    for number in range(200):
        bins = {f"{number}c": 1, f"{number}d": 2}
        for _ in range(ENOUGH):
            assert ops_of(PutCommand(key, bins, POLICY).request, 2) == plain_ops(2, bins)
    assert len(key._names.writers) <= 128


def test_each_record_set_and_policy_has_its_own_bytes() -> None:
    """What is known of writes that look alike holds no more than that."""
    (name,) = new_names(1)
    bins = {name: "v"}
    keys = [Key("test", set_name, number) for set_name in ("s", "another", None) for number in (1, 2)]
    policies = [WritePolicy(), WritePolicy(ttl=60), WritePolicy(generation=3, gen=GenerationPolicy.EQ)]
    cases = list(itertools.product(keys, policies))
    first = [PutCommand(key, bins, policy).request for key, policy in cases]  # going slowly
    for _ in range(ENOUGH):
        assert [PutCommand(key, bins, policy).request for key, policy in cases] == first
    for (key, policy), request in zip(cases, first, strict=True):
        assert request[8:30] == plain_header(policy.ttl, policy.generation)
        set_name = (key.set_name or "").encode()
        fields = [b"\0test", b"\1" + set_name, b"\4" + key.digest]
        assert request[30:] == b"".join(struct.pack(">I", len(f)) + f for f in fields) + plain_ops(2, bins)


def plain_header(ttl: int = 0, generation: int = 0, n_fields: int = 3) -> bytes:
    """A write's header, as protocol section 2 has it: one bin, one second for the server."""
    asks = 1 | (4 if generation else 0)
    return struct.pack(">BBBBBBIIIHH", 22, 0, asks, 0, 0, 0, generation, ttl, 1000, n_fields, 1)


@pytest.mark.parametrize("user_key", [7, "seven", b"7"])
@pytest.mark.parametrize("filtered", [False, True], ids=["plain", "filtered"])
def test_more_fields_stand_behind_the_digest(user_key: Any, filtered: bool) -> None:
    """The user key's (protocol section 3, type 2) and the filter's (type 43)."""
    (name,) = new_names(1)
    expression = bytes.fromhex("93018404a361676505")
    policy = WritePolicy(key=KeyPolicy.SEND, filter_exp=expression if filtered else None)
    key = Key("test", "s", user_key)
    kind, particle = plain_value(user_key)
    fields = [b"\0test", b"\1s", b"\4" + key.digest, bytes([2, kind]) + particle]
    if filtered:
        fields.append(b"\x2b" + expression)
    for number in range(ENOUGH * 2):
        bins = {name: "v" * number}
        frame = PutCommand(key, bins, policy).request
        assert frame[:8] == (2 << 56 | 3 << 48 | len(frame) - 8).to_bytes(8)
        assert frame[8:30] == plain_header(n_fields=len(fields))
        assert frame[30:] == b"".join(struct.pack(">I", len(f)) + f for f in fields) + plain_ops(2, bins)
        without = PutCommand(key, bins, POLICY).request
        assert without[30:] == b"".join(struct.pack(">I", len(f)) + f for f in fields[:3]) + plain_ops(2, bins)


def test_a_large_value_is_packed_whole_and_one_too_large_is_refused() -> None:
    a, b = new_names(2)
    for size in [1] * ENOUGH + [3 << 20]:
        bins = {a: bytes(size), b: size}
        assert ops_of(request(bins), 2) == plain_ops(2, bins)
    with pytest.raises(ValueError, match="do not fit into one request"):
        request({a: bytes(128 << 20), b: 1})


def test_one_policy_serves_writes_and_operations() -> None:
    """An operate policy is a write policy: what is kept in it for the one must not be taken for the other."""
    policy = OperatePolicy()
    for number in range(ENOUGH):
        put, operate = PutCommand(KEY, {"a": number}, policy), OperateCommand(KEY, [op.write("a", number)], policy)
        assert ops_of(put.request, 1) == ops_of(operate.request, 1) == plain_ops(2, {"a": number})


@pytest.mark.parametrize("operations", [[op.read("a")], [op.write("a", 1)], [op.write("a", 1), op.read("a")]])
@pytest.mark.parametrize("put_first", [False, True])
def test_fields_of_a_put_are_not_counted_in_an_operate_of_the_same_policy(
    operations: list[Operation], put_first: bool
) -> None:
    """With the user key sent, records that are known by their digest have a field less than others."""
    policy = OperatePolicy(key=KeyPolicy.SEND)
    known = Key.from_digest("test", "s", KEY.digest)
    alone = OperateCommand(known, operations, OperatePolicy(key=KeyPolicy.SEND)).request
    for _ in range(ENOUGH):
        put = PutCommand(KEY, {"a": 1}, policy) if put_first else None
        assert OperateCommand(known, operations, policy).request == alone
        put = put or PutCommand(KEY, {"a": 1}, policy)
        assert put.request[8:30] == plain_header(n_fields=4)
