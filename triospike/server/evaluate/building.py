"""From a packed expression to nodes that can be evaluated, types checked on the way (protocol section 12.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import attrs

from ..._wire.flags import ParticleType
from ..._wire.opcodes import ExpOp, ExpType
from ...result_code import ResultCode
from ..apply.cursor import Cursor, Piece
from ..apply.elements import BuildElementExpression
from ..refusal import Refusal
from .scene import Scene
from .values import ANY_TYPE, Value, of_piece

__all__ = ["Build", "Builder", "Evaluate", "Node", "refuse"]

Evaluate: TypeAlias = Callable[[Scene], Value]

_MAX_DEPTH: Final = 340
"""Nested operations. Building and evaluating take at most two of Python's frames for each, of about a thousand."""

_MAX_SIZE: Final = 1 << 20
_SIZE_OF_MOST: Final = 8
_SIZES: dict[int, int] = {
    ExpOp.CMP_REGEX: 80,
    ExpOp.DIGEST_MODULO: 12,
    ExpOp.KEY: 12,
    ExpOp.BIN: 24,
    ExpOp.BIN_TYPE: 24,
    ExpOp.LOOP_VAR: 16,
    ExpOp.COND: 12,
    ExpOp.VAR: 16,
    ExpOp.LET: 20,
    ExpOp.QUOTE: 24,
    ExpOp.CALL: 344,
}
_SIZE_OF_LITERAL: Final = 24
"""A server allots this much for each part of an expression, and takes no more than a megabyte in all."""

_LITERALS = {
    Piece.NIL: ExpType.NIL,
    Piece.FALSE: ExpType.BOOL,
    Piece.TRUE: ExpType.BOOL,
    Piece.NEGATIVE: ExpType.INT,
    Piece.INTEGER: ExpType.INT,
    Piece.FLOAT: ExpType.FLOAT,
    Piece.STRING: ExpType.STRING,
    Piece.BLOB: ExpType.BLOB,
    Piece.GEOJSON: ExpType.GEOJSON,
    Piece.MAP: ExpType.MAP,
}


def refuse() -> Refusal:
    """What to raise for an expression that can't be built."""
    return Refusal(ResultCode.PARAMETER)


@attrs.frozen
class Node:
    """A part of an expression that gives a value.

    Attributes:
        kind: Static type of the value: of `ExpType`, `ANY_TYPE` or `REMOVED_TYPE`.
        evaluate: Gives the value for a scene. It may always be unknown.
        is_unknown: It is the operation that is always unknown, which fits every type as the branch of a condition.
    """

    kind: int
    evaluate: Evaluate
    is_unknown: bool = False


@attrs.define
class _Variable:
    number: int
    kind: int | None


class Builder:
    """Builds one expression.

    Args:
        packed: The expression.
        operations: What builds the operations, by their numbers.
        build_element: What builds other expressions, for the elements of lists and maps.

    Attributes:
        cursor: Where the next part of the expression begins.
        build_element: What builds other expressions, for the elements of lists and maps.
    """

    def __init__(
        self, packed: bytes, operations: Mapping[int, Build], build_element: BuildElementExpression
    ) -> None:
        self.cursor = Cursor(packed)
        self.build_element = build_element
        self._operations = operations
        self._variables: dict[bytes, _Variable] = {}
        self._depth = 0
        self._size = 0

    def node(self) -> Node:
        """Build what comes next, with all that it holds.

        Raises:
            Refusal: It is malformed, of the wrong types, nested too deep or too large.
        """
        cursor = self.cursor
        kind = cursor.peek()
        if kind != Piece.LIST:
            self._take_size(_SIZE_OF_LITERAL)
            return self._literal(kind)
        count = cursor.list_size() - 1
        code = cursor.unsigned()
        build = self._operations.get(code)
        if build is None or self._depth >= _MAX_DEPTH or count < 0:
            raise refuse()
        self._take_size(_SIZES.get(code, _SIZE_OF_MOST))
        self._depth += 1
        node = build(self, count)
        self._depth -= 1
        return node

    def check(self, node: Node, kind: int) -> Evaluate:
        """What evaluates a node that must have a static type."""
        if node.kind != kind:
            raise refuse()
        return node.evaluate

    def bind(self, name: bytes) -> int:
        """Begin to define a variable: it can't be used yet. Return its number."""
        if name in self._variables:
            raise refuse()
        number = len(self._variables)
        self._variables[name] = _Variable(number, None)
        return number

    def define(self, name: bytes, kind: int) -> None:
        """The variable has a value from here on, of this static type."""
        self._variables[name].kind = kind

    def unbind(self, name: bytes) -> None:
        """The variable is not seen from here on."""
        del self._variables[name]

    def variable(self, name: bytes) -> tuple[int, int]:
        """Number and static type of a variable."""
        found = self._variables.get(name)
        if found is None or found.kind is None:
            raise refuse()
        return found.number, found.kind

    def _take_size(self, size: int) -> None:
        self._size += size
        if self._size >= _MAX_SIZE:
            raise refuse()

    def _literal(self, kind: Piece) -> Node:
        value = of_piece(self.cursor)
        static = int(_LITERALS.get(kind, ANY_TYPE))
        if isinstance(value, tuple) and value[0] == ParticleType.HLL:
            static = ExpType.HLL
        return Node(static, lambda scene: value)


Build: TypeAlias = Callable[[Builder, int], Node]
"""Builds an operation from its arguments, of which there are so many."""
