"""What expressions ask of a record: its bins, its key, and what else is known of it (protocol section 12.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..._wire.flags import ParticleType
from ..._wire.opcodes import ExpOp, ExpType
from ..._wire.units import EPOCH_2010
from .building import Build, Builder, Node, refuse
from .scene import Metadata, Scene
from .values import Marker, Value, is_of_type, of_particle

__all__ = ["OPERATIONS"]

_UNKNOWN = Marker.UNKNOWN
_MAX_BIN_NAME: Final = 15
_KEY_TYPES = frozenset({ExpType.INT, ExpType.STRING, ExpType.BLOB})
_STORED_KEY_TYPES = frozenset({ParticleType.INTEGER, ParticleType.STRING, ParticleType.BLOB})
_INTEGER_KEY_SIZE: Final = 9
_STRING = int(ParticleType.STRING)
_INT32: Final = 1 << 32
_SIGN_OF_INT32: Final = 1 << 31
_NEVER: Final = -1
_NS_PER_S: Final = 10**9
_NS_PER_MS: Final = 10**6


def _of_metadata(kind: int, look: Callable[[Metadata], Value]) -> Build:
    def build(builder: Builder, count: int) -> Node:
        if count:
            raise refuse()
        return Node(kind, lambda scene: _UNKNOWN if scene.metadata is None else look(scene.metadata))

    return build


def _since_update(metadata: Metadata) -> Value:
    return max(0, metadata.now - metadata.last_update)


def _void_time(metadata: Metadata) -> Value:
    return (EPOCH_2010 + metadata.void_time) * _NS_PER_S if metadata.void_time else _NEVER


def _ttl(metadata: Metadata) -> Value:
    return max(0, metadata.void_time - metadata.now // 1000) if metadata.void_time else _NEVER


def _digest_modulo(builder: Builder, count: int) -> Node:
    """The remainder of the digest's last four bytes by an integer of 32 bits."""
    if count != 1:
        raise refuse()
    modulus = builder.cursor.integer() % _INT32
    if modulus == 0:
        raise refuse()
    if modulus & _SIGN_OF_INT32:
        modulus = _INT32 - modulus

    def evaluate(scene: Scene) -> Value:
        if scene.metadata is None:
            return _UNKNOWN
        return int.from_bytes(scene.metadata.digest[-4:], "little") % modulus

    return Node(ExpType.INT, evaluate)


def _key(builder: Builder, count: int) -> Node:
    if count != 1:
        raise refuse()
    kind = builder.cursor.unsigned()
    if kind not in _KEY_TYPES:
        raise refuse()

    def evaluate(scene: Scene) -> Value:
        key = None if scene.metadata is None or scene.bins is None else scene.metadata.user_key
        value = _UNKNOWN if key is None else _value_of_key(key)
        return value if is_of_type(value, kind) else _UNKNOWN

    return Node(kind, evaluate)


def _value_of_key(key: bytes) -> Value:
    if key[0] not in _STORED_KEY_TYPES or (key[0] == ParticleType.INTEGER and len(key) != _INTEGER_KEY_SIZE):
        return _UNKNOWN
    return of_particle((key[0], key[1:]))


def _bin_name(builder: Builder) -> bytes:
    name = builder.cursor.text()
    if len(name) > _MAX_BIN_NAME or 0 in name:
        raise refuse()
    return name


def _bin(builder: Builder, count: int) -> Node:
    if count != 2:
        raise refuse()
    kind = builder.cursor.unsigned()
    if kind > ExpType.HLL:
        raise refuse()
    name = _bin_name(builder)

    def evaluate(scene: Scene) -> Value:
        particle = None if scene.bins is None else scene.bins.get(name)
        value = _UNKNOWN if particle is None else of_particle(particle)
        return value if is_of_type(value, kind) else _UNKNOWN

    return Node(kind, evaluate)


def _bin_type(builder: Builder, count: int) -> Node:
    if count != 1:
        raise refuse()
    name = _bin_name(builder)

    def evaluate(scene: Scene) -> Value:
        if scene.bins is None:
            return _UNKNOWN
        particle = scene.bins.get(name)
        return 0 if particle is None else int(particle[0])

    return Node(ExpType.INT, evaluate)


OPERATIONS: dict[int, Build] = {
    ExpOp.DIGEST_MODULO: _digest_modulo,
    ExpOp.DEVICE_SIZE: _of_metadata(ExpType.INT, lambda metadata: 0),
    ExpOp.MEMORY_SIZE: _of_metadata(ExpType.INT, lambda metadata: metadata.size),
    ExpOp.RECORD_SIZE: _of_metadata(ExpType.INT, lambda metadata: metadata.size),
    ExpOp.LAST_UPDATE: _of_metadata(
        ExpType.INT, lambda metadata: EPOCH_2010 * _NS_PER_S + metadata.last_update * _NS_PER_MS
    ),
    ExpOp.SINCE_UPDATE: _of_metadata(ExpType.INT, _since_update),
    ExpOp.VOID_TIME: _of_metadata(ExpType.INT, _void_time),
    ExpOp.TTL: _of_metadata(ExpType.INT, _ttl),
    ExpOp.SET_NAME: _of_metadata(ExpType.STRING, lambda metadata: (_STRING, metadata.set_name)),
    ExpOp.KEY_EXISTS: _of_metadata(ExpType.BOOL, lambda metadata: metadata.is_key_stored),
    ExpOp.IS_TOMBSTONE: _of_metadata(ExpType.BOOL, lambda metadata: False),
    ExpOp.KEY: _key,
    ExpOp.BIN: _bin,
    ExpOp.BIN_TYPE: _bin_type,
}
