from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, strategies as st

from triospike.cli.values import bins_from_text, from_json, to_json
from triospike.values import HLL, GeoJSON, KeyOrderedMap, OpaqueBlob

POINT = '{"type": "Point", "coordinates": [1, 2]}'

FORMS: list[tuple[Any, str]] = [
    (None, "null"),
    (True, "true"),
    (-7, "-7"),
    (1.5, "1.5"),
    ("Zoë", '"Zoë"'),
    (b"\xc0\xff\xee", '{"$bytes": "c0ffee"}'),
    (GeoJSON(POINT), json.dumps({"$geojson": POINT})),
    (HLL(b"\x0c\x00"), '{"$hll": "0c00"}'),
    (math.inf, '{"$float": "inf"}'),
    ([1, [b"\x01"]], '[1, [{"$bytes": "01"}]]'),
    ({"a": 1}, '{"a": 1}'),
    ({1: "one"}, '{"$map": [[1, "one"]]}'),
    ({"$a": 1}, '{"$map": [["$a", 1]]}'),
    (OpaqueBlob(9, b"\x80"), '{"$blob": "80", "type": 9}'),
]


@pytest.mark.parametrize(("value", "text"), FORMS)
def test_each_type_has_a_form_that_reads_back(value: Any, text: str) -> None:
    assert json.dumps(to_json(value), ensure_ascii=False) == text
    assert from_json(json.loads(text)) == value


def test_a_key_ordered_map_is_shown_as_a_map() -> None:
    assert to_json(KeyOrderedMap({"b": 1, "a": b""})) == {"b": 1, "a": {"$bytes": ""}}


def test_geojson_may_be_written_as_an_object() -> None:
    assert from_json({"$geojson": json.loads(POINT)}) == GeoJSON(POINT)


def test_not_a_number_reads_back() -> None:
    assert math.isnan(from_json(to_json(math.nan)))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers() | st.binary(), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values)
def test_any_value_survives_json(value: Any) -> None:
    assert from_json(json.loads(json.dumps(to_json(value)))) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"$bytes": "xyz"}',
        '{"$bytes": 1}',
        '{"$bytes": "00", "more": 1}',
        '{"$map": [1]}',
        '{"$map": [[[1], 2]]}',
        '{"$blob": "00"}',
        '{"$what": 1}',
        '{"$hll": null}',
    ],
)
def test_a_form_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a value that \$\w+ can stand for"):
        from_json(json.loads(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "not JSON"), ("[1]", "JSON object of bins, not list"), ('"a"', "not str"), ("", "not JSON")],
)
def test_bins_must_be_an_object(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bins_from_text(text)


def test_bins_are_read_with_their_forms() -> None:
    assert bins_from_text('{"a": 1, "b": {"$bytes": "00ff"}, "c": null}') == {"a": 1, "b": b"\x00\xff", "c": None}
