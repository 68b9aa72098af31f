"""Bit and HyperLogLog operations of the official client, made with triospike's API instead.

Nothing here knows the recorded requests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from commands.neutral import to_python
from triospike.operations import (
    BitOverflow,
    BitResizeFlags,
    BitWriteFlags,
    HllWriteFlags,
    Operation,
    bits,
    hll,
)

__all__ = ["OPERATIONS"]

_Op = dict[str, Any]


def _bit_flags(op: _Op) -> dict[str, Any]:
    return {"flags": BitWriteFlags(op["policy"]["bit_write_flags"])} if op.get("policy") else {}


def _hll_flags(op: _Op) -> dict[str, Any]:
    return {"flags": HllWriteFlags(op["policy"]["flags"])} if op.get("policy") else {}


def _resize(op: _Op) -> Operation:
    resize_flags = BitResizeFlags(op.get("resize_flags", 0))
    return bits.resize(op["bin_name"], op["byte_size"], resize_flags=resize_flags, **_bit_flags(op))


def _bit(function: Callable[..., Operation], *names: str) -> Callable[[_Op], Operation]:
    return lambda op: function(op["bin_name"], *(to_python(op[name]) for name in names), **_bit_flags(op))


def _bit_sum(function: Callable[..., Operation]) -> Callable[[_Op], Operation]:
    def make(op: _Op) -> Operation:
        more = {"signed": op["sign"], "overflow": BitOverflow(op["action"]), **_bit_flags(op)}
        return function(op["bin_name"], op["bit_offset"], op["bit_size"], op["value"], **more)

    return make


def _bit_get_int(op: _Op) -> Operation:
    return bits.get_int(op["bin_name"], op["bit_offset"], op["bit_size"], signed=op["sign"])


def _hll_init(op: _Op) -> Operation:
    return hll.init(op["bin_name"], op.get("index_bit_count"), op.get("mh_bit_count"), **_hll_flags(op))


def _hll_add(op: _Op) -> Operation:
    numbers = op.get("index_bit_count"), op.get("mh_bit_count")
    return hll.add(op["bin_name"], to_python(op["values"]), *numbers, **_hll_flags(op))


def _hll(function: Callable[..., Operation], *names: str) -> Callable[[_Op], Operation]:
    return lambda op: function(op["bin_name"], *(to_python(op[name]) for name in names), **_hll_flags(op))


_RANGE = ("bit_offset", "bit_size")

OPERATIONS: dict[str, Callable[[_Op], Operation]] = {
    "bit_resize": _resize,
    "bit_insert": _bit(bits.insert, "byte_offset", "value"),
    "bit_remove": _bit(bits.remove, "byte_offset", "byte_size"),
    "bit_set": _bit(bits.set_, *_RANGE, "value"),
    "bit_or": _bit(bits.or_, *_RANGE, "value"),
    "bit_xor": _bit(bits.xor, *_RANGE, "value"),
    "bit_and": _bit(bits.and_, *_RANGE, "value"),
    "bit_not": _bit(bits.not_, *_RANGE),
    "bit_lshift": _bit(bits.lshift, *_RANGE, "shift"),
    "bit_rshift": _bit(bits.rshift, *_RANGE, "shift"),
    "bit_add": _bit_sum(bits.add),
    "bit_subtract": _bit_sum(bits.subtract),
    "bit_set_int": _bit(bits.set_int, *_RANGE, "value"),
    "bit_get": _bit(bits.get, *_RANGE),
    "bit_count": _bit(bits.count, *_RANGE),
    "bit_lscan": _bit(bits.lscan, *_RANGE, "value"),
    "bit_rscan": _bit(bits.rscan, *_RANGE, "value"),
    "bit_get_int": _bit_get_int,
    "hll_init": _hll_init,
    "hll_add": _hll_add,
    "hll_set_union": _hll(hll.set_union, "hll_list"),
    "hll_refresh_count": _hll(hll.refresh_count),
    "hll_fold": _hll(hll.fold, "index_bit_count"),
    "hll_get_count": _hll(hll.get_count),
    "hll_get_union": _hll(hll.get_union, "hll_list"),
    "hll_get_union_count": _hll(hll.get_union_count, "hll_list"),
    "hll_get_intersect_count": _hll(hll.get_intersect_count, "hll_list"),
    "hll_get_similarity": _hll(hll.get_similarity, "hll_list"),
    "hll_describe": _hll(hll.describe),
}
