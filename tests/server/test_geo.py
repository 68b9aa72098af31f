"""Points in regions, and the cells of regions, where no recording has them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from triospike.server.apply.cells import Cell, cell_of_point, center_of_cell, on_sphere
from triospike.server.apply.geojson import geojson_particle, is_point_in_region
from triospike.server.refusal import Refusal

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOLE = [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]


def text(kind: str, coordinates: Any) -> bytes:
    return json.dumps({"type": kind, "coordinates": coordinates}).encode()


def is_in(place: tuple[float, float], kind: str, coordinates: Any) -> bool:
    point, region = text("Point", list(place)), text(kind, coordinates)
    found = is_point_in_region(point, region)
    assert is_point_in_region(region, point) == found
    return found


def cells_of(kind: str, coordinates: Any) -> list[int]:
    value = geojson_particle(b"\0\0\0" + text(kind, coordinates))
    n = int.from_bytes(value[1:3], "big")
    return [int.from_bytes(value[3 + 8 * at : 11 + 8 * at], "big") for at in range(n)]


@pytest.mark.parametrize("place", [(5, 5), (0.001, 0.001), (9.9, 9.9)])
def test_polygon_holds_what_it_surrounds_whichever_way_it_is_drawn(place: tuple[float, float]) -> None:
    assert is_in(place, "Polygon", [SQUARE])
    assert is_in(place, "Polygon", [SQUARE[::-1]])
    assert not is_in((-place[0], place[1]), "Polygon", [SQUARE])
    assert not is_in((place[0] - 180, -place[1]), "Polygon", [SQUARE])


def test_polygon_does_not_hold_what_is_in_its_hole() -> None:
    assert not is_in((5, 5), "Polygon", [SQUARE, HOLE])
    assert is_in((2, 2), "Polygon", [SQUARE, HOLE])


def test_polygon_may_surround_a_pole_or_cross_the_date_line() -> None:
    cap = [[0, 80], [90, 80], [180, 80], [-90, 80], [0, 80]]
    assert is_in((45, 90), "Polygon", [cap])
    assert not is_in((45, 70), "Polygon", [cap])
    strip = [[170, -5], [-170, -5], [-170, 5], [170, 5], [170, -5]]
    assert is_in((180, 0), "Polygon", [strip])
    assert not is_in((0, 0), "Polygon", [strip])


def test_edges_run_along_great_circles() -> None:
    wide = [[-60, 50], [60, 50], [60, 60], [-60, 60], [-60, 50]]
    assert not is_in((0, 52), "Polygon", [wide])
    assert is_in((0, 70), "Polygon", [wide])


def test_multipolygon_holds_what_any_of_its_polygons_holds() -> None:
    far = [[100, 0], [101, 0], [101, 1], [100, 1], [100, 0]]
    assert is_in((100.5, 0.5), "MultiPolygon", [[SQUARE], [far]])
    assert not is_in((50, 0.5), "MultiPolygon", [[SQUARE], [far]])


def test_circle_is_as_large_as_its_radius_in_meters() -> None:
    assert is_in((0, 0.89), "AeroCircle", [[0, 0], 100_000])
    assert not is_in((0, 0.91), "AeroCircle", [[0, 0], 100_000])
    assert not is_in((0, 0), "AeroCircle", [[0, 0], -1])


def test_two_points_or_two_regions_are_never_in_each_other() -> None:
    assert not is_point_in_region(text("Point", [1, 1]), text("Point", [1, 1]))
    assert not is_point_in_region(text("Polygon", [SQUARE]), text("AeroCircle", [[5, 5], 1]))


@pytest.mark.parametrize("place", [(0.0, 0.0), (123.4, -56.7), (-179.99, 89.9), (45.0, 35.3), (-90.0, -45.0)])
def test_center_of_a_leaf_cell_is_next_to_the_point(place: tuple[float, float]) -> None:
    center = center_of_cell(cell_of_point(*place))
    assert center == pytest.approx(on_sphere(*place), abs=2e-8)


def test_children_of_a_cell_hold_its_points() -> None:
    number = cell_of_point(12.5, 41.9)
    (cell,) = [cell for cell in map(Cell.of_face, range(6)) if abs(cell.number - number) < cell.lowest_bit]
    while cell.level < 30:
        (cell,) = [child for child in cell.children() if abs(child.number - number) < child.lowest_bit]
    assert cell.number == number
    assert cell.center == pytest.approx(center_of_cell(number))


@pytest.mark.parametrize("kind", ["Polygon", "AeroCircle"])
def test_cells_of_a_region_cover_the_points_in_it(kind: str) -> None:
    region: Any = [SQUARE] if kind == "Polygon" else [[5, 5], 500_000]
    cells = cells_of(kind, region)
    assert 0 < len(cells) <= 12
    assert cells == sorted(cells)
    for place in ((5.0, 5.0), (3.3, 7.1), (6.5, 4.4)):
        assert is_in(place, kind, region)
        number = cell_of_point(*place)
        assert any(abs(number - cell) < (cell & -cell) for cell in cells)


@pytest.mark.parametrize(
    ("kind", "coordinates"),
    [("AeroCircle", [[0, 0], 3e7]), ("Polygon", [[[0, 0], [90, 0], [180, 0], [-90, 0], [0, 0]]])],
)
def test_region_that_takes_too_many_cells_is_refused(kind: str, coordinates: Any) -> None:
    with pytest.raises(Refusal) as caught:
        cells_of(kind, coordinates)
    assert caught.value.code == 160
