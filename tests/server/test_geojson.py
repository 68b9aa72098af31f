from __future__ import annotations

import json

import pytest

from triospike.server.apply.cells import cell_of_point
from triospike.server.apply.geojson import geojson_particle
from triospike.server.refusal import Refusal

LOOP = [[0, 0], [1, 0], [1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("longitude", "latitude", "cell"),
    [
        # What a real server of version 8.1.2 stored.
        (0.0, 0.0, "1000000000000001"),
        (1.0, 2.0, "10036e17ca9fb709"),
        (-0.1276, 51.5072, "487604ce4af4985f"),
        (0.0, 89.9, "4ffff89d8761e275"),
        (151.2093, -33.8688, "6b12ae3ff6290055"),
        (180.0, 10.0, "652ad352d352cab3"),
        (-122.4194, 37.7749, "8085809e8e8d8c61"),
        # Centers of the two faces that it was not asked about; all centers differ in the first three bits only.
        (90.0, 0.0, "3000000000000001"),
        (0.0, -90.0, "b000000000000001"),
    ],
)
def test_point_is_in_its_cell(longitude: float, latitude: float, cell: str) -> None:
    assert f"{cell_of_point(longitude, latitude):016x}" == cell


def test_feature_of_a_point_is_stored_with_the_point_s_cell() -> None:
    text = b'{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}'
    assert geojson_particle(b"\0\0\0" + text) == bytes.fromhex("00000110036e17ca9fb709") + text


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "Polygon", "coordinates": [LOOP]},
        {"type": "MultiPolygon", "coordinates": [[LOOP], [LOOP]]},
        {"type": "AeroCircle", "coordinates": [[1.5, 2], 1000]},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [LOOP]}},
    ],
)
def test_region_is_stored_as_one(shape: dict[str, object]) -> None:
    text = json.dumps(shape).encode()
    particle = geojson_particle(b"\0\0\1ignored!" + text)
    n_cells = int.from_bytes(particle[1:3], "big")
    assert particle[0] == 1
    assert 0 < n_cells <= 12
    assert particle[3 + 8 * n_cells :] == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"type":7}',
        '{"type":"Point"}',
        '{"type":"Point","coordinates":7}',
        '{"type":"Point","coordinates":[1]}',
        '{"type":"Point","coordinates":[1,2,3]}',
        '{"type":"Point","coordinates":[true,2]}',
        '{"type":"Point","coordinates":[NaN,2]}',
        '{"type":"Point","coordinates":[1' + "0" * 400 + ",2]}",
        '{"type":"Point","coordinates":[180.5,2]}',
        '{"type":"Polygon","coordinates":[[[0,0],[0,0],[1,1],[0,0]]]}',
        '{"type":"Feature","geometry":null}',
        '{"type":["Point"],"coordinates":[1,2]}',
        '{"a":' * 100_000,
    ],
)
def test_text_that_describes_no_shape_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as raised:
        geojson_particle(b"\0\0\0" + text.encode())
    assert raised.value.code == 160


@pytest.mark.parametrize("particle", [b"", b"\0\0", b"\0\0\1" + bytes(7), b"\0\0\0\xff\xfe"])
def test_particle_that_is_cut_off_or_no_text_is_refused(particle: bytes) -> None:
    with pytest.raises(Refusal):
        geojson_particle(particle)
