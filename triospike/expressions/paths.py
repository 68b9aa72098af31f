"""Many nested elements at once: loop variables, and all that a path selects (server 8.1.1).

A path with `all_children_with_filter` or `and_filter` of `triospike.operations.context` tests each element with an
expression, in which loop variables stand for the element: its value, its key in a map, its index in a list.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TypeVar, overload

from .._wire.opcodes import CdtCall, ExpCallSystem, ExpOp, SelectFlag
from ..operations._packing import check_bool, check_flags, pack_array, pack_int
from ..operations.context import ContextLike, to_bytes
from ..operations.enums import PathReturn
from .calls import ContainerLike
from .kinds import (
    AnyExp,
    BlobExp,
    BoolExp,
    FloatExp,
    GeoExp,
    HllExp,
    IntExp,
    ListExp,
    MapExp,
    NilExp,
    StringExp,
)
from .nodes import Expression, Value, form, pack_part, written

__all__ = [
    "LoopPart",
    "loopvar_blob",
    "loopvar_bool",
    "loopvar_float",
    "loopvar_geo",
    "loopvar_hll",
    "loopvar_int",
    "loopvar_list",
    "loopvar_map",
    "loopvar_nil",
    "loopvar_str",
    "modify_by_path",
    "remove_result",
    "select_by_path",
]

_Kind = TypeVar("_Kind", bound=Expression)
_Container = TypeVar("_Container", ListExp, MapExp)


class LoopPart(IntEnum):
    """What of an element a loop variable stands for (C: ``as_exp_loopvar_type``)."""

    KEY = 0
    """Its key in a map."""
    VALUE = 1
    """Its value."""
    INDEX = 2
    """Its index in a list."""


@written
def loopvar_int(part: LoopPart) -> IntExp:
    """A part of the element, an int (C: ``as_exp_loopvar_int``); unknown if it is something else."""
    return _loop_variable(IntExp, part)


@written
def loopvar_float(part: LoopPart) -> FloatExp:
    """A part of the element, a float (C: ``as_exp_loopvar_float``); unknown if it is something else."""
    return _loop_variable(FloatExp, part)


@written
def loopvar_str(part: LoopPart) -> StringExp:
    """A part of the element, a string (C: ``as_exp_loopvar_str``); unknown if it is something else."""
    return _loop_variable(StringExp, part)


@written
def loopvar_bool(part: LoopPart) -> BoolExp:
    """A part of the element, a bool (C: ``as_exp_loopvar_bool``); unknown if it is something else."""
    return _loop_variable(BoolExp, part)


@written
def loopvar_blob(part: LoopPart) -> BlobExp:
    """A part of the element, a blob (C: ``as_exp_loopvar_blob``); unknown if it is something else."""
    return _loop_variable(BlobExp, part)


@written
def loopvar_list(part: LoopPart) -> ListExp:
    """A part of the element, a list (C: ``as_exp_loopvar_list``); unknown if it is something else."""
    return _loop_variable(ListExp, part)


@written
def loopvar_map(part: LoopPart) -> MapExp:
    """A part of the element, a map (C: ``as_exp_loopvar_map``); unknown if it is something else."""
    return _loop_variable(MapExp, part)


@written
def loopvar_geo(part: LoopPart) -> GeoExp:
    """A part of the element, a geo value (C: ``as_exp_loopvar_geojson``); unknown if it is something else."""
    return _loop_variable(GeoExp, part)


@written
def loopvar_hll(part: LoopPart) -> HllExp:
    """A part of the element, a sketch (C: ``as_exp_loopvar_hll``); unknown if it is something else."""
    return _loop_variable(HllExp, part)


@written
def loopvar_nil(part: LoopPart) -> NilExp:
    """A part of the element, nil (C: ``as_exp_loopvar_nil``); unknown if it is something else."""
    return _loop_variable(NilExp, part)


@written
def select_by_path(
    items: ContainerLike,
    path: ContextLike,
    kind: type[_Kind],
    *,
    returns: PathReturn = PathReturn.VALUE,
    no_fail: bool = False,
) -> _Kind:
    """What a path selects (C: ``as_exp_select_by_path``).

    Args:
        items: The list or map.
        path: Steps of `triospike.operations.context`, at least one.
        kind: The type of the result: `ListExp`, or for a tree that of ``items``.
        returns: What to give of the selected elements.
        no_fail: Leave out the elements for which a condition is unknown, instead of having no result.
    """
    bits = check_flags(returns, PathReturn, "returns") | _no_fail(no_fail)
    return _by_path(kind, ExpCallSystem.CDT, path, [pack_int(bits)], items)


@written
def modify_by_path(items: _Container, path: ContextLike, change: Value, *, no_fail: bool = False) -> _Container:
    """The list or map with the selected elements replaced (C: ``as_exp_modify_by_path``).

    Args:
        items: The list or map.
        path: Steps of `triospike.operations.context`, at least one.
        change: Gives the new value of each, from loop variables; `remove_result` removes it.
        no_fail: Leave alone the elements for which a condition or the change is unknown.
    """
    if not isinstance(items, ListExp | MapExp):
        raise TypeError(f"items must be a ListExp or MapExp, not {type(items).__name__}")
    parts = [pack_int(SelectFlag.APPLY | _no_fail(no_fail)), pack_part(change, "change")]
    return _by_path(type(items), ExpCallSystem.CDT | ExpCallSystem.MODIFY, path, parts, items)


@overload
def remove_result() -> AnyExp: ...
@overload
def remove_result(kind: type[_Kind]) -> _Kind: ...
@written
def remove_result(kind: type[Expression] = AnyExp) -> Expression:
    """The change of `modify_by_path` that removes the element (C: ``as_exp_result_remove``).

    Args:
        kind: The type of the result that it stands in for.
    """
    return kind(form(ExpOp.REMOVE_RESULT))


def _loop_variable(kind: type[_Kind], part: LoopPart) -> _Kind:
    number = check_flags(part, LoopPart, "part")
    return kind(form(ExpOp.LOOP_VAR, pack_int(kind.type_code), pack_int(number)))


def _by_path(kind: type[_Kind], system: int, path: ContextLike, parts: list[bytes], items: ContainerLike) -> _Kind:
    packed = pack_array([pack_int(CdtCall.SELECT), to_bytes(path), *parts])
    subject = pack_part(items, "items")
    return kind(form(ExpOp.CALL, pack_int(kind.type_code), pack_int(system), packed, subject))


def _no_fail(no_fail: bool) -> int:
    return SelectFlag.NO_FAIL if check_bool(no_fail, "no_fail") else 0
