"""Expressions as filters, as operations, and on elements of containers (protocol sections 12.1 and 12.5)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ..._wire.opcodes import ExpType
from ...result_code import ResultCode
from ..apply.cursor import Cursor
from ..apply.elements import Element, ElementResult
from ..refusal import Refusal
from ..storage.record import Particle
from . import arithmetic, calls, comparing, logic, matching, records
from .building import Build, Builder, Node, refuse
from .scene import Scene
from .values import ANY_TYPE, Marker, Value, of_piece, to_particle, to_piece

__all__ = ["BuiltExpression", "build", "build_filter", "check_modify", "modify_bin", "read_value"]

_OPERATIONS: dict[int, Build] = {
    **logic.OPERATIONS,
    **comparing.OPERATIONS,
    **arithmetic.OPERATIONS,
    **records.OPERATIONS,
    **matching.OPERATIONS,
    **calls.OPERATIONS,
}

_CREATE_ONLY: Final = 1
_UPDATE_ONLY: Final = 2
_ALLOW_DELETE: Final = 4
_POLICY_NO_FAIL: Final = 8
_EVAL_NO_FAIL: Final = 16
_READ_FLAGS: Final = _EVAL_NO_FAIL
_MODIFY_FLAGS: Final = _CREATE_ONLY | _UPDATE_ONLY | _ALLOW_DELETE | _POLICY_NO_FAIL | _EVAL_NO_FAIL

_LARGEST_KEPT: Final = 4096
_MOST_KEPT: Final = 256


class BuiltExpression:
    """An expression, ready to be evaluated any number of times.

    Args:
        node: The whole of it.
    """

    __slots__ = ("_evaluate", "kind")

    def __init__(self, node: Node) -> None:
        self.kind = node.kind
        self._evaluate = node.evaluate

    def evaluate(self, scene: Scene) -> Value:
        """The value for a scene; unknown too when containers are nested too deep to be looked into."""
        try:
            return self._evaluate(scene)
        except RecursionError:
            return Marker.UNKNOWN

    def matches(self, element: Element) -> bool | None:
        """Whether it holds for an element of a list or map; None if that is unknown."""
        value = self.evaluate(_scene_of(element))
        return None if value is Marker.UNKNOWN else value is True

    def result(self, element: Element) -> bytes | ElementResult:
        """The new value of an element of a list or map, packed."""
        value = self.evaluate(_scene_of(element))
        if value is Marker.REMOVED:
            return ElementResult.REMOVED
        piece = to_piece(value)
        return ElementResult.UNKNOWN if piece is None else piece


def _scene_of(element: Element) -> Scene:
    index = Marker.UNKNOWN if element.index is None else element.index
    return Scene(None, None, (_value_of(element.key), _value_of(element.value), index))


def _value_of(piece: bytes | None) -> Value:
    try:
        return Marker.UNKNOWN if piece is None else of_piece(Cursor(piece))
    except Refusal:
        return Marker.UNKNOWN


def build(packed: bytes) -> BuiltExpression:
    """Build an expression.

    Raises:
        Refusal: It is malformed, its types do not fit, or it is nested too deep or too large.
    """
    return _build(packed) if len(packed) > _LARGEST_KEPT else _kept(packed)


def _build(packed: bytes) -> BuiltExpression:
    builder = Builder(packed, _OPERATIONS, build)
    try:
        node = builder.node()
    except (Refusal, RecursionError):
        raise refuse() from None
    if node.kind == ANY_TYPE or not builder.cursor.is_at_end():
        raise refuse()
    return BuiltExpression(node)


_kept = lru_cache(_MOST_KEPT)(_build)


def build_filter(packed: bytes) -> BuiltExpression:
    """Build an expression that tells whether a record is wanted.

    Raises:
        Refusal: It can't be built, or gives no bool.
    """
    expression = build(packed)
    if expression.kind != ExpType.BOOL:
        raise refuse()
    return expression


def read_value(operation: bytes, scene: Scene) -> Particle | None:
    """What an operation reads; None for nil.

    Args:
        operation: The packed operation: expression and flags.
        scene: The record.

    Raises:
        Refusal: It can't be built, or its value is unknown and it does not say that this is fine.
    """
    expression, flags = _parse(operation, _READ_FLAGS)
    return _evaluate(expression, flags, scene, None)


def modify_bin(operation: bytes, scene: Scene, current: Particle | None) -> Particle | None:
    """What a bin is to hold after an operation that writes; None if it is to be gone.

    Args:
        operation: The packed operation: expression and flags.
        scene: The record.
        current: What the bin holds now.

    Raises:
        Refusal: It can't be built, its flags forbid to write, or there is no value to be written.
    """
    expression, flags = _parse(operation, _MODIFY_FLAGS)
    if flags & (_CREATE_ONLY if current is not None else _UPDATE_ONLY):
        if flags & _POLICY_NO_FAIL:
            return current
        raise Refusal(ResultCode.BIN_NOT_FOUND if current is None else ResultCode.BIN_EXISTS)
    value = _evaluate(expression, flags, scene, current)
    if value is None and current is not None and not flags & _ALLOW_DELETE:
        # Any flag at all keeps a server from failing here.
        if flags:
            return current
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    return value


def check_modify(operation: bytes) -> None:
    """Refuse an operation that could write no bin of any record.

    Raises:
        Refusal: It can't be built, or has unknown flags.
    """
    _parse(operation, _MODIFY_FLAGS)


def _parse(operation: bytes, known_flags: int) -> tuple[BuiltExpression, int]:
    cursor = Cursor(operation)
    if not 1 <= cursor.list_size() <= 2:
        raise refuse()
    packed = cursor.piece()
    try:
        flags = cursor.unsigned()
    except Refusal:
        flags = 0
    if flags & ~known_flags:
        raise refuse()
    return build(packed), flags


def _evaluate(
    expression: BuiltExpression, flags: int, scene: Scene, otherwise: Particle | None
) -> Particle | None:
    try:
        return to_particle(expression.evaluate(scene))
    except ValueError:
        if flags & _EVAL_NO_FAIL:
            return otherwise
        raise Refusal(ResultCode.OP_NOT_APPLICABLE) from None
