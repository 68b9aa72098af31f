"""And, or, not; conditions and variables (protocol section 12.2)."""

from __future__ import annotations

from ..._wire.opcodes import ExpOp, ExpType
from .building import Build, Builder, Evaluate, Node, refuse
from .scene import Scene
from .values import REMOVED_TYPE, Marker, Value, is_of_type

__all__ = ["OPERATIONS"]

_UNKNOWN = Marker.UNKNOWN
_INDEX_OF_ELEMENT = 2


def _unknown(builder: Builder, count: int) -> Node:
    if count:
        raise refuse()
    return Node(ExpType.BOOL, lambda scene: _UNKNOWN, is_unknown=True)


def _removed(builder: Builder, count: int) -> Node:
    if count:
        raise refuse()
    return Node(REMOVED_TYPE, lambda scene: Marker.REMOVED)


def _several(builder: Builder, count: int) -> list[Evaluate]:
    if count < 2:
        raise refuse()
    found: list[Evaluate] = []
    while len(found) < count:
        found.append(builder.check(builder.node(), ExpType.BOOL))
    return found


def _until(builder: Builder, count: int, decisive: bool) -> Node:
    """And, or: one value decides, whatever is unknown; the others are needed in full."""
    arguments = _several(builder, count)

    def evaluate(scene: Scene) -> Value:
        result: Value = not decisive
        for argument in arguments:
            value = argument(scene)
            if value is decisive:
                return decisive
            if value is _UNKNOWN:
                result = _UNKNOWN
        return result

    return Node(ExpType.BOOL, evaluate)


def _and(builder: Builder, count: int) -> Node:
    return _until(builder, count, False)


def _or(builder: Builder, count: int) -> Node:
    return _until(builder, count, True)


def _not(builder: Builder, count: int) -> Node:
    if count != 1:
        raise refuse()
    argument = builder.check(builder.node(), ExpType.BOOL)

    def evaluate(scene: Scene) -> Value:
        value = argument(scene)
        return _UNKNOWN if value is _UNKNOWN else not value

    return Node(ExpType.BOOL, evaluate)


def _exclusive(builder: Builder, count: int) -> Node:
    """Exactly one is true; nothing behind the second true one, or the first unknown one, is looked at."""
    arguments = _several(builder, count)

    def evaluate(scene: Scene) -> Value:
        result = False
        for argument in arguments:
            value = argument(scene)
            if value is _UNKNOWN:
                return _UNKNOWN
            if value:
                if result:
                    return False
                result = True
        return result

    return Node(ExpType.BOOL, evaluate)


def _cond(builder: Builder, count: int) -> Node:
    if count < 3 or count % 2 == 0:
        raise refuse()
    kind: int | None = None
    cases = []
    for _ in range(count // 2):
        test = builder.check(builder.node(), ExpType.BOOL)
        branch = builder.node()
        kind = _kind_of_branch(branch, kind)
        cases.append((test, branch.evaluate))
    default = builder.node()
    if kind is None:
        kind = default.kind
    _kind_of_branch(default, kind)
    otherwise = default.evaluate

    def evaluate(scene: Scene) -> Value:
        for test, branch in cases:
            value = test(scene)
            if value is _UNKNOWN:
                return _UNKNOWN
            if value:
                return branch(scene)
        return otherwise(scene)

    return Node(kind, evaluate)


def _kind_of_branch(branch: Node, kind: int | None) -> int | None:
    """The static type of all branches so far, which must agree; that of the unknown ones does not count."""
    if branch.is_unknown:
        return kind
    if kind is not None and branch.kind != kind:
        raise refuse()
    return branch.kind


def _let(builder: Builder, count: int) -> Node:
    if count < 3 or count % 2 == 0:
        raise refuse()
    names = []
    values = []
    for _ in range(count // 2):
        name = builder.cursor.text()
        _check_name(name)
        number = builder.bind(name)
        node = builder.node()
        builder.define(name, node.kind)
        names.append(name)
        values.append((number, node.evaluate))
    body = builder.node()
    for name in names:
        builder.unbind(name)
    evaluate_body = body.evaluate

    def evaluate(scene: Scene) -> Value:
        for number, value in values:
            scene.variables[number] = value(scene)
        return evaluate_body(scene)

    return Node(body.kind, evaluate)


def _check_name(name: bytes) -> None:
    """Letters, digits and underscores of ASCII; no digit in front."""
    if not name.replace(b"_", b"a").isalnum() or name[:1].isdigit():
        raise refuse()


def _var(builder: Builder, count: int) -> Node:
    if count != 1:
        raise refuse()
    number, kind = builder.variable(builder.cursor.text())
    return Node(kind, lambda scene: scene.variables[number])


def _loop_var(builder: Builder, count: int) -> Node:
    """Key, value or index of the element; unknown if it has none, or one of another type."""
    if count != 2:
        raise refuse()
    kind, part = builder.cursor.unsigned(), builder.cursor.unsigned()
    if part > _INDEX_OF_ELEMENT or (part == _INDEX_OF_ELEMENT and kind != ExpType.INT) or kind > ExpType.HLL:
        raise refuse()

    def evaluate(scene: Scene) -> Value:
        value = scene.element[part]
        return value if is_of_type(value, kind) else _UNKNOWN

    return Node(kind, evaluate)


OPERATIONS: dict[int, Build] = {
    ExpOp.UNKNOWN: _unknown,
    ExpOp.REMOVE_RESULT: _removed,
    ExpOp.AND: _and,
    ExpOp.OR: _or,
    ExpOp.NOT: _not,
    ExpOp.EXCLUSIVE: _exclusive,
    ExpOp.COND: _cond,
    ExpOp.LET: _let,
    ExpOp.VAR: _var,
    ExpOp.LOOP_VAR: _loop_var,
}
