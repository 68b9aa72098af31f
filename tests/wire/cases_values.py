"""Values and their bytes: (value, particle type, bytes, where the bytes come from).

``single`` and ``operate`` are ids of the recorded traffic: the bytes are the official client's.
"""

from __future__ import annotations

from typing import Any, Final

from triospike.values import HLL, GeoJSON, KeyOrderedMap, OpaqueBlob

__all__ = ["BOTH_WAYS", "READ_ONLY", "WRITE_ONLY"]

Case = tuple[Any, int, str, str]

BOTH_WAYS: Final[list[Case]] = [
    (None, 0, "", "protocol 4.3"),
    (5, 1, "0000000000000005", "protocol 4.5, put"),
    (-1, 1, "ffffffffffffffff", "single put/particle/int/neg"),
    ((1 << 63) - 1, 1, "7fffffffffffffff", "single put/particle/int/max"),
    (-(1 << 63), 1, "8000000000000000", "single put/particle/int/min"),
    (0.0, 2, "0000000000000000", "single put/particle/float/zero"),
    (-0.0, 2, "8000000000000000", "single put/particle/float/negzero"),
    (3.141592653589793, 2, "400921fb54442d18", "single put/particle/float/pi"),
    (float("inf"), 2, "7ff0000000000000", "single put/particle/float/inf"),
    (float("-inf"), 2, "fff0000000000000", "single put/particle/float/neginf"),
    (5e-324, 2, "0000000000000001", "single put/particle/float/tiny"),
    ("", 3, "", "single put/particle/str/empty"),
    ("hello", 3, "68656c6c6f", "single put/particle/str/ascii"),
    ("é ü 日本 🚀", 3, "c3a920c3bc20e697a5e69cac20f09f9a80", "single put/particle/str/utf8"),
    (b"", 4, "", "single put/particle/bytes/empty"),
    (b"\0\1\xff", 4, "0001ff", "single put/particle/bytes/small"),
    (True, 17, "01", "single put/particle/bool/true"),
    (False, 17, "00", "single put/particle/bool/false"),
    (OpaqueBlob(7, b"\1\2"), 7, "0102", "single raw/put-blob-type-7"),
    (OpaqueBlob(8, b"\1\2"), 8, "0102", "single raw/put-blob-type-8"),
    (OpaqueBlob(9, b"\1\2"), 9, "0102", "single raw/put-blob-type-9"),
    (OpaqueBlob(10, b"\1\2"), 10, "0102", "single raw/put-blob-type-10"),
    (OpaqueBlob(11, b"\1\2"), 11, "0102", "single raw/put-blob-type-11"),
    (OpaqueBlob(12, b"\1\2"), 12, "0102", "single raw/put-blob-type-12"),
    (HLL(b"\0\x08\0" + bytes(8)), 18, "0008000000000000000000", "protocol 11, HLL particle"),
    (GeoJSON('{"a":1}'), 23, "0000007b2261223a317d", "protocol 4.3: flags 0, no cells, text"),
    # Lists.
    ([], 20, "90", "single put/particle/list/empty"),
    ([1, "x"], 20, "9201a20378", "protocol 10.1, list append"),
    ([1, "x", 1, 1], 20, "9401a203780101", "protocol 10.1, append with policy"),
    ([67, "k", 5, 0], 20, "9443a2036b0500", "protocol 10.1, map put"),
    ([97, 7, "k"], 20, "936107a2036b", "protocol 10.1, map get by key"),
    ([255, [16, 1], [1, "x"]], 20, "93ccff9210019201a20378", "protocol 10.1, append in a context"),
    ([34, "k"], 20, "9222a2036b", "protocol 10.6, context of a map key"),
    ([None, False, True, 1.5], 20, "94c0c2c3cb3ff8000000000000", "protocol 10.2"),
    ([b"b"], 20, "91a20462", "protocol 10.2, blob"),
    ([GeoJSON("{}")], 20, "91a3177b7d", "protocol 10.2, GeoJSON without cells"),
    ([HLL(b"\0\x08")], 20, "91a3120008", "protocol 10.2 and 11, HLL"),
    ([OpaqueBlob(0x63, b"a")], 20, "91a26361", "single raw/get-list/str-unknown-type-99"),
    ([b"\xff\xfe"], 20, "91a304fffe", "protocol 10.2, a blob that is no UTF-8"),
    ([""], 20, "91a103", "protocol 10.2, length n + 1"),
    (
        [0, 1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, (1 << 63) - 1],
        20,
        "9b00017fcc80ccffcd0100cdffffce00010000ceffffffffcf0000000100000000cf7fffffffffffffff",
        "MessagePack specification, uint formats",
    ),
    (
        [-1, -32, -33, -128, -129, -32768, -32769, -(1 << 31), -(1 << 31) - 1, -(1 << 63)],
        20,
        "9affe0d0dfd080d1ff7fd18000d2ffff7fffd280000000d3ffffffff7fffffffd38000000000000000",
        "MessagePack specification, int formats",
    ),
    # Maps.
    ({}, 19, "80", "single put/particle/map/empty"),
    ({"a": 1, "b": 2}, 19, "82a2036101a2036202", "single raw/get-map/unsorted"),
    ({1: "a", -5: "m"}, 19, "82fba2036d01a20361", "protocol 10.2, ints by value"),
    (KeyOrderedMap({"a": 1}), 19, "82c70001c0a2036101", "protocol 10.2, ordered map marker"),
    (KeyOrderedMap(), 19, "81c70001c0", "single put/particle/map/key-ordered-empty"),
    (
        [KeyOrderedMap({"a": 1, "b": 2})],
        20,
        "9183c70001c0a2036101a2036202",
        "single put/particle/map/key-ordered-in-list",
    ),
]

WRITE_ONLY: Final[list[Case]] = [
    (bytearray(b"\5\6"), 4, "0506", "single put/particle/bytearray"),
    (memoryview(b"\5\6"), 4, "0506", "single put/particle/bytearray"),
    ((1, "x"), 20, "9201a20378", "protocol 10.1, list append"),
    ([bytearray(b"b"), memoryview(b"b")], 20, "92a20462a20462", "protocol 10.2, blob"),
    ({"b": 2, "a": 1}, 19, "82a2036101a2036202", "README of the vectors: a dict is sent with its keys sorted"),
    (
        {b"k": 1, "k": 2, 7: 3, "é": 4, -1: 5},
        19,
        "85ff050703a2036b02a303c3a904a2046b01",
        "protocol 10.2: ints, then strings, then blobs, the latter byte by byte",
    ),
    (
        KeyOrderedMap({"b": 2, "a": 1, 5: 3}),
        19,
        "84c70001c00503a2036101a2036202",
        "single put/particle/map/key-ordered",
    ),
]
"""What reads back as another type, or in another order."""

READ_ONLY: Final[list[Case]] = [
    (5, 1, "05", "protocol 4.3, older servers: 1 byte"),
    (65535, 1, "ffff", "single raw/put-int-2-byte, zero-extended"),
    (4294967295, 1, "ffffffff", "single raw/put-int-4-byte"),
    (b"\1\2", 16, "0102", "single raw/get-blob-type-16"),
    (GeoJSON("{}"), 23, "000001" + "00" * 8 + "7b7d", "protocol 4.3, one cell"),
    ([1, 2], 20, "93c700010102", "protocol 10.2, ordered list marker"),
    ([1, 2], 20, "93c700110102", "protocol 10.2, marker with a persisted index"),
    ([1, 2], 20, "93d501aabb0102", "protocol 10.2: markers of other sizes are skipped by size"),
    ([1, 2], 20, "dc00020102", "single raw/put-list/list16"),
    ([1, 2], 20, "dd000000020102", "single raw/put-list/list32"),
    (["abcd"], 20, "91d9050361626364", "single raw/put-list/str8"),
    ([OpaqueBlob(1, b"\2")], 20, "91c4020102", "single raw/put-list-bin-header: read back as 91a20102"),
    ([b"\2"], 20, "91c4020402", "protocol 10.2: blobs under the bin header are typed too"),
    (
        [OpaqueBlob(0xC3, b"\xa9b")],
        20,
        "91a3c3a962",
        "a string without type byte: its first byte is taken for one",
    ),
    ([OpaqueBlob(0xFF, b"")], 20, "91a1ff", "a string without type byte, no UTF-8"),
    ([OpaqueBlob(0x61, b"b")], 20, "91a26162", "single raw/get-list/raw-str-no-type"),
    ([""], 20, "91a0", "single raw/get-list/empty-raw-str"),
    ([5], 20, "91cd0005", "single raw/put-list-noncanonical-int"),
    ([1.5], 20, "91ca3fc00000", "single raw/get-list-float32"),
    ([], 20, "91c70001", "single raw/get-list/ext8-element"),
    (KeyOrderedMap({1: 2, 2: 1}), 19, "83c70003c001020201", "single raw/get-map/kv-ordered-sorted"),
    (KeyOrderedMap({1: 2, 2: 1}), 19, "83c70011c001020201", "single raw/put-map/ordered-persist"),
    ({1: 2}, 19, "82c70040c00102", "single raw/put-map/unknown-flag"),
    ([(2, 1), (1, 2)], 19, "83c70008c002010102", "protocol 10.2: pairs in the order of the server's choice"),
    ({1: 2, 3: 4}, 19, "de000201020304", "single raw/put-map/map16"),
    ({1: 2, 3: 4}, 19, "df0000000201020304", "single raw/put-map/map32"),
]
"""What servers may send, and triospike does not."""
