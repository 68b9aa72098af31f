"""Operations on whole bins: their bytes, what they are called, and whether they write."""

from __future__ import annotations

import pytest

from triospike import operations as op
from triospike._wire.message import pack_op
from triospike.operations import Operation
from triospike.values import GeoJSON, KeyOrderedMap


# Operation, its bytes, and whether it writes; the bytes by hand from protocol 4.1 to 4.3, and 4.5 for the write.
@pytest.mark.parametrize(
    ("operation", "data", "writes"),
    [
        (op.write("a", 5), "0000000d 02 01 00 01 61 0000000000000005", True),
        (op.write("a", None), "00000005 02 00 00 01 61", True),
        (op.write("a", "x"), "00000006 02 03 00 01 61 78", True),
        (op.write("a", b"x"), "00000006 02 04 00 01 61 78", True),
        (op.write("a", True), "00000006 02 11 00 01 61 01", True),
        (op.write("a", 1.5), "0000000d 02 02 00 01 61 3ff8000000000000", True),
        (op.write("a", [1]), "00000007 02 14 00 01 61 9101", True),
        (op.write("a", {1: 2}), "00000008 02 13 00 01 61 810102", True),
        (op.write("a", KeyOrderedMap({1: 2})), "0000000c 02 13 00 01 61 82c70001c00102", True),
        (op.write("a", GeoJSON("{}")), "0000000a 02 17 00 01 61 0000007b7d", True),
        (op.read("bin"), "00000007 01 00 00 03 62696e", False),
        (op.read_all(), "00000004 01 00 00 00", False),
        (op.add("n", 2), "0000000d 05 01 00 01 6e 0000000000000002", True),
        (op.add("n", -0.5), "0000000d 05 02 00 01 6e bfe0000000000000", True),
        (op.append("s", "é"), "00000007 09 03 00 01 73 c3a9", True),
        (op.append("s", b"\xff"), "00000006 09 04 00 01 73 ff", True),
        (op.prepend("s", ""), "00000005 0a 03 00 01 73", True),
        (op.prepend("s", b"\xff"), "00000006 0a 04 00 01 73 ff", True),
        (op.touch(), "00000004 0b 00 00 00", True),
        (op.delete(), "00000004 0e 00 00 00", True),
    ],
)
def test_operation_has_the_protocols_bytes(operation: Operation, data: str, writes: bool) -> None:
    packed = pack_op(operation.kind, operation.bin_name.encode(), operation.particle_type, operation.operand)
    assert packed.hex() == bytes.fromhex(data).hex()
    assert operation.is_write is writes


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        (op.read("a"), "read('a')"),
        (op.read_all(), "read_all()"),
        (op.write("a", [1, "x"]), "write('a', [1, 'x'])"),
        (op.write("a", "x" * 100), "write('a', '" + "x" * 59 + ")"),
        (op.add("n", 2), "add('n', 2)"),
        (op.append("s", "x"), "append('s', 'x')"),
        (op.prepend("s", b"x"), "prepend('s', b'x')"),
        (op.touch(), "touch()"),
        (op.delete(), "delete()"),
    ],
)
def test_operation_is_written_as_a_program_writes_it(operation: Operation, text: str) -> None:
    assert str(operation) == text


def test_operations_are_values() -> None:
    assert op.write("a", 5) == op.write("a", 5)
    assert op.write("a", 5) != op.write("a", 5.0)
    assert op.read("a") != op.read("b")
    with pytest.raises(AttributeError):
        op.read("a").bin_name = "b"  # type: ignore[misc]


def test_blobs_of_all_types_are_the_same_operand() -> None:
    assert op.append("s", bytearray(b"x")) == op.append("s", b"x")  # type: ignore[arg-type,unused-ignore]
