"""Where a scan or query stands, as plain data: taken here, used in another process tomorrow."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias
from zlib import crc32

import attrs

from ..key import DIGEST_BYTES, N_PARTITIONS

__all__ = ["Cursor", "ResumePoint"]

ResumePoint: TypeAlias = tuple[bytes, int]
"""The last record of a partition: its digest, and for a query the value in the index that found it, else 0."""

_MAGIC = b"TSQC"
_VERSION = 1
_START = struct.Struct(">4sB8sHHQH")  # magic, version, fingerprint, begin, count, records, number of points
_POINT = struct.Struct(f">H{DIGEST_BYTES}sQ")
_CHECKSUM = struct.Struct(">I")


@attrs.frozen
class Cursor:
    """The position of a scan or query: which partitions are done, and the last record of those begun.

    `QueryRecords.cursor` makes one; ``client.query(statement, partitions=cursor)`` goes on from there.

    Attributes:
        fingerprint: Of the statement that it belongs to.
        begin: The first partition.
        count: How many partitions.
        records: Records handed out so far.
        finished: The partitions that are done.
        points: Partition to its last record, for those begun and not done.
    """

    fingerprint: bytes = attrs.field(repr=False)
    begin: int
    count: int
    records: int = 0
    finished: frozenset[int] = attrs.field(default=frozenset(), repr=False)
    points: Mapping[int, ResumePoint] = attrs.field(factory=dict, repr=False, hash=False)

    @property
    def done(self) -> bool:
        """Nothing is left."""
        return len(self.finished) == self.count

    def to_bytes(self) -> bytes:
        """The cursor as bytes, to be stored anywhere and read by `from_bytes` of this or a later version."""
        bitmap = sum(1 << (partition - self.begin) for partition in self.finished)
        body = [
            _START.pack(
                _MAGIC, _VERSION, self.fingerprint, self.begin, self.count, self.records, len(self.points)
            ),
            bitmap.to_bytes(_bitmap_size(self.count), "little"),
        ]
        body += [_POINT.pack(partition, *point) for partition, point in sorted(self.points.items())]
        data = b"".join(body)
        return data + _CHECKSUM.pack(crc32(data))

    @classmethod
    def from_bytes(cls, data: bytes) -> Cursor:
        """The cursor that `to_bytes` wrote.

        Args:
            data: The bytes.

        Raises:
            TypeError: They are no bytes.
            ValueError: They are no cursor, one of a later version, or not what was written.
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data must be bytes, not {type(data).__name__}")
        data = bytes(data)
        if not data.startswith(_MAGIC):
            raise ValueError("data are no cursor: they do not begin as one")
        if len(data) > len(_MAGIC) and data[len(_MAGIC)] != _VERSION:
            raise ValueError(
                f"data are a cursor of version {data[len(_MAGIC)]}; this client reads version {_VERSION}"
            )
        if len(data) < _START.size + _CHECKSUM.size:
            raise ValueError(f"data are a cursor that is cut off: {len(data)} bytes")
        if _CHECKSUM.unpack_from(data, len(data) - _CHECKSUM.size)[0] != crc32(data[: -_CHECKSUM.size]):
            raise ValueError("data are a damaged cursor: their checksum is wrong")
        return cls._parsed(data)

    @classmethod
    def _parsed(cls, data: bytes) -> Cursor:
        _, _, fingerprint, begin, count, records, n_points = _START.unpack_from(data)
        points_at = _START.size + _bitmap_size(count)
        if not 1 <= count <= N_PARTITIONS - begin:
            raise ValueError(f"data are a damaged cursor: partitions {begin} to {begin + count - 1}")
        if len(data) != points_at + n_points * _POINT.size + _CHECKSUM.size:
            raise ValueError(f"data are a damaged cursor: {len(data)} bytes do not fit its {n_points} positions")
        bitmap = int.from_bytes(data[_START.size : points_at], "little")
        finished = frozenset(begin + bit for bit in range(count) if bitmap >> bit & 1)
        points: dict[int, ResumePoint] = {}
        for number in range(n_points):
            partition, digest, value = _POINT.unpack_from(data, points_at + number * _POINT.size)
            if not begin <= partition < begin + count or partition in finished:
                raise ValueError(f"data are a damaged cursor: they have a position in partition {partition}")
            points[partition] = digest, value
        return cls(fingerprint, begin, count, records, finished, MappingProxyType(points))


def _bitmap_size(count: int) -> int:
    return (count + 7) // 8
