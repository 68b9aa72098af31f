"""GeoJSON particles: what a server accepts as a point or region.

A server stores the numbers of the S2 cells that cover the shape in front of the text. For a point that is the one
cell that holds it.
"""

from __future__ import annotations

import json
import struct
from typing import Any

from ...result_code import ResultCode
from ..refusal import Refusal
from .cells import cell_of_point, center_of_cell
from .covering import cover
from .regions import region_of

__all__ = ["geojson_particle", "is_point_in_region", "shape_of"]

_PREFIX = struct.Struct(">BH")
_CELL_SIZE = 8
_POINT = struct.Struct(">BHQ")
_REGION = _PREFIX
_CELL = struct.Struct(">Q")
_FEWEST_POINTS_OF_A_LOOP = 4


def geojson_particle(value: bytes) -> bytes:
    """The particle to store: cells that came with it are dropped.

    Raises:
        Refusal: The text is no JSON, or describes no shape that the server knows.
    """
    if len(value) < _PREFIX.size:
        raise Refusal(ResultCode.GEO_INVALID_GEOJSON)
    _, n_cells = _PREFIX.unpack_from(value)
    start = _PREFIX.size + n_cells * _CELL_SIZE
    if start > len(value):
        raise Refusal(ResultCode.GEO_INVALID_GEOJSON)
    text = value[start:]
    shape = shape_of(text)
    if shape["type"] == "Point":
        return _POINT.pack(0, 1, cell_of_point(*shape["coordinates"])) + text
    cells = cover(region_of(shape))
    if cells is None:
        raise Refusal(ResultCode.GEO_INVALID_GEOJSON)
    return _REGION.pack(1, len(cells)) + b"".join(_CELL.pack(cell) for cell in cells) + text


def is_point_in_region(left: bytes, right: bytes) -> bool:
    """Whether one text describes a point and the other a region that holds it, in whichever order.

    Args:
        left: JSON text.
        right: JSON text.

    Raises:
        Refusal: A text is no JSON, or describes no shape that the server knows.
    """
    one, other = shape_of(left), shape_of(right)
    if other["type"] == "Point":
        one, other = other, one
    if one["type"] != "Point" or other["type"] == "Point":
        return False
    # A server keeps no point but the cell that it is in, and takes its center.
    return region_of(other).contains(center_of_cell(cell_of_point(*one["coordinates"])))


def shape_of(text: bytes) -> dict[str, Any]:
    """The checked shape that a text describes: its type, and its coordinates in degrees.

    Raises:
        Refusal: The text is no JSON, or describes no shape that the server knows.
    """
    try:
        return _shape(json.loads(text.decode(), parse_constant=_refuse_constant))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise Refusal(ResultCode.GEO_INVALID_GEOJSON) from None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _shape(geojson: Any) -> dict[str, Any]:
    """The shape that a text describes, once it has been checked."""
    shape: dict[str, Any] = geojson["geometry"] if geojson["type"] == "Feature" else geojson
    _SHAPES[shape["type"]](shape["coordinates"])
    return shape


def _check_point(coordinates: Any) -> None:
    longitude, latitude = _pair(coordinates)
    if not (abs(_number(latitude)) <= 90 and abs(_number(longitude)) <= 180):
        raise ValueError("not on the globe")


def _check_polygon(coordinates: Any) -> None:
    for loop in _array(coordinates):
        points = _array(loop)
        for point in points:
            _check_point(point)
        distinct = [point for index, point in enumerate(points) if index == 0 or points[index - 1] != point]
        if len(distinct) < _FEWEST_POINTS_OF_A_LOOP or distinct[0] != distinct[-1]:
            raise ValueError("a loop must be closed and have an area")


def _check_multipolygon(coordinates: Any) -> None:
    for polygon in _array(coordinates):
        _check_polygon(polygon)


def _check_circle(coordinates: Any) -> None:
    center, radius = _pair(coordinates)
    _check_point(center)
    _number(radius)


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not an array")
    return value


def _pair(value: Any) -> tuple[Any, Any]:
    first, second = _array(value)
    return first, second


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    return float(value)


_SHAPES = {
    "Point": _check_point,
    "Polygon": _check_polygon,
    "MultiPolygon": _check_multipolygon,
    "AeroCircle": _check_circle,
}
