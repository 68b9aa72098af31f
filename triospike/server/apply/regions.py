"""Regions of the globe: polygons, whose edges run along great circles, and circles.

Of a region it can be told which points lie in it, which cells it may touch, and which cells lie in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, Protocol

from .cells import Cell, Vector, cross, dot, on_face, on_sphere, unit

__all__ = ["Region", "region_of"]

_EARTH_RADIUS: Final = 6_371_000.0
"""Meters, as a server has it by default."""

_LENGTH_OF_HALF: Final = 2.0
"""Squared chord of a quarter of a great circle: the radius of half the sphere."""
_LENGTH_OF_WHOLE: Final = 4.0

_OUTSIDE: Final[Vector] = unit((-0.0099994664350250197, 0.0025924542609324121, 0.99994664350250195))
"""Where walks to a point begin: not on any line that people draw."""

_NEAR: Final = 1e-6
_ERROR: Final = 1e-15
_CURVATURE_ERROR: Final = 1e-12


class Region(Protocol):
    """A part of the sphere."""

    def contains(self, point: Vector) -> bool:
        """Whether a point lies in it."""
        ...

    def may_touch(self, cell: Cell) -> bool:
        """Whether it has points in common with a cell."""
        ...

    def covers(self, cell: Cell) -> bool:
        """Whether all of a cell lies in it."""
        ...


def region_of(shape: dict[str, Any]) -> Region:
    """The region that a checked shape describes, which is no point.

    Args:
        shape: Its type, and its coordinates in degrees.
    """
    coordinates = shape["coordinates"]
    if shape["type"] == "AeroCircle":
        center, radius = coordinates
        return _Circle(on_sphere(*center), radius / _EARTH_RADIUS)
    if shape["type"] == "Polygon":
        return _Polygon(coordinates)
    return _Union([_Polygon(polygon) for polygon in coordinates])


class _Circle:
    """All points near one point.

    Args:
        center: The middle.
        angle: In radians; none is in a circle of less than 0, all in one of pi or more.
    """

    def __init__(self, center: Vector, angle: float) -> None:
        self._center = center
        chord = 2 * math.sin(min(angle, math.pi) / 2)
        self._length2 = chord * chord if angle >= 0 else -1.0

    def contains(self, point: Vector) -> bool:
        return _distance2(self._center, point) <= self._length2

    def may_touch(self, cell: Cell) -> bool:
        return any(map(self.contains, cell.vertices)) or _touches_inside(self._center, self._length2, cell)

    def covers(self, cell: Cell) -> bool:
        if not all(map(self.contains, cell.vertices)):
            return False
        if self._length2 >= _LENGTH_OF_WHOLE:
            return True
        opposite = -self._center[0], -self._center[1], -self._center[2]
        return not _touches_inside(opposite, _LENGTH_OF_WHOLE - self._length2, cell)


def _distance2(one: Vector, other: Vector) -> float:
    """Squared length of the straight line between two points of the sphere."""
    squares = ((a - b) * (a - b) for a, b in zip(one, other, strict=True))
    return min(_LENGTH_OF_WHOLE, sum(squares))


def _touches_inside(center: Vector, length2: float, cell: Cell) -> bool:
    """Whether a circle that has no corner of a cell has other points of it."""
    if length2 < 0 or length2 >= _LENGTH_OF_HALF:
        return False
    vertices = cell.vertices
    edges = [(vertices[k], vertices[(k + 1) % 4]) for k in range(4)]
    normals = [cross(start, end) for start, end in edges]
    if all(dot(normal, center) >= 0 for normal in normals):
        return True
    sine2 = length2 * (1 - length2 / 4)
    for (start, end), normal in zip(edges, normals, strict=True):
        height = dot(normal, center)
        if height > 0:
            continue
        if height * height > sine2 * dot(normal, normal):
            return False
        # The edge's great circle meets the circle: on the edge, if the nearest point is between its ends.
        along = cross(normal, center)
        if dot(along, start) < 0 < dot(along, end):
            return True
    return False


class _Polygon:
    """What an odd number of loops surrounds: holes are loops too.

    Args:
        loops: Of each loop, the corners as longitude and latitude; the first comes again at the end.
    """

    def __init__(self, loops: Sequence[Any]) -> None:
        self._loops = [_Loop(loop) for loop in loops]

    def contains(self, point: Vector) -> bool:
        return sum(loop.contains(point) for loop in self._loops) % 2 == 1

    def may_touch(self, cell: Cell) -> bool:
        return any(loop.crosses(cell) for loop in self._loops) or self.contains(cell.center)

    def covers(self, cell: Cell) -> bool:
        return not any(loop.crosses(cell) for loop in self._loops) and self.contains(cell.center)


class _Union:
    """What lies in any of several regions."""

    def __init__(self, regions: Sequence[Region]) -> None:
        self._regions = regions

    def contains(self, point: Vector) -> bool:
        return any(region.contains(point) for region in self._regions)

    def may_touch(self, cell: Cell) -> bool:
        return any(region.may_touch(cell) for region in self._regions)

    def covers(self, cell: Cell) -> bool:
        return any(region.covers(cell) for region in self._regions)


class _Loop:
    """The smaller of the two parts of the sphere that a closed line divides.

    The side on the left of the second corner is taken first. It is the larger one if the line turns more to the
    right than to the left; but what stays within half of all longitudes is small enough, whatever its turns.
    """

    def __init__(self, places: Sequence[Any]) -> None:
        vertices = [on_sphere(*place) for place in places]
        corners = [vertex for index, vertex in enumerate(vertices) if index == 0 or vertex != vertices[index - 1]]
        self._corners = corners[:-1]
        self._edges = list(zip(self._corners, corners[1:], strict=True))
        self._has_outside = False
        point, is_inside = self._point_near_a_corner()
        self._has_outside = self.contains(point) != is_inside
        if self._is_large(places) and self._turning() < -_CURVATURE_ERROR:
            self._has_outside = not self._has_outside

    def contains(self, point: Vector) -> bool:
        crossed = sum(_cross_each_other(_OUTSIDE, point, start, end) for start, end in self._edges)
        return self._has_outside != (crossed % 2 == 1)

    def crosses(self, cell: Cell) -> bool:
        """Whether any edge has points in common with a cell."""
        return any(_edge_crosses(start, end, cell) for start, end in self._edges)

    def _point_near_a_corner(self) -> tuple[Vector, bool]:
        """A point right beside the second corner, and whether it is between the edges there, on their left."""
        before, corner, after = self._corners[0], self._corners[1], self._corners[2 % len(self._corners)]
        aside = unit(cross(corner, _OUTSIDE))
        step = _NEAR * math.sqrt(min(_distance2(before, corner), _distance2(after, corner)))
        point = unit(_sum(corner, aside, step))
        is_inside = _angle(corner, after, point) < _angle(corner, after, before)
        return point, is_inside

    def _is_large(self, places: Sequence[Any]) -> bool:
        """Whether it may be more than half of the sphere."""
        if self.contains((0.0, 0.0, 1.0)) or self.contains((0.0, 0.0, -1.0)):
            return True
        longitudes = sorted({float(longitude) % 360 for longitude, _ in places})
        gaps = [later - earlier for earlier, later in pairwise([*longitudes, longitudes[0] + 360])]
        return max(gaps) <= 180

    def _turning(self) -> float:
        """How far one turns to the left, in all, on the way around: 2 pi less the area on the left."""
        corners = self._corners
        following = (*corners[1:], corners[0])
        return sum(
            math.pi - _angle(corner, ahead, corners[index - 1])
            for index, (corner, ahead) in enumerate(zip(corners, following, strict=True))
        )


def _sum(one: Vector, other: Vector, times: float = 1.0) -> Vector:
    return one[0] + times * other[0], one[1] + times * other[1], one[2] + times * other[2]


def _angle(corner: Vector, first: Vector, second: Vector) -> float:
    """The angle at a corner from one direction to another, counterclockwise, 0 to 2 pi."""
    one, other = _sum(first, corner, -1.0), _sum(second, corner, -1.0)
    across = dot(corner, cross(one, other))
    along = dot(one, other) - dot(corner, one) * dot(corner, other)
    return math.atan2(across, along) % math.tau


def _normal(start: Vector, end: Vector) -> Vector:
    """The direction of the plane through both points and the center, exact also if they are close together."""
    return cross(_sum(start, end), _sum(end, start, -1.0))


def _cross_each_other(a: Vector, b: Vector, c: Vector, d: Vector) -> bool:
    """Whether the shortest lines from a to b and from c to d cross."""
    plane = _normal(a, b)
    side_c, side_d = dot(plane, c) > 0, dot(plane, d) > 0
    if side_c == side_d:
        return False
    other = _normal(c, d)
    side_a, side_b = dot(other, a) > 0, dot(other, b) > 0
    return side_a != side_b and side_c == side_b


def _edge_crosses(start: Vector, end: Vector, cell: Cell) -> bool:
    """Whether the shortest line between two points has points in common with a cell.

    On the cell's face that is a straight line, as far as it lies in front of it.
    """
    one, other = on_face(cell.face, start), on_face(cell.face, end)
    low_u, high_u, low_v, high_v = cell.bounds
    first, last = 0.0, 1.0
    # Each side of the cell is a plane through the center of the sphere: cut off what is behind it.
    for u, v, w in ((1, 0, -low_u), (-1, 0, high_u), (0, 1, -low_v), (0, -1, high_v), (0, 0, 1)):
        height = u * one[0] + v * one[1] + (w + _ERROR) * one[2]
        behind = u * other[0] + v * other[1] + (w + _ERROR) * other[2]
        if height < 0 and behind < 0:
            return False
        if height < 0:
            first = max(first, height / (height - behind))
        elif behind < 0:
            last = min(last, height / (height - behind))
    return first <= last
