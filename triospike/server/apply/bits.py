"""Operations on the bits of a blob (protocol section 11).

A field of bits is worked on as one integer: the bytes around it are cut off first and put back afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from ..._wire.flags import ParticleType
from ..._wire.opcodes import BitOp
from ..._wire.proto import MAX_BODY_SIZE
from ...result_code import ResultCode
from ..refusal import Refusal
from ..storage.record import Particle
from .arguments import Arguments
from .bit_arguments import (
    BitCall,
    Detail,
    Flag,
    Parse,
    Unchanged,
    parse_arithmetic,
    parse_byte_offset,
    parse_byte_size,
    parse_call,
    parse_data,
    parse_flags,
    parse_integer_size,
    parse_new_byte_size,
    parse_offset,
    parse_resizing,
    parse_shift,
    parse_signed,
    parse_size,
    parse_sought_bit,
    parse_value,
)

__all__ = ["modify_bits", "read_bits"]

_INTEGER = int(ParticleType.INTEGER)
_BLOB = int(ParticleType.BLOB)


@attrs.frozen
class _Modify:
    """One operation that changes a blob."""

    parse: tuple[Parse, ...]
    least: int
    flags: int
    apply: Callable[[BitCall, bytes], bytes]


@attrs.frozen
class _Read:
    """One operation that reads a blob: the field, as an integer, and its size in bits give an answer."""

    parse: tuple[Parse, ...]
    least: int
    answer: Callable[[BitCall, int], Particle]


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
    op = parse_call(arguments, known.parse, known.least)
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
    op = parse_call(arguments, known.parse, known.least)
    if op.flags & ~known.flags or (op.flags & Flag.CREATE_ONLY and op.flags & Flag.UPDATE_ONLY):
        raise Refusal(ResultCode.PARAMETER)
    try:
        changed = known.apply(op, _to_modify(op, arguments.operation, current))
    except Unchanged:
        return current
    return _BLOB, changed


def _to_modify(op: BitCall, operation: int, current: Particle | None) -> bytes:
    if current is not None:
        if op.flags & Flag.CREATE_ONLY:
            raise op.give_up(ResultCode.BIN_EXISTS)
        return _blob_of(current)
    if operation not in {BitOp.INSERT, BitOp.RESIZE} or op.flags & Flag.UPDATE_ONLY:
        raise op.give_up(ResultCode.BIN_NOT_FOUND)
    return b""


def _blob_of(current: Particle) -> bytes:
    kind, blob = current
    if kind != _BLOB:
        raise Refusal(ResultCode.BIN_TYPE)
    return blob


def _start(op: BitCall, blob: bytes) -> int:
    """Where the field begins, in bits from the left."""
    if op.offset >= 0:
        return op.offset
    start = 8 * len(blob) + op.offset
    if start < 0:
        raise Refusal(ResultCode.PARAMETER)
    return start


def _check_fits(op: BitCall, start: int, blob: bytes) -> None:
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


def _resize(op: BitCall, blob: bytes) -> bytes:
    size, old = op.size // 8, len(blob)
    if size == old:
        raise Unchanged
    if op.details & (Detail.GROW_ONLY if size < old else Detail.SHRINK_ONLY):
        raise op.give_up(ResultCode.PARAMETER)
    from_front = op.details & Detail.FROM_FRONT
    if size < old:
        return blob[old - size :] if from_front else blob[:size]
    _check_new_size(size)
    padding = bytes(size - old)
    return padding + blob if from_front else blob + padding


def _insert(op: BitCall, blob: bytes) -> bytes:
    at = _start(op, blob) // 8
    _check_new_size(max(at, len(blob)) + len(op.data))
    return blob[:at].ljust(at, b"\0") + op.data + blob[at:]


def _check_new_size(size: int) -> None:
    if size >= MAX_BODY_SIZE:
        raise Refusal(ResultCode.PARAMETER)


def _remove(op: BitCall, blob: bytes) -> bytes:
    at, size = _start(op, blob) // 8, op.size // 8
    if at >= len(blob) or (at + size > len(blob) and not op.flags & Flag.PARTIAL):
        raise op.give_up(ResultCode.PARAMETER)
    return blob[:at] + blob[at + size :]


def _changing(change: Callable[[BitCall, int, int], int]) -> Callable[[BitCall, bytes], bytes]:
    """An operation that puts another field of the same size in place.

    Args:
        change: From the operation, the old field and its size, the new field; excess bits on the left are dropped.
    """

    def apply(op: BitCall, blob: bytes) -> bytes:
        start = _start(op, blob)
        size = op.size
        if start + size > 8 * len(blob):
            if start // 8 >= len(blob) or not op.flags & Flag.PARTIAL:
                raise op.give_up(ResultCode.OP_NOT_APPLICABLE)
            size = 8 * len(blob) - start
        return _with_field(blob, start, size, change(op, _field(blob, start, size), size))

    return apply


def _operand(op: BitCall, size: int) -> int:
    return _field(op.data, 0, size)


def _shift_left(op: BitCall, field: int, size: int) -> int:
    return 0 if op.value >= size else field << op.value


def _add(op: BitCall, field: int, size: int) -> int:
    return _bounded(op, field, op.value & (1 << size) - 1, 1, size)


def _subtract(op: BitCall, field: int, size: int) -> int:
    return _bounded(op, field, op.value & (1 << size) - 1, -1, size)


def _bounded(op: BitCall, left: int, right: int, sign: int, size: int) -> int:
    """The sum or difference; what becomes of one that does not fit is up to the flags."""
    total = (left + sign * right) & (1 << size) - 1
    if op.details & Detail.WRAP:
        return total
    if not op.details & Detail.SIGNED:
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
    if op.details & Detail.SATURATE:
        return limit
    raise op.give_up(ResultCode.OP_NOT_APPLICABLE)


def _signed(field: int, size: int) -> int:
    return field - (1 << size) if field >> size - 1 else field


def _get(op: BitCall, field: int) -> Particle:
    n_bytes = (op.size + 7) // 8
    return _BLOB, (field << 8 * n_bytes - op.size).to_bytes(n_bytes, "big")


def _count(op: BitCall, field: int) -> Particle:
    return _integer(field.bit_count())


def _scan_left(op: BitCall, field: int) -> Particle:
    sought = field if op.value else ~field & (1 << op.size) - 1
    return _integer(op.size - sought.bit_length() if sought else -1)


def _scan_right(op: BitCall, field: int) -> Particle:
    sought = field if op.value else ~field & (1 << op.size) - 1
    return _integer(op.size - (sought & -sought).bit_length() if sought else -1)


def _get_integer(op: BitCall, field: int) -> Particle:
    return _integer(_signed(field, op.size) if op.details & Detail.SIGNED else field)


def _integer(number: int) -> Particle:
    return _INTEGER, (number & (1 << 64) - 1).to_bytes(8, "big")


_MAY_CREATE = Flag.CREATE_ONLY | Flag.UPDATE_ONLY | Flag.NO_FAIL
_MAY_BE_PARTIAL = Flag.UPDATE_ONLY | Flag.NO_FAIL | Flag.PARTIAL
_WHOLE = Flag.UPDATE_ONLY | Flag.NO_FAIL


def _with_data(change: Callable[[BitCall, int, int], int]) -> _Modify:
    return _Modify((parse_offset, parse_size, parse_data, parse_flags), 3, _MAY_BE_PARTIAL, _changing(change))


def _with_shift(change: Callable[[BitCall, int, int], int]) -> _Modify:
    return _Modify((parse_offset, parse_size, parse_shift, parse_flags), 3, _MAY_BE_PARTIAL, _changing(change))


def _with_integer(change: Callable[[BitCall, int, int], int], *details: Parse) -> _Modify:
    return _Modify(
        (parse_offset, parse_integer_size, parse_value, parse_flags, *details), 3, _WHOLE, _changing(change)
    )


_MODIFIES: dict[int, _Modify] = {
    BitOp.RESIZE: _Modify((parse_new_byte_size, parse_flags, parse_resizing), 1, _MAY_CREATE, _resize),
    BitOp.INSERT: _Modify((parse_byte_offset, parse_data, parse_flags), 2, _MAY_CREATE, _insert),
    BitOp.REMOVE: _Modify((parse_byte_offset, parse_byte_size, parse_flags), 2, _MAY_BE_PARTIAL, _remove),
    BitOp.SET: _with_data(lambda op, field, size: _operand(op, size)),
    BitOp.OR: _with_data(lambda op, field, size: field | _operand(op, size)),
    BitOp.XOR: _with_data(lambda op, field, size: field ^ _operand(op, size)),
    BitOp.AND: _with_data(lambda op, field, size: field & _operand(op, size)),
    BitOp.NOT: _Modify(
        (parse_offset, parse_size, parse_flags),
        2,
        _MAY_BE_PARTIAL,
        _changing(lambda op, field, size: ~field & (1 << size) - 1),
    ),
    BitOp.LSHIFT: _with_shift(_shift_left),
    BitOp.RSHIFT: _with_shift(lambda op, field, size: field >> op.value),
    BitOp.ADD: _with_integer(_add, parse_arithmetic),
    BitOp.SUBTRACT: _with_integer(_subtract, parse_arithmetic),
    BitOp.SET_INT: _with_integer(lambda op, field, size: op.value),
}

_READS: dict[int, _Read] = {
    BitOp.GET: _Read((parse_offset, parse_size), 2, _get),
    BitOp.COUNT: _Read((parse_offset, parse_size), 2, _count),
    BitOp.LSCAN: _Read((parse_offset, parse_size, parse_sought_bit), 3, _scan_left),
    BitOp.RSCAN: _Read((parse_offset, parse_size, parse_sought_bit), 3, _scan_right),
    BitOp.GET_INT: _Read((parse_offset, parse_integer_size, parse_signed), 2, _get_integer),
}
