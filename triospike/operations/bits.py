"""Operations on the bits of a blob bin (C: ``as_operations_bit_*``, protocol section 11).

Vocabulary of the arguments:

- ``bin_name``: a bin with a blob, at most 15 bytes of name. Reads of a bin that is not there give None.
- ``bit_offset``, ``bit_size``: in bits, bit 0 being the most significant one of the first byte. An offset below
  zero counts from the end of the blob. ``byte_offset``, ``byte_size``: the same in bytes.
- ``flags``: when to write, see `BitWriteFlags`.

Blobs inside lists and maps have no such operations: servers up to 8.1 know of none.

Errors of the functions themselves, before anything is sent: TypeError or ValueError that names the argument.
Errors of the server, for all of them: `BinTypeError` if the bin holds no blob, `BinNotFound` or `BinExists` by
the flags, `InvalidRequest` for an offset or size outside the blob, `OperationNotApplicable` for an overflow under
`BitOverflow.FAIL`.
"""

from __future__ import annotations

from enum import STRICT, IntEnum, IntFlag
from typing import Any, TypeAlias

from .._wire import msgpack
from .._wire.flags import OpType, ParticleType
from .._wire.opcodes import BitOp
from ._packing import check_bool, check_flags, check_int, pack_call, pack_int
from .operation import Operation, check_bin_name

__all__ = [
    "BitOverflow",
    "BitResizeFlags",
    "BitWriteFlags",
    "Blob",
    "add",
    "and_",
    "b64_encode",
    "count",
    "get",
    "get_int",
    "insert",
    "lscan",
    "lshift",
    "not_",
    "or_",
    "remove",
    "resize",
    "rscan",
    "rshift",
    "set_",
    "set_int",
    "subtract",
    "xor",
]

Blob: TypeAlias = bytes | bytearray | memoryview

_UINT32_MAX = (1 << 32) - 1
_INT32_MIN, _INT32_MAX = -(1 << 31), (1 << 31) - 1
_SIGNED = 1


class BitWriteFlags(IntFlag, boundary=STRICT):
    """When to write, and what to make of a refusal (C: ``as_bit_write_flags``)."""

    DEFAULT = 0
    CREATE_ONLY = 1
    """Fail with `BinExists` if the bin exists."""
    UPDATE_ONLY = 2
    """Fail with `BinNotFound` if it does not."""
    NO_FAIL = 4
    """Do nothing instead of failing."""
    PARTIAL = 8
    """With NO_FAIL: where the range ends behind the blob, change the bits that are in it."""


class BitResizeFlags(IntFlag, boundary=STRICT):
    """At which end a blob grows or shrinks, and whether it may (C: ``as_bit_resize_flags``)."""

    DEFAULT = 0
    FROM_FRONT = 1
    """Add or remove bytes at the beginning instead of the end."""
    GROW_ONLY = 2
    """Fail rather than shrink."""
    SHRINK_ONLY = 4
    """Fail rather than grow."""


class BitOverflow(IntEnum):
    """What becomes of a sum that does not fit (C: ``as_bit_overflow_action``)."""

    FAIL = 0
    """The operation fails with `OperationNotApplicable`."""
    SATURATE = 2
    """It becomes the greatest or smallest value that fits."""
    WRAP = 4
    """Its lowest bits are kept."""


def resize(
    bin_name: str,
    byte_size: int,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
    resize_flags: BitResizeFlags = BitResizeFlags.DEFAULT,
) -> Operation:
    """Make a blob longer, with zero bytes, or shorter (C: ``as_operations_bit_resize``). Result: None.

    Args:
        bin_name: Name of the bin; it is made if it is not there.
        byte_size: Size afterwards, in bytes.
        flags: When to write.
        resize_flags: At which end, and whether it may grow or shrink.
    """
    arguments = [
        _byte_size(byte_size),
        _flags(flags),
        pack_int(check_flags(resize_flags, BitResizeFlags, "resize_flags")),
    ]
    return _modify(BitOp.RESIZE, "resize", bin_name, (byte_size,), arguments)


def insert(
    bin_name: str,
    byte_offset: int,
    value: Blob,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Insert bytes (C: ``as_operations_bit_insert``). Result: None.

    Args:
        bin_name: Name of the bin; it is made if it is not there.
        byte_offset: Where, in bytes; behind the end, zero bytes fill the gap.
        value: The bytes to insert.
        flags: When to write.
    """
    arguments = [_offset(byte_offset, "byte_offset"), _blob(value), _flags(flags)]
    return _modify(BitOp.INSERT, "insert", bin_name, (byte_offset, value), arguments)


def remove(
    bin_name: str,
    byte_offset: int,
    byte_size: int,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Remove bytes (C: ``as_operations_bit_remove``). Result: None.

    Args:
        bin_name: Name of the bin.
        byte_offset: The first one, in bytes.
        byte_size: How many bytes.
        flags: When to write.
    """
    arguments = [_offset(byte_offset, "byte_offset"), _byte_size(byte_size), _flags(flags)]
    return _modify(BitOp.REMOVE, "remove", bin_name, (byte_offset, byte_size), arguments)


def set_(
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    value: Blob,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Replace bits by those of a value (C: ``as_operations_bit_set``). Result: None.

    Args:
        bin_name: Name of the bin.
        bit_offset: The first bit.
        bit_size: How many bits; the value must have as many.
        value: The bits, the first of them first.
        flags: When to write.
    """
    return _combine(BitOp.SET, "set_", bin_name, bit_offset, bit_size, value, flags)


def or_(
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    value: Blob,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Set the bits that are set in a value (C: ``as_operations_bit_or``). Arguments: see `set_`."""
    return _combine(BitOp.OR, "or_", bin_name, bit_offset, bit_size, value, flags)


def xor(
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    value: Blob,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Turn over the bits that are set in a value (C: ``as_operations_bit_xor``). Arguments: see `set_`."""
    return _combine(BitOp.XOR, "xor", bin_name, bit_offset, bit_size, value, flags)


def and_(
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    value: Blob,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Clear the bits that are clear in a value (C: ``as_operations_bit_and``). Arguments: see `set_`."""
    return _combine(BitOp.AND, "and_", bin_name, bit_offset, bit_size, value, flags)


def not_(
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Turn over all bits of a range (C: ``as_operations_bit_not``). Result: None.

    Args:
        bin_name: Name of the bin.
        bit_offset: The first bit.
        bit_size: How many bits.
        flags: When to write.
    """
    arguments = [*_range(bit_offset, bit_size), _flags(flags)]
    return _modify(BitOp.NOT, "not_", bin_name, (bit_offset, bit_size), arguments)


def lshift(
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    shift: int,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Shift a range to the left, towards bit 0 (C: ``as_operations_bit_lshift``). Result: None.

    Args:
        bin_name: Name of the bin.
        bit_offset: The first bit of the range.
        bit_size: Size of the range, in bits; what leaves it is lost, zeros come in.
        shift: By how many bits.
        flags: When to write.
    """
    return _shift(BitOp.LSHIFT, "lshift", bin_name, bit_offset, bit_size, shift, flags)


def rshift(
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    shift: int,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Shift a range to the right (C: ``as_operations_bit_rshift``). Arguments and result: see `lshift`."""
    return _shift(BitOp.RSHIFT, "rshift", bin_name, bit_offset, bit_size, shift, flags)


def add(
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    value: int,
    *,
    signed: bool = False,
    overflow: BitOverflow = BitOverflow.FAIL,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Add to the integer that a range of bits forms (C: ``as_operations_bit_add``). Result: None.

    Args:
        bin_name: Name of the bin.
        bit_offset: The integer's most significant bit.
        bit_size: Its size in bits, 1 to 64.
        value: What to add.
        signed: The integer is signed, in two's complement.
        overflow: What becomes of a sum that does not fit.
        flags: When to write.
    """
    return _sum(BitOp.ADD, "add", bin_name, bit_offset, bit_size, value, signed, overflow, flags)


def subtract(
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    value: int,
    *,
    signed: bool = False,
    overflow: BitOverflow = BitOverflow.FAIL,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Subtract from an integer (C: ``as_operations_bit_subtract``). Arguments and result: see `add`."""
    number = BitOp.SUBTRACT
    return _sum(number, "subtract", bin_name, bit_offset, bit_size, value, signed, overflow, flags)


def set_int(
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    value: int,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> Operation:
    """Write an integer into a range of bits (C: ``as_operations_bit_set_int``). Result: None.

    Args:
        bin_name: Name of the bin.
        bit_offset: The integer's most significant bit.
        bit_size: Its size in bits, 1 to 64.
        value: The integer; its lowest bits are written.
        flags: When to write.
    """
    arguments = [*_range(bit_offset, bit_size), pack_int(check_int(value, "value")), _flags(flags)]
    return _modify(BitOp.SET_INT, "set_int", bin_name, (bit_offset, bit_size, value), arguments)


def get(bin_name: str, bit_offset: int, bit_size: int) -> Operation:
    """Read a range of bits (C: ``as_operations_bit_get``). Result: bytes, the first bit first, zeros at the end.

    Args:
        bin_name: Name of the bin.
        bit_offset: The first bit.
        bit_size: How many bits.
    """
    return _read(BitOp.GET, "get", bin_name, bit_offset, bit_size, (), ())


def count(bin_name: str, bit_offset: int, bit_size: int) -> Operation:
    """Count the bits that are set (C: ``as_operations_bit_count``). Result: int. Arguments: see `get`."""
    return _read(BitOp.COUNT, "count", bin_name, bit_offset, bit_size, (), ())


def lscan(bin_name: str, bit_offset: int, bit_size: int, value: bool) -> Operation:
    """Find the first bit of a kind (C: ``as_operations_bit_lscan``).

    Result: int, counted from ``bit_offset``; -1 if there is none in the range.

    Args:
        bin_name: Name of the bin.
        bit_offset: The first bit of the range.
        bit_size: Size of the range, in bits.
        value: Look for a bit that is set, or for one that is not.
    """
    sought = msgpack.pack(check_bool(value, "value"), "value")
    return _read(BitOp.LSCAN, "lscan", bin_name, bit_offset, bit_size, (value,), (sought,))


def rscan(bin_name: str, bit_offset: int, bit_size: int, value: bool) -> Operation:
    """Find the last bit of a kind (C: ``as_operations_bit_rscan``). Arguments and result: see `lscan`."""
    sought = msgpack.pack(check_bool(value, "value"), "value")
    return _read(BitOp.RSCAN, "rscan", bin_name, bit_offset, bit_size, (value,), (sought,))


def get_int(bin_name: str, bit_offset: int, bit_size: int, *, signed: bool = False) -> Operation:
    """Read the integer that a range of bits forms (C: ``as_operations_bit_get_int``). Result: int.

    Args:
        bin_name: Name of the bin.
        bit_offset: The integer's most significant bit.
        bit_size: Its size in bits, 1 to 64.
        signed: The integer is signed, in two's complement.
    """
    sign = (pack_int(_SIGNED),) if check_bool(signed, "signed") else ()
    return _read(BitOp.GET_INT, "get_int", bin_name, bit_offset, bit_size, (), sign)


def b64_encode(
    bin_name: str, byte_offset: int = 0, byte_size: int | None = None, *, invert_size: bool = False
) -> Operation:
    """Read bytes as text in base64 (official Python client: ``bit_b64_encode``; server 8.2). Result: str.

    Args:
        bin_name: Name of the bin.
        byte_offset: The first byte; below zero it counts from the end.
        byte_size: How many bytes; None for all up to the end.
        invert_size: The size says how many bytes before the end to stop.
    """
    arguments = [_offset(byte_offset, "byte_offset")]
    inverted = check_bool(invert_size, "invert_size")
    if byte_size is not None:
        arguments += [_byte_size(byte_size), *([pack_int(1)] if inverted else [])]
    elif inverted:
        raise ValueError("invert_size needs a byte_size")
    shown = (byte_offset, byte_size)
    return _operation(OpType.BITS_READ, BitOp.B64_ENCODE, "b64_encode", bin_name, shown, arguments)


def _combine(
    number: BitOp,
    word: str,
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    value: Blob,
    flags: BitWriteFlags,
) -> Operation:
    arguments = [*_range(bit_offset, bit_size), _blob(value), _flags(flags)]
    return _modify(number, word, bin_name, (bit_offset, bit_size, value), arguments)


def _shift(
    number: BitOp,
    word: str,
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    shift: int,
    flags: BitWriteFlags,
) -> Operation:
    by = pack_int(check_int(shift, "shift", 0, _UINT32_MAX))
    arguments = [*_range(bit_offset, bit_size), by, _flags(flags)]
    return _modify(number, word, bin_name, (bit_offset, bit_size, shift), arguments)


def _sum(
    number: BitOp,
    word: str,
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    value: int,
    signed: bool,
    overflow: BitOverflow,
    flags: BitWriteFlags,
) -> Operation:
    kind = check_flags(overflow, BitOverflow, "overflow") | (_SIGNED if check_bool(signed, "signed") else 0)
    amount = pack_int(check_int(value, "value"))
    arguments = [*_range(bit_offset, bit_size), amount, _flags(flags), pack_int(kind)]
    return _modify(number, word, bin_name, (bit_offset, bit_size, value), arguments)


def _modify(
    number: BitOp,
    word: str,
    bin_name: str,
    shown: tuple[Any, ...],
    arguments: list[bytes],
) -> Operation:
    return _operation(OpType.BITS_MODIFY, number, word, bin_name, shown, arguments)


def _read(
    number: BitOp,
    word: str,
    bin_name: str,
    bit_offset: int,
    bit_size: int,
    shown: tuple[Any, ...],
    more: tuple[bytes, ...],
) -> Operation:
    arguments = [*_range(bit_offset, bit_size), *more]
    shown = (bit_offset, bit_size, *shown)
    return _operation(OpType.BITS_READ, number, word, bin_name, shown, arguments)


def _operation(
    kind: OpType,
    number: BitOp,
    word: str,
    bin_name: str,
    shown: tuple[Any, ...],
    arguments: list[bytes],
) -> Operation:
    check_bin_name(bin_name)
    operand = pack_call(number, arguments)
    described = ", ".join(f"{each!r:.60}" for each in (bin_name, *shown))
    return Operation(kind, bin_name, ParticleType.BLOB, operand, f"bits.{word}({described})")


def _range(bit_offset: int, bit_size: int) -> tuple[bytes, bytes]:
    return _offset(bit_offset, "bit_offset"), pack_int(check_int(bit_size, "bit_size", 0, _UINT32_MAX))


def _offset(value: int, argument: str) -> bytes:
    return pack_int(check_int(value, argument, _INT32_MIN, _INT32_MAX))


def _byte_size(value: int) -> bytes:
    return pack_int(check_int(value, "byte_size", 0, _UINT32_MAX))


def _flags(flags: BitWriteFlags) -> bytes:
    return pack_int(check_flags(flags, BitWriteFlags, "flags"))


def _blob(value: Blob) -> bytes:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise TypeError(f"value must be bytes, not {type(value).__name__}")
    return msgpack.pack(bytes(value), "value")
