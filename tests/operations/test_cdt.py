"""List and map operations: what the recorded calls don't show, bad arguments, and how they are written."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, strategies as st

from commands.neutral import exact
from operations.official_names import LISTS, MAPS
from triospike._wire.flags import OpType, ParticleType
from triospike.operations import (
    ListOrder,
    ListReturnType,
    ListSortFlags,
    ListWriteFlags,
    MapOrder,
    MapReturnType,
    MapWriteFlags,
    Operation,
    context,
    lists,
    maps,
)
from triospike.values import KeyOrderedMap, infinity, wildcard
from wire.plain_reader import PlainReader
from wire.strategies import QUICK, VALUES

_V = ListReturnType.VALUE
_PATH = [context.map_key("k")]
_FAMILIES = [(lists, "list", LISTS), (maps, "map", MAPS)]


def _functions(module: ModuleType) -> dict[str, Callable[..., Operation]]:
    return {name: each for name, each in vars(module).items() if inspect.isfunction(each)}


# By hand from protocol 10.1 to 10.5: arguments that no recorded call has.
@pytest.mark.parametrize(
    ("operation", "data", "writes"),
    [
        (lists.append("l", "x"), "92 01 a20378", True),
        (lists.append("l", "x", order=ListOrder.ORDERED), "94 01 a20378 01 00", True),
        (lists.append("l", "x", flags=ListWriteFlags.ADD_UNIQUE), "94 01 a20378 00 01", True),
        (lists.append("l", "x", context=[context.list_index(1)]), "93 ccff 921001 9201a20378", True),
        (lists.append("l", "x", context=[]), "92 01 a20378", True),
        (lists.insert("l", -1, None, flags=ListWriteFlags.INSERT_BOUNDED), "94 03 ff c0 02", True),
        (lists.pop_range("l", 1), "92 06 01", True),
        (lists.remove_range("l", 1), "92 08 01", True),
        (lists.get_range("l", 1), "92 12 01", False),
        (lists.increment("l", 3), "93 0c 03 01", True),
        (lists.set_order("l", ListOrder.ORDERED, persist_index=True), "92 00 11", True),
        (lists.create("l", ListOrder.ORDERED, persist_index=True), "92 00 11", True),
        (lists.sort("l", ListSortFlags.DESCENDING | ListSortFlags.DROP_DUPLICATES), "92 0d 03", True),
        (lists.get_by_value_range("l"), "93 19 07 c0", False),
        (lists.get_by_value_range("l", end=infinity), "94 19 07 c0 d4ff01", False),
        (lists.get_by_value("l", [1, wildcard]), "93 16 07 92 01 d4ff00", False),
        (lists.remove_by_value("l", 1), "93 23 00 01", True),
        (
            lists.remove_by_rank("l", 0, return_type=ListReturnType.EXISTS | ListReturnType.INVERTED),
            "93 22 ce0001000d 00",
            True,
        ),
        (maps.put("m", "k", 5), "94 43 a2036b 05 00", True),
        (maps.put("m", "k", 5, order=MapOrder.KEY_ORDERED, persist_index=True), "94 43 a2036b 05 11", True),
        (maps.put("m", b"k", 5, flags=MapWriteFlags.NO_FAIL), "95 43 a2046b 05 00 04", True),
        (maps.put_items("m", KeyOrderedMap({2: "b", 1: "a"})), "93 44 82 01 a20361 02 a20362 00", True),
        (maps.add("m", "k", 5, order=MapOrder.KEY_VALUE_ORDERED), "94 41 a2036b 05 03", True),
        (maps.add_items("m", {1: 2}), "93 42 81 01 02 00", True),
        (maps.replace("m", "k", 5), "93 45 a2036b 05", True),
        (maps.replace_items("m", {1: 2}), "92 46 81 01 02", True),
        (maps.increment("m", "k"), "94 49 a2036b 01 00", True),
        (maps.decrement("m", "k", 2.5), "94 4a a2036b cb4004000000000000 00", True),
        (maps.get_by_key("m", "k"), "93 61 07 a2036b", False),
        (maps.remove_by_key("m", "k"), "93 4c 00 a2036b", True),
        (maps.size("m", context=_PATH), "93 ccff 92 22 a2036b 91 60", False),
    ],
)
def test_operation_has_the_protocols_bytes(operation: Operation, data: str, writes: bool) -> None:
    assert operation.operand.hex() == bytes.fromhex(data).hex()
    assert operation.kind is (OpType.CDT_MODIFY if writes else OpType.CDT_READ)
    assert operation.particle_type == ParticleType.BLOB
    assert operation.is_write is writes


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        (lists.append("l", [1, "x"]), "lists.append('l', [1, 'x'])"),
        (lists.append_items("l", list(range(1000))), "lists.append_items('l', [0, 1, 2, 3, 4, 5, 6, 7])"),
        (lists.get_by_index_range("l", 1, 2), "lists.get_by_index_range('l', 1, 2)"),
        (lists.size("l"), "lists.size('l')"),
        (lists.set_("l", 0, "x" * 100), "lists.set_('l', 0, '" + "x" * 59 + ")"),
        (maps.put("m", "k", 5), "maps.put('m', 'k', 5)"),
        (maps.put_items("m", {1: 2}), "maps.put_items('m', {1: 2})"),
        (maps.get_by_value_range("m", end=wildcard), "maps.get_by_value_range('m', None, wildcard)"),
    ],
)
def test_operation_is_written_as_a_program_writes_it(operation: Operation, text: str) -> None:
    assert str(operation) == text


# Bad arguments.


@pytest.mark.parametrize(
    ("function", "arguments", "error", "message"),
    [
        (lists.append, ("", 1), ValueError, "bin_name must be 1 to 15 bytes"),
        (lists.append, (7, 1), TypeError, "bin_name must be a str, not int"),
        (lists.append, ("l", object()), TypeError, "value can't be stored: object has no Aerospike type"),
        (lists.append, ("l", [1, {"x": 1j}]), TypeError, r"value\[1\]\['x'\] can't be stored"),
        (lists.append, ("l", wildcard), TypeError, "value can't be stored: wildcard stands for values in"),
        (lists.append_items, ("l", [0, 1 << 63]), ValueError, r"values\[1\] does not fit in 64 bits"),
        (lists.append_items, ("l", "abc"), TypeError, "values must be a list, not str"),
        (lists.insert_items, ("l", 0, {1}), TypeError, "values must be a list, not set"),
        (lists.insert, ("l", 0, [infinity]), TypeError, r"value\[0\] can't be stored: infinity"),
        (lists.get, ("l", 1.0), TypeError, "index must be an int, not float"),
        (lists.get, ("l", True), TypeError, "index must be an int, not bool"),
        (lists.get, ("l", 1 << 63), ValueError, "index must be .* not 9223372036854775808"),
        (lists.get_by_rank, ("l", "0"), TypeError, "rank must be an int, not str"),
        (lists.get_range, ("l", 0, -1), ValueError, "count must be 0 to .*, not -1"),
        (lists.trim, ("l", 0, None), TypeError, "count must be an int, not NoneType"),
        (lists.increment, ("l", 0, "1"), TypeError, "amount must be int or float, not str"),
        (lists.increment, ("l", 0, True), TypeError, "amount must be int or float, not bool"),
        (lists.increment, ("l", 0, 1 << 63), ValueError, "amount does not fit in 64 bits"),
        (lists.get_by_value, ("l", object()), TypeError, "value can't be stored"),
        (lists.get_by_value_list, ("l", 5), TypeError, "values must be a list, not int"),
        (lists.get_by_value_range, ("l", object()), TypeError, "begin can't be stored"),
        (lists.get_by_value_range, ("l", 1, object()), TypeError, "end can't be stored"),
        (lists.set_order, ("l", MapOrder.UNORDERED), TypeError, "order must be a ListOrder, not MapOrder"),
        (lists.set_order, ("l", 1), TypeError, "order must be a ListOrder, not int"),
        (lists.sort, ("l", 1), TypeError, "flags must be a ListSortFlags, not int"),
        (maps.put, ("m", 1.5, 1), TypeError, "key must be an int, str or bytes, as keys of maps are, not float"),
        (maps.put, ("m", None, 1), TypeError, "key must be an int, str or bytes"),
        (maps.put, ("m", True, 1), TypeError, "key must be an int, str or bytes"),
        (maps.put, ("m", 1 << 63, 1), ValueError, "key does not fit in 64 bits"),
        (maps.put, ("m", "k", {1: object()}), TypeError, r"value\[1\] can't be stored"),
        (maps.put_items, ("m", [("a", 1)]), TypeError, "items must be a dict, not list"),
        (maps.put_items, ("m", {1.5: 1}), TypeError, "map key 1.5 in items must be an int, str or bytes"),
        (maps.put_items, ("m", {"a": wildcard}), TypeError, r"items\['a'\] can't be stored: wildcard"),
        (maps.get_by_key_list, ("m", "abc"), TypeError, "keys must be a list, not str"),
        (maps.get_by_key, ("m", "\ud800"), ValueError, "key can't be written as UTF-8"),
        (maps.set_order, ("m", ListOrder.ORDERED), TypeError, "order must be a MapOrder, not ListOrder"),
    ],
)
def test_bad_arguments_are_named(
    function: Callable[..., Operation], arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        function(*arguments)


@pytest.mark.parametrize(
    ("function", "arguments", "keywords", "error", "message"),
    [
        (lists.append, ("l", 1), {"order": 1}, TypeError, "order must be a ListOrder, not int"),
        (lists.append, ("l", 1), {"flags": 1}, TypeError, "flags must be a ListWriteFlags, not int"),
        (lists.append, ("l", 1), {"flags": MapWriteFlags.NO_FAIL}, TypeError, "flags must be a ListWriteFlags"),
        (lists.append, ("l", 1), {"context": "ab"}, TypeError, "context must be a list of context steps, not str"),
        (lists.append, ("l", 1), {"context": [1]}, TypeError, r"context\[0\] must be made by .*, not int"),
        (lists.create, ("l",), {"context": [1]}, TypeError, r"context\[0\] must be made by .*, not int"),
        (lists.create, ("l",), {"pad": 1}, TypeError, "pad must be a bool, not int"),
        (lists.create, ("l",), {"persist_index": 1}, TypeError, "persist_index must be a bool, not int"),
        (lists.create, ("l",), {"persist_index": True, "context": _PATH}, ValueError, "persist_index is for"),
        (lists.set_order, ("l", ListOrder.ORDERED), {"persist_index": True, "context": _PATH}, ValueError, "pers"),
        (lists.get_by_index, ("l", 0), {"return_type": 7}, TypeError, "return_type must be a ListReturnType"),
        (lists.get_by_index, ("l", 0), {"return_type": MapReturnType.KEY}, TypeError, "not MapReturnType"),
        (
            lists.get_by_index,
            ("l", 0),
            {"return_type": ListReturnType.COUNT | ListReturnType.REVERSE_INDEX | ListReturnType.EXISTS},
            ValueError,
            "return_type must be one of ListReturnType, maybe with INVERTED, not 15",
        ),
        (maps.put, ("m", 1, 1), {"flags": ListWriteFlags.NO_FAIL}, TypeError, "flags must be a MapWriteFlags"),
        (maps.put, ("m", 1, 1), {"persist_index": True, "context": _PATH}, ValueError, "persist_index is for"),
        (maps.put, ("m", 1, 1), {"persist_index": None}, TypeError, "persist_index must be a bool"),
        (maps.create, ("m",), {"persist_index": True, "context": _PATH}, ValueError, "persist_index is for"),
        (maps.create, ("m",), {"order": 1}, TypeError, "order must be a MapOrder, not int"),
        (maps.get_by_key, ("m", 1), {"return_type": ListReturnType.VALUE}, TypeError, "must be a MapReturnType"),
    ],
)
def test_bad_keyword_arguments_are_named(
    function: Callable[..., Operation],
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        function(*arguments, **keywords)


def test_flags_that_do_not_exist_can_not_be_made() -> None:
    for flags in (ListWriteFlags, ListSortFlags, MapWriteFlags):
        with pytest.raises(ValueError, match="invalid value 64"):
            flags(64)


def test_return_types_are_written_as_a_program_writes_them() -> None:
    inverted = MapReturnType.KEY_VALUE | MapReturnType.INVERTED
    assert repr(inverted) == "MapReturnType.KEY_VALUE|MapReturnType.INVERTED"
    assert str(inverted) == "KEY_VALUE|INVERTED"
    assert repr(ListReturnType.EXISTS) == "ListReturnType.EXISTS"
    assert inverted == 0x10008


# Arguments of any value.


@QUICK
@given(VALUES)
def test_values_travel_whole(value: Any) -> None:
    for operation, before in (
        (lists.append("l", value), [1]),
        (lists.get_by_value("l", value), [22, 7]),
        (maps.put("m", 1, value), [67, 1]),
    ):
        found = PlainReader(operation.operand).value()
        assert found[: len(before)] == before
        assert exact(_plain(found[len(before)])) == exact(_plain(value))


def _plain(value: Any) -> Any:
    """Without the order of maps, which the reader has checked."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


@QUICK
@given(
    st.recursive(
        st.sampled_from([wildcard, infinity, None, 1, "a"]),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.integers(0, 99), inner, max_size=5),
        max_leaves=10,
    )
)
def test_marks_are_where_they_were_put(value: Any) -> None:
    """With strings that are as long in their places, the same number of bytes come out, and the same order."""
    operand = lists.get_by_value("l", value).operand
    replaced = lists.get_by_value("l", _replaced(value)).operand
    for mark, stand_in in ((b"\xd4\xff\x00", b"\xa2\x03w"), (b"\xd4\xff\x01", b"\xa2\x03i")):
        operand = operand.replace(mark, stand_in)
    assert operand == replaced


def _replaced(value: Any) -> Any:
    if isinstance(value, list):
        return [_replaced(item) for item in value]
    if isinstance(value, dict):
        return {key: _replaced(item) for key, item in value.items()}
    return {wildcard: "w", infinity: "i"}.get(value, value)


@QUICK
@given(st.integers(-(1 << 63), (1 << 63) - 1), st.none() | st.integers(0, (1 << 63) - 1), st.data())
def test_positions_and_counts_travel_whole(index: int, count: int | None, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(ListReturnType.__members__)))
    chosen = ListReturnType[kind] | ListReturnType.INVERTED
    operand = lists.remove_by_index_range("l", index, count, return_type=chosen).operand
    expected = [37, int(chosen), index] + ([] if count is None else [count])
    assert PlainReader(operand).value() == expected


# No recorded server knows it (it needs 8.1.3): bytes from the connection of client 19.3 of the Python package.
@pytest.mark.parametrize(
    ("made", "operand"),
    [
        (lists.join("l", ","), "921ca2032c"),
        (lists.join("l"), "911c"),
        (lists.join("l", ",", context=[context.map_key("k")]), "93ccff9222a2036b921ca2032c"),
    ],
)
def test_strings_of_a_list_are_joined(made: Operation, operand: str) -> None:
    assert made.operand.hex() == operand
    assert made.kind == OpType.CDT_READ


def test_separator_is_a_string() -> None:
    with pytest.raises(TypeError, match="separator must be a str, not bytes"):
        lists.join("l", b",")  # type: ignore[arg-type]


# What is offered.


@pytest.mark.parametrize(("module", "family", "names"), _FAMILIES)
def test_docstrings_name_every_function_of_the_c_client(module: ModuleType, family: str, names: set[str]) -> None:
    told = " ".join(function.__doc__ or "" for function in _functions(module).values())
    assert set(re.findall(rf"``as_operations_{family}_(\w+)``", told)) == names


@pytest.mark.parametrize(("module", "family", "names"), _FAMILIES)
def test_docstrings_tell_the_result_and_all_arguments(module: ModuleType, family: str, names: set[str]) -> None:
    for name, function in _functions(module).items():
        told = inspect.cleandoc(function.__doc__ or "")  # as Python does from 3.13 on
        # What the C client does not have, the Python client has.
        where = f"(Python: ``{family}_" if name == "join" else f"(C: ``as_operations_{family}_"
        assert where in told.splitlines()[0], name
        assert "\nResult: " in told, name
        for argument in inspect.signature(function).parameters:
            assert f"\n    {argument}: " in told, (name, argument)
