"""What is returned of selected elements: their values, keys, numbers, or how many there are (protocol 10.3)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Final

from ...._wire.flags import ParticleType
from ...._wire.opcodes import ReturnType
from ....result_code import ResultCode
from ...refusal import Refusal
from ...storage.record import Particle
from ..cursor import Cursor, Piece
from ..packing import pack_integer, pack_list_header, pack_map_header
from .selection import Run, Runs, Selection, Want
from .values import ListValue, MapValue

__all__ = ["answer_of_list", "answer_of_map", "bool_particle", "int_particle", "list_particle", "particle_of"]

_INDEX_RANGE: Final = 9
_REVERSE_INDEX_RANGE: Final = 10
_RANK_RANGE: Final = 11
_REVERSE_RANK_RANGE: Final = 12

_INTEGER = int(ParticleType.INTEGER)
_BOOL = int(ParticleType.BOOL)
_LIST = int(ParticleType.LIST)
_MAP = int(ParticleType.MAP)
_FLOAT64 = struct.Struct(">d")
_MASK = (1 << 64) - 1
_TEXT_TYPES = frozenset({*range(ParticleType.STRING, ParticleType.ERLANG_BLOB + 1)})
_GEOJSON_PREFIX = b"\0\0\0"
_MARKERS = {ReturnType.KEY_VALUE: b"\xc7\0\x08\xc0", ReturnType.ORDERED_MAP: b"\xc7\0\x01\xc0"}


def int_particle(number: int) -> Particle:
    """An integer; of more than 64 bits, the lowest."""
    return _INTEGER, (number & _MASK).to_bytes(8, "big")


def bool_particle(value: bool) -> Particle:
    """True or false."""
    return _BOOL, b"\1" if value else b"\0"


def list_particle(pieces: Iterable[bytes]) -> Particle:
    """A list of packed values, without order."""
    found = list(pieces)
    return _LIST, pack_list_header(len(found)) + b"".join(found)


def particle_of(piece: bytes) -> Particle | None:
    """The particle of a packed value; None for nil.

    Raises:
        Refusal: It is an extension object, which no particle is.
    """
    cursor = Cursor(piece)
    kind = cursor.peek()
    if kind == Piece.NIL:
        return None
    if kind in {Piece.TRUE, Piece.FALSE}:
        return bool_particle(kind == Piece.TRUE)
    if kind in {Piece.INTEGER, Piece.NEGATIVE}:
        return int_particle(cursor.unsigned())
    if kind == Piece.FLOAT:
        return int(ParticleType.FLOAT), _FLOAT64.pack(cursor.number())
    if kind in {Piece.STRING, Piece.BLOB, Piece.GEOJSON}:
        return _particle_of_text(cursor.text())
    if kind in {Piece.LIST, Piece.MAP}:
        return (_LIST if kind == Piece.LIST else _MAP), piece
    raise Refusal(ResultCode.SERVER)


def _particle_of_text(text: bytes) -> Particle:
    kind = text[0] if text else int(ParticleType.BLOB)
    if kind == ParticleType.GEOJSON:
        return kind, _GEOJSON_PREFIX + text[1:]
    return (kind if kind in _TEXT_TYPES else int(ParticleType.BLOB)), text[1:]


def answer_of_list(want: Want, selection: Selection, items: ListValue) -> Particle | None:
    """What is returned of elements of a list.

    Raises:
        Refusal: The return type does not fit the selection.
    """
    if want.kind == ReturnType.VALUE:
        return _pieces(want, [items.pieces[at] for at in selection.positions])
    return _numbers(want, selection)


def answer_of_map(want: Want, selection: Selection, items: MapValue) -> Particle | None:
    """What is returned of items of a map.

    Raises:
        Refusal: The return type does not fit the selection.
    """
    if want.kind == ReturnType.KEY:
        return _pieces(want, [items.names[at] for at in selection.positions])
    if want.kind == ReturnType.VALUE:
        return _pieces(want, [items.values[at] for at in selection.positions])
    if want.kind in {ReturnType.KEY_VALUE, ReturnType.UNORDERED_MAP, ReturnType.ORDERED_MAP}:
        positions = sorted(selection.positions) if want.kind == ReturnType.ORDERED_MAP else selection.positions
        marker = _MARKERS.get(ReturnType(want.kind), b"")
        pairs = b"".join([items.names[at] + items.values[at] for at in positions])
        return _MAP, pack_map_header(len(positions) + bool(marker)) + marker + pairs
    return _numbers(want, selection)


def _pieces(want: Want, pieces: list[bytes]) -> Particle | None:
    if not want.single:
        return list_particle(pieces)
    return particle_of(pieces[0]) if pieces else None


def _numbers(want: Want, selection: Selection) -> Particle | None:
    tell = _TELLERS.get(want.kind)
    if tell is None:
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    return tell(want, selection)


def _tell_runs(want: Want, selection: Selection, runs: Runs | None, *, turned: bool) -> Particle:
    if runs is None:
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    if turned:
        runs = [(selection.total - start - count, count) for start, count in runs]
    numbers = [number for start, count in runs for number in range(start, start + count)]
    if want.single:
        return int_particle(numbers[0] if numbers else -1)
    return list_particle(map(pack_integer, numbers))


def _tell_indexes(want: Want, selection: Selection) -> Particle:
    return _tell_runs(want, selection, selection.indexes(), turned=want.kind == ReturnType.REVERSE_INDEX)


def _tell_ranks(want: Want, selection: Selection) -> Particle:
    ranks = selection.ranks and selection.ranks()
    return _tell_runs(want, selection, ranks, turned=want.kind == ReturnType.REVERSE_RANK)


def _tell_range(selection: Selection, run: Run | None, *, turned: bool) -> Particle:
    if run is None:
        raise Refusal(ResultCode.OP_NOT_APPLICABLE)
    start, count = run
    if turned and selection.turns:
        start = selection.total - start - count
    return list_particle([pack_integer(start), pack_integer(count)])


_TELLERS: dict[int, Callable[[Want, Selection], Particle | None]] = {
    ReturnType.NONE: lambda want, selection: None,
    ReturnType.INDEX: _tell_indexes,
    ReturnType.REVERSE_INDEX: _tell_indexes,
    ReturnType.RANK: _tell_ranks,
    ReturnType.REVERSE_RANK: _tell_ranks,
    ReturnType.COUNT: lambda want, selection: int_particle(len(set(selection.positions))),
    ReturnType.EXISTS: lambda want, selection: bool_particle(selection.exists),
    _INDEX_RANGE: lambda want, selection: _tell_range(selection, selection.index_range, turned=False),
    _REVERSE_INDEX_RANGE: lambda want, selection: _tell_range(selection, selection.index_range, turned=True),
    _RANK_RANGE: lambda want, selection: _tell_range(selection, selection.rank_range, turned=False),
    _REVERSE_RANK_RANGE: lambda want, selection: _tell_range(selection, selection.rank_range, turned=True),
}
