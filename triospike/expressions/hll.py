"""HyperLogLog sketches. The functions that change a sketch give a changed copy of it; nothing is written.

Arguments are those of `triospike.operations.hll`, with the sketch in the place of the bin's name. ``sketches`` may
also be one expression, for a sketch or for a list of them. Where numbers of bits don't fit, the result is unknown.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from .._wire.opcodes import ExpCallSystem, HllOp
from ..operations._packing import check_flags, pack_int
from ..operations.hll import HllWriteFlags
from .calls import call
from .kinds import FloatExp, HllExp, HllLike, IntExp, IntLike, ListExp, ListLike
from .nodes import pack_part, written

__all__ = [
    "hll_add",
    "hll_describe",
    "hll_get_count",
    "hll_get_intersect_count",
    "hll_get_similarity",
    "hll_get_union",
    "hll_get_union_count",
    "hll_init",
    "hll_may_contain",
]

_Sketches: TypeAlias = HllLike | ListLike
_KEEP: Final = -1  # for a number of bits: that of the sketch


@written
def hll_init(
    sketch: HllLike,
    index_bits: IntLike | None = None,
    minhash_bits: IntLike | None = None,
    *,
    flags: HllWriteFlags = HllWriteFlags.DEFAULT,
) -> HllExp:
    """The sketch emptied (C: ``as_exp_hll_init``, ``_init_mh``)."""
    arguments = [_bits(index_bits, "index_bits"), _bits(minhash_bits, "minhash_bits"), _flags(flags)]
    return _modify(HllOp.INIT, arguments, sketch)


@written
def hll_add(
    sketch: HllLike,
    values: ListLike,
    index_bits: IntLike | None = None,
    minhash_bits: IntLike | None = None,
    *,
    flags: HllWriteFlags = HllWriteFlags.DEFAULT,
) -> HllExp:
    """The sketch with values added (C: ``as_exp_hll_add``, ``_add_mh``, ``_update``)."""
    arguments = [
        pack_part(values, "values"),
        _bits(index_bits, "index_bits"),
        _bits(minhash_bits, "minhash_bits"),
        _flags(flags),
    ]
    return _modify(HllOp.ADD, arguments, sketch)


@written
def hll_get_count(sketch: HllLike) -> IntExp:
    """The estimated number of different values (C: ``as_exp_hll_get_count``)."""
    return call(IntExp, ExpCallSystem.HLL, HllOp.GET_COUNT, [], pack_part(sketch, "sketch"))


@written
def hll_get_union(sketch: HllLike, sketches: _Sketches) -> HllExp:
    """The sketch united with others (C: ``as_exp_hll_get_union``)."""
    arguments = [pack_part(sketches, "sketches")]
    return call(HllExp, ExpCallSystem.HLL, HllOp.GET_UNION, arguments, pack_part(sketch, "sketch"))


@written
def hll_get_union_count(sketch: HllLike, sketches: _Sketches) -> IntExp:
    """The estimated number of values that are in any of the sketches (C: ``as_exp_hll_get_union_count``)."""
    arguments = [pack_part(sketches, "sketches")]
    return call(IntExp, ExpCallSystem.HLL, HllOp.GET_UNION_COUNT, arguments, pack_part(sketch, "sketch"))


@written
def hll_get_intersect_count(sketch: HllLike, sketches: _Sketches) -> IntExp:
    """The estimated number of values that are in all of the sketches (C: ``as_exp_hll_get_intersect_count``)."""
    arguments = [pack_part(sketches, "sketches")]
    return call(IntExp, ExpCallSystem.HLL, HllOp.GET_INTERSECT_COUNT, arguments, pack_part(sketch, "sketch"))


@written
def hll_get_similarity(sketch: HllLike, sketches: _Sketches) -> FloatExp:
    """How much the sketches have in common, 0 to 1 (C: ``as_exp_hll_get_similarity``)."""
    arguments = [pack_part(sketches, "sketches")]
    return call(FloatExp, ExpCallSystem.HLL, HllOp.GET_SIMILARITY, arguments, pack_part(sketch, "sketch"))


@written
def hll_describe(sketch: HllLike) -> ListExp:
    """The numbers of index bits and of minhash bits, a list (C: ``as_exp_hll_describe``)."""
    return call(ListExp, ExpCallSystem.HLL, HllOp.DESCRIBE, [], pack_part(sketch, "sketch"))


@written
def hll_may_contain(sketch: HllLike, values: ListLike) -> IntExp:
    """1 if all values may have been added, 0 if one certainly was not (C: ``as_exp_hll_may_contain``)."""
    arguments = [pack_part(values, "values")]
    return call(IntExp, ExpCallSystem.HLL, HllOp.MAY_CONTAIN, arguments, pack_part(sketch, "sketch"))


def _modify(number: HllOp, arguments: list[bytes], sketch: HllLike) -> HllExp:
    return call(HllExp, ExpCallSystem.HLL | ExpCallSystem.MODIFY, number, arguments, pack_part(sketch, "sketch"))


def _bits(value: IntLike | None, argument: str) -> bytes:
    return pack_part(_KEEP if value is None else value, argument)


def _flags(flags: HllWriteFlags) -> bytes:
    return pack_int(check_flags(flags, HllWriteFlags, "flags"))
