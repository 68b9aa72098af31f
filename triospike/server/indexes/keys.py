"""The values under which an index keeps a record (protocol section 9.3).

Integers are kept as they are, strings and blobs under their hash, places under the numbers of their cells.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import TypeAlias

from ..._wire.flags import ParticleType
from ..apply.cdt.context import find_way
from ..apply.cdt.values import is_list, is_map, unpack_list, unpack_map
from ..apply.containers import Malformed
from ..apply.cursor import Cursor, Piece
from ..apply.geojson import geojson_particle
from ..evaluate.expression import build
from ..evaluate.scene import Metadata, Scene
from ..evaluate.values import of_piece, to_particle
from ..refusal import Refusal
from ..storage.record import Particle, StoredRecord
from .definition import Collection, Definition
from .hashing import hash_of

__all__ = ["LARGEST_TEXT", "Indexed", "indexed", "keys_of"]

LARGEST_TEXT = 2048
"""Longest string or blob that an index takes, in bytes."""

Indexed: TypeAlias = Callable[[bytes, StoredRecord], list[Particle]]
"""From digest and record, the values that an index looks at."""

_INTEGER = int(ParticleType.INTEGER)
_STRING = int(ParticleType.STRING)
_BLOB = int(ParticleType.BLOB)
_GEOJSON = int(ParticleType.GEOJSON)
_LIST = int(ParticleType.LIST)
_MAP = int(ParticleType.MAP)
_CELLS = struct.Struct(">BH")
_INTEGERS = {Piece.INTEGER, Piece.NEGATIVE}


def keys_of(particles: Iterable[Particle]) -> set[int]:
    """The values under which particles of one type are kept, with a sign but for places."""
    keys: set[int] = set()
    for kind, data in particles:
        if kind == _INTEGER:
            keys.add(int.from_bytes(data, "big", signed=True))
        elif kind == _GEOJSON:
            _, n_cells = _CELLS.unpack_from(data)
            keys.update(struct.unpack_from(f">{n_cells}Q", data, _CELLS.size))
        else:
            keys.add(hash_of(data))
    return keys


def indexed(definition: Definition) -> Indexed:
    """What finds the values of a record that an index looks at, all of the index's type."""
    find = _expression(definition.expression) if definition.expression is not None else _bin(definition.bin_name)
    context = definition.context
    kind, collection = definition.kind, definition.collection

    def look(digest: bytes, record: StoredRecord) -> list[Particle]:
        particle = find(digest, record)
        if particle is not None and context is not None:
            particle = _inside(particle, context)
        if particle is None:
            return []
        if collection is Collection.DEFAULT:
            return [particle] if particle[0] == kind and _is_short(particle) else []
        return _elements(particle, kind, collection)

    return look


def _is_short(particle: Particle) -> bool:
    return particle[0] == _GEOJSON or len(particle[1]) <= LARGEST_TEXT


def _bin(name: bytes) -> Callable[[bytes, StoredRecord], Particle | None]:
    return lambda digest, record: record.bins.get(name)


def _expression(packed: bytes) -> Callable[[bytes, StoredRecord], Particle | None]:
    expression = build(packed)

    def find(digest: bytes, record: StoredRecord) -> Particle | None:
        # Of what is no bin, the expression of an index may look at the digest alone.
        metadata = Metadata(digest, record.set_name, None, False, 0, 0, 0, 0)
        try:
            return to_particle(expression.evaluate(Scene(metadata, record.bins)))
        except ValueError:
            return None

    return find


def _inside(particle: Particle, context: bytes) -> Particle | None:
    """What a path leads to."""
    if particle[0] not in {_LIST, _MAP}:
        return None
    try:
        found = find_way(particle[1], Cursor(context), may_make=False).found
        return None if found is None else to_particle(of_piece(Cursor(found)))
    except (Refusal, Malformed, ValueError):
        return None


def _elements(particle: Particle, kind: int, collection: Collection) -> list[Particle]:
    if particle[0] != (_LIST if collection is Collection.LIST else _MAP):
        return []
    try:
        pieces = _pieces(particle[1], collection)
    except (Refusal, Malformed):
        return []
    return [found for piece in pieces if (found := _element(piece, kind)) is not None]


def _pieces(packed: bytes, collection: Collection) -> tuple[bytes, ...]:
    """The packed elements of a list, or keys or values of a map."""
    if collection is Collection.LIST:
        return unpack_list(packed).pieces if is_list(packed) else ()
    if not is_map(packed):
        return ()
    found = unpack_map(packed)
    return found.names if collection is Collection.MAP_KEYS else found.values


def _element(piece: bytes, kind: int) -> Particle | None:
    """A packed element of the index's type, or None."""
    cursor = Cursor(piece)
    try:
        if kind == _INTEGER:
            if cursor.peek() not in _INTEGERS:
                return None
            return _INTEGER, (cursor.integer() % (1 << 64)).to_bytes(8, "big")
        if cursor.peek() not in {Piece.STRING, Piece.BLOB, Piece.GEOJSON}:
            return None
        text = cursor.text()
        if not text or text[0] != kind:
            return None
        return kind, geojson_particle(b"\0\0\0" + text[1:]) if kind == _GEOJSON else text[1:]
    except Refusal:
        return None
