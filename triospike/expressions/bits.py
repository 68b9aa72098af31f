"""The bits of blobs. The functions that change a blob give a changed copy of it; nothing is written.

Arguments are those of `triospike.operations.bits`, with the blob in the place of the bin's name: offsets and sizes
in bits, but for those whose names begin with ``byte_``; an offset below zero counts from the end. Where an offset
or size does not fit, the result is unknown.
"""

from __future__ import annotations

from .._wire.opcodes import BitOp, ExpCallSystem
from ..operations._packing import check_bool, check_flags, pack_int
from ..operations.bits import BitOverflow, BitResizeFlags, BitWriteFlags
from .calls import call
from .kinds import BlobExp, BlobLike, BoolLike, IntExp, IntLike, StringExp
from .nodes import Expression, pack_part, written

__all__ = [
    "bit_add",
    "bit_and",
    "bit_b64_encode",
    "bit_count",
    "bit_get",
    "bit_get_int",
    "bit_insert",
    "bit_lscan",
    "bit_lshift",
    "bit_not",
    "bit_or",
    "bit_remove",
    "bit_resize",
    "bit_rscan",
    "bit_rshift",
    "bit_set",
    "bit_set_int",
    "bit_subtract",
    "bit_xor",
]

_SIGNED = 1


@written
def bit_resize(
    blob: BlobLike,
    byte_size: IntLike,
    *,
    resize_flags: BitResizeFlags = BitResizeFlags.DEFAULT,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> BlobExp:
    """The blob made longer or shorter (C: ``as_exp_bit_resize``)."""
    return _modify(
        BitOp.RESIZE,
        [
            pack_part(byte_size, "byte_size"),
            _flags(flags),
            pack_int(check_flags(resize_flags, BitResizeFlags, "resize_flags")),
        ],
        blob,
    )


@written
def bit_insert(
    blob: BlobLike, byte_offset: IntLike, value: BlobLike, *, flags: BitWriteFlags = BitWriteFlags.DEFAULT
) -> BlobExp:
    """The blob with bytes inserted (C: ``as_exp_bit_insert``)."""
    return _modify(
        BitOp.INSERT, [pack_part(byte_offset, "byte_offset"), pack_part(value, "value"), _flags(flags)], blob
    )


@written
def bit_remove(
    blob: BlobLike, byte_offset: IntLike, byte_size: IntLike, *, flags: BitWriteFlags = BitWriteFlags.DEFAULT
) -> BlobExp:
    """The blob with bytes removed (C: ``as_exp_bit_remove``)."""
    return _modify(
        BitOp.REMOVE,
        [pack_part(byte_offset, "byte_offset"), pack_part(byte_size, "byte_size"), _flags(flags)],
        blob,
    )


@written
def bit_set(
    blob: BlobLike,
    bit_offset: IntLike,
    bit_size: IntLike,
    value: BlobLike,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> BlobExp:
    """The blob with bits replaced by those of a value (C: ``as_exp_bit_set``)."""
    return _modify(
        BitOp.SET,
        [
            pack_part(bit_offset, "bit_offset"),
            pack_part(bit_size, "bit_size"),
            pack_part(value, "value"),
            _flags(flags),
        ],
        blob,
    )


@written
def bit_or(
    blob: BlobLike,
    bit_offset: IntLike,
    bit_size: IntLike,
    value: BlobLike,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> BlobExp:
    """The blob with those bits set that are set in a value (C: ``as_exp_bit_or``)."""
    return _modify(
        BitOp.OR,
        [
            pack_part(bit_offset, "bit_offset"),
            pack_part(bit_size, "bit_size"),
            pack_part(value, "value"),
            _flags(flags),
        ],
        blob,
    )


@written
def bit_xor(
    blob: BlobLike,
    bit_offset: IntLike,
    bit_size: IntLike,
    value: BlobLike,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> BlobExp:
    """The blob with those bits turned over that are set in a value (C: ``as_exp_bit_xor``)."""
    return _modify(
        BitOp.XOR,
        [
            pack_part(bit_offset, "bit_offset"),
            pack_part(bit_size, "bit_size"),
            pack_part(value, "value"),
            _flags(flags),
        ],
        blob,
    )


@written
def bit_and(
    blob: BlobLike,
    bit_offset: IntLike,
    bit_size: IntLike,
    value: BlobLike,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> BlobExp:
    """The blob with those bits cleared that are clear in a value (C: ``as_exp_bit_and``)."""
    return _modify(
        BitOp.AND,
        [
            pack_part(bit_offset, "bit_offset"),
            pack_part(bit_size, "bit_size"),
            pack_part(value, "value"),
            _flags(flags),
        ],
        blob,
    )


@written
def bit_not(
    blob: BlobLike, bit_offset: IntLike, bit_size: IntLike, *, flags: BitWriteFlags = BitWriteFlags.DEFAULT
) -> BlobExp:
    """The blob with bits turned over (C: ``as_exp_bit_not``)."""
    return _modify(
        BitOp.NOT, [pack_part(bit_offset, "bit_offset"), pack_part(bit_size, "bit_size"), _flags(flags)], blob
    )


@written
def bit_lshift(
    blob: BlobLike,
    bit_offset: IntLike,
    bit_size: IntLike,
    shift: IntLike,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> BlobExp:
    """The blob with bits shifted to the left, towards bit 0 (C: ``as_exp_bit_lshift``)."""
    return _modify(
        BitOp.LSHIFT,
        [
            pack_part(bit_offset, "bit_offset"),
            pack_part(bit_size, "bit_size"),
            pack_part(shift, "shift"),
            _flags(flags),
        ],
        blob,
    )


@written
def bit_rshift(
    blob: BlobLike,
    bit_offset: IntLike,
    bit_size: IntLike,
    shift: IntLike,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> BlobExp:
    """The blob with bits shifted to the right (C: ``as_exp_bit_rshift``)."""
    return _modify(
        BitOp.RSHIFT,
        [
            pack_part(bit_offset, "bit_offset"),
            pack_part(bit_size, "bit_size"),
            pack_part(shift, "shift"),
            _flags(flags),
        ],
        blob,
    )


@written
def bit_add(
    blob: BlobLike,
    bit_offset: IntLike,
    bit_size: IntLike,
    value: IntLike,
    *,
    signed: bool = False,
    overflow: BitOverflow = BitOverflow.FAIL,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> BlobExp:
    """The blob with an int added to one that bits form (C: ``as_exp_bit_add``, ``…_signed``)."""
    return _modify(
        BitOp.ADD,
        [
            pack_part(bit_offset, "bit_offset"),
            pack_part(bit_size, "bit_size"),
            pack_part(value, "value"),
            _flags(flags),
            _overflow(overflow, signed),
        ],
        blob,
    )


@written
def bit_subtract(
    blob: BlobLike,
    bit_offset: IntLike,
    bit_size: IntLike,
    value: IntLike,
    *,
    signed: bool = False,
    overflow: BitOverflow = BitOverflow.FAIL,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> BlobExp:
    """The blob with an int subtracted from one that bits form (C: ``as_exp_bit_subtract``, ``…_signed``)."""
    return _modify(
        BitOp.SUBTRACT,
        [
            pack_part(bit_offset, "bit_offset"),
            pack_part(bit_size, "bit_size"),
            pack_part(value, "value"),
            _flags(flags),
            _overflow(overflow, signed),
        ],
        blob,
    )


@written
def bit_set_int(
    blob: BlobLike,
    bit_offset: IntLike,
    bit_size: IntLike,
    value: IntLike,
    *,
    flags: BitWriteFlags = BitWriteFlags.DEFAULT,
) -> BlobExp:
    """The blob with an int written into bits (C: ``as_exp_bit_set_int``)."""
    return _modify(
        BitOp.SET_INT,
        [
            pack_part(bit_offset, "bit_offset"),
            pack_part(bit_size, "bit_size"),
            pack_part(value, "value"),
            _flags(flags),
        ],
        blob,
    )


@written
def bit_get(blob: BlobLike, bit_offset: IntLike, bit_size: IntLike) -> BlobExp:
    """Bits, as a blob (C: ``as_exp_bit_get``)."""
    return call(
        BlobExp,
        ExpCallSystem.BITS,
        BitOp.GET,
        [pack_part(bit_offset, "bit_offset"), pack_part(bit_size, "bit_size")],
        pack_part(blob, "blob"),
    )


@written
def bit_count(blob: BlobLike, bit_offset: IntLike, bit_size: IntLike) -> IntExp:
    """How many bits are set (C: ``as_exp_bit_count``)."""
    return call(
        IntExp,
        ExpCallSystem.BITS,
        BitOp.COUNT,
        [pack_part(bit_offset, "bit_offset"), pack_part(bit_size, "bit_size")],
        pack_part(blob, "blob"),
    )


@written
def bit_lscan(blob: BlobLike, bit_offset: IntLike, bit_size: IntLike, value: BoolLike) -> IntExp:
    """Where the first bit of a kind is, from the offset on; -1 if there is none (C: ``as_exp_bit_lscan``)."""
    return call(
        IntExp,
        ExpCallSystem.BITS,
        BitOp.LSCAN,
        [pack_part(bit_offset, "bit_offset"), pack_part(bit_size, "bit_size"), pack_part(value, "value")],
        pack_part(blob, "blob"),
    )


@written
def bit_rscan(blob: BlobLike, bit_offset: IntLike, bit_size: IntLike, value: BoolLike) -> IntExp:
    """Where the last bit of a kind is, from the offset on; -1 if there is none (C: ``as_exp_bit_rscan``)."""
    return call(
        IntExp,
        ExpCallSystem.BITS,
        BitOp.RSCAN,
        [pack_part(bit_offset, "bit_offset"), pack_part(bit_size, "bit_size"), pack_part(value, "value")],
        pack_part(blob, "blob"),
    )


@written
def bit_get_int(blob: BlobLike, bit_offset: IntLike, bit_size: IntLike, *, signed: bool = False) -> IntExp:
    """The int that bits form (C: ``as_exp_bit_get_int``)."""
    return call(
        IntExp,
        ExpCallSystem.BITS,
        BitOp.GET_INT,
        [pack_part(bit_offset, "bit_offset"), pack_part(bit_size, "bit_size"), pack_int(_sign(signed))],
        pack_part(blob, "blob"),
    )


@written
def bit_b64_encode(
    blob: BlobLike, byte_offset: IntLike = 0, byte_size: IntLike | None = None, *, invert_size: bool = False
) -> StringExp:
    """Bytes as text in base64 (official Python client: ``BitB64Encode``; server 8.2)."""
    inverted = check_bool(invert_size, "invert_size")
    arguments: list[bytes] = []
    if byte_size is not None:
        arguments = [pack_part(byte_offset, "byte_offset"), pack_part(byte_size, "byte_size"), pack_int(inverted)]
    elif inverted:
        raise ValueError("invert_size needs a byte_size")
    elif isinstance(byte_offset, Expression) or byte_offset != 0:
        arguments = [pack_part(byte_offset, "byte_offset")]
    return call(StringExp, ExpCallSystem.BITS, BitOp.B64_ENCODE, arguments, pack_part(blob, "blob"))


def _modify(number: BitOp, arguments: list[bytes], blob: BlobLike) -> BlobExp:
    return call(BlobExp, ExpCallSystem.BITS | ExpCallSystem.MODIFY, number, arguments, pack_part(blob, "blob"))


def _flags(flags: BitWriteFlags) -> bytes:
    return pack_int(check_flags(flags, BitWriteFlags, "flags"))


def _sign(signed: bool) -> int:
    return _SIGNED if check_bool(signed, "signed") else 0


def _overflow(overflow: BitOverflow, signed: bool) -> bytes:
    return pack_int(check_flags(overflow, BitOverflow, "overflow") | _sign(signed))
