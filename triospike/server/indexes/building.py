"""Filling an index that begins when there are records already."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Final, Protocol

from ...key import N_PARTITIONS
from ..storage.record import StoredRecord
from .index import Index

__all__ = ["PARTS", "Records", "build_at_once", "building"]

PARTS: Final = 64
"""After each of so many equal parts of a build, some time may pass."""

_RECORDS_AT_ONCE: Final = 200
_PARTITIONS_OF_A_PART: Final = N_PARTITIONS // PARTS


class Records(Protocol):
    """A node's copy of a namespace, as far as it has records."""

    def records(self, partition_id: int) -> Mapping[bytes, StoredRecord]:
        """The records of a partition."""


def building(storage: Records, index: Index, pause: float) -> Generator[float, None, None]:
    """Fill an index, step by step.

    Args:
        storage: What is indexed.
        index: The index.
        pause: Seconds that pass after each part.

    Yields:
        Seconds to let pass; 0 lets others have their turn.
    """
    work = 0
    for partition_id in range(N_PARTITIONS):
        records = storage.records(partition_id)
        for digest in tuple(records):
            record = records.get(digest)
            if record is not None and storage.records(partition_id) is records:
                index.update(partition_id, digest, None, record)
            work += 1
            if work % _RECORDS_AT_ONCE == 0:
                yield 0.0
            if index.is_dropped:
                return
        index.done = partition_id + 1
        if index.done % _PARTITIONS_OF_A_PART == 0 and pause:
            yield pause
    index.is_readable = True


def build_at_once(storage: Records, index: Index) -> None:
    """Fill an index before anything else happens."""
    for _ in building(storage, index, 0.0):
        pass
