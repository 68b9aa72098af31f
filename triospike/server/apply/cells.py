"""S2 cells: the numbers by which a server finds places on the globe. Here, the cell of one point.

The sphere is projected on the six faces of a cube, each face is divided into 2^30 times 2^30 leaf cells, and a
Hilbert curve gives each of them its place in a number of 64 bits.
"""

from __future__ import annotations

import math

__all__ = ["cell_of_point"]

_LEVELS = 30
_SIZE = 1 << _LEVELS
_POSITIONS = ((0, 1, 3, 2), (0, 3, 1, 2), (2, 3, 1, 0), (2, 1, 3, 0))
"""Place on the curve of each quarter of a cell, for each of the curve's orientations."""
_TURNS = (1, 0, 0, 3)
"""How the curve is turned inside the quarter at each place."""


def cell_of_point(longitude: float, latitude: float) -> int:
    """Number of the leaf cell that holds a point.

    Args:
        longitude: Degrees, -180 to 180.
        latitude: Degrees, -90 to 90.
    """
    face, u, v = _face_of(*_on_sphere(longitude, latitude))
    i, j = _leaf(u), _leaf(v)
    orientation = face & 1
    number = face
    for level in reversed(range(_LEVELS)):
        place = _POSITIONS[orientation][(i >> level & 1) << 1 | (j >> level & 1)]
        number = number << 2 | place
        orientation ^= _TURNS[place]
    return number << 1 | 1


def _on_sphere(longitude: float, latitude: float) -> tuple[float, float, float]:
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
