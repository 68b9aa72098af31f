"""Operations on the bits of a blob (protocol section 11).

A field of bits is worked on as one integer: the bytes around it are cut off first and put back afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import attrs

from ..._wire.flags import ParticleType
from ..._wire.opcodes import BitOp
from ..._wire.proto import MAX_BODY_SIZE
from ...result_code import ResultCode
from ..refusal import Refusal
from ..storage.record import Particle
from .arguments import Arguments

__all__ = ["modify_bits", "read_bits"]

_INTEGER = int(ParticleType.INTEGER)
_BLOB = int(ParticleType.BLOB)

_CREATE_ONLY: Final = 1
_UPDATE_ONLY: Final = 2
_NO_FAIL: Final = 4
_PARTIAL: Final = 8

_FROM_FRONT: Final = 1
_GROW_ONLY: Final = 2
_SHRINK_ONLY: Final = 4

_SIGNED: Final = 1
_SATURATE: Final = 2
_WRAP: Final = 4

_MAX_BITS_OF_INTEGER = 64


class _Unchanged(Exception):
    """The operation can't be done, and its flags say that it then is not to be done."""


@attrs.define
class _Op:
    """What an operation is to do; offset and size in bits."""

    offset: int = 0
    size: int = 0
    value: int = 0
    data: bytes = b""
    flags: int = 0
    details: int = 0

    def give_up(self, code: int) -> Exception:
        """What to raise when the blob does not let this be done."""
        return _Unchanged() if self.flags & _NO_FAIL else Refusal(code)


_Parse: TypeAlias = Callable[[Arguments, _Op], None]


@attrs.frozen
class _Modify:
    """One operation that changes a blob."""

    parse: tuple[_Parse, ...]
    least: int
    flags: int
    apply: Callable[[_Op, bytes], bytes]


@attrs.frozen
class _Read:
    """One operation that reads a blob: the field, as an integer, and its size in bits give an answer."""

    parse: tuple[_Parse, ...]
    least: int
    answer: Callable[[_Op, int], Particle]


def read_bits(call: bytes, current: Particle) -> Particle:
    """The answer of an operation that reads.

    Args:
        call: The packed call.
        current: The bin's value.

    Raises:
        Refusal: It is no such call, the bin holds no blob, or the blob is too short.
    """
    arguments = Arguments(call)
    known = _READS.get(arguments.operation)
    if known is None:
        raise Refusal(ResultCode.PARAMETER)
    op = _parse(arguments, known.parse, known.least)
    blob = _blob_of(current)
    start = _start(op, blob)
    _check_fits(op, start, blob)
    return known.answer(op, _field(blob, start, op.size))


def modify_bits(call: bytes, current: Particle | None) -> Particle | None:
    """The new value after an operation that writes.

    Args:
        call: The packed call.
        current: The bin's value, or None if there is no such bin.

    Returns:
        None if there is still no such bin.

    Raises:
        Refusal: It is no such call, or it can't be done to this value.
    """
    arguments = Arguments(call)
    known = _MODIFIES.get(arguments.operation)
    if known is None:
        raise Refusal(ResultCode.PARAMETER)
    op = _parse(arguments, known.parse, known.least)
    if op.flags & ~known.flags or (op.flags & _CREATE_ONLY and op.flags & _UPDATE_ONLY):
        raise Refusal(ResultCode.PARAMETER)
    try:
        changed = known.apply(op, _to_modify(op, arguments.operation, current))
    except _Unchanged:
        return current
    if len(changed) >= MAX_BODY_SIZE:
        raise Refusal(ResultCode.PARAMETER)
    return _BLOB, changed


def _parse(arguments: Arguments, parse: tuple[_Parse, ...], least: int) -> _Op:
    if not least <= arguments.count <= len(parse):
        raise Refusal(ResultCode.PARAMETER)
    op = _Op()
    for parse_one in parse[: arguments.count]:
        parse_one(arguments, op)
    return op


def _to_modify(op: _Op, operation: int, current: Particle | None) -> bytes:
    if current is not None:
        if op.flags & _CREATE_ONLY:
            raise op.give_up(ResultCode.BIN_EXISTS)
        return _blob_of(current)
    if operation not in {BitOp.INSERT, BitOp.RESIZE} or op.flags & _UPDATE_ONLY:
        raise op.give_up(ResultCode.BIN_NOT_FOUND)
    return b""


def _blob_of(current: Particle) -> bytes:
    kind, blob = current
    if kind != _BLOB:
        raise Refusal(ResultCode.BIN_TYPE)
    return blob


def _byte_offset(arguments: Arguments, op: _Op) -> None:
    offset = arguments.integer()
    if abs(offset) > MAX_BODY_SIZE:
        raise Refusal(ResultCode.PARAMETER)
    op.offset = 8 * offset


def _offset(arguments: Arguments, op: _Op) -> None:
    op.offset = arguments.integer()
    if abs(op.offset) > 8 * MAX_BODY_SIZE:
        raise Refusal(ResultCode.PARAMETER)


def _new_byte_size(arguments: Arguments, op: _Op) -> None:
    size = arguments.unsigned()
    if size > MAX_BODY_SIZE:
        raise Refusal(ResultCode.PARAMETER)
    op.size = 8 * size


def _byte_size(arguments: Arguments, op: _Op) -> None:
    _new_byte_size(arguments, op)
    if op.size == 0:
        raise Refusal(ResultCode.PARAMETER)


def _size_up_to(most: int) -> _Parse:
    def parse(arguments: Arguments, op: _Op) -> None:
        op.size = arguments.unsigned()
        if not 0 < op.size <= most:
            raise Refusal(ResultCode.PARAMETER)

    return parse


def _value(arguments: Arguments, op: _Op) -> None:
    op.value = arguments.unsigned()


def _shift(arguments: Arguments, op: _Op) -> None:
    op.value = arguments.unsigned()
    if op.value > 8 * MAX_BODY_SIZE:
        raise Refusal(ResultCode.PARAMETER)


def _sought_bit(arguments: Arguments, op: _Op) -> None:
    op.value = arguments.boolean()


def _data(arguments: Arguments, op: _Op) -> None:
    """Bytes of an operand, whatever type they claim. Alone they tell the size, otherwise there must be enough."""
    op.data = arguments.text()[1:]
    if not op.data or 8 * len(op.data) < op.size:
        raise Refusal(ResultCode.PARAMETER)
    op.size = op.size or 8 * len(op.data)


def _flags(arguments: Arguments, op: _Op) -> None:
    op.flags = arguments.unsigned()


def _details(known: int, one_of: int) -> _Parse:
    """Flags of one operation: which there are, and which of them exclude each other."""

    def parse(arguments: Arguments, op: _Op) -> None:
        op.details = arguments.unsigned()
        if op.details & ~known or (one_of and op.details & one_of == one_of):
            raise Refusal(ResultCode.PARAMETER)

    return parse


def _start(op: _Op, blob: bytes) -> int:
    """Where the field begins, in bits from the left."""
    if op.offset >= 0:
        return op.offset
    start = 8 * len(blob) + op.offset
    if start < 0:
        raise Refusal(ResultCode.PARAMETER)
    return start


def _check_fits(op: _Op, start: int, blob: bytes) -> None:
    if start + op.size > 8 * len(blob):
        raise op.give_up(ResultCode.OP_NOT_APPLICABLE)


def _field(blob: bytes, start: int, size: int) -> int:
    first, behind = start // 8, (start + size + 7) // 8
    whole = int.from_bytes(blob[first:behind], "big")
    return whole >> (8 * behind - start - size) & (1 << size) - 1


def _with_field(blob: bytes, start: int, size: int, field: int) -> bytes:
    first, behind = start // 8, (start + size + 7) // 8
    whole = int.from_bytes(blob[first:behind], "big")
    shift = 8 * behind - start - size
    mask = (1 << size) - 1
    whole = whole & ~(mask << shift) | (field & mask) << shift
    return blob[:first] + whole.to_bytes(behind - first, "big") + blob[behind:]


def _resize(op: _Op, blob: bytes) -> bytes:
    size, old = op.size // 8, len(blob)
    if size == old:
        raise _Unchanged
    if op.details & (_GROW_ONLY if size < old else _SHRINK_ONLY):
        raise op.give_up(ResultCode.PARAMETER)
    from_front = op.details & _FROM_FRONT
    if size < old:
        return blob[old - size :] if from_front else blob[:size]
    padding = bytes(size - old)
    return padding + blob if from_front else blob + padding


def _insert(op: _Op, blob: bytes) -> bytes:
    at = _start(op, blob) // 8
    return blob[:at].ljust(at, b"\0") + op.data + blob[at:]


def _remove(op: _Op, blob: bytes) -> bytes:
    at, size = _start(op, blob) // 8, op.size // 8
    if at >= len(blob) or (at + size > len(blob) and not op.flags & _PARTIAL):
        raise op.give_up(ResultCode.PARAMETER)
    return blob[:at] + blob[at + size :]


def _changing(change: Callable[[_Op, int, int], int]) -> Callable[[_Op, bytes], bytes]:
    """An operation that puts another field of the same size in place.

    Args:
        change: From the operation, the old field and its size, the new field; excess bits on the left are dropped.
    """

    def apply(op: _Op, blob: bytes) -> bytes:
        start = _start(op, blob)
        size = op.size
        if start + size > 8 * len(blob):
            if start // 8 >= len(blob) or not op.flags & _PARTIAL:
                raise op.give_up(ResultCode.OP_NOT_APPLICABLE)
            size = 8 * len(blob) - start
        return _with_field(blob, start, size, change(op, _field(blob, start, size), size))

    return apply


def _operand(op: _Op, size: int) -> int:
    return _field(op.data, 0, size)


def _shift_left(op: _Op, field: int, size: int) -> int:
    return 0 if op.value >= size else field << op.value


def _add(op: _Op, field: int, size: int) -> int:
    return _bounded(op, field, op.value & (1 << size) - 1, 1, size)


def _subtract(op: _Op, field: int, size: int) -> int:
    return _bounded(op, field, op.value & (1 << size) - 1, -1, size)


def _bounded(op: _Op, left: int, right: int, sign: int, size: int) -> int:
    """The sum or difference; what becomes of one that does not fit is up to the flags."""
    total = (left + sign * right) & (1 << size) - 1
    if op.details & _WRAP:
        return total
    if not op.details & _SIGNED:
        too_large = total < left if sign > 0 else total > left
        limit = (1 << size) - 1 if sign > 0 else 0
    else:
        signed_left, signed_right = _signed(left, size), _signed(sign * right & (1 << size) - 1, size)
        signed_total = _signed(total, size)
        # Two least numbers add to zero, which a server does not take for too small.
        below = signed_left < 0 and signed_right < 0 and signed_total > 0
        too_large = below or (signed_left > 0 and signed_right > 0 and signed_total < 0)
        limit = 1 << size - 1 if below else (1 << size - 1) - 1
    if not too_large:
        return total
    if op.details & _SATURATE:
        return limit
    raise op.give_up(ResultCode.OP_NOT_APPLICABLE)


def _signed(field: int, size: int) -> int:
    return field - (1 << size) if field >> size - 1 else field


def _get(op: _Op, field: int) -> Particle:
    n_bytes = (op.size + 7) // 8
    return _BLOB, (field << 8 * n_bytes - op.size).to_bytes(n_bytes, "big")


def _count(op: _Op, field: int) -> Particle:
    return _integer(field.bit_count())


def _scan_left(op: _Op, field: int) -> Particle:
    sought = field if op.value else ~field & (1 << op.size) - 1
    return _integer(op.size - sought.bit_length() if sought else -1)


def _scan_right(op: _Op, field: int) -> Particle:
    sought = field if op.value else ~field & (1 << op.size) - 1
    return _integer(op.size - (sought & -sought).bit_length() if sought else -1)


def _get_integer(op: _Op, field: int) -> Particle:
    return _integer(_signed(field, op.size) if op.details & _SIGNED else field)


def _integer(number: int) -> Particle:
    return _INTEGER, (number & (1 << 64) - 1).to_bytes(8, "big")


_size = _size_up_to(8 * MAX_BODY_SIZE)
_integer_size = _size_up_to(_MAX_BITS_OF_INTEGER)
_arithmetic = _details(_SIGNED | _SATURATE | _WRAP, _SATURATE | _WRAP)
_resizing = _details(_FROM_FRONT | _GROW_ONLY | _SHRINK_ONLY, _GROW_ONLY | _SHRINK_ONLY)

_MAY_CREATE = _CREATE_ONLY | _UPDATE_ONLY | _NO_FAIL
_MAY_BE_PARTIAL = _UPDATE_ONLY | _NO_FAIL | _PARTIAL
_WHOLE = _UPDATE_ONLY | _NO_FAIL


def _with_data(change: Callable[[_Op, int, int], int]) -> _Modify:
    return _Modify((_offset, _size, _data, _flags), 3, _MAY_BE_PARTIAL, _changing(change))


def _with_shift(change: Callable[[_Op, int, int], int]) -> _Modify:
    return _Modify((_offset, _size, _shift, _flags), 3, _MAY_BE_PARTIAL, _changing(change))


def _with_integer(change: Callable[[_Op, int, int], int], *details: _Parse) -> _Modify:
    return _Modify((_offset, _integer_size, _value, _flags, *details), 3, _WHOLE, _changing(change))


_MODIFIES: dict[int, _Modify] = {
    BitOp.RESIZE: _Modify((_new_byte_size, _flags, _resizing), 1, _MAY_CREATE, _resize),
    BitOp.INSERT: _Modify((_byte_offset, _data, _flags), 2, _MAY_CREATE, _insert),
    BitOp.REMOVE: _Modify((_byte_offset, _byte_size, _flags), 2, _MAY_BE_PARTIAL, _remove),
    BitOp.SET: _with_data(lambda op, field, size: _operand(op, size)),
    BitOp.OR: _with_data(lambda op, field, size: field | _operand(op, size)),
    BitOp.XOR: _with_data(lambda op, field, size: field ^ _operand(op, size)),
    BitOp.AND: _with_data(lambda op, field, size: field & _operand(op, size)),
    BitOp.NOT: _Modify(
        (_offset, _size, _flags), 2, _MAY_BE_PARTIAL, _changing(lambda op, field, size: ~field & (1 << size) - 1)
    ),
    BitOp.LSHIFT: _with_shift(_shift_left),
    BitOp.RSHIFT: _with_shift(lambda op, field, size: field >> op.value),
    BitOp.ADD: _with_integer(_add, _arithmetic),
    BitOp.SUBTRACT: _with_integer(_subtract, _arithmetic),
    BitOp.SET_INT: _with_integer(lambda op, field, size: op.value),
}

_READS: dict[int, _Read] = {
    BitOp.GET: _Read((_offset, _size), 2, _get),
    BitOp.COUNT: _Read((_offset, _size), 2, _count),
    BitOp.LSCAN: _Read((_offset, _size, _sought_bit), 3, _scan_left),
    BitOp.RSCAN: _Read((_offset, _size, _sought_bit), 3, _scan_right),
    BitOp.GET_INT: _Read((_offset, _integer_size, _details(_SIGNED, 0)), 2, _get_integer),
}
