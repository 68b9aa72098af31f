"""Bit and HyperLogLog operations: bad arguments raise before anything is sent, and name themselves."""

from __future__ import annotations

from typing import Any

import pytest

from triospike import HLL
from triospike._wire.flags import OpType
from triospike.operations import BitWriteFlags, HllWriteFlags, Operation, bits, hll

any_bits: Any = bits
any_hll: Any = hll


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: bits.get("", 0, 8), ValueError, "bin_name must be 1 to 15 bytes"),
        (lambda: any_bits.get(b"b", 0, 8), TypeError, "bin_name must be a str, not bytes"),
        (lambda: any_bits.get("b", 0.0, 8), TypeError, "bit_offset must be an int, not float"),
        (lambda: any_bits.get("b", True, 8), TypeError, "bit_offset must be an int, not bool"),
        (
            lambda: bits.get("b", 1 << 31, 8),
            ValueError,
            "bit_offset must be -2147483648 to 2147483647, not 2147483648",
        ),
        (lambda: bits.count("b", 0, -1), ValueError, "bit_size must be 0 to 4294967295, not -1"),
        (lambda: bits.resize("b", -1), ValueError, "byte_size must be 0 to 4294967295, not -1"),
        (
            lambda: any_bits.resize("b", 1, resize_flags=1),
            TypeError,
            "resize_flags must be a BitResizeFlags, not int",
        ),
        (lambda: bits.insert("b", -(1 << 31) - 1, b""), ValueError, "byte_offset must be -2147483648 to"),
        (lambda: any_bits.insert("b", 0, "x"), TypeError, "value must be bytes, not str"),
        (lambda: any_bits.set_("b", 0, 8, 255), TypeError, "value must be bytes, not int"),
        (lambda: any_bits.not_("b", 0, 8, flags=4), TypeError, "flags must be a BitWriteFlags, not int"),
        (
            lambda: any_bits.not_("b", 0, 8, flags=HllWriteFlags.NO_FAIL),
            TypeError,
            "flags must be a BitWriteFlags",
        ),
        (lambda: bits.lshift("b", 0, 8, -1), ValueError, "shift must be 0 to 4294967295, not -1"),
        (lambda: bits.add("b", 0, 8, 1 << 63), ValueError, "value must be -9223372036854775808 to"),
        (lambda: any_bits.add("b", 0, 8, 1, overflow=2), TypeError, "overflow must be a BitOverflow, not int"),
        (lambda: any_bits.subtract("b", 0, 8, 1, signed=1), TypeError, "signed must be a bool, not int"),
        (lambda: any_bits.set_int("b", 0, 8, "1"), TypeError, "value must be an int, not str"),
        (lambda: any_bits.lscan("b", 0, 8, 1), TypeError, "value must be a bool, not int"),
        (lambda: any_bits.get_int("b", 0, 8, signed=None), TypeError, "signed must be a bool, not NoneType"),
        (lambda: bits.b64_encode("b", invert_size=True), ValueError, "invert_size needs a byte_size"),
        (lambda: BitWriteFlags(16), ValueError, "invalid value 16"),
        (lambda: hll.get_count("x" * 16), ValueError, "bin_name must be 1 to 15 bytes"),
        (lambda: any_hll.init("h", 8.0), TypeError, "index_bits must be an int, not float"),
        (lambda: hll.init("h", 8, 1 << 31), ValueError, "minhash_bits must be -2147483648 to 2147483647"),
        (lambda: any_hll.fold("h", None), TypeError, "index_bits must be an int, not NoneType"),
        (lambda: any_hll.add("h", "ab"), TypeError, "values must be a list, not str"),
        (lambda: hll.add("h", ["a", {"b": object()}]), TypeError, r"values\[1\]\['b'\] can't be stored"),
        (lambda: any_hll.add("h", ["a"], flags=1), TypeError, "flags must be a HllWriteFlags, not int"),
        (lambda: any_hll.set_union("h", HLL(b"")), TypeError, "sketches must be a list, not HLL"),
        (lambda: any_hll.get_union("h", [HLL(b""), b""]), TypeError, r"sketches\[1\] must be an HLL, not bytes"),
        (lambda: any_hll.may_contain("h", {"a"}), TypeError, "values must be a list, not set"),
    ],
)
def test_bad_argument_raises_and_names_itself(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("made", "is_write", "text"),
    [
        (bits.get("b", 0, 8), False, "bits.get('b', 0, 8)"),
        (bits.or_("b", 0, 8, b"\xff"), True, r"bits.or_('b', 0, 8, b'\xff')"),
        (bits.set_("b", 0, 8, bytearray(b"\xff")), True, r"bits.set_('b', 0, 8, bytearray(b'\xff'))"),
        (hll.add("h", ["a"], 8), True, "hll.add('h', ['a'])"),
        (hll.describe("h"), False, "hll.describe('h')"),
    ],
)
def test_operation_says_what_it_does(made: Operation, is_write: bool, text: str) -> None:
    assert made.is_write is is_write
    assert str(made) == text


# What client 19.3 of the Python package sends.


@pytest.mark.parametrize(
    ("made", "operand"),
    [
        (bits.b64_encode("y"), "923700"),
        (bits.b64_encode("y", 1), "923701"),
        (bits.b64_encode("y", 1, 2), "93370102"),
        (bits.b64_encode("y", 1, 2, invert_size=True), "9437010201"),
    ],
)
def test_blob_as_base64_is_what_the_official_client_sends(made: Operation, operand: str) -> None:
    assert made.kind is OpType.BITS_READ
    assert made.operand.hex() == operand
