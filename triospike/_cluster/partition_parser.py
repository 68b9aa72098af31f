"""Replica maps as a node sends them: the partitions it claims, as bitmaps (protocol section 6.5)."""

from __future__ import annotations

import base64
import binascii

import attrs

from ..errors import ProtocolError
from ..key import N_PARTITIONS

__all__ = ["ReplicaMap", "parse_replicas", "partitions_of"]

_BITMAP_BYTES = N_PARTITIONS // 8
_MAX_DIGITS = 10
# For each value of a byte the offsets of its bits, the highest bit first.
_OFFSETS = tuple(tuple(bit for bit in range(8) if byte & (0x80 >> bit)) for byte in range(256))


@attrs.frozen
class ReplicaMap:
    """What one node claims of one namespace.

    Attributes:
        namespace: Its name.
        regime: 0 in an available-mode namespace; in a strong-consistency one it grows with each change.
        bitmaps: One per replica, the master's first: a bit for each partition that the node holds as such.
    """

    namespace: str
    regime: int
    bitmaps: tuple[bytes, ...]


def parse_replicas(text: str) -> tuple[ReplicaMap, ...]:
    """Read the value of ``replicas``.

    Raises:
        ProtocolError: The text is not of this grammar; the message names the namespace if there is one.
    """
    return tuple(_replica_map(part) for part in text.split(";") if part)


def _replica_map(part: str) -> ReplicaMap:
    namespace, colon, rest = part.partition(":")
    if not colon or not namespace:
        raise ProtocolError(f"malformed replica map, a namespace is missing: {part[:80]!r}")
    pieces = rest.split(",")
    if len(pieces) < 2:
        raise ProtocolError(f"malformed replica map of {namespace!r}: {part[:80]!r}")
    regime, count = _number(pieces[0], namespace), _number(pieces[1], namespace)
    if count != len(pieces) - 2:
        raise ProtocolError(f"replica map of {namespace!r} announces {count} bitmaps and has {len(pieces) - 2}")
    return ReplicaMap(namespace, regime, tuple(_bitmap(piece, namespace) for piece in pieces[2:]))


def _number(text: str, namespace: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise ProtocolError(f"malformed number in the replica map of {namespace!r}: {text[:80]!r}")
    return int(text)


def _bitmap(text: str, namespace: str) -> bytes:
    try:
        bitmap = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProtocolError(f"replica map of {namespace!r} is no base64: {error}") from error
    if len(bitmap) != _BITMAP_BYTES:
        raise ProtocolError(f"bitmap of {namespace!r} has {len(bitmap)} bytes, not {_BITMAP_BYTES}")
    return bitmap


def partitions_of(bitmap: bytes) -> list[int]:
    """The partitions whose bit is set, in order; the highest bit of the first byte is partition 0."""
    return [at * 8 + offset for at, byte in enumerate(bitmap) if byte for offset in _OFFSETS[byte]]
