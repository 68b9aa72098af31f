"""Paths and expressions for people, in the words of a server's own listing."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from ..._wire.opcodes import BitOp, CdtCall, ExpCallSystem, ExpOp, ExpType, HllOp, ListOp, MapOp
from ..apply.cursor import Cursor, Piece

__all__ = ["expression_text", "path_text"]

_STEPS: Final = ("index", "rank", "key", "value")
_LIST: Final = 0x10
_MAP: Final = 0x20
_BASE: Final = 0x0F
_TYPES: dict[int, str] = {ExpType.STRING: "str"}
_CALLS: dict[int, tuple[type[IntEnum], ...]] = {
    ExpCallSystem.CDT: (ListOp, MapOp),
    ExpCallSystem.BITS: (BitOp,),
    ExpCallSystem.HLL: (HllOp,),
}
_MODIFIES: Final = 0x40


def path_text(packed: bytes) -> str:
    """A path that is one, as ``[map_key(<string#1>), list_index(0)]``."""
    return _path(Cursor(packed))


def _path(cursor: Cursor) -> str:
    steps = []
    for _ in range(cursor.list_size() // 2):
        kind = cursor.unsigned()
        where = "list_" if kind & _LIST else "map_" if kind & _MAP else ""
        base = kind & _BASE
        step = _STEPS[base] if base < len(_STEPS) else "exp"
        steps.append(f"{where}{step}({_piece(cursor)})")
    return f"[{', '.join(steps)}]"


def _piece(cursor: Cursor) -> str:
    """A value, of large ones only the type and the size."""
    kind = cursor.peek()
    if kind in {Piece.INTEGER, Piece.NEGATIVE}:
        return str(cursor.integer())
    if kind in {Piece.TRUE, Piece.FALSE}:
        return "true" if cursor.boolean() else "false"
    if kind == Piece.FLOAT:
        return f"{cursor.number():f}"
    if kind in {Piece.STRING, Piece.BLOB, Piece.GEOJSON}:
        return f"<{kind.name.lower()}#{max(len(cursor.text()) - 1, 0)}>"
    piece = Cursor(cursor.piece())
    if kind == Piece.LIST:
        return f"<list#{piece.list_size()}>"
    if kind == Piece.MAP:
        return f"<map#{piece.map_size()}>"
    return "nil" if kind == Piece.NIL else f"<ext#{len(piece.data)}>"


def expression_text(packed: bytes) -> str:
    """An expression that can be built, as ``eq(bin_int("n"), 5)``."""
    return _expression(Cursor(packed))


def _expression(cursor: Cursor) -> str:
    if not cursor.is_list():
        return _piece(cursor)
    count = cursor.list_size() - 1
    code = cursor.unsigned()
    if code == ExpOp.BIN:
        kind = cursor.unsigned()
        name = _TYPES.get(kind) or ExpType(kind).name.lower()
        return f'bin_{name}("{_raw(cursor)}")'
    if code == ExpOp.BIN_TYPE:
        return f'bin_type("{_raw(cursor)}")'
    if code == ExpOp.QUOTE:
        return _piece(cursor)
    if code == ExpOp.CALL:
        return _call(cursor)
    if code in {ExpOp.VAR, ExpOp.LET, ExpOp.CMP_REGEX}:
        arguments = [_raw_or_expression(cursor) for _ in range(count)]
    else:
        arguments = [_expression(cursor) for _ in range(count)]
    return f"{ExpOp(code).name.lower()}({', '.join(arguments)})"


def _raw(cursor: Cursor) -> str:
    return cursor.text().decode("utf-8", "replace")


def _raw_or_expression(cursor: Cursor) -> str:
    is_text = cursor.peek() in {Piece.STRING, Piece.BLOB}
    return f'"{_raw(cursor)}"' if is_text else _expression(cursor)


def _call(cursor: Cursor) -> str:
    """An operation on part of a value, with the value behind its arguments."""
    cursor.unsigned()
    system = cursor.unsigned() & ~_MODIFIES
    count = cursor.list_size()
    code = cursor.unsigned()
    arguments = []
    if code == CdtCall.CONTEXT and system == ExpCallSystem.CDT:
        arguments.append(_path(cursor))
        count = cursor.list_size()
        code = cursor.unsigned()
    arguments += [_piece(cursor) for _ in range(count - 1)]
    arguments.append(_expression(cursor))
    names = [numbers(code).name.lower() for numbers in _CALLS.get(system, ()) if code in set(numbers)]
    return f"{names[0] if names else code}({', '.join(arguments)})"
