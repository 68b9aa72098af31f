"""Containers of many values, which are packed and unpacked together where they are alike."""

from __future__ import annotations

from struct import pack as struct_pack
from typing import Any

import pytest

from commands.neutral import exact
from triospike._wire import msgpack
from triospike.errors import ProtocolError
from triospike.values import HLL, GeoJSON, KeyOrderedMap, OpaqueBlob, infinity, wildcard

_LIST_OF_40 = "dc0028"
_MAP_OF_40 = "de0028"
_KEYS = [f"k{number:02}" for number in range(40)]
_PACKED_KEYS = ["a4036b" + key[1:].encode().hex() for key in _KEYS]

ALIKE: list[tuple[Any, str]] = [
    ([5] * 40, _LIST_OF_40 + "05" * 40),
    ([(1 << 63) - 1, -(1 << 63)] * 20, _LIST_OF_40 + "cf7fffffffffffffffd38000000000000000" * 20),
    (["ab"] * 40, _LIST_OF_40 + "a3036162" * 40),
    ([""] * 40, _LIST_OF_40 + "a103" * 40),
    (["é", "日本"] * 20, _LIST_OF_40 + "a303c3a9a703e697a5e69cac" * 20),
    (["πρ"] * 40, _LIST_OF_40 + "a503cf80cf81" * 40),
    (["\0", "a\0\3b"] * 20, _LIST_OF_40 + "a20300a50361000362" * 20),
    (["\3", "\3\3"] * 20, _LIST_OF_40 + "a20303a3030303" * 20),
    (["x" * 40] * 40, _LIST_OF_40 + ("d92903" + "78" * 40) * 40),
    ([1.5] * 40, _LIST_OF_40 + "cb3ff8000000000000" * 40),
    ([b"ab"] * 40, _LIST_OF_40 + "a3046162" * 40),
    ([b"", b"\0\xff"] * 20, _LIST_OF_40 + "a104a30400ff" * 20),
    ([b"\xc3\xa9"] * 40, _LIST_OF_40 + "a304c3a9" * 40),
    ([None] * 40, _LIST_OF_40 + "c0" * 40),
    ([True, False] * 20, _LIST_OF_40 + "c3c2" * 20),
    ([1, None, True, 1.5] * 10, _LIST_OF_40 + "01c0c3cb3ff8000000000000" * 10),
    ([1, "a", b"b", 1.5] * 10, _LIST_OF_40 + "01a20361a20462cb3ff8000000000000" * 10),
    (
        [GeoJSON("{}"), HLL(b"\0"), OpaqueBlob(7, b"\xff"), OpaqueBlob(3, b"\xff")] * 10,
        _LIST_OF_40 + "a3177b7da21200a207ffa203ff" * 10,
    ),
    ([[1, 2]] * 40, _LIST_OF_40 + "920102" * 40),
    ([["a"], [], [b"b", 1], [[]]] * 10, _LIST_OF_40 + "91a203619092a20462019190" * 10),
    (
        [{}, {"a": 1}, KeyOrderedMap({2: "b"}), [{}]] * 10,
        _LIST_OF_40 + "8081a203610182c70001c002a203629180" * 10,
    ),
    (dict.fromkeys(_KEYS, 5), _MAP_OF_40 + "".join(key + "05" for key in _PACKED_KEYS)),
    (dict.fromkeys(_KEYS, "v"), _MAP_OF_40 + "".join(key + "a20376" for key in _PACKED_KEYS)),
    ({key: ["v"] for key in _KEYS}, _MAP_OF_40 + "".join(key + "91a20376" for key in _PACKED_KEYS)),
    (dict.fromkeys(range(40), 1.5), _MAP_OF_40 + "".join(f"{key:02x}cb3ff8000000000000" for key in range(40))),
    (
        {bytes([key]): key for key in range(40)},
        _MAP_OF_40 + "".join(f"a204{key:02x}{key:02x}" for key in range(40)),
    ),
    (
        {"k\0": 1, **{f"l{key}": key for key in range(10, 40)}},
        "de001f"
        + "a3036b0001"
        + "".join(f"a4036c{ord(str(key)[0]):02x}{ord(str(key)[1]):02x}" + (f"{key:02x}") for key in range(10, 40)),
    ),
    (
        {-1: "n", **dict.fromkeys(range(20), None), "t": b"\xff", b"b": "é"},
        "de0017" + "ffa2036e" + "".join(f"{key:02x}c0" for key in range(20)) + "a20374a204ff" + "a20462a303c3a9",
    ),
    (KeyOrderedMap(dict.fromkeys(_KEYS, 5)), "de0029c70001c0" + "".join(key + "05" for key in _PACKED_KEYS)),
]


@pytest.mark.parametrize(("value", "packed"), ALIKE)
def test_many_values_are_written(value: Any, packed: str) -> None:
    assert msgpack.pack(value, "value").hex() == packed
    assert msgpack.pack_argument(value, "value").hex() == packed


@pytest.mark.parametrize(("value", "packed"), ALIKE)
def test_many_values_are_read(value: Any, packed: str) -> None:
    assert exact(msgpack.unpack(bytes.fromhex(packed))) == exact(value)


def test_keys_are_sorted_as_the_server_sorts_them() -> None:
    texts = ["\U0001f680", "z", "é", "\uffff"]  # UTF-16 has another order
    many = dict.fromkeys([*texts, *reversed(_KEYS)], 1)
    head, tail = "".join(key + "01" for key in _PACKED_KEYS), "a2037a01a303c3a901a403efbfbf01a503f09f9a8001"
    assert msgpack.pack(many, "value").hex() == "de002c" + head + tail
    assert msgpack.pack(dict.fromkeys(texts, 1), "value").hex() == "84" + tail
    assert msgpack.pack(dict.fromkeys([3, -1, 2], 1), "value").hex() == "83ff0102010301"


@pytest.mark.parametrize("size", [0, 1, 12, 13, 15, 16, 17, 32_767, 32_768, 65_535, 65_536])
@pytest.mark.parametrize("ordered", [False, True], ids=["plain", "marked"])
def test_maps_of_every_size_are_written_and_read(size: int, ordered: bool) -> None:
    """A map's head has three forms, by the number of its entries; so has that of the list which a large one is."""
    keys = [f"{number:05}" for number in range(size)]
    value = (KeyOrderedMap if ordered else dict)(dict.fromkeys(reversed(keys), 7))
    entries = size + ordered
    if entries < 16:
        head = bytes([0x80 | entries])
    else:
        head = struct_pack(">BH", 0xDE, entries) if entries < 65_536 else struct_pack(">BI", 0xDF, entries)
    marker = b"\xc7\0\1\xc0" if ordered else b""
    packed = head + marker + b"".join(b"\xa6\3" + key.encode() + b"\7" for key in keys)
    assert msgpack.pack(value, "value") == packed
    assert exact(msgpack.unpack(packed)) == exact((KeyOrderedMap if ordered else dict)(dict.fromkeys(keys, 7)))


@pytest.mark.parametrize(
    "head", ["de", "de00", "de0010", "de001001", "df", "df00000010", "df80000000", "dfffffffff"]
)
@pytest.mark.parametrize("rest", ["", "01", "0102"])
def test_a_large_map_that_is_cut_off_raises_protocol_error(head: str, rest: str) -> None:
    with pytest.raises(ProtocolError, match="malformed"):
        msgpack.unpack(bytes.fromhex(head + rest))


def test_bytes_behind_a_large_map_raise_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="malformed"):
        msgpack.unpack(bytes.fromhex("de0010" + "0102" * 16 + "00"))


_HALF = "can't be written as UTF-8"
_TOO_LARGE = "does not fit in 64 bits: 9223372036854775808"
FAULTS: list[tuple[Any, type[Exception], str]] = [
    ([*range(30), 1 << 63], ValueError, f"bins['a'][30] {_TOO_LARGE}"),
    ([*range(30), -(1 << 63) - 1], ValueError, "bins['a'][30] does not fit in 64 bits: -9223372036854775809"),
    ([*range(30), 1 << 63, None], ValueError, f"bins['a'][30] {_TOO_LARGE}"),
    ([*range(30), "a", 1 << 63], ValueError, f"bins['a'][31] {_TOO_LARGE}"),
    ([[1, 2], [3, [1 << 63]]], ValueError, f"bins['a'][1][1][0] {_TOO_LARGE}"),
    (["a"] * 30 + ["\udc80"], ValueError, f"bins['a'][30] {_HALF}"),
    (["\ud83d", "\ude80"] * 30, ValueError, f"bins['a'][0] {_HALF}"),
    (["a", b"\xff", "\udcff"], ValueError, f"bins['a'][2] {_HALF}"),
    ([GeoJSON("\udcff")], ValueError, f"bins['a'][0] {_HALF}"),
    ([*range(30), 1j], TypeError, "bins['a'][30] can't be stored: complex has no Aerospike type"),
    ({"k": [{1: {1j}}]}, TypeError, "bins['a']['k'][0][1] can't be stored: set has no Aerospike type"),
    ({**dict.fromkeys(_KEYS, 1), "x": 1 << 63}, ValueError, f"bins['a']['x'] {_TOO_LARGE}"),
    ({**dict.fromkeys(range(30), 1), 1 << 63: 1}, ValueError, f"key bins['a'][9223372036854775808] {_TOO_LARGE}"),
    ({1 << 63: 1}, ValueError, f"key bins['a'][9223372036854775808] {_TOO_LARGE}"),
    ({**dict.fromkeys(_KEYS, 1), "\udcff": 1}, ValueError, f"key bins['a']['\\udcff'] {_HALF}"),
    ({**dict.fromkeys(_KEYS, 1), 1.5: 1}, TypeError, "map key 1.5 in bins['a'] must be an int, str or bytes"),
    ({True: 1}, TypeError, "map key True in bins['a'] must be an int, str or bytes, not bool"),
]


@pytest.mark.parametrize(("value", "error", "message"), FAULTS)
def test_what_can_not_be_stored_is_named_with_its_path(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        msgpack.pack(value, "bins['a']")
    assert str(caught.value).startswith(message)
    assert msgpack.pack([1, "a"], "value").hex() == "9201a20361"


def test_marks_stand_in_arguments_only() -> None:
    value = [*range(20), wildcard, {"a": [infinity]}]
    packed = "dc0016" + bytes(range(20)).hex() + "d4ff00" + "81a2036191d4ff01"
    assert msgpack.pack_argument(value, "value").hex() == packed
    with pytest.raises(TypeError, match=r"value\[20\] can't be stored: wildcard stands for values in arguments"):
        msgpack.pack(value, "value")
    with pytest.raises(TypeError, match=r"value\[20\] can't be stored: object has no Aerospike type"):
        msgpack.pack_argument([*range(20), object(), wildcard], "value")


def test_a_container_in_itself_is_refused() -> None:
    endless: list[Any] = [1]
    endless.append(endless)
    for pack in (msgpack.pack, msgpack.pack_argument):
        with pytest.raises(ValueError, match="nested more than 200 deep at value"):
            pack(endless, "value")


@pytest.mark.parametrize(
    ("packed", "value"),
    [
        (_LIST_OF_40 + "cfffffffffffffffff" * 40, [(1 << 64) - 1] * 40),
        (_LIST_OF_40 + "a2036101" * 20, ["a", 1] * 20),
        (_LIST_OF_40 + "a20361" * 39 + "a203ff", ["a"] * 39 + [OpaqueBlob(3, b"\xff")]),
        (_LIST_OF_40 + "a20361" * 39 + "a0", ["a"] * 39 + [""]),
        (_LIST_OF_40 + "a20361" + "a20461" * 38 + "a20361", ["a", *[b"a"] * 38, "a"]),
        (_LIST_OF_40 + "a203c3" + "a203a9" * 39, [OpaqueBlob(3, b"\xc3"), *[OpaqueBlob(3, b"\xa9")] * 39]),
        (_LIST_OF_40 + "a20361" * 38 + "a40300ff03a20361", ["a"] * 38 + [OpaqueBlob(3, b"\0\xff\3"), "a"]),
        # What the first has in it looks like the beginning of a string, and makes up for the blob.
        (_LIST_OF_40 + "a403000361" + "a20361" * 37 + "a20461a20361", ["\0\3a", *["a"] * 37, b"a", "a"]),
        (_LIST_OF_40 + "c4020361" * 40, ["a"] * 40),
        ("dc0029c70001" + "a20361" * 40, ["a"] * 40),
        ("9291c7000193c7000105a20361", [[], [5, "a"]]),
        (
            "94" + "82c70001c00102" + "82c70008c00102" + "82c70040c0a2036191a20362" + "8101a20361",
            [KeyOrderedMap({1: 2}), [(1, 2)], {"a": ["b"]}, {1: "a"}],
        ),
        ("83c70008c0900191a20361a20362", [([], 1), (["a"], "b")]),
        (_MAP_OF_40 + "01a20361" * 40, {1: "a"}),
        # In the order of the server's choice, and some keys twice.
        ("de0011" + "c70008c0" + "0102" * 8 + "a20361c0" * 8, [(1, 2)] * 8 + [("a", None)] * 8),
        ("df00000002" + "01910f" + "a20361" + "81a2036291a20463", {1: [15], "a": {"b": [b"c"]}}),
    ],
)
def test_many_values_of_a_peer_are_read(packed: str, value: Any) -> None:
    assert exact(msgpack.unpack(bytes.fromhex(packed))) == exact(value)


@pytest.mark.parametrize(
    "packed",
    [
        _LIST_OF_40 + "05" * 39 + "c70001",
        _LIST_OF_40 + "a20361" * 39 + "c70001",
        _LIST_OF_40 + "a20361" * 39 + "d6ff00000000",
        _LIST_OF_40 + "a217ff" * 40,
        _LIST_OF_40 + "9101" * 39 + "9201c70001",
        _MAP_OF_40 + "01c70001" * 40,
        _MAP_OF_40 + "0101" * 39 + "9001",
        "92" + "8101a0" + "819001",
        "92" + "8101a0" + "818001",
        "8182c70008c0010205",
    ],
)
def test_many_values_with_one_that_does_not_belong_raise_protocol_error(packed: str) -> None:
    with pytest.raises(ProtocolError):
        msgpack.unpack(bytes.fromhex(packed))


@pytest.mark.parametrize("head", ["91", "8105", "9181a20361", "82c70001c005"])
def test_deep_containers_of_a_peer_need_no_stack(head: str) -> None:
    value = msgpack.unpack(bytes.fromhex(head) * 200 + b"\x07")
    depth = 0
    while value != 7:
        value = value[0] if isinstance(value, list) else next(iter(value.values()))
        depth += 1
    assert depth == 200 * (1 + (head == "9181a20361"))


def test_a_large_value_is_followed_by_a_small_one() -> None:
    floats = [1.5] * 20_000
    assert (
        msgpack.pack(floats, "value") == b"\xdc" + struct_pack(">H", 20_000) + b"\xcb\x3f\xf8\0\0\0\0\0\0" * 20_000
    )
    assert msgpack.pack([1], "value") == b"\x91\x01"
