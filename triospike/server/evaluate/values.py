"""Values that expressions work with.

Nil, bools and numbers are Python's. Strings, blobs and everything larger stay particles, as a bin holds them.
"""

from __future__ import annotations

import struct
from enum import Enum
from typing import Final, TypeAlias

from ..._wire.flags import ParticleType
from ..._wire.opcodes import ExpType
from ...result_code import ResultCode
from ..apply.cursor import Cursor, Piece
from ..apply.geojson import geojson_particle
from ..apply.packing import pack_float, pack_integer, pack_text
from ..refusal import Refusal
from ..storage.record import Particle

__all__ = [
    "ANY_TYPE",
    "PACKED_TYPES",
    "REMOVED_TYPE",
    "Marker",
    "Value",
    "geojson_text",
    "is_of_type",
    "of_particle",
    "of_piece",
    "to_int64",
    "to_particle",
    "to_piece",
]

ANY_TYPE: Final = 10
"""Static type of what only compares: wildcard and infinity. It follows the numbers of `ExpType`."""

REMOVED_TYPE: Final = 11
"""Static type of the expression that removes an element."""


class Marker(Enum):
    """Results that are no values."""

    UNKNOWN = "unknown"
    """A bin that is not there or of another type, or what can't be computed."""

    REMOVED = "removed"
    """The element is to be removed."""


Value: TypeAlias = bool | int | float | Particle | Marker | None

_INTEGER = int(ParticleType.INTEGER)
_FLOAT = int(ParticleType.FLOAT)
_BOOL = int(ParticleType.BOOL)
_STRING = int(ParticleType.STRING)
_BLOB = int(ParticleType.BLOB)
_HLL = int(ParticleType.HLL)
_MAP = int(ParticleType.MAP)
_LIST = int(ParticleType.LIST)
_GEOJSON = int(ParticleType.GEOJSON)
_PACKED = -1
"""Type of what has no particle type: wildcard, infinity and other extensions, packed."""

PACKED_TYPES: Final = frozenset({_LIST, _MAP, _PACKED})
"""Types of particles that are MessagePack."""

_DOUBLE = struct.Struct(">d")
_GEO_PREFIX = struct.Struct(">BH")
_MASK: Final = (1 << 64) - 1
_SIGN: Final = 1 << 63

_PYTHON_TYPES: dict[int, type] = {
    ExpType.BOOL: bool,
    ExpType.INT: int,
    ExpType.FLOAT: float,
    ExpType.NIL: type(None),
}
_PARTICLE_TYPES: dict[int, int] = {
    ExpType.STRING: _STRING,
    ExpType.LIST: _LIST,
    ExpType.MAP: _MAP,
    ExpType.BLOB: _BLOB,
    ExpType.GEOJSON: _GEOJSON,
    ExpType.HLL: _HLL,
}


def to_int64(number: int) -> int:
    """The number with all but its lowest 64 bits dropped, with a sign."""
    return (number & _MASK) - ((number & _SIGN) << 1)


def is_of_type(value: Value, kind: int) -> bool:
    """Whether a value has a type of `ExpType`."""
    python_type = _PYTHON_TYPES.get(kind)
    if python_type is not None:
        return type(value) is python_type
    return isinstance(value, tuple) and value[0] == _PARTICLE_TYPES.get(kind)


def of_particle(particle: Particle) -> Value:
    """The value of a bin."""
    kind, data = particle
    if kind == _INTEGER:
        return int.from_bytes(data, "big", signed=True)
    if kind == _FLOAT:
        (number,) = _DOUBLE.unpack(data)
        return float(number)
    if kind == _BOOL:
        return data != b"\0"
    return particle


def to_particle(value: Value) -> Particle | None:
    """What a bin is to hold; None for nil, and for what no bin holds.

    Raises:
        ValueError: The value is unknown, or no bin may hold it.
    """
    if isinstance(value, tuple):
        if value[0] == _PACKED:
            raise ValueError("no bin holds this")
        return value
    if isinstance(value, bool):
        return _BOOL, b"\1" if value else b"\0"
    if isinstance(value, int):
        return _INTEGER, (value & _MASK).to_bytes(8, "big")
    if isinstance(value, float):
        return _FLOAT, _DOUBLE.pack(value)
    if value is None:
        return None
    raise ValueError(f"no bin holds what is {value.value}")


def geojson_text(particle: Particle) -> bytes:
    """The JSON text of a GeoJSON particle, behind the cells that it carries."""
    _, data = particle
    _, n_cells = _GEO_PREFIX.unpack_from(data)
    return data[_GEO_PREFIX.size + 8 * n_cells :]


def to_piece(value: Value) -> bytes | None:
    """The value packed, as the element of a list would be; None if it is unknown."""
    if isinstance(value, tuple):
        kind, data = value
        if kind in PACKED_TYPES:
            return data
        return pack_text(kind, geojson_text(value) if kind == _GEOJSON else data)
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return pack_integer(value)
    if isinstance(value, float):
        return pack_float(value)
    return b"\xc0" if value is None else None


def of_piece(cursor: Cursor) -> Value:
    """The value of a packed piece, without looking into containers.

    Raises:
        Refusal: It is malformed, no GeoJSON, or a blob of some programming language.
    """
    kind = cursor.peek()
    if kind in {Piece.INTEGER, Piece.NEGATIVE}:
        return cursor.integer()
    if kind == Piece.FLOAT:
        return cursor.number()
    if kind in {Piece.TRUE, Piece.FALSE}:
        return cursor.boolean()
    if kind in {Piece.STRING, Piece.BLOB, Piece.GEOJSON}:
        return _of_text(cursor.text())
    piece = cursor.piece()
    if kind == Piece.NIL:
        return None
    return (_LIST if kind == Piece.LIST else _MAP if kind == Piece.MAP else _PACKED), piece


def _of_text(text: bytes) -> Particle:
    kind = text[0] if text else 0
    if kind == _GEOJSON:
        return kind, geojson_particle(b"\0\0\0" + text[1:])
    if kind not in {_STRING, _BLOB, _HLL}:
        raise Refusal(ResultCode.PARAMETER)
    return kind, text[1:]
