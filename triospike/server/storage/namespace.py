"""One node's copy of a namespace: records by partition and digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from ..._wire.units import EPOCH_2010
from ...key import N_PARTITIONS
from ..config import NamespaceConfig
from .record import StoredRecord

__all__ = ["Namespace", "partition_of"]

_EMPTY: Mapping[bytes, StoredRecord] = {}


def partition_of(digest: bytes) -> int:
    """Partition of a record (protocol section 5.2)."""
    return (digest[0] | digest[1] << 8) & 0x0FFF


class Namespace:
    """Records of one namespace on one node, and how many of them each set has.

    A record that has expired stays until `remove_expired`, but `get` does not show it.

    Args:
        config: Settings; `set-config` puts another here.
        wall_clock: Unix seconds, by which records expire.
    """

    def __init__(self, config: NamespaceConfig, wall_clock: Callable[[], float]) -> None:
        self.name = config.name
        self.config = config
        self._wall_clock = wall_clock
        self._partitions: list[dict[bytes, StoredRecord] | None] = [None] * N_PARTITIONS
        self._sets: Counter[bytes] = Counter()
        self._count = 0

    def __repr__(self) -> str:
        return f"<Namespace {self.name!r}, {self._count} records in {len(self._sets)} sets>"

    @property
    def count(self) -> int:
        """Records here, with those that have expired but were not removed yet."""
        return self._count

    @property
    def sets(self) -> Mapping[bytes, int]:
        """Records of each set that was ever written to."""
        return self._sets

    def now_ms(self) -> int:
        """Milliseconds since 2010."""
        return int((self._wall_clock() - EPOCH_2010) * 1000)

    def get(self, digest: bytes) -> StoredRecord | None:
        """The live record, or None."""
        partition = self._partitions[(digest[0] | digest[1] << 8) & 0x0FFF]
        record = partition.get(digest) if partition else None
        if record is None or (record.void_time and self.is_expired(record)):
            return None
        return record

    def stored(self, digest: bytes) -> StoredRecord | None:
        """The record, also when it has expired: what a replica is brought up to date with."""
        partition = self._partitions[(digest[0] | digest[1] << 8) & 0x0FFF]
        return partition.get(digest) if partition else None

    def is_expired(self, record: StoredRecord) -> bool:
        """Whether the record's time has come: in the second after its void-time, as on a real server."""
        return 0 < record.void_time < int(self._wall_clock() - EPOCH_2010)

    def put(self, digest: bytes, record: StoredRecord) -> None:
        """Store a record in place of whatever was there."""
        partition_id = (digest[0] | digest[1] << 8) & 0x0FFF
        partition = self._partitions[partition_id]
        if partition is None:
            partition = self._partitions[partition_id] = {}
        previous = partition.get(digest)
        partition[digest] = record
        if previous is None:
            self._count += 1
            self._sets[record.set_name] += 1
        elif previous.set_name != record.set_name:
            self._sets[previous.set_name] -= 1
            self._sets[record.set_name] += 1

    def remove(self, digest: bytes) -> bool:
        """Remove a record; return whether there was one."""
        partition = self._partitions[(digest[0] | digest[1] << 8) & 0x0FFF]
        record = partition.pop(digest, None) if partition else None
        if record is None:
            return False
        self._count -= 1
        self._sets[record.set_name] -= 1
        return True

    def records(self, partition_id: int) -> Mapping[bytes, StoredRecord]:
        """Digest to record of one partition, expired ones too. A live view: copy it to change things under way."""
        return self._partitions[partition_id] or _EMPTY

    def clear_partition(self, partition_id: int) -> None:
        """Drop all records of a partition, as a node does that keeps no copy of it any more."""
        for record in self.records(partition_id).values():
            self._count -= 1
            self._sets[record.set_name] -= 1
        self._partitions[partition_id] = None

    def remove_older(self, partition_id: int, before: int, set_name: bytes | None) -> list[bytes]:
        """Remove records of a partition that were last written before a time; return their digests.

        Args:
            partition_id: The partition.
            before: Milliseconds since 2010.
            set_name: Only records of this set; None for all.
        """
        digests = [
            digest
            for digest, record in self.records(partition_id).items()
            if record.last_update < before and (set_name is None or record.set_name == set_name)
        ]
        for digest in digests:
            self.remove(digest)
        return digests

    def remove_expired(self) -> list[bytes]:
        """Remove all records whose time has come; return their digests."""
        now = int(self._wall_clock() - EPOCH_2010)
        digests = [
            digest
            for partition in self._partitions
            if partition
            for digest, record in partition.items()
            if 0 < record.void_time < now
        ]
        for digest in digests:
            self.remove(digest)
        return digests
