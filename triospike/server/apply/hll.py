"""Operations on HyperLogLog sketches (protocol section 11)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final, TypeAlias

import attrs

from ..._wire.flags import ParticleType
from ..._wire.opcodes import HllOp
from ...result_code import ResultCode
from ..refusal import Refusal
from ..storage.record import Particle
from .arguments import Arguments
from .packing import pack_integer
from .sketch import Sketch, are_bits_valid, intersect_count, similarity, union

__all__ = ["modify_hll", "read_hll"]

_INTEGER = int(ParticleType.INTEGER)
_FLOAT = int(ParticleType.FLOAT)
_HLL = int(ParticleType.HLL)
_LIST = int(ParticleType.LIST)
_DOUBLE = struct.Struct(">d")

_CREATE_ONLY: Final = 1
_UPDATE_ONLY: Final = 2
_NO_FAIL: Final = 4
_ALLOW_FOLD: Final = 8

_UNSET: Final = -1
_MOST_WITHOUT_MINHASH: Final = 2
"""Operands of an intersection: with the bin's own sketch, there are three."""


@attrs.define
class _Op:
    """What an operation is to do; `_UNSET` bits are those of the sketch that is there."""

    elements: list[bytes] = attrs.field(factory=list)
    sketches: list[Sketch] = attrs.field(factory=list)
    index_bits: int = _UNSET
    minhash_bits: int = _UNSET
    flags: int = 0


_Parse: TypeAlias = Callable[[Arguments, _Op], None]
_Apply: TypeAlias = Callable[[_Op, Sketch | None], tuple[Sketch, Particle | None]]
_Answer: TypeAlias = Callable[[_Op, Sketch], Particle]


@attrs.frozen
class _Modify:
    """One operation that changes a sketch."""

    parse: tuple[_Parse, ...]
    least: int
    flags: int
    apply: _Apply


def read_hll(call: bytes, current: Particle) -> Particle:
    """The answer of an operation that reads.

    Args:
        call: The packed call.
        current: The bin's value.

    Raises:
        Refusal: It is no such call, the bin holds no sketch, or the operands don't go together.
    """
    arguments = Arguments(call)
    known = _READS.get(arguments.operation)
    if known is None:
        raise Refusal(ResultCode.PARAMETER)
    sketch = _sketch_of(current)
    parse, answer = known
    return answer(_parse(arguments, parse, len(parse)), sketch)


def modify_hll(call: bytes, current: Particle | None) -> tuple[Particle | None, Particle | None]:
    """The new value after an operation that writes, and its answer if it has one.

    Args:
        call: The packed call.
        current: The bin's value, or None if there is no such bin.

    Returns:
        None in front if there is still no such bin.

    Raises:
        Refusal: It is no such call, or it can't be done to this value.
    """
    arguments = Arguments(call)
    known = _MODIFIES.get(arguments.operation)
    if known is None:
        raise Refusal(ResultCode.PARAMETER)
    sketch = None if current is None else _sketch_of(current)
    op = _parse(arguments, known.parse, known.least)
    if op.flags & ~known.flags or (op.flags & _CREATE_ONLY and op.flags & _UPDATE_ONLY):
        raise Refusal(ResultCode.PARAMETER)
    if op.flags & (_UPDATE_ONLY if sketch is None else _CREATE_ONLY):
        if op.flags & _NO_FAIL:
            return current, None
        raise Refusal(ResultCode.BIN_NOT_FOUND if sketch is None else ResultCode.BIN_EXISTS)
    changed, answer = known.apply(op, sketch)
    return (_HLL, changed.pack()), answer


def _sketch_of(current: Particle) -> Sketch:
    kind, data = current
    if kind != _HLL:
        raise Refusal(ResultCode.BIN_TYPE)
    sketch = Sketch.unpack(data)
    if sketch is None or not are_bits_valid(sketch.index_bits, sketch.minhash_bits):
        raise Refusal(ResultCode.SERVER)
    return sketch


def _parse(arguments: Arguments, parse: tuple[_Parse, ...], least: int) -> _Op:
    if not least <= arguments.count <= len(parse):
        raise Refusal(ResultCode.PARAMETER)
    op = _Op()
    for parse_one in parse[: arguments.count]:
        parse_one(arguments, op)
    return op


def _index_bits(arguments: Arguments, op: _Op) -> None:
    op.index_bits = arguments.integer()
    if op.index_bits != _UNSET and not are_bits_valid(op.index_bits, 0):
        raise Refusal(ResultCode.PARAMETER)


def _minhash_bits(arguments: Arguments, op: _Op) -> None:
    op.minhash_bits = arguments.integer()
    # Fewest index bits go with all minhash bits.
    index_bits = 4 if op.index_bits == _UNSET else op.index_bits
    if op.minhash_bits != _UNSET and not are_bits_valid(index_bits, op.minhash_bits):
        raise Refusal(ResultCode.PARAMETER)


def _flags(arguments: Arguments, op: _Op) -> None:
    op.flags = arguments.unsigned()


def _elements(arguments: Arguments, op: _Op) -> None:
    count = arguments.list_size()
    if not count:
        raise Refusal(ResultCode.PARAMETER)
    for _ in range(count):
        if arguments.is_container():
            raise Refusal(ResultCode.PARAMETER)
        op.elements.append(arguments.element())


def _sketches(arguments: Arguments, op: _Op) -> None:
    """One sketch, or a list of them; whatever type of blob they claim to be."""
    count = arguments.list_size() if arguments.is_list() else 1
    if not count:
        raise Refusal(ResultCode.PARAMETER)
    for _ in range(count):
        sketch = Sketch.unpack(arguments.text()[1:])
        if sketch is None:
            raise Refusal(ResultCode.PARAMETER)
        op.sketches.append(sketch)


def _sketches_to_intersect(arguments: Arguments, op: _Op) -> None:
    _sketches(arguments, op)
    makes = {sketch.minhash_bits for sketch in op.sketches}
    if len(op.sketches) > _MOST_WITHOUT_MINHASH and (len(makes) > 1 or 0 in makes):
        raise Refusal(ResultCode.PARAMETER)


def _init(op: _Op, current: Sketch | None) -> tuple[Sketch, None]:
    if current is None:
        return _created(op), None
    index_bits = current.index_bits if op.index_bits == _UNSET else op.index_bits
    minhash_bits = current.minhash_bits if op.minhash_bits == _UNSET else op.minhash_bits
    if not are_bits_valid(index_bits, minhash_bits):
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    return Sketch.empty(index_bits, minhash_bits), None


def _created(op: _Op) -> Sketch:
    if op.index_bits == _UNSET:
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    return Sketch.empty(op.index_bits, max(0, op.minhash_bits))


def _add(op: _Op, current: Sketch | None) -> tuple[Sketch, Particle]:
    sketch = _created(op) if current is None else current
    return sketch, _integer(sum(sketch.add(element) for element in op.elements))


def _set_union(op: _Op, current: Sketch | None) -> tuple[Sketch, None]:
    if current is None:
        return union(op.sketches), None
    united = union([*op.sketches, current])
    if not op.flags & _ALLOW_FOLD and (united.index_bits, united.minhash_bits) != (
        current.index_bits,
        current.minhash_bits,
    ):
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    return united, None


def _refresh_count(op: _Op, current: Sketch | None) -> tuple[Sketch, Particle]:
    if current is None:
        raise Refusal(ResultCode.BIN_NOT_FOUND)
    current.cache = current.count()
    return current, _integer(current.cache)


def _fold(op: _Op, current: Sketch | None) -> tuple[Sketch, None]:
    if current is None:
        raise Refusal(ResultCode.BIN_NOT_FOUND)
    if current.minhash_bits or not 0 <= op.index_bits <= current.index_bits:
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    if op.index_bits == current.index_bits:
        return current, None
    folded = Sketch.empty(op.index_bits, 0)
    folded.merge(current)
    return folded, None


def _integer(number: int) -> Particle:
    return _INTEGER, number.to_bytes(8, "big")


def _get_union(op: _Op, sketch: Sketch) -> Particle:
    return _HLL, union([*op.sketches, sketch]).pack()


def _get_union_count(op: _Op, sketch: Sketch) -> Particle:
    return _integer(union([*op.sketches, sketch]).count())


def _intersected(op: _Op, sketch: Sketch) -> list[Sketch]:
    if len(op.sketches) > _MOST_WITHOUT_MINHASH and sketch.minhash_bits != op.sketches[0].minhash_bits:
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    return [*op.sketches, sketch]


def _get_intersect_count(op: _Op, sketch: Sketch) -> Particle:
    return _integer(intersect_count(_intersected(op, sketch)))


def _get_similarity(op: _Op, sketch: Sketch) -> Particle:
    return _FLOAT, _DOUBLE.pack(similarity(_intersected(op, sketch)))


def _describe(op: _Op, sketch: Sketch) -> Particle:
    return _LIST, b"\x92" + pack_integer(sketch.index_bits) + pack_integer(sketch.minhash_bits)


def _may_contain(op: _Op, sketch: Sketch) -> Particle:
    return _integer(all(sketch.may_contain(element) for element in op.elements))


_ADD_FLAGS = _CREATE_ONLY | _NO_FAIL
_INIT_FLAGS = _ADD_FLAGS | _UPDATE_ONLY
_UNION_FLAGS = _INIT_FLAGS | _ALLOW_FOLD

_MODIFIES: dict[int, _Modify] = {
    HllOp.INIT: _Modify((_index_bits, _minhash_bits, _flags), 0, _INIT_FLAGS, _init),
    HllOp.ADD: _Modify((_elements, _index_bits, _minhash_bits, _flags), 1, _ADD_FLAGS, _add),
    HllOp.SET_UNION: _Modify((_sketches, _flags), 1, _UNION_FLAGS, _set_union),
    HllOp.REFRESH_COUNT: _Modify((), 0, 0, _refresh_count),
    HllOp.FOLD: _Modify((_index_bits,), 1, 0, _fold),
}

_READS: dict[int, tuple[tuple[_Parse, ...], _Answer]] = {
    HllOp.GET_COUNT: ((), lambda op, sketch: _integer(sketch.count())),
    HllOp.GET_UNION: ((_sketches,), _get_union),
    HllOp.GET_UNION_COUNT: ((_sketches,), _get_union_count),
    HllOp.GET_INTERSECT_COUNT: ((_sketches_to_intersect,), _get_intersect_count),
    HllOp.GET_SIMILARITY: ((_sketches_to_intersect,), _get_similarity),
    HllOp.DESCRIBE: ((), _describe),
    HllOp.MAY_CONTAIN: ((_elements,), _may_contain),
}
