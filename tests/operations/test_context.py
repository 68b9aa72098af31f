"""Paths to nested elements: their bytes, forth and back, and bad arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from triospike.operations import ContextStep, ListOrder, MapOrder, context as c
from triospike.values import wildcard
from wire.strategies import MAP_KEYS, QUICK, VALUES

_TRUE = b"\xc3"
_EXPRESSION = bytes.fromhex("9303937a02010a")


# By hand from protocol 10.6; the first is its worked example.
@pytest.mark.parametrize(
    ("path", "data", "text"),
    [
        ([c.map_key("k")], "92 22 a2036b", "map_key('k')"),
        ([c.list_index(-2)], "92 10 fe", "list_index(-2)"),
        ([c.list_rank(1)], "92 11 01", "list_rank(1)"),
        ([c.list_value([1, wildcard])], "92 13 92 01 d4ff00", "list_value([1, wildcard])"),
        ([c.map_index(0)], "92 20 00", "map_index(0)"),
        ([c.map_rank(-1)], "92 21 ff", "map_rank(-1)"),
        ([c.map_value(None)], "92 23 c0", "map_value(None)"),
        ([c.list_index_create(2)], "92 50 02", "list_index_create(2, UNORDERED, pad=False)"),
        ([c.list_index_create(2, pad=True)], "92 cc90 02", "list_index_create(2, UNORDERED, pad=True)"),
        (
            [c.list_index_create(2, ListOrder.ORDERED)],
            "92 ccd0 02",
            "list_index_create(2, ORDERED, pad=False)",
        ),
        ([c.map_key_create(1)], "92 62 01", "map_key_create(1, UNORDERED)"),
        ([c.map_key_create(1, MapOrder.KEY_ORDERED)], "92 cca2 01", "map_key_create(1, KEY_ORDERED)"),
        (
            [c.map_key_create(b"", MapOrder.KEY_VALUE_ORDERED)],
            "92 cce2 a104",
            "map_key_create(b'', KEY_VALUE_ORDERED)",
        ),
        ([c.map_keys_in(["a", 1])], "92 2a 92 a20361 01", "map_keys_in(['a', 1])"),
        ([c.all_children()], "92 04 c3", "all_children()"),
        ([c.all_children_with_filter(_TRUE)], "92 04 c3", "all_children_with_filter(<1 bytes>)"),
        ([c.and_filter(_EXPRESSION)], "92 cd0204 9303937a02010a", "and_filter(<7 bytes>)"),
    ],
)
def test_step_has_the_protocols_bytes(path: list[ContextStep], data: str, text: str) -> None:
    assert c.to_bytes(path).hex() == bytes.fromhex(data).hex()
    assert str(path[0]) == text
    assert c.from_bytes(bytes.fromhex(data)) == path


def test_long_paths_have_a_long_head() -> None:
    path = [c.list_index(0)] * 8
    assert c.to_bytes(path) == b"\xdc\x00\x10" + bytes.fromhex("1000") * 8
    assert c.from_bytes(c.to_bytes(path)) == path


def test_text_is_that_of_the_other_clients() -> None:
    assert c.to_base64([c.map_key("k")]) == "kiKiA2s="
    assert c.from_base64("kiKiA2s=") == [c.map_key("k")]
    assert str(c.from_base64("kiKiA2s=")[0]) == "map_key('k')"


_STEPS = (
    st.builds(c.list_index, st.integers(-(1 << 63), (1 << 63) - 1))
    | st.builds(c.list_index_create, st.integers(-5, 5), st.sampled_from(ListOrder), pad=st.booleans())
    | st.builds(c.list_value, VALUES)
    | st.builds(c.map_key, MAP_KEYS)
    | st.builds(c.map_key_create, MAP_KEYS, st.sampled_from(MapOrder))
    | st.builds(c.map_value, VALUES)
    | st.builds(c.map_keys_in, st.lists(MAP_KEYS, max_size=20))
    | st.just(c.and_filter(_EXPRESSION))
)


@QUICK
@given(st.lists(_STEPS, min_size=1, max_size=10))
def test_paths_come_back_whole(path: list[ContextStep]) -> None:
    assert c.from_base64(c.to_base64(path)) == path


@QUICK
@given(st.binary(max_size=30))
def test_any_bytes_are_a_path_or_a_value_error(data: bytes) -> None:
    try:
        path = c.from_bytes(data)
    except ValueError:
        return
    assert all(str(step) for step in path)


@pytest.mark.parametrize(
    "data",
    ["", "90", "91 22", "92 22", "92 22 a2036b 00", "92 12 00", "92 51 00", "92 c0 00", "92 90 00", "c0", "01"],
)
def test_other_bytes_are_no_path(data: str) -> None:
    with pytest.raises(ValueError, match=r"data|bytes"):
        c.from_bytes(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("function", "arguments", "error", "message"),
    [
        (c.list_index, ("0",), TypeError, "index must be an int, not str"),
        (c.list_index, (1 << 63,), ValueError, "index must be"),
        (c.list_rank, (None,), TypeError, "rank must be an int"),
        (c.list_value, (object(),), TypeError, "value can't be stored"),
        (c.list_index_create, (0, MapOrder.UNORDERED), TypeError, "order must be a ListOrder, not MapOrder"),
        (c.map_key, (1.5,), TypeError, "key must be an int, str or bytes"),
        (c.map_key_create, ("k", ListOrder.ORDERED), TypeError, "order must be a MapOrder"),
        (c.map_keys_in, ("ab",), TypeError, "keys must be a list of map keys, not str"),
        (c.map_keys_in, (["a", None],), TypeError, r"keys\[1\] must be an int, str or bytes"),
        (c.all_children_with_filter, (True,), TypeError, "expression must be an expression"),
        (c.and_filter, (b"",), ValueError, "expression must not be empty"),
        (c.to_bytes, ([],), ValueError, "context must not be empty"),
        (c.to_bytes, (c.map_key("k"),), TypeError, "context must be a list of context steps, not ContextStep"),
        (c.from_bytes, ("kiKiA2s=",), TypeError, "data must be bytes, not str"),
        (c.from_base64, (b"kiKiA2s=",), TypeError, "text must be a str, not bytes"),
        (c.from_base64, ("kiKiA2s",), ValueError, "text must be base64"),
    ],
)
def test_bad_arguments_are_named(
    function: Callable[..., object], arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        function(*arguments)


def test_padding_must_be_said_in_so_many_words() -> None:
    with pytest.raises(TypeError, match="pad must be a bool, not int"):
        c.list_index_create(0, pad=1)  # type: ignore[arg-type]
