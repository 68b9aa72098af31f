"""Operations on many nested elements at once: all that a path selects (server 8.1.1; protocol section 10.6)."""

from __future__ import annotations

from .._wire.flags import OpType, ParticleType
from .._wire.opcodes import CdtCall, SelectFlag
from ..packed import PackedLike, packed_bytes
from ._packing import check_bool, check_flags, pack_array, pack_int
from .context import ContextLike, pack_context
from .enums import PathReturn
from .operation import Operation, check_bin_name

__all__ = ["modify_by_path", "select_by_path"]


def select_by_path(
    bin_name: str, path: ContextLike, *, returns: PathReturn = PathReturn.VALUE, no_fail: bool = False
) -> Operation:
    """Read the elements that a path selects (C: ``as_operations_select_by_path``).

    Result: what `returns` says, see `PathReturn`. A bin that is not there gives nothing.

    The server refuses a bin without list or map, with `BinTypeError`, and a condition that can't be decided for
    an element, with `OperationNotApplicable`.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        path: Steps of `triospike.operations.context`, at least one; `all_children` and filters among them.
        returns: What to give of the selected elements.
        no_fail: Leave out the elements for which a condition can't be decided, instead of failing.
    """
    bits = check_flags(returns, PathReturn, "returns") | _no_fail(no_fail)
    parts = [pack_int(CdtCall.SELECT), _packed(path), pack_int(bits)]
    return _operation(OpType.CDT_READ, bin_name, parts, f"select_by_path({bin_name!r}, {_shown(path)})")


def modify_by_path(
    bin_name: str, path: ContextLike, expression: PackedLike, *, no_fail: bool = False
) -> Operation:
    """Replace the elements that a path selects (C: ``as_operations_modify_by_path``).

    Result: None.

    The server refuses a bin without list or map, with `BinTypeError`.

    Args:
        bin_name: Name of the bin, at most 15 bytes.
        path: Steps of `triospike.operations.context`, at least one; `all_children` and filters among them.
        expression: Gives the new value; its loop variables are the element's key, value or index.
        no_fail: Leave alone the elements for which a condition or the expression can't be decided.
    """
    packed = packed_bytes(expression, "expression")
    parts = [pack_int(CdtCall.SELECT), _packed(path), pack_int(SelectFlag.APPLY | _no_fail(no_fail)), packed]
    return _operation(OpType.CDT_MODIFY, bin_name, parts, f"modify_by_path({bin_name!r}, {_shown(path)})")


def _operation(kind: OpType, bin_name: str, parts: list[bytes], description: str) -> Operation:
    check_bin_name(bin_name)
    return Operation(kind, bin_name, ParticleType.BLOB, pack_array(parts), description)


def _packed(path: ContextLike) -> bytes:
    packed = pack_context(path, "path")
    if packed is None:
        raise ValueError("path must not be empty")
    return packed


def _no_fail(no_fail: bool) -> int:
    return SelectFlag.NO_FAIL if check_bool(no_fail, "no_fail") else 0


def _shown(path: ContextLike) -> str:
    return f"[{', '.join(map(str, path))}]"
