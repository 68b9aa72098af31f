"""Operations on a HyperLogLog bin: how many different values were there? (C: ``as_operations_hll_*``).

A sketch estimates the number of different values added to it in a few hundred bytes to a few kilobytes (protocol
section 11). Vocabulary of the arguments:

- ``bin_name``: a bin with a sketch, at most 15 bytes of name.
- ``index_bits``: 4 to 16. A sketch has 2 to the power of so many registers: one more halves the squared error and
  doubles the size. None: that of the sketch that is there.
- ``minhash_bits``: 4 to 51, or 0 for none; they make `get_similarity` and `get_intersect_count` of more than two
  sketches possible. None: those of the sketch that is there, or none. Both together may have 64 bits at most.
- ``sketches``: `triospike.HLL` values, as reads give them.
- ``flags``: when to write, see `HllWriteFlags`.

Errors of the functions themselves, before anything is sent: TypeError or ValueError that names the argument.
Errors of the server, for all of them: `BinTypeError` if the bin holds no sketch, `BinNotFound` or `BinExists` by
the flags, `InvalidRequest` for numbers of bits outside of their ranges, `OperationNotApplicable` for sketches that
don't fit together. Sketches inside lists and maps have no such operations: servers up to 8.1 know of none.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import STRICT, IntFlag
from typing import Any

from .._wire import msgpack
from .._wire.flags import OpType, ParticleType
from .._wire.opcodes import HllOp
from ..values import HLL
from ._packing import check_flags, check_int, pack_call, pack_int
from .operation import Operation, check_bin_name

__all__ = [
    "HllWriteFlags",
    "add",
    "describe",
    "fold",
    "get_count",
    "get_intersect_count",
    "get_similarity",
    "get_union",
    "get_union_count",
    "init",
    "may_contain",
    "refresh_count",
    "set_union",
]

_INT32_MIN, _INT32_MAX = -(1 << 31), (1 << 31) - 1
_KEEP = -1  # for a number of bits: that of the sketch


class HllWriteFlags(IntFlag, boundary=STRICT):
    """When to write, and what to make of a refusal (C: ``as_hll_write_flags``)."""

    DEFAULT = 0
    CREATE_ONLY = 1
    """Fail with `BinExists` if the bin exists."""
    UPDATE_ONLY = 2
    """Fail with `BinNotFound` if it does not."""
    NO_FAIL = 4
    """Do nothing instead of failing."""
    ALLOW_FOLD = 8
    """The result may have fewer index bits, and no minhash bits, if the sketches differ in them."""


def init(
    bin_name: str,
    index_bits: int | None = None,
    minhash_bits: int | None = None,
    *,
    flags: HllWriteFlags = HllWriteFlags.DEFAULT,
) -> Operation:
    """Make an empty sketch, or empty one (C: ``as_operations_hll_init``, ``_init_mh``). Result: None.

    Args:
        bin_name: Name of the bin.
        index_bits: Number of index bits; None keeps those of the sketch that is there.
        minhash_bits: Number of minhash bits; None keeps those of the sketch that is there.
        flags: When to write; ALLOW_FOLD means nothing here.
    """
    arguments = [_bits(index_bits, "index_bits"), _bits(minhash_bits, "minhash_bits"), _flags(flags)]
    return _modify(HllOp.INIT, "init", bin_name, (index_bits, minhash_bits), arguments)


def add(
    bin_name: str,
    values: Sequence[Any],
    index_bits: int | None = None,
    minhash_bits: int | None = None,
    *,
    flags: HllWriteFlags = HllWriteFlags.DEFAULT,
) -> Operation:
    """Add values (C: ``as_operations_hll_add``, ``_add_mh``, ``_update``).

    Result: int, the number of registers that changed; 0 if the sketch most likely had all values already.

    Args:
        bin_name: Name of the bin; it is made if it is not there and ``index_bits`` is given.
        values: Values of any type that can be stored; an int and a float of the same size are different.
        index_bits: Number of index bits of a bin to be made.
        minhash_bits: Number of minhash bits of a bin to be made.
        flags: When to write; ALLOW_FOLD means nothing here.

    Raises:
        TypeError: A value can't be stored; the message names the path to it.
    """
    arguments = [
        _list(values, "values"),
        _bits(index_bits, "index_bits"),
        _bits(minhash_bits, "minhash_bits"),
        _flags(flags),
    ]
    return _modify(HllOp.ADD, "add", bin_name, (values,), arguments)


def set_union(
    bin_name: str, sketches: Sequence[HLL], *, flags: HllWriteFlags = HllWriteFlags.DEFAULT
) -> Operation:
    """Add all that is in other sketches (C: ``as_operations_hll_set_union``). Result: None.

    Args:
        bin_name: Name of the bin; it is made if it is not there.
        sketches: The others.
        flags: When to write; ALLOW_FOLD lets sketches of different numbers of bits be united.
    """
    arguments = [_sketches(sketches), _flags(flags)]
    return _modify(HllOp.SET_UNION, "set_union", bin_name, (sketches,), arguments)


def refresh_count(bin_name: str) -> Operation:
    """Bring the count that the sketch keeps up to date (C: ``as_operations_hll_refresh_count``).

    Result: int, the estimated number of different values.
    """
    return _modify(HllOp.REFRESH_COUNT, "refresh_count", bin_name, (), [])


def fold(bin_name: str, index_bits: int) -> Operation:
    """Reduce the number of index bits, and so the size (C: ``as_operations_hll_fold``). Result: None.

    Args:
        bin_name: Name of the bin; its sketch must have no minhash bits.
        index_bits: Number of index bits afterwards, at most that of now.
    """
    bits = pack_int(check_int(index_bits, "index_bits", _INT32_MIN, _INT32_MAX))
    return _modify(HllOp.FOLD, "fold", bin_name, (index_bits,), [bits])


def get_count(bin_name: str) -> Operation:
    """Estimate the number of different values (C: ``as_operations_hll_get_count``). Result: int."""
    return _read(HllOp.GET_COUNT, "get_count", bin_name, (), [])


def get_union(bin_name: str, sketches: Sequence[HLL]) -> Operation:
    """Unite with other sketches, without storing the result (C: ``as_operations_hll_get_union``).

    Result: `triospike.HLL`. Arguments: see `set_union`.
    """
    return _read(HllOp.GET_UNION, "get_union", bin_name, (sketches,), [_sketches(sketches)])


def get_union_count(bin_name: str, sketches: Sequence[HLL]) -> Operation:
    """Estimate how many different values are in any of the sketches (C: ``as_operations_hll_get_union_count``).

    Result: int. Arguments: see `set_union`.
    """
    return _read(HllOp.GET_UNION_COUNT, "get_union_count", bin_name, (sketches,), [_sketches(sketches)])


def get_intersect_count(bin_name: str, sketches: Sequence[HLL]) -> Operation:
    """Estimate how many values are in all of the sketches (C: ``as_operations_hll_get_intersect_count``).

    Result: int. Arguments: see `set_union`.
    """
    return _read(HllOp.GET_INTERSECT_COUNT, "get_intersect_count", bin_name, (sketches,), [_sketches(sketches)])


def get_similarity(bin_name: str, sketches: Sequence[HLL]) -> Operation:
    """Estimate how much the sketches have in common (C: ``as_operations_hll_get_similarity``).

    Result: float, 0 to 1: the number of values in all of them, divided by that of values in any.
    Arguments: see `set_union`.
    """
    return _read(HllOp.GET_SIMILARITY, "get_similarity", bin_name, (sketches,), [_sketches(sketches)])


def describe(bin_name: str) -> Operation:
    """Ask for the numbers of bits (C: ``as_operations_hll_describe``). Result: [index bits, minhash bits]."""
    return _read(HllOp.DESCRIBE, "describe", bin_name, (), [])


def may_contain(bin_name: str, values: Sequence[Any]) -> Operation:
    """Ask whether all values may have been added (C has it in expressions only: ``as_exp_hll_may_contain``).

    Result: int, 1 if they may, 0 if at least one of them certainly was not added.

    Args:
        bin_name: Name of the bin.
        values: Values of any type that can be stored.

    Raises:
        TypeError: A value can't be stored; the message names the path to it.
    """
    return _read(HllOp.MAY_CONTAIN, "may_contain", bin_name, (values,), [_list(values, "values")])


def _modify(number: HllOp, word: str, bin_name: str, shown: tuple[Any, ...], arguments: list[bytes]) -> Operation:
    return _operation(OpType.HLL_MODIFY, number, word, bin_name, shown, arguments)


def _read(number: HllOp, word: str, bin_name: str, shown: tuple[Any, ...], arguments: list[bytes]) -> Operation:
    return _operation(OpType.HLL_READ, number, word, bin_name, shown, arguments)


def _operation(
    kind: OpType, number: HllOp, word: str, bin_name: str, shown: tuple[Any, ...], arguments: list[bytes]
) -> Operation:
    check_bin_name(bin_name)
    described = ", ".join(f"{each!r:.60}" for each in (bin_name, *shown))
    return Operation(kind, bin_name, ParticleType.BLOB, pack_call(number, arguments), f"hll.{word}({described})")


def _bits(value: int | None, argument: str) -> bytes:
    return pack_int(_KEEP if value is None else check_int(value, argument, _INT32_MIN, _INT32_MAX))


def _flags(flags: HllWriteFlags) -> bytes:
    return pack_int(check_flags(flags, HllWriteFlags, "flags"))


def _list(values: Sequence[Any], argument: str) -> bytes:
    if not isinstance(values, list | tuple):
        raise TypeError(f"{argument} must be a list, not {type(values).__name__}")
    return msgpack.pack(values, argument)


def _sketches(sketches: Sequence[HLL]) -> bytes:
    packed = _list(sketches, "sketches")
    for index, sketch in enumerate(sketches):
        if not isinstance(sketch, HLL):
            raise TypeError(f"sketches[{index}] must be an HLL, not {type(sketch).__name__}")
    return packed
