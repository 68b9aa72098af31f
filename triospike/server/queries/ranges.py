"""What a query asks an index for: one value, a range of them, or a place (protocol section 9.3)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final, TypeAlias

import attrs

from ..._wire.flags import ParticleType
from ...result_code import ResultCode
from ..apply.cells import cell_of_point, center_of_cell
from ..apply.covering import cover
from ..apply.geojson import shape_of
from ..apply.regions import region_of
from ..evaluate.values import geojson_text
from ..indexes.hashing import hash_of
from ..indexes.keys import LARGEST_TEXT
from ..refusal import Refusal
from ..storage.record import Particle

__all__ = ["IndexRange", "parse_range"]

_SIZE = struct.Struct(">I")
_INTEGERS = struct.Struct(">IqIq")
_LARGEST_BIN_NAME: Final = 15
_LARGEST_GEOJSON: Final = 1 << 20
_CELL_PREFIX = struct.Struct(">BHQ")

_INTEGER = int(ParticleType.INTEGER)
_STRING = int(ParticleType.STRING)
_BLOB = int(ParticleType.BLOB)
_GEOJSON = int(ParticleType.GEOJSON)


def _refuse() -> Refusal:
    return Refusal(ResultCode.PARAMETER)


@attrs.frozen(kw_only=True)
class IndexRange:
    """What is looked for.

    Attributes:
        bin_name: The bin; empty if the index is found otherwise.
        kind: Particle type of the values.
        intervals: Least and greatest keys of the index to look at, in order.
        is_range: More than one key may be found for one record.
        matches: Whether a value is wanted that has such a key.
    """

    bin_name: bytes
    kind: int
    intervals: tuple[tuple[int, int], ...]
    is_range: bool
    matches: Callable[[Particle], bool]


def parse_range(field: bytes, *, is_named: bool) -> IndexRange:
    """Take the field apart.

    Args:
        field: The field's value.
        is_named: The request tells the index by its name or expression, so that there must be no bin name.

    Raises:
        Refusal: It is malformed.
    """
    if len(field) < 2 or field[0] != 1:
        raise _refuse()
    size = field[1]
    behind = 2 + size
    if bool(size) == is_named or size > _LARGEST_BIN_NAME or behind >= len(field):
        raise _refuse()
    bin_name, kind, values = field[2:behind], field[behind], field[behind + 1 :]
    parse = _PARSERS.get(kind)
    if parse is None:
        raise _refuse()
    intervals, is_range, matches = parse(values)
    return IndexRange(bin_name=bin_name, kind=kind, intervals=intervals, is_range=is_range, matches=matches)


_Parsed: TypeAlias = tuple[tuple[tuple[int, int], ...], bool, Callable[[Particle], bool]]


def _integers(values: bytes) -> _Parsed:
    if len(values) < _INTEGERS.size:
        raise _refuse()
    first_size, first, last_size, last = _INTEGERS.unpack_from(values)
    if first_size != 8 or last_size != 8 or first > last:
        raise _refuse()
    return (
        ((first, last),),
        first != last,
        lambda value: first <= int.from_bytes(value[1], "big", signed=True) <= last,
    )


def _text(values: bytes) -> _Parsed:
    wanted = _sized(values, LARGEST_TEXT)
    key = hash_of(wanted)
    return ((key, key),), False, lambda value: value[1] == wanted


def _sized(values: bytes, limit: int) -> bytes:
    if len(values) < _SIZE.size:
        raise _refuse()
    (size,) = _SIZE.unpack_from(values)
    if size >= limit or _SIZE.size + size > len(values):
        raise _refuse()
    return values[_SIZE.size : _SIZE.size + size]


def _place(values: bytes) -> _Parsed:
    text = _sized(values, _LARGEST_GEOJSON)
    try:
        shape = shape_of(text)
    except Refusal:
        raise _refuse() from None
    if shape["type"] == "Point":
        return _regions_around(cell_of_point(*shape["coordinates"]))
    region = region_of(shape)
    cells = cover(region)
    if cells is None:
        raise _refuse()
    intervals = sorted((cell - (cell & -cell) + 1, cell + (cell & -cell) - 1) for cell in cells)

    def is_inside(value: Particle) -> bool:
        if value[1][0]:
            return False
        _, n_cells, cell = _CELL_PREFIX.unpack_from(value[1])
        return n_cells != 0 and region.contains(center_of_cell(cell))

    return tuple(intervals), True, is_inside


def _regions_around(point: int) -> _Parsed:
    """The cells that hold a point's cell, each of which a region may be covered with."""
    center = center_of_cell(point)
    cells, cell = [], point
    while cell & -cell < 1 << 60:  # all but whole faces of the cube
        cells.append(cell)
        bit = (cell & -cell) << 2
        cell = cell & -bit | bit

    def is_around(value: Particle) -> bool:
        return value[1][0] == 1 and region_of(shape_of(geojson_text(value))).contains(center)

    return tuple((cell, cell) for cell in sorted(cells)), True, is_around


_PARSERS: dict[int, Callable[[bytes], _Parsed]] = {
    _INTEGER: _integers,
    _STRING: _text,
    _BLOB: _text,
    _GEOJSON: _place,
}
