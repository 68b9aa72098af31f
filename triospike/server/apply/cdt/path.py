"""Selections over a path: everything in a value that each level of the path lets through (protocol section 10.6).

What matches is one thing; what is made of it is another: the tree of it, its leaves, or the value with its leaves
replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import attrs

from ...._wire.flags import ParticleType
from ...._wire.opcodes import SelectFlag
from ....result_code import ResultCode
from ...refusal import Refusal
from ...storage.record import Particle
from ..containers import Malformed, canonical
from ..cursor import Cursor, Piece
from ..elements import BuildElementExpression, Element, ElementExpression, ElementResult
from ..order import same, search_key
from ..packing import pack_list_header, pack_map_header
from .answers import list_particle
from .context import unpack
from .ranks import quick_select
from .selection import clip
from .values import Container, ListValue, MapValue, is_list, is_map, unpack_list

__all__ = ["Select", "apply_select", "read_select"]

_INDEX: Final = 0
_RANK: Final = 1
_KEY: Final = 2
_VALUE: Final = 3
_EXPRESSION: Final = 4
_KEY_LIST: Final = 10
_BASE: Final = 0x0F
_LIST_TYPE: Final = 0x30
_LIST_ONLY: Final = 0x10
_MAP_TYPE: Final = 0xF0
_MAP_ONLY: Final = 0x20
_AND: Final = 0x200
_AND_EXPRESSION: Final = _AND | _EXPRESSION

_MOST_LEVELS: Final = 64
_KIND: Final = 0x0F
_KEYS: Final = 2
_VALUES: Final = 1

_LIST = int(ParticleType.LIST)
_MAP = int(ParticleType.MAP)


@attrs.define
class _Level:
    """One level of a path.

    Attributes:
        kind: Its type.
        value: Index or rank, or a packed value; of an expression, nothing.
        expression: What must hold for an element; None if all match.
        condition: What must hold besides.
        is_conditional: It has been given a condition.
    """

    kind: int
    value: int | bytes = 0
    expression: ElementExpression | None = None
    condition: ElementExpression | None = None
    is_conditional: bool = False

    @property
    def base(self) -> int:
        """What it selects by."""
        return self.kind & _BASE


@attrs.frozen
class Select:
    """A selection over a path.

    Attributes:
        levels: The path.
        kind: What is made of what matches, one of `SelectFlag`.
        is_lenient: What can't be computed does not match, and is no error.
        change: The expression that gives each leaf its new value.
    """

    levels: Sequence[_Level]
    kind: int
    is_lenient: bool
    change: ElementExpression | None = None

    @classmethod
    def read(cls, cursor: Cursor, count: int, build: BuildElementExpression, *, may_apply: bool) -> Select:
        """Read path, flags and expression.

        Args:
            cursor: At the path.
            count: How many arguments the call has.
            build: Builds the expressions.
            may_apply: The call modifies.

        Raises:
            Refusal: They are malformed.
        """
        levels = _read_levels(cursor, build)
        flags = cursor.integer()
        kind = flags & _KIND
        is_apply = kind == SelectFlag.APPLY
        if kind > SelectFlag.APPLY or count != (3 if is_apply else 2) or (is_apply and not may_apply):
            raise Refusal(ResultCode.PARAMETER)
        change = build(cursor.piece()) if is_apply else None
        return cls(levels, kind, bool(flags & SelectFlag.NO_FAIL), change)


def _read_levels(cursor: Cursor, build: BuildElementExpression) -> list[_Level]:
    n = cursor.list_size()
    if n == 0 or n % 2 or n > 2 * _MOST_LEVELS:
        raise Refusal(ResultCode.PARAMETER)
    levels: list[_Level] = []
    for _ in range(n // 2):
        kind = cursor.unsigned()
        if kind & _AND:
            _add_condition(levels, kind, cursor, build)
        else:
            levels.append(_read_level(kind, cursor, build))
    return levels


def _read_level(kind: int, cursor: Cursor, build: BuildElementExpression) -> _Level:
    base = kind & _BASE
    if base in {_INDEX, _RANK}:
        return _Level(kind, cursor.integer())
    if base in {_KEY, _VALUE, _KEY_LIST}:
        return _Level(kind, cursor.piece())
    if base == _EXPRESSION:
        return _Level(kind, expression=_read_expression(cursor, build))
    raise Refusal(ResultCode.PARAMETER)


def _add_condition(levels: list[_Level], kind: int, cursor: Cursor, build: BuildElementExpression) -> None:
    if kind != _AND_EXPRESSION or not levels or levels[-1].is_conditional or levels[-1].base == _EXPRESSION:
        raise Refusal(ResultCode.PARAMETER)
    levels[-1].is_conditional = True
    levels[-1].condition = _read_expression(cursor, build)


def _read_expression(cursor: Cursor, build: BuildElementExpression) -> ElementExpression | None:
    kind = cursor.peek()
    piece = cursor.piece()
    if kind == Piece.TRUE:
        return None
    if kind != Piece.LIST:
        raise Refusal(ResultCode.PARAMETER)
    return build(piece)


def read_select(select: Select, piece: bytes) -> Particle:
    """The tree or the leaves of what matches.

    Args:
        select: The selection.
        piece: The bin's value, a packed list or map.

    Raises:
        Refusal: A level does not fit what it meets.
    """
    if select.kind == SelectFlag.MATCHING_TREE:
        return (_LIST if is_list(piece) else _MAP), _tree(select, piece, 0)
    leaves: list[bytes] = []
    _collect(select, piece, 0, leaves)
    return list_particle(leaves)


def _tree(select: Select, piece: bytes, depth: int) -> bytes:
    container = unpack(piece)
    if not len(container):
        return container.pack()
    is_leaf = depth + 1 == len(select.levels)
    parts = []
    for at in _matching(select, container, depth):
        child = _child(container, at)
        below = _tree(select, child, depth + 1) if not is_leaf and _is_container(child) else child
        parts.append(container.names[at] + below if isinstance(container, MapValue) else below)
    header = pack_map_header if isinstance(container, MapValue) else pack_list_header
    return header(len(parts)) + b"".join(parts)


def _collect(select: Select, piece: bytes, depth: int, leaves: list[bytes]) -> None:
    container = unpack(piece)
    is_leaf = depth + 1 == len(select.levels)
    for at in _matching(select, container, depth):
        child = _child(container, at)
        if not is_leaf:
            if _is_container(child):
                _collect(select, child, depth + 1, leaves)
            continue
        if isinstance(container, MapValue) and select.kind & _KEYS:
            leaves.append(container.names[at])
        if select.kind & _VALUES:
            leaves.append(child)


def apply_select(select: Select, piece: bytes) -> Container:
    """The value with its matching leaves replaced or removed.

    Args:
        select: The selection.
        piece: The bin's value, a packed list or map.

    Raises:
        Refusal: A level does not fit what it meets, or an expression can't be computed.
    """
    return _apply(select, unpack(piece), 0)


def _apply(select: Select, container: Container, depth: int) -> Container:
    is_leaf = depth + 1 == len(select.levels)
    removed = []
    for at in list(_matching(select, container, depth)):
        child = _child(container, at)
        if is_leaf:
            new = _new_value(select, container, at)
        else:
            new = _apply(select, unpack(child), depth + 1).pack() if _is_container(child) else child
        if new is None:
            removed.append(at)
        elif new is not child:
            container = _put(container, at, new)
    container = container.without(removed)
    if isinstance(container, ListValue) and container.ordered:
        return container.evolve(piece for _, piece in sorted(zip(container.keys, container.pieces, strict=True)))
    return container


def _put(container: Container, at: int, piece: bytes) -> Container:
    """Another element in its place; an ordered list is sorted once, when all of them are in place."""
    if isinstance(container, MapValue):
        return container.replaced(at, piece)
    return container.evolve((*container.pieces[:at], piece, *container.pieces[at + 1 :]))


def _new_value(select: Select, container: Container, at: int) -> bytes | None:
    """What a leaf becomes; None if it is to be removed."""
    assert select.change is not None
    found = select.change.result(_element(container, at))
    if found is ElementResult.REMOVED:
        return None
    if isinstance(found, ElementResult):
        if not select.is_lenient:
            raise Refusal(ResultCode.SERVER)
        return _child(container, at)
    try:
        return canonical(found, 0)[1]
    except Malformed:
        raise Refusal(ResultCode.BIN_TYPE) from None


def _is_container(piece: bytes) -> bool:
    return is_list(piece) or is_map(piece)


def _child(container: Container, at: int) -> bytes:
    return container.values[at] if isinstance(container, MapValue) else container.pieces[at]


def _element(container: Container, at: int) -> Element:
    if isinstance(container, MapValue):
        return Element(container.names[at], container.values[at], None)
    return Element(None, container.pieces[at], at)


def _matching(select: Select, container: Container, depth: int) -> Iterator[int]:
    """Positions of the elements that a level lets through."""
    level = select.levels[depth]
    is_marked = isinstance(container, ListValue) and container.ordered
    if not (len(container) or is_marked) or not _fits(select, container, depth):
        return
    if level.base in {_INDEX, _RANK}:
        at = _numbered(container, level)
        if at is not None and (level.condition is None or level.condition.matches(_element(container, at))):
            yield at
        return
    matches = _matcher(container, level)
    for at in range(len(container)):
        verdict = matches(at)
        if verdict and level.condition is not None:
            verdict = level.condition.matches(_element(container, at))
        if verdict is None and not select.is_lenient:
            raise Refusal(ResultCode.PARAMETER)
        if verdict:
            yield at
            if level.base == _KEY:
                return


def _fits(select: Select, container: Container, depth: int) -> bool:
    """Whether a level is for such a container.

    Raises:
        Refusal: It is not, and that is an error.
    """
    level = select.levels[depth]
    if isinstance(container, MapValue):
        if level.kind & _MAP_TYPE not in {0, _MAP_ONLY}:
            raise Refusal(ResultCode.PARAMETER)
        return True
    if depth + 1 == len(select.levels) and select.kind & _KEYS:
        if select.is_lenient:
            return False
        raise Refusal(ResultCode.BIN_TYPE)
    if not len(container):
        return False
    if level.kind & _LIST_TYPE not in {0, _LIST_ONLY}:
        raise Refusal(ResultCode.PARAMETER)
    return True


def _numbered(container: Container, level: _Level) -> int | None:
    assert isinstance(level.value, int)
    try:
        at, _ = clip(level.value, 1, len(container), single=True)
    except Refusal:
        return None
    if level.base == _INDEX:
        return at
    if isinstance(container, MapValue):
        return quick_select(container.value_keys, at)
    return at if container.ordered else quick_select(container.keys, at)


def _matcher(container: Container, level: _Level) -> Callable[[int], bool | None]:
    """Whether the level's own part lets an element through; None if that is unknown."""
    base, value, expression = level.base, level.value, level.expression
    if base == _EXPRESSION:
        if expression is None:
            return lambda at: True
        return lambda at: expression.matches(_element(container, at))
    assert isinstance(value, bytes)
    is_map_level = isinstance(container, MapValue)
    if base == _VALUE:
        wanted = search_key(value)
        keys = container.value_keys if isinstance(container, MapValue) else container.keys
        return lambda at: same(keys[at], wanted)
    if base == _KEY and is_map_level:
        wanted = search_key(value)
        return lambda at: same(container.keys[at], wanted)
    if base == _KEY_LIST and is_map_level:
        names = _key_list(value)
        return lambda at: any(same(container.keys[at], name) for name in names.keys)
    return lambda at: None


def _key_list(value: bytes) -> ListValue:
    """The keys of a list of them. One that is marked as ordered must be.

    Raises:
        Refusal: It is no list, or not in order.
    """
    names = unpack_list(value)
    if names.ordered and any(left > right for left, right in zip(names.keys, names.keys[1:], strict=False)):
        raise Refusal(ResultCode.PARAMETER)
    return names
