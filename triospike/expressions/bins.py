"""The record's bins and key."""

from __future__ import annotations

from enum import IntEnum
from typing import TypeVar

from .._wire.flags import ParticleType
from .._wire.opcodes import ExpOp
from ..operations._packing import pack_int
from ..operations.operation import check_bin_name
from .kinds import (
    BlobExp,
    BoolExp,
    FloatExp,
    GeoExp,
    HllExp,
    IntExp,
    ListExp,
    MapExp,
    StringExp,
)
from .nodes import Expression, form, pack_text, written

__all__ = [
    "BinType",
    "bin_blob",
    "bin_bool",
    "bin_exists",
    "bin_float",
    "bin_geo",
    "bin_hll",
    "bin_int",
    "bin_list",
    "bin_map",
    "bin_str",
    "bin_type",
    "key_blob",
    "key_exists",
    "key_int",
    "key_str",
]

_Kind = TypeVar("_Kind", bound=Expression)


class BinType(IntEnum):
    """What `bin_type` gives (a particle type of the protocol)."""

    NIL = ParticleType.NULL
    """There is no such bin."""
    INT = ParticleType.INTEGER
    FLOAT = ParticleType.FLOAT
    STRING = ParticleType.STRING
    BLOB = ParticleType.BLOB
    BOOL = ParticleType.BOOL
    HLL = ParticleType.HLL
    MAP = ParticleType.MAP
    LIST = ParticleType.LIST
    GEO = ParticleType.GEOJSON


@written
def bin_int(name: str) -> IntExp:
    """The integer in a bin (C: ``as_exp_bin_int``); unknown if the bin is missing or holds something else.

    Args:
        name: Name of the bin, at most 15 bytes.

    Raises:
        TypeError: The name is no str.
        ValueError: It is not 1 to 15 bytes.
    """
    return _bin(IntExp, name)


@written
def bin_float(name: str) -> FloatExp:
    """The float in a bin (C: ``as_exp_bin_float``). Argument and errors: see `bin_int`."""
    return _bin(FloatExp, name)


@written
def bin_str(name: str) -> StringExp:
    """The string in a bin (C: ``as_exp_bin_str``). Argument and errors: see `bin_int`."""
    return _bin(StringExp, name)


@written
def bin_bool(name: str) -> BoolExp:
    """The bool in a bin (C: ``as_exp_bin_bool``). Argument and errors: see `bin_int`."""
    return _bin(BoolExp, name)


@written
def bin_blob(name: str) -> BlobExp:
    """The blob in a bin (C: ``as_exp_bin_blob``). Argument and errors: see `bin_int`."""
    return _bin(BlobExp, name)


@written
def bin_geo(name: str) -> GeoExp:
    """The point or region in a bin (C: ``as_exp_bin_geo``). Argument and errors: see `bin_int`."""
    return _bin(GeoExp, name)


@written
def bin_list(name: str) -> ListExp:
    """The list in a bin (C: ``as_exp_bin_list``). Argument and errors: see `bin_int`."""
    return _bin(ListExp, name)


@written
def bin_map(name: str) -> MapExp:
    """The map in a bin (C: ``as_exp_bin_map``). Argument and errors: see `bin_int`."""
    return _bin(MapExp, name)


@written
def bin_hll(name: str) -> HllExp:
    """The HyperLogLog sketch in a bin (C: ``as_exp_bin_hll``). Argument and errors: see `bin_int`."""
    return _bin(HllExp, name)


@written
def bin_exists(name: str) -> BoolExp:
    """Whether there is such a bin (C: ``as_exp_bin_exists``). Argument and errors: see `bin_int`."""
    return BoolExp(form(ExpOp.NE, bin_type(name).packed, pack_int(BinType.NIL)))


@written
def bin_type(name: str) -> IntExp:
    """The type of what is in a bin, to be compared with a `BinType` (C: ``as_exp_bin_type``).

    Argument and errors: see `bin_int`.
    """
    return IntExp(form(ExpOp.BIN_TYPE, _name(name)))


@written
def key_int() -> IntExp:
    """The key that is stored with the record, an integer (C: ``as_exp_key_int``); unknown if it is none."""
    return _key(IntExp)


@written
def key_str() -> StringExp:
    """The key that is stored with the record, a string (C: ``as_exp_key_str``); unknown if it is none."""
    return _key(StringExp)


@written
def key_blob() -> BlobExp:
    """The key that is stored with the record, a blob (C: ``as_exp_key_blob``); unknown if it is none."""
    return _key(BlobExp)


@written
def key_exists() -> BoolExp:
    """Whether a key is stored with the record (C: ``as_exp_key_exist``); see `triospike.KeyPolicy`."""
    return BoolExp(form(ExpOp.KEY_EXISTS))


def _bin(kind: type[_Kind], name: str) -> _Kind:
    return kind(form(ExpOp.BIN, pack_int(kind.type_code), _name(name)))


def _key(kind: type[_Kind]) -> _Kind:
    return kind(form(ExpOp.KEY, pack_int(kind.type_code)))


def _name(name: str) -> bytes:
    return pack_text(check_bin_name(name, "name"))
