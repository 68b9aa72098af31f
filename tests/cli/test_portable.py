from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, strategies as st

from triospike import HLL, GeoJSON, Key, KeyOrderedMap, Record
from triospike.cli.portable import record_from_line, record_to_line
from triospike.values import OpaqueBlob

NOW = 1_000_000.0


def there_and_back(record: Record, set_name: str | None = None) -> Any:
    line = record_to_line(record, NOW)
    assert "\n" not in line
    return record_from_line(line.encode() + b"\n", record.key.namespace, set_name, lambda: NOW)


def kinds(value: Any) -> Any:
    """The types of a value and of all that is in it, with the items of maps in their order."""
    if isinstance(value, dict):
        return type(value), [(type(key), key, kinds(item)) for key, item in value.items()]
    return type(value), [kinds(item) for item in value] if isinstance(value, list) else repr(value)


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text()
    | st.binary()
    | st.builds(GeoJSON, st.text())
    | st.builds(HLL, st.binary())
    | st.builds(OpaqueBlob, st.integers(7, 12), st.binary())
)
map_keys = st.integers(-(2**63), 2**63 - 1) | st.text() | st.binary()
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(map_keys, inner, max_size=4)
        | st.dictionaries(map_keys, inner, max_size=4).map(KeyOrderedMap)
    ),
    max_leaves=15,
)
user_keys = st.integers(-(2**63), 2**63 - 1) | st.text(max_size=20) | st.binary(max_size=20)


@given(values, user_keys)
def test_any_record_comes_back_as_it_was(value: Any, user_key: int | str | bytes) -> None:
    record = Record(Key("test", "s", user_key), {"a": value, "$b": 1}, 7, None)
    found = there_and_back(record)
    assert kinds(found.bins) == kinds(record.bins)
    assert found.key == record.key
    assert (found.key.user_key, type(found.key.user_key)) == (user_key, type(user_key))
    assert (found.generation, found.expires) == (7, None)


def test_a_record_without_a_key_is_named_by_its_digest() -> None:
    key = Key.from_digest("test", "s", bytes(range(20)))
    assert there_and_back(Record(key, {"a": 1}, 1, None)).key == key


def test_the_expiry_is_a_time() -> None:
    record = Record(Key("test", "s", 1), {"a": 1}, 1, 60)
    assert json.loads(record_to_line(record, NOW))["expires"] == NOW + 60
    assert there_and_back(record).expires == NOW + 60


def test_the_form_of_a_line() -> None:
    record = Record(
        Key("test", "s", "ada"), {"m": KeyOrderedMap({1: math.nan}), "o": KeyOrderedMap(a=b"\0")}, 2, None
    )
    assert record_to_line(record, NOW) == (
        '{"set":"s","key":"ada","digest":"' + record.key.digest.hex() + '","generation":2,"expires":null,'
        '"bins":{"m":{"$ordered":[[1,{"$float":"nan"}]]},"o":{"$ordered":{"a":{"$bytes":"00"}}}}}'
    )


def test_a_line_of_scan_is_read_too() -> None:
    line = b'{"set": "s", "key": 5, "digest": null, "generation": 1, "ttl": 10, "bins": {"a": {"$bytes": "00"}}}'
    found = record_from_line(line, "test", None, lambda: NOW)
    assert (found.key, found.bins, found.expires) == (Key("test", "s", 5), {"a": b"\0"}, NOW + 10)


def test_another_set_is_possible_by_key_only() -> None:
    with_key = Record(Key("test", "s", 1), {"a": 1}, 1, None)
    assert there_and_back(with_key, "other").key == Key("test", "other", 1)
    by_digest = Record(Key.from_digest("test", "s", bytes(20)), {"a": 1}, 1, None)
    with pytest.raises(ValueError, match="has no key, and its digest belongs to the set 's'"):
        there_and_back(by_digest, "other")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not a record"),
        ("{}", "not a record"),
        ('{"bins": {}}', "not a record"),
        ('{"bins": {"a": 1}}', 'neither "key" nor "digest"'),
        ('{"key": 1.5, "bins": {"a": 1}}', "user_key must be"),
        ('{"digest": "00", "bins": {"a": 1}}', "20 bytes"),
        ('{"digest": "zz", "bins": {"a": 1}}', "non-hexadecimal"),
        ('{"key": 1, "digest": "' + "00" * 20 + '", "bins": {"a": 1}}', "not that of its key 1"),
        ('{"key": 1, "bins": {"a": {"$bytes": 5}}}', r"\$bytes"),
        ('{"key": 1, "set": 5, "bins": {"a": 1}}', "set_name must be"),
    ],
)
def test_what_is_no_record_is_refused(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record_from_line(line.encode(), "test", None, lambda: NOW)
