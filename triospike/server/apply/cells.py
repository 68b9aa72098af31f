"""S2 cells: the numbers by which a server finds places on the globe.

The sphere is projected on the six faces of a cube, each face is divided into quarters thirty times over, and a
Hilbert curve gives each cell its place in a number of 64 bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final, TypeAlias

import attrs

__all__ = [
    "MAX_LEVEL",
    "Cell",
    "Vector",
    "cell_of_point",
    "center_of_cell",
    "cross",
    "dot",
    "on_face",
    "on_sphere",
]

Vector: TypeAlias = tuple[float, float, float]
"""A point on the sphere of radius 1, or a direction."""

MAX_LEVEL: Final = 30
"""Level of the leaf cells; that of a whole face is 0."""

_SIZE = 1 << MAX_LEVEL
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


@attrs.frozen(slots=False)
class Cell:
    """A cell of any level.

    Attributes:
        number: The cell's number.
        face: Face of the cube.
        level: How often the face was divided.
        i: First row of leaf cells.
        j: First column of leaf cells.
        orientation: How the curve runs in it.
    """

    number: int
    face: int
    level: int
    i: int
    j: int
    orientation: int

    @classmethod
    def of_face(cls, face: int) -> Cell:
        """The cell that is a whole face of the cube."""
        return cls((2 * face + 1) << 2 * MAX_LEVEL, face, 0, 0, 0, face & 1)

    @property
    def lowest_bit(self) -> int:
        """The bit of the number that tells the level."""
        return 1 << 2 * (MAX_LEVEL - self.level)

    def children(self) -> Iterator[Cell]:
        """Its quarters, in the curve's order."""
        half = _SIZE >> self.level + 1
        bit = self.lowest_bit
        for place, turn in enumerate(_TURNS):
            quarter = _POSITIONS[self.orientation].index(place)
            yield Cell(
                self.number - bit + (2 * place + 1) * (bit >> 2),
                self.face,
                self.level + 1,
                self.i + (quarter >> 1) * half,
                self.j + (quarter & 1) * half,
                self.orientation ^ turn,
            )

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Least and greatest coordinates on the face: of u, then of v."""
        size = _SIZE >> self.level
        u = _coordinate(self.i / _SIZE), _coordinate((self.i + size) / _SIZE)
        v = _coordinate(self.j / _SIZE), _coordinate((self.j + size) / _SIZE)
        return *u, *v

    @cached_property
    def vertices(self) -> tuple[Vector, ...]:
        """Its four corners, counterclockwise."""
        low_u, high_u, low_v, high_v = self.bounds
        corners = ((low_u, low_v), (high_u, low_v), (high_u, high_v), (low_u, high_v))
        return tuple(unit(_FACES[self.face](u, v)) for u, v in corners)

    @cached_property
    def center(self) -> Vector:
        """Its middle, in the measure in which it was divided."""
        half = (_SIZE >> self.level) / 2
        u, v = _coordinate((self.i + half) / _SIZE), _coordinate((self.j + half) / _SIZE)
        return unit(_FACES[self.face](u, v))


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
    for level in reversed(range(MAX_LEVEL)):
        place = _POSITIONS[orientation][(i >> level & 1) << 1 | (j >> level & 1)]
        number = number << 2 | place
        orientation ^= _TURNS[place]
    return number << 1 | 1


def center_of_cell(number: int) -> Vector:
    """Center of a leaf cell, on the sphere.

    Args:
        number: The cell's.
    """
    face = number >> 2 * MAX_LEVEL + 1
    orientation = face & 1
    i = j = 0
    for level in reversed(range(MAX_LEVEL)):
        place = number >> 2 * level + 1 & 3
        quarter = _POSITIONS[orientation].index(place)
        i, j = i << 1 | quarter >> 1, j << 1 | quarter & 1
        orientation ^= _TURNS[place]
    return unit(_FACES[face](_coordinate((i + 0.5) / _SIZE), _coordinate((j + 0.5) / _SIZE)))


def on_face(face: int, point: Vector) -> Vector:
    """A point in the coordinates of a face: u, v, and how far it is in front of the cube's center."""
    axes = _FACES[face](0.0, 0.0), _FACES[face](1.0, 0.0), _FACES[face](0.0, 1.0)
    ahead = dot(axes[0], point)
    return dot(axes[1], point) - ahead, dot(axes[2], point) - ahead, ahead


def on_sphere(longitude: float, latitude: float) -> Vector:
    """The point of the sphere at a place.

    Args:
        longitude: Degrees, -180 to 180.
        latitude: Degrees, -90 to 90.
    """
    phi = latitude * (math.pi / 180)
    theta = longitude * (math.pi / 180)
    return math.cos(theta) * math.cos(phi), math.sin(theta) * math.cos(phi), math.sin(phi)


def unit(vector: Vector) -> Vector:
    """The direction with length 1."""
    size = math.sqrt(dot(vector, vector))
    return vector[0] / size, vector[1] / size, vector[2] / size


def dot(one: Vector, other: Vector) -> float:
    """How far they point the same way."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def cross(one: Vector, other: Vector) -> Vector:
    """The direction that is at a right angle to both."""
    return (
        one[1] * other[2] - one[2] * other[1],
        one[2] * other[0] - one[0] * other[2],
        one[0] * other[1] - one[1] * other[0],
    )


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


def _coordinate(share: float) -> float:
    """Where on a face, -1 to 1, a share of its rows or columns ends: the inverse of that projection."""
    if share >= 0.5:
        return (4 * share * share - 1) / 3
    return (1 - 4 * (1 - share) * (1 - share)) / 3
