"""Which points lie in which regions of the globe: polygons, with edges along great circles, and circles."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from .cells import Vector, cell_of_point, center_of_cell, on_sphere
from .geojson import shape_of

__all__ = ["is_point_in_region"]

_EARTH_RADIUS: Final = 6_371_000.0
"""Meters, as a server has it by default."""

_Region: TypeAlias = Callable[[Vector], bool]


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
    point = center_of_cell(cell_of_point(*one["coordinates"]))
    return _region(other)(point)


def _region(shape: dict[str, Any]) -> _Region:
    coordinates = shape["coordinates"]
    if shape["type"] == "AeroCircle":
        center, radius = coordinates
        return _circle(on_sphere(*center), radius / _EARTH_RADIUS)
    if shape["type"] == "Polygon":
        return _polygon(coordinates)
    polygons = [_polygon(polygon) for polygon in coordinates]
    return lambda point: any(polygon(point) for polygon in polygons)


def _circle(center: Vector, angle: float) -> _Region:
    """Args: angle: In radians; none is in a circle of less than 0, all in one of pi or more."""
    chord = 2 * math.sin(min(angle, math.pi) / 2)

    def contains(point: Vector) -> bool:
        distance = sum((one - other) ** 2 for one, other in zip(point, center, strict=True))
        return angle >= 0 and min(4.0, distance) <= chord * chord

    return contains


def _polygon(loops: Sequence[Any]) -> _Region:
    """What an odd number of loops surrounds: holes are loops too."""
    surround = [_loop([on_sphere(*vertex) for vertex in loop]) for loop in loops]
    return lambda point: sum(contains(point) for contains in surround) % 2 == 1


def _loop(vertices: list[Vector]) -> _Region:
    """The smaller of the two parts of the sphere that a closed loop divides."""
    corners = [vertex for index, vertex in enumerate(vertices) if index == 0 or vertex != vertices[index - 1]][:-1]
    is_clockwise = _turning(corners) < 0

    def contains(point: Vector) -> bool:
        around = sum(_angle(point, one, other) for one, other in _edges(corners))
        # Once around it in the loop's own direction; against it, the opposite point of the globe is inside.
        return (-around if is_clockwise else around) > math.pi

    return contains


def _edges(corners: list[Vector]) -> list[tuple[Vector, Vector]]:
    return list(zip(corners, corners[1:] + corners[:1], strict=True))


def _turning(corners: list[Vector]) -> float:
    """How far one turns to the left, in all, on the way around: 2 pi less the area on the left."""
    total = 0.0
    for index, corner in enumerate(corners):
        behind, ahead = corners[index - 1], corners[(index + 1) % len(corners)]
        total += math.pi - _angle(corner, ahead, behind) % math.tau
    return total


def _angle(apex: Vector, one: Vector, other: Vector) -> float:
    """The angle at the apex from one direction to the other, counterclockwise, -pi to pi."""
    across = _dot(apex, _cross(one, other))
    along = _dot(one, other) - _dot(apex, one) * _dot(apex, other)
    return math.atan2(across, along)


def _dot(one: Vector, other: Vector) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def _cross(one: Vector, other: Vector) -> Vector:
    return (
        one[1] * other[2] - one[2] * other[1],
        one[2] * other[0] - one[0] * other[2],
        one[0] * other[1] - one[1] * other[0],
    )
