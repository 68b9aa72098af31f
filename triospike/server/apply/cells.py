"""S2 cells: the numbers by which a server finds places on the globe. Here, the cell of one point, and back.

The sphere is projected on the six faces of a cube, each face is divided into 2^30 times 2^30 leaf cells, and a
Hilbert curve gives each of them its place in a number of 64 bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Vector", "cell_of_point", "center_of_cell", "on_sphere"]

Vector: TypeAlias = tuple[float, float, float]
"""A point on the sphere of radius 1, or a direction."""

_LEVELS = 30
_SIZE = 1 << _LEVELS
_POSITIONS = ((0, 1, 3, 2), (0, 3, 1, 2), (2, 3, 1, 0), (2, 1, 3, 0))
"""Place on the curve of each quarter of a cell, for each of the curve's orientations."""
_TURNS = (1, 0, 0, 3)
"""How the curve is turned inside the quarter at each place."""
_FACES: tuple[Callable[[float, float], Vector], ...] = (
    lambda u, v: (1.0, u, v),
    lambda u, v: (-u, 1.0, v),
    lambda u, v: (-u, -v, 1.0),
    lambda u, v: (-1.0, -v, -u),
    lambda u, v: (v, -1.0, -u),
    lambda u, v: (v, u, -1.0),
)
"""From where it is on each face of the cube, a point's direction."""


def cell_of_point(longitude: float, latitude: float) -> int:
    """Number of the leaf cell that holds a point.

    Args:
        longitude: Degrees, -180 to 180.
        latitude: Degrees, -90 to 90.
    """
    face, u, v = _face_of(*on_sphere(longitude, latitude))
    i, j = _leaf(u), _leaf(v)
    orientation = face & 1
    number = face
    for level in reversed(range(_LEVELS)):
        place = _POSITIONS[orientation][(i >> level & 1) << 1 | (j >> level & 1)]
        number = number << 2 | place
        orientation ^= _TURNS[place]
    return number << 1 | 1


def center_of_cell(number: int) -> Vector:
    """Center of a leaf cell, on the sphere.

    Args:
        number: The cell's.
    """
    face = number >> 2 * _LEVELS + 1
    orientation = face & 1
    i = j = 0
    for level in reversed(range(_LEVELS)):
        place = number >> 2 * level + 1 & 3
        quarter = _POSITIONS[orientation].index(place)
        i, j = i << 1 | quarter >> 1, j << 1 | quarter & 1
        orientation ^= _TURNS[place]
    return _unit(_FACES[face](_coordinate(i), _coordinate(j)))


def _coordinate(index: int) -> float:
    """Middle of a row or column of leaf cells, -1 to 1: the inverse of `_leaf`."""
    share = (index + 0.5) / _SIZE
    return (4 * share * share - 1) / 3 if share >= 0.5 else (1 - 4 * (1 - share) * (1 - share)) / 3


def _unit(vector: Vector) -> Vector:
    x, y, z = vector
    size = math.sqrt(x * x + y * y + z * z)
    return x / size, y / size, z / size


def on_sphere(longitude: float, latitude: float) -> Vector:
    """The point of the sphere at a place.

    Args:
        longitude: Degrees, -180 to 180.
        latitude: Degrees, -90 to 90.
    """
    phi = latitude * (math.pi / 180)
    theta = longitude * (math.pi / 180)
    return math.cos(theta) * math.cos(phi), math.sin(theta) * math.cos(phi), math.sin(phi)


def _face_of(x: float, y: float, z: float) -> tuple[int, float, float]:
    """The cube's face that the point is projected on, and where, each coordinate from -1 to 1."""
    size_x, size_y, size_z = abs(x), abs(y), abs(z)
    if size_x > size_y and size_x > size_z:
        return (0, y / x, z / x) if x > 0 else (3, z / x, y / x)
    if size_y >= size_x and size_y > size_z:
        return (1, -x / y, z / y) if y > 0 else (4, z / y, -x / y)
    return (2, -x / z, -y / z) if z > 0 else (5, -y / z, -x / z)


def _leaf(coordinate: float) -> int:
    """Row or column of the leaf cell, by the projection that makes cells most equal in size."""
    share = 0.5 * math.sqrt(1 + 3 * abs(coordinate))
    if coordinate < 0:
        share = 1 - share
    return max(0, min(_SIZE - 1, math.floor(_SIZE * share)))
