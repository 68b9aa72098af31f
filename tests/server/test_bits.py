"""Bit operations at the edges that no recording has."""

from __future__ import annotations

import pytest

from triospike.server.apply.bits import modify_bits, read_bits
from triospike.server.refusal import Refusal

BLOB = 4
INTEGER = 1


def number(found: tuple[int, bytes]) -> int:
    kind, data = found
    assert kind == INTEGER
    return int.from_bytes(data, "big", signed=True)


def test_field_across_bytes_keeps_its_neighbours() -> None:
    # set 4 bits at offset 6 to 1010
    call = bytes.fromhex("94030604a204a0")
    assert modify_bits(call, (BLOB, b"\xff\xff\xff")) == (BLOB, b"\xfe\xbf\xff")


def test_shift_by_more_than_the_field_clears_it() -> None:
    assert modify_bits(bytes.fromhex("94080408cd03e8"), (BLOB, b"\xff\xff")) == (BLOB, b"\xf0\x0f")


def test_saturated_signed_addition_stops_at_the_limit() -> None:
    call = bytes.fromhex("960a00087f0003")
    assert modify_bits(call, (BLOB, b"\x01")) == (BLOB, b"\x7f")
    assert modify_bits(call, (BLOB, b"\x80")) == (BLOB, b"\xff")


def test_two_lowest_numbers_add_to_zero_without_a_complaint() -> None:
    assert modify_bits(bytes.fromhex("960a0008cc800001"), (BLOB, b"\x80")) == (BLOB, b"\x00")


def test_scan_from_the_right_does_not_leave_the_field() -> None:
    assert number(read_bits(bytes.fromhex("94350804c3"), (BLOB, b"\xff\x0f"))) == -1


def test_huge_new_size_is_refused_before_it_is_made() -> None:
    with pytest.raises(Refusal):
        modify_bits(bytes.fromhex("9200ce08000001"), (BLOB, b""))


@pytest.mark.parametrize("call", ["", "80", "9132", "9332ca0000", "933200", "9332d30000", "93320000"])
def test_malformed_call_is_refused(call: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_bits(bytes.fromhex(call), (BLOB, b"\0\0"))
    assert caught.value.code == 4
