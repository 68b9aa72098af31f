"""Writing, adding to, appending to and deleting whole bins."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeAlias

from ..._wire.flags import OpType, ParticleType
from ...result_code import ResultCode
from ..refusal import Refusal
from ..storage.record import Particle
from .particles import check_type, from_wire

__all__ = ["MODIFY", "Bins", "Modify", "remove_bin"]

Bins: TypeAlias = dict[bytes, Particle]
Modify: TypeAlias = Callable[[Bins, bytes, int, bytes], None]

_INT64_MASK = (1 << 64) - 1
_FLOAT64 = struct.Struct(">d")
_INTEGER = 1
_NUMBERS = frozenset({ParticleType.INTEGER, ParticleType.FLOAT})
_BLOBS = frozenset(
    {ParticleType.STRING, *range(ParticleType.BLOB, ParticleType.ERLANG_BLOB + 1), ParticleType.VECTOR}
)


def write(bins: Bins, name: bytes, particle_type: int, value: bytes) -> None:
    """Put a value in a bin; the null particle deletes the bin."""
    if particle_type == ParticleType.NULL:
        remove_bin(bins, name)
    else:
        bins[name] = from_wire(particle_type, value)


def remove_bin(bins: Bins, name: bytes) -> None:
    """Delete a bin. The last bin takes its place, as on a real server, where clients can see the order."""
    if name not in bins:
        return
    last_name, last = next(reversed(bins.items()))
    if last_name == name:
        del bins[name]
        return
    items = [(last_name, last) if item[0] == name else item for item in bins.items()]
    bins.clear()
    bins.update(items[:-1])


def delete_all(bins: Bins, name: bytes, particle_type: int, value: bytes) -> None:
    """Delete all bins."""
    bins.clear()


def increment(bins: Bins, name: bytes, particle_type: int, value: bytes) -> None:
    """Add to a number; integers wrap at 64 bits. On a bin that is not there, write."""
    current = _current(bins, name, particle_type, value)
    if current is None:
        return
    current_type, number = current
    if current_type != particle_type or current_type not in _NUMBERS:
        raise Refusal(ResultCode.BIN_TYPE)
    _, operand = from_wire(particle_type, value)
    if current_type == _INTEGER:
        total = int.from_bytes(number, "big") + int.from_bytes(operand, "big")
        bins[name] = _INTEGER, (total & _INT64_MASK).to_bytes(8, "big")
    else:
        (left,), (right,) = _FLOAT64.unpack(operand), _FLOAT64.unpack(number)
        bins[name] = current_type, _FLOAT64.pack(left + right)


def append(bins: Bins, name: bytes, particle_type: int, value: bytes) -> None:
    """Lengthen a string or blob at its end; on a bin that is not there, write."""
    current = _concatenable(bins, name, particle_type, value)
    if current is not None:
        bins[name] = particle_type, current + value


def prepend(bins: Bins, name: bytes, particle_type: int, value: bytes) -> None:
    """Lengthen a string or blob at its front; on a bin that is not there, write."""
    current = _concatenable(bins, name, particle_type, value)
    if current is not None:
        bins[name] = particle_type, value + current


def _concatenable(bins: Bins, name: bytes, particle_type: int, value: bytes) -> bytes | None:
    current = _current(bins, name, particle_type, value)
    if current is None:
        return None
    current_type, data = current
    if current_type not in _BLOBS or current_type != particle_type:
        raise Refusal(ResultCode.BIN_TYPE)
    return data


def _current(bins: Bins, name: bytes, particle_type: int, value: bytes) -> Particle | None:
    """What the bin holds. If it is not there, it is written, and there is nothing more to do.

    An operand of a type that does not exist is refused first; whether its bytes fit its type is looked at only
    when they are used.
    """
    check_type(particle_type)
    current = bins.get(name)
    if current is None:
        bins[name] = from_wire(particle_type, value)
    elif current[0] == ParticleType.GEOJSON:
        raise Refusal(ResultCode.SERVER)
    return current


MODIFY: dict[int, Modify] = {
    OpType.WRITE: write,
    OpType.INCR: increment,
    OpType.APPEND: append,
    OpType.PREPEND: prepend,
    OpType.DELETE_ALL: delete_all,
}
"""What each operation does to a record's bins."""
