"""Strings that match a pattern, and places that lie in a region (protocol section 12.2)."""

from __future__ import annotations

from ..._wire.opcodes import ExpOp, ExpType
from ..apply.geojson import is_point_in_region
from .building import Build, Builder, Node, refuse
from .regex import compile_posix
from .scene import Scene
from .values import Marker, Value, geojson_text

__all__ = ["OPERATIONS"]


def _regex(builder: Builder, count: int) -> Node:
    if count != 3:
        raise refuse()
    flags = builder.cursor.integer()
    pattern = builder.cursor.text()
    subject = builder.check(builder.node(), ExpType.STRING)
    try:
        search = compile_posix(pattern, flags).search
    except ValueError:
        raise refuse() from None

    def evaluate(scene: Scene) -> Value:
        value = subject(scene)
        if not isinstance(value, tuple):
            return Marker.UNKNOWN
        return search(value[1].partition(b"\0")[0]) is not None

    return Node(ExpType.BOOL, evaluate)


def _geo(builder: Builder, count: int) -> Node:
    if count != 2:
        raise refuse()
    left = builder.check(builder.node(), ExpType.GEOJSON)
    right = builder.check(builder.node(), ExpType.GEOJSON)

    def evaluate(scene: Scene) -> Value:
        one, other = left(scene), right(scene)
        if not isinstance(one, tuple) or not isinstance(other, tuple):
            return Marker.UNKNOWN
        return is_point_in_region(geojson_text(one), geojson_text(other))

    return Node(ExpType.BOOL, evaluate)


OPERATIONS: dict[int, Build] = {ExpOp.CMP_REGEX: _regex, ExpOp.CMP_GEO: _geo}
