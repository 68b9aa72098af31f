from __future__ import annotations

from typing import Any

import pytest

from triospike import CollectionKind, Filter, GeoJSON, IndexInfo, IndexKind
from triospike.cli.index_choice import choose, index_filter
from triospike.cli.where import parse_conditions

POINT = GeoJSON('{"type": "Point", "coordinates": [1, 2]}')
REGION = GeoJSON('{"type": "AeroCircle", "coordinates": [[1, 2], 3]}')


def index(name: str = "i", bin_name: str | None = "a", **changes: Any) -> IndexInfo:
    fields: dict[str, Any] = {
        "namespace": "test",
        "name": name,
        "set_name": "s",
        "bin": bin_name,
        "kind": IndexKind.INTEGER,
        "collection": CollectionKind.DEFAULT,
        "context": None,
        "expression": None,
        "is_set_index": False,
        "readable": True,
    }
    return IndexInfo(**{**fields, **changes})


STRINGS = {"kind": IndexKind.STRING}


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [
        ("a = 5", {}, Filter.equal("a", 5)),
        ("a between 1 and 9", {}, Filter.between("a", 1, 9)),
        ("a > 5", {}, Filter.between("a", 6, 2**63 - 1)),
        ("a >= 5", {}, Filter.between("a", 5, 2**63 - 1)),
        ("a < 5", {}, Filter.between("a", -(2**63), 4)),
        ("a <= 5", {}, Filter.between("a", -(2**63), 5)),
        ("a = 'x'", STRINGS, Filter.equal("a", "x")),
        ("a = x'00'", {"kind": IndexKind.BLOB}, Filter.equal("a", b"\x00")),
        ("a contains 5", {"collection": CollectionKind.LIST}, Filter.contains("a", 5)),
        (
            "a has key 'x'",
            {**STRINGS, "collection": CollectionKind.MAP_KEYS},
            Filter.contains("a", "x", CollectionKind.MAP_KEYS),
        ),
        (
            "a has value 5",
            {"collection": CollectionKind.MAP_VALUES},
            Filter.contains("a", 5, CollectionKind.MAP_VALUES),
        ),
        (f"a within '{REGION.text}'", {"kind": IndexKind.GEO}, Filter.within_region("a", REGION)),
        (f"a within '{POINT.text}'", {"kind": IndexKind.GEO}, Filter.regions_containing("a", POINT)),
    ],
)
def test_an_index_that_fits_answers(text: str, changes: dict[str, Any], expected: Filter) -> None:
    (condition,) = parse_conditions(text)
    assert index_filter(index(**changes), condition) == expected


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("b = 5", {}),
        ("a = 'x'", {}),
        ("a = 5.0", {}),
        ("a = true", {}),
        ("a != 5", {}),
        ("a > 9223372036854775807", {}),
        ("a between 9 and 1", {}),
        ("a > 'x'", STRINGS),
        ("a between 'x' and 'y'", STRINGS),
        ("a matches 'x'", STRINGS),
        ("a exists", {}),
        ("a contains 5", {}),
        ("a = 5", {"collection": CollectionKind.LIST}),
        ("a has key 5", {"collection": CollectionKind.MAP_VALUES}),
        ("a = 5", {"expression": b"\x01"}),
        ("a = 5", {"kind": None, "collection": None, "is_set_index": True}),
    ],
)
def test_one_that_does_not_fit_is_not_used(text: str, changes: dict[str, Any]) -> None:
    (condition,) = parse_conditions(text)
    assert index_filter(index(**changes), condition) is None


def test_equality_goes_before_ranges() -> None:
    found = choose([index("first"), index("second", "b", **STRINGS)], "s", parse_conditions("a > 5 and b = 'x'"))
    assert found is not None
    assert (found.index.name, str(found.condition)) == ("second", "b = 'x'")


@pytest.mark.parametrize("changes", [{"readable": False}, {"set_name": "other"}, {"set_name": None}])
def test_indexes_of_other_sets_and_unbuilt_ones_are_left_alone(changes: dict[str, Any]) -> None:
    assert choose([index(**changes)], "s", parse_conditions("a = 5")) is None


def test_an_index_of_all_records_serves_queries_of_a_namespace() -> None:
    assert choose([index(set_name=None)], "", parse_conditions("a = 5")) is not None
