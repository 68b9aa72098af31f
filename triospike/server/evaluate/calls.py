"""Calls of the operations on lists, maps, bits and sketches, and values in quotes (protocol section 12.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from ..._wire.flags import ParticleType
from ..._wire.opcodes import CdtCall, ExpCallSystem, ExpOp, ExpType
from ..apply.bits import modify_bits, read_bits
from ..apply.cdt.engine import modify_cdt, read_cdt
from ..apply.cursor import Cursor, Piece
from ..apply.elements import BuildElementExpression
from ..apply.geojson import geojson_particle
from ..apply.hll import modify_hll, read_hll
from ..apply.packing import pack_header
from ..refusal import Refusal
from ..storage.record import Particle
from .building import Build, Builder, Evaluate, Node, refuse
from .scene import Scene
from .values import Marker, Value, geojson_text, is_of_type, of_particle, to_piece

__all__ = ["OPERATIONS"]

_UNKNOWN = Marker.UNKNOWN
_LIST = int(ParticleType.LIST)
_MAP = int(ParticleType.MAP)
_GEOJSON = int(ParticleType.GEOJSON)
_EXTENSION_CODES = frozenset({*range(0xD4, 0xD9), 0xC7, 0xC8, 0xC9})

_Part: TypeAlias = bytes | Evaluate
"""Of a packed call: bytes as they stand, or what gives an argument."""

_Operate: TypeAlias = Callable[[bytes, Particle | None, BuildElementExpression], Particle | None]

_KINDS: Final = {
    ExpCallSystem.CDT: frozenset({ExpType.LIST, ExpType.MAP}),
    ExpCallSystem.BITS: frozenset({ExpType.BLOB}),
    ExpCallSystem.HLL: frozenset({ExpType.HLL}),
}
"""What the operations of each system work on."""


def _call(builder: Builder, count: int) -> Node:
    if count != 4:
        raise refuse()
    cursor = builder.cursor
    kind, system = cursor.unsigned(), cursor.unsigned()
    operate = _OPERATIONS.get(system)
    if kind > ExpType.HLL or operate is None:
        raise refuse()
    build_element = builder.build_element
    parts = _parts(builder)
    subject = builder.node()
    if subject.kind != ExpType.NIL and subject.kind not in _KINDS[ExpCallSystem(system & ~ExpCallSystem.MODIFY)]:
        raise refuse()
    evaluate_subject = subject.evaluate

    def evaluate(scene: Scene) -> Value:
        call = b""
        for part in parts:
            piece = part if isinstance(part, bytes) else to_piece(part(scene))
            if piece is None:
                return _UNKNOWN
            call += piece
        subject_now = evaluate_subject(scene)
        if subject_now is not None and not isinstance(subject_now, tuple):
            return _UNKNOWN
        return _result(lambda: operate(call, subject_now, build_element), kind)

    return Node(ExpType.NIL if subject.kind == ExpType.NIL else kind, evaluate)


def _parts(builder: Builder) -> list[_Part]:
    """The packed call, with each list among the arguments an expression; paths stand as they are."""
    cursor = builder.cursor
    start = cursor.at
    count = cursor.list_size()
    code = cursor.unsigned() if count else -1
    if code == CdtCall.SELECT:
        cursor.at = start
        return [_select(cursor)]
    if code == CdtCall.CONTEXT:
        if count != 3:
            raise refuse()
        cursor.skip()
        count = cursor.list_size()
        cursor.unsigned()
    if count < 1:
        raise refuse()
    parts: list[_Part] = []
    arguments = 1
    while arguments < count:
        if cursor.peek() == Piece.LIST:
            parts.append(cursor.data[start : cursor.at])
            parts.append(builder.node().evaluate)
            start = cursor.at
        else:
            cursor.skip()
        arguments += 1
    parts.append(cursor.data[start : cursor.at])
    return parts


def _select(cursor: Cursor) -> bytes:
    """A selection: path, flags, and perhaps an expression that is built only when it is applied."""
    start = cursor.at
    count = cursor.list_size()
    cursor.unsigned()
    if not 3 <= count <= 4 or cursor.peek() != Piece.LIST:
        raise refuse()
    cursor.skip()
    cursor.unsigned()
    cursor.skip(count - 3)
    return cursor.data[start : cursor.at]


def _result(operate: Callable[[], Particle | None], kind: int) -> Value:
    """What a call gives, if that is of the type that was announced; any refusal makes it unknown."""
    try:
        found = operate()
        value = None if found is None else of_particle(_with_cells(found))
    except Refusal:
        return _UNKNOWN
    return value if is_of_type(value, kind) else _UNKNOWN


def _with_cells(particle: Particle) -> Particle:
    """A place that was an element carries no cells."""
    kind, _ = particle
    return (kind, geojson_particle(b"\0\0\0" + geojson_text(particle))) if kind == _GEOJSON else particle


def _quote(builder: Builder, count: int) -> Node:
    if count != 1 or builder.cursor.peek() != Piece.LIST:
        raise refuse()
    value = _LIST, builder.cursor.piece()
    return Node(ExpType.LIST, lambda scene: value)


def _of_pairs(place: int) -> Build:
    """Keys or values of a map, as a list in the map's own order.

    Args:
        place: 0 for keys, 1 for values.
    """

    def build(builder: Builder, count: int) -> Node:
        if count != 1:
            raise refuse()
        argument = builder.node().evaluate

        def evaluate(scene: Scene) -> Value:
            value = argument(scene)
            if not isinstance(value, tuple) or value[0] != _MAP:
                return _UNKNOWN
            try:
                return _list_of(_pieces_of_map(value[1])[place::2])
            except Refusal:
                return _UNKNOWN

        return Node(ExpType.LIST, evaluate)

    return build


def _pieces_of_map(packed: bytes) -> list[bytes]:
    cursor = Cursor(packed)
    n = 2 * cursor.map_size()
    if n and not cursor.is_at_end() and packed[cursor.at] in _EXTENSION_CODES:
        cursor.skip(2)
        n -= 2
    return [cursor.piece() for _ in range(n)]


def _list_of(pieces: Sequence[bytes]) -> Particle:
    return _LIST, pack_header(0x90, 0xDC, len(pieces)) + b"".join(pieces)


def _read_cdt(call: bytes, subject: Particle | None, build: BuildElementExpression) -> Particle | None:
    return read_cdt(call, _existing(subject), build)


def _modify_cdt(call: bytes, subject: Particle | None, build: BuildElementExpression) -> Particle | None:
    changed, _ = modify_cdt(call, subject, build)
    return changed


def _read_bits(call: bytes, subject: Particle | None, build: BuildElementExpression) -> Particle | None:
    return read_bits(call, _existing(subject))


def _modify_bits(call: bytes, subject: Particle | None, build: BuildElementExpression) -> Particle | None:
    return modify_bits(call, subject)


def _read_hll(call: bytes, subject: Particle | None, build: BuildElementExpression) -> Particle | None:
    return read_hll(call, _existing(subject))


def _modify_hll(call: bytes, subject: Particle | None, build: BuildElementExpression) -> Particle | None:
    changed, _ = modify_hll(call, subject)
    return changed


def _existing(subject: Particle | None) -> Particle:
    """What is to be read, which can't be nil."""
    if subject is None:
        raise refuse()
    return subject


_OPERATIONS: dict[int, _Operate] = {
    ExpCallSystem.CDT: _read_cdt,
    ExpCallSystem.BITS: _read_bits,
    ExpCallSystem.HLL: _read_hll,
    ExpCallSystem.CDT | ExpCallSystem.MODIFY: _modify_cdt,
    ExpCallSystem.BITS | ExpCallSystem.MODIFY: _modify_bits,
    ExpCallSystem.HLL | ExpCallSystem.MODIFY: _modify_hll,
}

OPERATIONS: dict[int, Build] = {
    ExpOp.CALL: _call,
    ExpOp.QUOTE: _quote,
    ExpOp.MAP_KEYS: _of_pairs(0),
    ExpOp.MAP_VALUES: _of_pairs(1),
}
