"""Bin values: from Python to particle type and bytes, and back (protocol section 4.3)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ProtocolError
from ..values import HLL, INT64_MAX, INT64_MIN, GeoJSON, KeyOrderedMap, OpaqueBlob, decode_text, encode_text
from . import msgpack
from .flags import ParticleType

__all__ = ["decode_value", "encode_value", "pack_float64", "pack_int64"]

_FLOAT64 = struct.Struct(">d")
pack_float64 = _FLOAT64.pack
pack_int64 = struct.Struct(">q").pack
_GEO_PREFIX = struct.Struct(">BH")


def encode_value(value: Any, where: str) -> tuple[int, bytes]:
    """Particle type and bytes of a Python value.

    Args:
        value: See `triospike.values.BinValue`.
        where: What the value is, for messages: ``bins["a"]``.

    Raises:
        TypeError: The type can't be stored; the message names the path to the culprit.
        ValueError: An int does not fit in 64 bits; the message names the path to it.
    """
    encode = _ENCODERS.get(type(value)) or _encoder_of_subclass(value, where)
    return encode(value, where)


def _encode_int(value: int, where: str) -> tuple[int, bytes]:
    if not INT64_MIN <= value <= INT64_MAX:
        raise ValueError(f"{where} does not fit in 64 bits: {value}")
    return 1, pack_int64(value)


def _encode_str(value: str, where: str) -> tuple[int, bytes]:
    return 3, encode_text(value, where)


def _encode_geojson(value: GeoJSON, where: str) -> tuple[int, bytes]:
    return ParticleType.GEOJSON, b"\0\0\0" + encode_text(value.text, where)


def _encode_list(value: Any, where: str) -> tuple[int, bytes]:
    return ParticleType.LIST, msgpack.pack(value, where)


def _encode_map(value: Any, where: str) -> tuple[int, bytes]:
    return ParticleType.MAP, msgpack.pack(value, where)


_Encoder = Callable[[Any, str], tuple[int, bytes]]
_ENCODERS: dict[type, _Encoder] = {
    int: _encode_int,
    str: _encode_str,
    bytes: lambda value, where: (4, value),
    float: lambda value, where: (2, pack_float64(value)),
    bool: lambda value, where: (17, b"\x01" if value else b"\x00"),
    type(None): lambda value, where: (0, b""),
    bytearray: lambda value, where: (4, bytes(value)),
    memoryview: lambda value, where: (4, bytes(value)),
    GeoJSON: _encode_geojson,
    HLL: lambda value, where: (ParticleType.HLL, value.data),
    OpaqueBlob: lambda value, where: (value.particle_type, value.data),
    list: _encode_list,
    tuple: _encode_list,
    dict: _encode_map,
    KeyOrderedMap: _encode_map,
}
_SUBCLASS_ENCODERS: tuple[tuple[type, _Encoder], ...] = (
    (int, _encode_int),
    (float, _ENCODERS[float]),
    (str, _ENCODERS[str]),
    (bytes, _ENCODERS[bytearray]),
    (Mapping, _encode_map),
    (list, _encode_list),
    (tuple, _encode_list),
)


def _encoder_of_subclass(value: object, where: str) -> _Encoder:
    for base, encode in _SUBCLASS_ENCODERS:
        if isinstance(value, base):
            return encode
    raise TypeError(f"{where} can't be stored: {type(value).__name__} has no Aerospike type")


def decode_value(particle_type: int, data: bytes) -> Any:
    """The Python value of a particle that a peer sent.

    Raises:
        ProtocolError: The type is unknown, or the bytes do not fit it.
    """
    decode = _DECODERS.get(particle_type)
    if decode is None:
        raise ProtocolError(f"unknown particle type {particle_type}")
    try:
        return decode(data)
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise ProtocolError(
            f"particle of type {particle_type} and {len(data)} bytes is malformed: {error}"
        ) from error


def _decode_int(data: bytes) -> int:
    # A server sends eight bytes; older ones sent as few as the value needs.
    if len(data) == 8:
        return int.from_bytes(data, "big", signed=True)
    if len(data) in {1, 2, 4}:
        return int.from_bytes(data, "big")
    raise ProtocolError(f"integer of {len(data)} bytes")


def _decode_float(data: bytes) -> float:
    (value,) = _FLOAT64.unpack(data)
    return float(value)


def _decode_bool(data: bytes) -> bool:
    if len(data) != 1:
        raise ProtocolError(f"bool of {len(data)} bytes")
    return data[0] != 0


def _decode_geojson(data: bytes) -> GeoJSON:
    _, cells = _GEO_PREFIX.unpack_from(data)
    start = _GEO_PREFIX.size + 8 * cells
    if start > len(data):
        raise ProtocolError(f"GeoJSON of {len(data)} bytes announces {cells} cells")
    return GeoJSON(data[start:].decode())


def _decode_list(data: bytes) -> Any:
    if data[0] >> 4 != 0x9 and data[0] not in {0xDC, 0xDD}:
        raise ProtocolError(f"list of {len(data)} bytes begins with {data[0]:#04x}, which begins no list")
    return msgpack.unpack(data)


def _decode_map(data: bytes) -> Any:
    if data[0] >> 4 != 0x8 and data[0] not in {0xDE, 0xDF}:
        raise ProtocolError(f"map of {len(data)} bytes begins with {data[0]:#04x}, which begins no map")
    return msgpack.unpack(data)


def _opaque(particle_type: int) -> Callable[[bytes], OpaqueBlob]:
    return lambda data: OpaqueBlob(particle_type, data)


_DECODERS: dict[int, Callable[[bytes], Any]] = {
    ParticleType.NULL: lambda data: None,
    ParticleType.INTEGER: _decode_int,
    ParticleType.FLOAT: _decode_float,
    ParticleType.STRING: decode_text,
    ParticleType.BLOB: bytes,
    **{kind: _opaque(kind) for kind in range(ParticleType.JAVA_BLOB, ParticleType.ERLANG_BLOB + 1)},
    ParticleType.VECTOR: bytes,
    ParticleType.BOOL: _decode_bool,
    ParticleType.HLL: HLL,
    ParticleType.MAP: _decode_map,
    ParticleType.LIST: _decode_list,
    ParticleType.GEOJSON: _decode_geojson,
}
