"""Operations on all elements that a path selects: the recorded bytes, and bad arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from triospike._wire.flags import OpType, ParticleType
from triospike.operations import Operation, PathReturn, context as c, modify_by_path, select_by_path

_ABOVE_6 = bytes.fromhex("9303937a020106")  # the loop variable is an int above 6
_ADD_100 = bytes.fromhex("9314937a020164")
_ALL = [c.all_children()]


# As recorded from the official client: path-op/* in the group "expressions".
@pytest.mark.parametrize(
    ("operation", "data", "writes"),
    [
        (select_by_path("b", [*_ALL, c.map_key("price")]), "93 ccfe 94 04c3 22a6037072696365 01", False),
        (select_by_path("b", _ALL, returns=PathReturn.MAP_KEY), "93 ccfe 92 04c3 02", False),
        (select_by_path("b", _ALL, returns=PathReturn.MAP_KEY_VALUE), "93 ccfe 92 04c3 03", False),
        (
            select_by_path("b", [c.all_children_with_filter(_ABOVE_6)]),
            "93 ccfe 92 04 9303937a020106 01",
            False,
        ),
        (
            select_by_path(
                "b", [c.all_children_with_filter(_ABOVE_6)], returns=PathReturn.MATCHING_TREE, no_fail=True
            ),
            "93 ccfe 92 04 9303937a020106 10",
            False,
        ),
        (modify_by_path("b", _ALL, _ADD_100), "94 ccfe 92 04c3 04 9314937a020164", True),
        (modify_by_path("b", _ALL, _ADD_100, no_fail=True), "94 ccfe 92 04c3 14 9314937a020164", True),
    ],
)
def test_operation_has_the_recorded_bytes(operation: Operation, data: str, writes: bool) -> None:
    assert operation.operand.hex() == bytes.fromhex(data).hex()
    assert operation.kind is (OpType.CDT_MODIFY if writes else OpType.CDT_READ)
    assert operation.particle_type == ParticleType.BLOB
    assert not operation.is_map


def test_operation_is_written_as_a_program_writes_it() -> None:
    assert (
        str(select_by_path("b", [*_ALL, c.map_key("x")])) == "select_by_path('b', [all_children(), map_key('x')])"
    )
    assert str(modify_by_path("b", _ALL, _ADD_100)) == "modify_by_path('b', [all_children()])"


@pytest.mark.parametrize(
    ("function", "arguments", "keywords", "error", "message"),
    [
        (select_by_path, ("", _ALL), {}, ValueError, "bin_name must be 1 to 15 bytes"),
        (select_by_path, ("b", []), {}, ValueError, "path must not be empty"),
        (select_by_path, ("b", "ab"), {}, TypeError, "path must be a list of context steps, not str"),
        (select_by_path, ("b", _ALL), {"returns": 1}, TypeError, "returns must be a PathReturn, not int"),
        (select_by_path, ("b", _ALL), {"no_fail": 1}, TypeError, "no_fail must be a bool, not int"),
        (modify_by_path, ("b", _ALL, None), {}, TypeError, "expression must be an expression"),
        (modify_by_path, ("b", [1], _ADD_100), {}, TypeError, r"path\[0\] must be made by"),
    ],
)
def test_bad_arguments_are_named(
    function: Callable[..., Operation],
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        function(*arguments, **keywords)
