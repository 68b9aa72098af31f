"""Bin values and their bytes, in both directions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from commands.neutral import exact
from triospike._wire import msgpack
from triospike._wire.particle import decode_value, encode_value
from triospike.errors import ProtocolError
from triospike.values import OpaqueBlob
from wire.cases_values import BOTH_WAYS, READ_ONLY, WRITE_ONLY
from wire.plain_reader import plain_value
from wire.strategies import QUICK, THOROUGH, VALUES


@pytest.mark.parametrize(("value", "kind", "data", "origin"), BOTH_WAYS + WRITE_ONLY)
def test_value_is_written_as_others_write_it(value: Any, kind: int, data: str, origin: str) -> None:
    written_kind, written = encode_value(value, "bins['a']")
    assert (int(written_kind), written.hex()) == (kind, data), origin


@pytest.mark.parametrize(("value", "kind", "data", "origin"), BOTH_WAYS + READ_ONLY)
def test_value_is_read_as_others_write_it(value: Any, kind: int, data: str, origin: str) -> None:
    assert exact(decode_value(kind, bytes.fromhex(data))) == exact(value), origin


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (1, "", "integer of 0 bytes"),
        (1, "010203", "integer of 3 bytes"),
        (2, "01020304", "particle of type 2 and 4 bytes"),
        (5, "00", "unknown particle type 5"),
        (17, "", "bool of 0 bytes"),
        (17, "0001", "bool of 2 bytes"),
        (19, "", "particle of type 19 and 0 bytes"),
        (19, "9101", "map of 2 bytes begins with 0x91"),
        (19, "810102ff", "extra data"),
        (19, "81910101", "unhashable"),
        (19, "8101d4ff00", "MessagePack value of 5 bytes is malformed"),
        (19, "8101c70001", "extension object where a value belongs"),
        (20, "", "particle of type 20 and 0 bytes"),
        (20, "05", "list of 1 bytes begins with 0x05"),
        (20, "c70001", "list of 3 bytes begins with 0xc7"),
        (20, "9301", "MessagePack value of 2 bytes is malformed"),
        (20, "91c1", "MessagePack value of 2 bytes is malformed"),
        (20, "dd7fffffff", "MessagePack value of 5 bytes is malformed"),
        (20, "91dbffffffff", "MessagePack value of 6 bytes is malformed"),
        (20, "91a317ff00", "MessagePack value of 5 bytes is malformed"),
        (20, "91d4ff00", "MessagePack value of 4 bytes is malformed"),
        (20, "91d4ff01", "MessagePack value of 4 bytes is malformed"),
        (20, "9201c70001", "extension object where a value belongs"),
        (20, "9201d6ff00000000", "extension object where a value belongs"),
        (20, "91" * 2000, "MessagePack value of 2000 bytes is malformed"),
        (23, "0000", "particle of type 23 and 2 bytes"),
        (23, "00ffff7b7d", "GeoJSON of 5 bytes announces 65535 cells"),
        (24, "00", "unknown particle type 24"),
        (255, "", "unknown particle type 255"),
    ],
)
def test_malformed_value_raises_protocol_error(kind: int, data: str, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        decode_value(kind, bytes.fromhex(data))


def test_nan_is_read_as_nan() -> None:
    kind, data = encode_value(float("nan"), "bins['a']")
    assert (kind, data.hex()) == (2, "7ff8000000000000")  # single put/particle/float/nan
    assert exact(decode_value(kind, data)) == exact(float("nan"))


def _plainly(value: Any) -> Any:
    """What a written value reads as."""
    if isinstance(value, list | tuple):
        return [_plainly(item) for item in value]
    if isinstance(value, dict):
        ordered = sorted(
            value, key=lambda key: (isinstance(key, str) + 2 * isinstance(key, bytes), _bytewise(key))
        )
        return type(value)((key, _plainly(value[key])) for key in ordered)
    return value


def _bytewise(key: Any) -> Any:
    return key.encode() if isinstance(key, str) else key


def _check_round_trip(value: Any) -> None:
    kind, data = encode_value(value, "value")
    assert exact(plain_value(kind, data)) == exact(_plainly(value))
    assert exact(decode_value(kind, data)) == exact(_plainly(value))


@given(VALUES)
@QUICK
def test_an_independent_reader_reads_what_was_written(value: Any) -> None:
    _check_round_trip(value)


@pytest.mark.slow
@pytest.mark.timeout(600)
@given(VALUES)
@THOROUGH
def test_an_independent_reader_reads_many_values(value: Any) -> None:
    _check_round_trip(value)


@pytest.mark.parametrize("depth", [1, 64, 200])
def test_deep_values_are_written_and_read(depth: int) -> None:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    kind, data = encode_value(value, "value")
    assert data == b"\x91" * depth + b"\x01"
    assert decode_value(kind, data) == value


def test_packed_scalars_read_back_alone() -> None:
    for value, data in ((5, "05"), ("a", "a20361"), (b"a", "a20461"), (None, "c0"), (1.5, "cb3ff8000000000000")):
        assert msgpack.pack(value, "value").hex() == data
        assert msgpack.unpack(bytes.fromhex(data)) == value


@pytest.mark.parametrize(
    ("kind", "data", "value"),
    [
        (3, "fffe", OpaqueBlob(3, b"\xff\xfe")),
        (20, "91a303c328", [OpaqueBlob(3, b"\xc3\x28")]),
        (19, "81a2036101", {"a": 1}),
        (19, "81a203ff01", {OpaqueBlob(3, b"\xff"): 1}),
    ],
)
def test_a_string_that_is_not_utf8_is_kept_as_it_is_and_spoils_nothing_beside_it(
    kind: int, data: str, value: object
) -> None:
    assert decode_value(kind, bytes.fromhex(data)) == value
