"""Arguments that can't be right raise when the command is made, and the message names the culprit."""

from __future__ import annotations

import datetime
import decimal
import inspect
import sys
from collections.abc import Callable
from typing import Any

import pytest

from triospike import operations as op
from triospike._commands.base import Command
from triospike._commands.info import InfoCommand
from triospike._commands.operate import OperateCommand
from triospike._commands.read import ReadCommand
from triospike._commands.write import AddCommand, AppendCommand, PrependCommand, PutCommand
from triospike.key import Key
from triospike.policy import OperatePolicy, ReadPolicy, WritePolicy
from triospike.values import GeoJSON, OpaqueBlob

_KEY = Key("test", "demo", "user1")
_BIG = 1 << 63


def _put(bins: Any) -> Command[None]:
    return PutCommand(_KEY, bins, WritePolicy())


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"k": value} if levels % 2 else [value]
    return value


def _endless() -> list[Any]:
    endless: list[Any] = []
    endless.append(endless)
    return endless


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), r"bins\['a'\] can't be stored: object has no Aerospike type"),
        ({1, 2}, r"bins\['a'\] can't be stored: set has no"),
        (1j, r"bins\['a'\] can't be stored: complex has no"),
        (decimal.Decimal(1), r"bins\['a'\] can't be stored: Decimal has no"),
        (datetime.date(2026, 1, 1), r"bins\['a'\] can't be stored: date has no"),
        (range(3), r"bins\['a'\] can't be stored: range has no"),
        ([1, object()], r"bins\['a'\]\[1\] can't be stored: object has no"),
        ([0, 0, 0, {"x": {1}}], r"bins\['a'\]\[3\]\['x'\] can't be stored: set has no"),
        ({"k": [1, (2, b"", None, 1j)]}, r"bins\['a'\]\['k'\]\[1\]\[3\] can't be stored: complex has no"),
        ({1: {b"k": object}}, r"bins\['a'\]\[1\]\[b'k'\] can't be stored: type has no"),
        ({1.5: 1}, r"map key 1.5 in bins\['a'\] must be an int, str or bytes, not float"),
        ({None: 1}, r"map key None in bins\['a'\] must be .* not NoneType"),
        ({True: 1}, r"map key True in bins\['a'\] must be .* not bool"),
        ({(1,): 1}, r"map key \(1,\) in bins\['a'\] must be .* not tuple"),
        ([{"x": {2.5: 1}}], r"map key 2.5 in bins\['a'\]\[0\]\['x'\] must be"),
    ],
)
def test_types_that_can_not_be_stored_are_named_with_their_path(value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        _put({"good": 1, "a": value})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (_BIG, r"bins\['a'\] does not fit in 64 bits: 9223372036854775808"),
        (-_BIG - 1, r"bins\['a'\] does not fit in 64 bits: -9223372036854775809"),
        ([1, _BIG], r"bins\['a'\]\[1\] does not fit in 64 bits"),
        ([0, 0, 0, {"x": -_BIG - 1}], r"bins\['a'\]\[3\]\['x'\] does not fit in 64 bits"),
        ({_BIG: 1}, r"key bins\['a'\]\[9223372036854775808\] does not fit in 64 bits"),
        ("\ud800", r"bins\['a'\] can't be written as UTF-8"),
        (["a", "\udcff"], r"bins\['a'\]\[1\] can't be written as UTF-8"),
        ({"\udc80": 1}, r"key bins\['a'\]\['\\udc80'\] can't be written as UTF-8"),
        (GeoJSON("\udfff"), r"bins\['a'\] can't be written as UTF-8"),
        ([GeoJSON("\udfff")], r"bins\['a'\]\[0\] can't be written as UTF-8"),
        (_deep(202), r"containers are nested more than 200 deep at bins\['a'\]\[0\]\[0\]"),
        (_deep(203), r"containers are nested more than 200 deep at bins\['a'\]\['k'\]\['k'\]"),
        (_endless(), "containers are nested more than 200 deep"),
    ],
)
def test_values_out_of_range_are_named_with_their_path(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _put({"good": 1, "a": value})


@pytest.mark.skipif(sys.implementation.name == "pypy", reason="its limit is on bytes of stack, not on frames")
def test_values_that_eat_up_the_stack_are_too_deep() -> None:
    def from_below(frames: int) -> Any:
        return from_below(frames - 1) if frames else _put({"a": _deep(200)})

    # How many frames a level takes depends on the Python: since 3.12 it may be a single one.
    left = sys.getrecursionlimit() - len(inspect.stack(0))
    with pytest.raises(ValueError, match=r"bins\['a'\] is nested too deep"):
        from_below(left - 150)


def test_operations_name_themselves_in_place_of_the_bins() -> None:
    with pytest.raises(TypeError, match=r"write\('a', value\)\[3\]\['x'\] can't be stored: set has no"):
        op.write("a", [0, 0, 0, {"x": {1}}])
    with pytest.raises(ValueError, match=r"write\('a', value\) does not fit in 64 bits"):
        op.write("a", _BIG)


_NAMED: list[Callable[[Any], object]] = [
    lambda name: _put({name: 1}),
    lambda name: AddCommand(_KEY, {name: 1}, WritePolicy()),
    lambda name: AppendCommand(_KEY, {name: ""}, WritePolicy()),
    lambda name: PrependCommand(_KEY, {name: ""}, WritePolicy()),
    lambda name: ReadCommand(_KEY, [name], ReadPolicy()),
    lambda name: op.read(name),
    lambda name: op.write(name, 1),
    lambda name: op.add(name, 1),
    lambda name: op.append(name, ""),
    lambda name: op.prepend(name, ""),
]


@pytest.mark.parametrize("use", _NAMED)
@pytest.mark.parametrize("name", ["", "b" * 16, "é" * 8, "a\0b", "\0"])
def test_bin_names_have_1_to_15_bytes_without_nul(use: Callable[[Any], object], name: str) -> None:
    with pytest.raises(ValueError, match=r"bin.name.* must be 1 to 15 bytes without NUL"):
        use(name)


@pytest.mark.parametrize("use", _NAMED)
@pytest.mark.parametrize("name", ["b" * 15, "é" * 7, "日本語日本", "\n", " "])
def test_other_bin_names_are_taken(use: Callable[[Any], object], name: str) -> None:
    use(name)


@pytest.mark.parametrize("use", _NAMED)
def test_bin_names_are_text(use: Callable[[Any], object]) -> None:
    for name in (1, None, b"a"):
        with pytest.raises(TypeError, match=r"bin.name.* must be a str, not (int|NoneType|bytes)"):
            use(name)
    with pytest.raises(ValueError, match=r"bin.name.* can't be written as UTF-8"):
        use("\ud800")


@pytest.mark.parametrize("bins", [None, 5, "a", [("a", 1)], {"a"}])
@pytest.mark.parametrize("command", [PutCommand, AddCommand, AppendCommand, PrependCommand])
def test_bins_are_a_mapping(command: Any, bins: Any) -> None:
    with pytest.raises(TypeError, match=r"bins must be a mapping of names to values, not \w+"):
        command(_KEY, bins, WritePolicy())


@pytest.mark.parametrize("command", [PutCommand, AddCommand, AppendCommand, PrependCommand])
def test_there_must_be_something_to_write(command: Any) -> None:
    with pytest.raises(ValueError, match="bins must not be empty"):
        command(_KEY, {}, WritePolicy())


@pytest.mark.parametrize("amount", ["1", None, True, b"1", [1], 1j])
def test_only_numbers_are_added(amount: Any) -> None:
    with pytest.raises(TypeError, match=r"bins\['a'\] must be int or float"):
        AddCommand(_KEY, {"a": amount}, WritePolicy())
    with pytest.raises(TypeError, match="amount must be int or float"):
        op.add("a", amount)


def test_added_numbers_fit_in_64_bits() -> None:
    with pytest.raises(ValueError, match=r"bins\['a'\] does not fit in 64 bits"):
        AddCommand(_KEY, {"a": _BIG}, WritePolicy())
    with pytest.raises(ValueError, match=r"add\('a', value\) does not fit in 64 bits"):
        op.add("a", _BIG)


@pytest.mark.parametrize("value", [1, None, True, ["a"], {"a": 1}])
def test_only_text_and_blobs_are_appended_and_prepended(value: Any) -> None:
    for command in (AppendCommand, PrependCommand):
        with pytest.raises(TypeError, match=r"bins\['a'\] must be str or bytes"):
            command(_KEY, {"a": value}, WritePolicy())
    for operation in (op.append, op.prepend):
        with pytest.raises(TypeError, match="value must be str or bytes"):
            operation("a", value)


def test_bins_to_read_are_not_one_str() -> None:
    with pytest.raises(TypeError, match="bins must be a sequence of names, not one str"):
        ReadCommand(_KEY, "abc", ReadPolicy())


def test_operations_are_made_by_the_module() -> None:
    with pytest.raises(ValueError, match="operations must not be empty"):
        OperateCommand(_KEY, [], OperatePolicy())
    wrong: Any = [op.read("a"), {"op": "read"}]
    with pytest.raises(TypeError, match=r"operations must be made by triospike\.operations, not dict"):
        OperateCommand(_KEY, wrong, OperatePolicy())


def test_info_commands_are_one_line_of_text() -> None:
    not_text: Any = b"node"
    with pytest.raises(TypeError, match="command must be a str, not bytes"):
        InfoCommand(not_text)
    for command in ("", "node\nbuild", "node\n"):
        with pytest.raises(ValueError, match="info command must be one line"):
            InfoCommand(command)


@pytest.mark.parametrize("particle_type", [-1, 256, 1 << 40])
def test_opaque_blobs_have_a_type_of_one_byte(particle_type: int) -> None:
    with pytest.raises(ValueError, match=f"particle_type must be 0 to 255, not {particle_type}"):
        OpaqueBlob(particle_type, b"")


def test_special_values_check_what_they_hold() -> None:
    wrong: Any = "text"
    with pytest.raises(TypeError, match="particle_type must be an int, not str"):
        OpaqueBlob(wrong, b"")
    with pytest.raises(TypeError, match="data"):
        OpaqueBlob(7, wrong)


class _Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "not the text"


class _Number(int):
    pass


def test_subclasses_are_stored_as_what_they_are() -> None:
    derived = _put({"a": [_Text("x"), _Number(5), {_Text("k"): _Number(1)}], "b": _Text("x"), "c": _Number(5)})
    plain = _put({"a": ["x", 5, {"k": 1}], "b": "x", "c": 5})
    assert derived.request == plain.request
