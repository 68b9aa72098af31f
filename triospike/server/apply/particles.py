"""Values as they arrive, checked and brought into the form in which they are stored (protocol section 4.3)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeAlias

from ..._wire.flags import ParticleType
from ...result_code import ResultCode
from ..refusal import Refusal
from ..storage.record import Particle
from .containers import canonical_list, canonical_map
from .geojson import geojson_particle

__all__ = ["check_type", "from_wire"]

_Check: TypeAlias = Callable[[bytes], bytes]

_HLL_HEADER = struct.Struct(">BBBQ")
_HLL_INDEX_BITS = range(4, 17)
_HLL_MINHASH_BITS = frozenset({0, *range(4, 52)})
_HLL_BITS_OF_BOTH = 64
_HLL_REGISTER_BITS = 6


def from_wire(particle_type: int, value: bytes) -> Particle:
    """The particle to store for a value of a request.

    Raises:
        Refusal: The type does not exist, or the bytes do not fit it.
    """
    if particle_type == 1 and len(value) == 8:
        return 1, value
    check = _CHECKS.get(particle_type)
    if check is None:
        raise Refusal(ResultCode.PARAMETER)
    return particle_type, check(value)


def check_type(particle_type: int) -> None:
    """Refuse a type that no value has.

    Raises:
        Refusal: The type does not exist, or is the null particle, which has no value.
    """
    if particle_type not in _CHECKS:
        raise Refusal(ResultCode.PARAMETER)


def _integer(value: bytes) -> bytes:
    if len(value) not in {1, 2, 4, 8}:
        raise Refusal(ResultCode.PARAMETER)
    return value.rjust(8, b"\0")


def _float(value: bytes) -> bytes:
    if len(value) != 8:
        raise Refusal(ResultCode.PARAMETER)
    return value


def _bool(value: bytes) -> bytes:
    if value not in {b"\0", b"\1"}:
        raise Refusal(ResultCode.PARAMETER)
    return value


def _blob(value: bytes) -> bytes:
    return value


def _hll(value: bytes) -> bytes:
    if len(value) < _HLL_HEADER.size:
        raise Refusal(ResultCode.PARAMETER)
    flags, index_bits, minhash_bits, _ = _HLL_HEADER.unpack_from(value)
    if flags or index_bits not in _HLL_INDEX_BITS or minhash_bits not in _HLL_MINHASH_BITS:
        raise Refusal(ResultCode.PARAMETER)
    registers = ((_HLL_REGISTER_BITS + minhash_bits << index_bits) + 7) // 8
    if index_bits + minhash_bits > _HLL_BITS_OF_BOTH or len(value) != _HLL_HEADER.size + registers:
        raise Refusal(ResultCode.PARAMETER)
    return value


_CHECKS: dict[int, _Check] = {
    ParticleType.INTEGER: _integer,
    ParticleType.FLOAT: _float,
    ParticleType.STRING: _blob,
    ParticleType.BLOB: _blob,
    **dict.fromkeys(range(ParticleType.JAVA_BLOB, ParticleType.ERLANG_BLOB + 1), _blob),
    ParticleType.VECTOR: _blob,
    ParticleType.BOOL: _bool,
    ParticleType.HLL: _hll,
    ParticleType.MAP: canonical_map,
    ParticleType.LIST: canonical_list,
    ParticleType.GEOJSON: geojson_particle,
}
