"""Comparing values, packed ones among them (protocol sections 10.2 and 12.2)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from ..._wire.opcodes import ExpOp, ExpType
from ..apply.cursor import Cursor, Piece
from ..refusal import Refusal
from .building import Build, Builder, Node, refuse
from .scene import Scene
from .values import PACKED_TYPES, Marker, Value, to_piece

__all__ = ["OPERATIONS"]

_UNKNOWN = Marker.UNKNOWN
_KEY_ORDERED: Final = 0x01
_NEVER_COMPARED = frozenset({ExpType.GEOJSON, ExpType.HLL})
_CONTAINERS = frozenset({Piece.LIST, Piece.MAP})
_TEXTS = frozenset({Piece.STRING, Piece.BLOB, Piece.GEOJSON})
_INTEGERS = frozenset({Piece.NEGATIVE, Piece.INTEGER})

_Holds: TypeAlias = Callable[[Any, Any], bool]


class _Comparison:
    """Two pieces that are read side by side, until they differ.

    Attributes:
        met_unordered_map: A map without an order was met on the way, so the outcome means nothing.
    """

    def __init__(self, left: bytes, right: bytes) -> None:
        self._left = Cursor(left)
        self._right = Cursor(right)
        self._pending = 1
        self._at_end = 0
        self.met_unordered_map = False

    def run(self) -> int:
        """Less than, equal to or greater than zero, as the left piece is to the right one.

        Raises:
            Refusal: One of them is malformed.
        """
        while self._pending:
            self._pending -= 1
            difference, is_settled = self._compare_next()
            if difference or is_settled:
                return difference
        return self._at_end

    def _compare_next(self) -> tuple[int, bool]:
        """How the next pieces differ, and whether that settles it although they don't."""
        left, right = self._left.peek(), self._right.peek()
        if left == right and left in _CONTAINERS:
            return self._compare_sizes(left), False
        if left == right:
            return _difference(self._scalar(self._left, left), self._scalar(self._right, right)), False
        for cursor, kind in ((self._left, left), (self._right, right)):
            if kind == Piece.MAP:
                self._enter(cursor, kind)
        return (0, True) if Piece.WILDCARD in {left, right} else (_difference(left, right), True)

    def _compare_sizes(self, kind: Piece) -> int:
        n_left, n_right = self._enter(self._left, kind), self._enter(self._right, kind)
        if n_left == n_right:
            self._pending += n_left
            return 0
        if kind == Piece.MAP:
            return _difference(n_left, n_right)
        # Nothing behind the elements of the shorter list is looked at any more.
        self._pending = min(n_left, n_right)
        self._at_end = _difference(n_left, n_right)
        return 0

    def _enter(self, cursor: Cursor, kind: Piece) -> int:
        """Go into a container, behind its order marker; return how many pieces it holds."""
        per_element = 2 if kind == Piece.MAP else 1
        n = cursor.map_size() if kind == Piece.MAP else cursor.list_size()
        order = 0
        is_empty = n == 0
        if n and cursor.peek() == Piece.EXTENSION:
            order, _ = cursor.extension()
            cursor.skip(per_element - 1)
            n -= 1
        if kind == Piece.MAP and not is_empty and not order & _KEY_ORDERED:
            self.met_unordered_map = True
        return n * per_element

    def _scalar(self, cursor: Cursor, kind: Piece) -> float | bytes:
        if kind in _INTEGERS:
            return cursor.unsigned()
        if kind == Piece.FLOAT:
            return cursor.number()
        if kind == Piece.EXTENSION:
            return cursor.extension()[1]
        if kind in _TEXTS:
            return cursor.text()
        cursor.skip()
        return 0


def _difference(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _compare(holds: _Holds) -> Build:
    """An operation that holds for some ways in which two values of the same type relate."""

    def build(builder: Builder, count: int) -> Node:
        if count != 2:
            raise refuse()
        left, right = builder.node(), builder.node()
        if left.kind != right.kind or left.kind in _NEVER_COMPARED:
            raise refuse()
        evaluate_left, evaluate_right = left.evaluate, right.evaluate

        def evaluate(scene: Scene) -> Value:
            one = evaluate_left(scene)
            if one is _UNKNOWN:
                return _UNKNOWN
            other = evaluate_right(scene)
            return _UNKNOWN if other is _UNKNOWN else _relate(holds, one, other)

        return Node(ExpType.BOOL, evaluate)

    return build


def _relate(holds: _Holds, left: Value, right: Value) -> Value:
    if isinstance(left, tuple) and isinstance(right, tuple):
        if left[0] != right[0]:
            return _UNKNOWN
        if left[0] not in PACKED_TYPES:
            return holds(_difference(left[1], right[1]), 0)
        return _relate_packed(holds, left[1], right[1])
    if type(left) is not type(right) or isinstance(left, Marker) or isinstance(right, Marker):
        return _UNKNOWN
    if left is None or right is None:
        return holds(0, 0)
    return holds(left, right)


def _relate_packed(holds: _Holds, left: bytes, right: bytes) -> Value:
    comparison = _Comparison(left, right)
    try:
        difference = comparison.run()
    except Refusal:
        return _UNKNOWN
    return _UNKNOWN if comparison.met_unordered_map else holds(difference, 0)


def _in_list(builder: Builder, count: int) -> Node:
    if count != 2:
        raise refuse()
    needle, haystack = builder.node().evaluate, builder.check(builder.node(), ExpType.LIST)

    def evaluate(scene: Scene) -> Value:
        piece = to_piece(needle(scene))
        value = _UNKNOWN if piece is None else haystack(scene)
        if piece is None or not isinstance(value, tuple):
            return _UNKNOWN
        return _is_among(piece, value[1])

    return Node(ExpType.BOOL, evaluate)


def _is_among(piece: bytes, packed_list: bytes) -> Value:
    cursor = Cursor(packed_list)
    try:
        for _ in range(cursor.list_size()):
            if _Comparison(piece, cursor.piece()).run() == 0:
                return True
    except Refusal:
        return _UNKNOWN
    return False


OPERATIONS: dict[int, Build] = {
    ExpOp.EQ: _compare(operator.eq),
    ExpOp.NE: _compare(operator.ne),
    ExpOp.GT: _compare(operator.gt),
    ExpOp.GE: _compare(operator.ge),
    ExpOp.LT: _compare(operator.lt),
    ExpOp.LE: _compare(operator.le),
    ExpOp.IN_LIST: _in_list,
}
