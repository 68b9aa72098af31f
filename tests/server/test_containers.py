"""Lists and maps in canonical form. Bytes are written out by hand, after section 10.2 of the protocol."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from triospike.result_code import ResultCode
from triospike.server.apply.containers import canonical_list, canonical_map
from triospike.server.apply.order import sort_key
from triospike.server.refusal import Refusal

# In the server's order of types: nil, bools, ints, strings, lists, maps, blobs, floats, GeoJSON.
ASCENDING = [
    "c0",
    "c2",
    "c3",
    "d38000000000000000",
    "d1ff00",
    "e0",
    "ff",
    "00",
    "7f",
    "cc80",
    "cd0100",
    "ce00010000",
    "cfffffffffffffffff",
    "a103",
    "a20361",
    "d92103" + "61" * 32,
    "da010003" + "61" * 255,
    "a3036162",
    "a20362",
    "90",
    "9101",
    "920100",
    "dc001001" + "01" * 15,
    "9102",
    "93c700010202",
    "80",
    "810102",
    "810103",
    "82c70001c00201",
    "8201010202",
    "de0010" + "".join(f"{key:02x}00" for key in range(16)),
    "a104",
    "a20400",
    "a20401",
    "cbbff0000000000000",
    "ca3f000000",
    "cb3ff0000000000000",
    "a2177b",
    "c70009",
    "d50a0102",
    "c7030a010203",
]


def refusal_of(value: str, *, as_map: bool = False) -> int:
    with pytest.raises(Refusal) as raised:
        (canonical_map if as_map else canonical_list)(bytes.fromhex(value))
    return raised.value.code


def test_values_are_ordered_by_type_and_then_by_value() -> None:
    keys = [sort_key(bytes.fromhex(text)) for text in ASCENDING]
    assert sorted(keys) == keys
    assert all(left < right for left, right in pairwise(keys))


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("dc000101", "9101"),
        ("91cc05", "9105"),
        ("91ce000000ff", "91ccff"),
        ("91cf0000000100000000", "91cf0000000100000000"),
        ("91d0e0", "91e0"),
        ("91d0df", "91d0df"),
        ("91d1ff7f", "91d1ff7f"),
        ("91d3ffffffffffffff80", "91d080"),
        ("91d200000080", "91cc80"),
        ("91da0002" + "0361", "91a20361"),
        ("91c6000000020461", "91a20461"),
        ("91d90103", "91a103"),
        ("91c7010501", "91c70001"),
        ("92" + "01" + "c7040501020304", "9201d60501020304"),
        ("92" + "01" + "c8000305010203", "9201c70305010203"),
        ("9182" + "a20362" + "01" + "a20361" + "02", "9182a2036102a2036201"),
        ("92c7000190", "92c7000190"),
        ("91c70001", "91c70001"),
        ("91c70010", "90"),
        ("92" + "01" + "c90000000305010203", "9201c70305010203"),
        ("92" + "01" + "c8010005" + "00" * 256, "9201c8010005" + "00" * 256),
    ],
)
def test_list_is_stored_in_canonical_form(sent: str, stored: str) -> None:
    assert canonical_list(bytes.fromhex(sent)).hex() == stored


def test_long_strings_and_lists_keep_the_shortest_header_that_holds_them() -> None:
    text = b"\x03" + b"x" * 299
    assert canonical_list(b"\x91\xdb\0\0\x01\x2c" + text) == b"\x91\xda\x01\x2c" + text
    assert canonical_list(b"\xdd\0\0\0\x10" + bytes(16)) == b"\xdc\0\x10" + bytes(16)
    assert canonical_list(b"\xdd\0\x01\0\0" + bytes(65536)) == b"\xdd\0\x01\0\0" + bytes(65536)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("8202010102", "8201020201"),
        ("83a2046101a2036202" + "0503", "830503a2036202a2046101"),
        ("82c70008c00102", "810102"),
        ("82c70011c00102", "82c70001c00102"),
        ("81c70001c0", "81c70001c0"),
    ],
)
def test_map_is_stored_in_canonical_form(sent: str, stored: str) -> None:
    assert canonical_map(bytes.fromhex(sent)).hex() == stored


@pytest.mark.parametrize(
    "value",
    ["", "92", "910100", "c0", "80", "91c1", "91a5", "91cd00", "91c7", "91d4ff00", "91c702ff0000", "9181c001"],
)
def test_bytes_that_are_no_list_are_refused(value: str) -> None:
    assert refusal_of(value) == ResultCode.SERVER


@pytest.mark.parametrize("value", ["90", "81", "8101", "83c70001c002010102", "8201010102", "81c20101"])
def test_bytes_that_are_no_map_are_refused(value: str) -> None:
    assert refusal_of(value, as_map=True) == ResultCode.SERVER


def test_nesting_has_no_limit_but_memory() -> None:
    deep = b"\x91" * 100_000 + b"\x01"
    assert canonical_list(deep) == deep


def test_ordered_lists_are_compared_however_deep_they_are_nested() -> None:
    one, two = b"\x91" * 100_000 + b"\x01", b"\x91" * 100_000 + b"\x02"
    ordered = b"\x93\xc7\0\x01"
    assert canonical_list(ordered + one + two) == ordered + one + two
    with pytest.raises(Refusal):
        canonical_list(ordered + two + one)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_canonical_form_is_its_own_canonical_form(tail: bytes) -> None:
    for start in (b"\x92", b"\x93\xc7\0\x01"):
        try:
            stored = canonical_list(start + tail)
        except Refusal:
            continue
        assert canonical_list(stored) == stored
