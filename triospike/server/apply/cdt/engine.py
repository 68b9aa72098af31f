"""Packed calls of operations on lists and maps, applied to bins (protocol section 10.1).

A call is ``[operation, arguments...]``, the same behind a path into the value, or a selection over a path.
"""

from __future__ import annotations

from typing import Final, NoReturn

from ...._wire.flags import ParticleType
from ...._wire.opcodes import CdtCall, MapOp, SelectFlag
from ....result_code import ResultCode
from ...refusal import Refusal
from ...storage.record import Particle
from ..arguments import Arguments
from ..cursor import Cursor
from ..elements import BuildElementExpression
from ..packing import pack_integer, pack_list_header
from .calls import Operations
from .context import find_way, unpack
from .list_operations import LIST_OPERATIONS
from .map_operations import MAP_OPERATIONS
from .outcome import Place
from .path import Select, apply_select, read_select
from .values import Container, ListValue

__all__ = ["modify_cdt", "read_cdt"]

_LIST = int(ParticleType.LIST)
_MAP = int(ParticleType.MAP)
_CONTAINERS: Final = frozenset({_LIST, _MAP})
_OPERATION: Final = 0xFFFFFFFF
_OLD_FORM: Final = 0


def _no_expressions(packed: bytes) -> NoReturn:
    raise Refusal(ResultCode.UNSUPPORTED_FEATURE)


def read_cdt(call: bytes, particle: Particle, build: BuildElementExpression = _no_expressions) -> Particle | None:
    """Read from a bin.

    Args:
        call: The packed call.
        particle: The bin's value.
        build: Builds the expressions of selections.

    Returns:
        What was found, if anything is returned of it.

    Raises:
        Refusal: The call is malformed or does not fit the value, or there is no such element.
    """
    args = _arguments(call)
    kind, data = particle
    if args.operation == CdtCall.SELECT:
        _refuse_unless_container(kind, ResultCode.BIN_TYPE)
        return read_select(Select.read(args, args.count, build, may_apply=False), data)
    if args.operation != CdtCall.CONTEXT:
        operations = _operations(args)
        if kind != _kind_of(operations):
            raise Refusal(ResultCode.BIN_TYPE)
        return operations.read(unpack(data), args)
    _refuse_other_count(args)
    _refuse_unless_container(kind, ResultCode.PARAMETER)
    way = find_way(data, args, may_make=False)
    assert way.found is not None
    inner = _inner_arguments(args)
    operations = _operations(inner)
    return operations.read(_of_kind(way.found, operations), inner)


def modify_cdt(
    call: bytes, particle: Particle | None, build: BuildElementExpression = _no_expressions
) -> tuple[Particle | None, Particle | None]:
    """Modify a bin.

    Args:
        call: The packed call.
        particle: The bin's value; None if there is no bin.
        build: Builds the expressions of selections.

    Returns:
        The bin's new value, None if there is still no bin, and what is returned.

    Raises:
        Refusal: The call is malformed or does not fit the value, or there is no such element.
    """
    args = _arguments(call)
    if args.operation == CdtCall.SELECT:
        return _modify_selected(args, particle, build)
    if args.operation == CdtCall.CONTEXT:
        return _modify_inside(args, particle)
    operations = _operations(args)
    target = None
    if particle is not None:
        if particle[0] != _kind_of(operations):
            raise Refusal(ResultCode.BIN_TYPE)
        target = unpack(particle[1])
    outcome = operations.modify(target, Place(is_top=True, is_bin_new=particle is None), args)
    return _particle(outcome.value), outcome.result


def _modify_selected(
    args: Arguments, particle: Particle | None, build: BuildElementExpression
) -> tuple[Particle | None, Particle | None]:
    if particle is None:
        raise Refusal(ResultCode.BIN_TYPE)
    _refuse_unless_container(particle[0], ResultCode.BIN_TYPE)
    select = Select.read(args, args.count, build, may_apply=True)
    if select.kind != SelectFlag.APPLY:
        return particle, read_select(select, particle[1])
    return _particle(apply_select(select, particle[1])), None


def _modify_inside(args: Arguments, particle: Particle | None) -> tuple[Particle | None, Particle | None]:
    _refuse_other_count(args)
    if particle is not None:
        _refuse_unless_container(particle[0], ResultCode.PARAMETER)
    way = find_way(particle and particle[1], args, may_make=True)
    inner = _inner_arguments(args)
    operations = _operations(inner)
    target = None if way.found is None else _of_kind(way.found, operations)
    outcome = operations.modify(target, Place(is_top=False, is_bin_new=particle is None), inner)
    if not outcome.is_touched or outcome.value is None:
        return particle, outcome.result
    return _particle(way.back(outcome.value.pack())), outcome.result


def _arguments(call: bytes) -> Arguments:
    """The call; in its very old form, the number of the operation precedes the list of its arguments."""
    if call[:1] != b"\0":
        return Arguments(call)
    if len(call) < 2:
        raise Refusal(ResultCode.PARAMETER)
    cursor = Cursor(call, 2)
    n = 0 if cursor.is_at_end() else cursor.list_size()
    operation = pack_integer(int.from_bytes(call[:2], "big"))
    return Arguments(pack_list_header(n + 1) + operation + call[cursor.at :])


def _inner_arguments(args: Arguments) -> Arguments:
    return Arguments(args.data[args.at :])


def _operations(args: Arguments) -> Operations:
    return LIST_OPERATIONS if args.operation & _OPERATION < MapOp.SET_TYPE else MAP_OPERATIONS


def _kind_of(operations: Operations) -> int:
    return _LIST if operations is LIST_OPERATIONS else _MAP


def _of_kind(piece: bytes, operations: Operations) -> Container:
    """The container at the end of a path.

    Raises:
        Refusal: It is not one that the operation is for.
    """
    try:
        container = unpack(piece)
    except Refusal:
        raise Refusal(ResultCode.BIN_TYPE) from None
    if isinstance(container, ListValue) != (operations is LIST_OPERATIONS):
        raise Refusal(ResultCode.BIN_TYPE)
    return container


def _particle(container: Container | None) -> Particle | None:
    if container is None:
        return None
    return (_LIST if isinstance(container, ListValue) else _MAP), container.pack()


def _refuse_unless_container(kind: int, code: ResultCode) -> None:
    if kind not in _CONTAINERS:
        raise Refusal(code)


def _refuse_other_count(args: Arguments) -> None:
    if args.count != 2:
        raise Refusal(ResultCode.PARAMETER)
