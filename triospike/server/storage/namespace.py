"""One node's copy of a namespace: records by partition and digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from ..._wire.units import EPOCH_2010
from ...key import N_PARTITIONS
from ..config import NamespaceConfig
from ..indexes.kept import Catalog, KeptIndexes
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
        catalog: What its indexes are, on all nodes; without it, it has some of its own.

    Attributes:
        catalog: The same.
        indexes: What it keeps of the indexes.
        statistics: What is counted of it, by the names of the ``namespace`` info command.
        truncated: When each set was truncated last, in milliseconds since 2010; under None the whole namespace.
    """

    def __init__(
        self, config: NamespaceConfig, wall_clock: Callable[[], float], catalog: Catalog | None = None
    ) -> None:
        self.name = config.name
        self.config = config
        self.indexes = KeptIndexes()
        self.statistics: Counter[str] = Counter()
        self.truncated: dict[bytes | None, int] = {}
        self.catalog = Catalog() if catalog is None else catalog
        self.catalog.attach(self)
        self._wall_clock = wall_clock
        self._partitions: list[dict[bytes, StoredRecord] | None] = [None] * N_PARTITIONS
        self._sets: Counter[bytes] = Counter()
        self._count = 0
        self._expirable = 0

    def __repr__(self) -> str:
        return f"<Namespace {self.name!r}, {self._count} records in {len(self._sets)} sets>"

    @property
    def count(self) -> int:
        """Records here, with those that have expired but were not removed yet."""
        return self._count

    @property
    def expirable(self) -> int:
        """Records here that expire some time."""
        return self._expirable

    @property
    def sets(self) -> Mapping[bytes, int]:
        """Records of each set that was ever written to."""
        return self._sets

    def add_set(self, set_name: bytes) -> None:
        """Know of a set, though nothing was written to it yet."""
        self._sets.setdefault(set_name, 0)

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
        if self.indexes.all:
            self.indexes.update(partition_id, digest, previous, record)
        self._expirable += bool(record.void_time) - bool(previous is not None and previous.void_time)
        if previous is None:
            self._count += 1
            self._sets[record.set_name] += 1
        elif previous.set_name != record.set_name:
            self._sets[previous.set_name] -= 1
            self._sets[record.set_name] += 1

    def remove(self, digest: bytes) -> bool:
        """Remove a record; return whether there was one."""
        partition_id = (digest[0] | digest[1] << 8) & 0x0FFF
        partition = self._partitions[partition_id]
        record = partition.pop(digest, None) if partition else None
        if record is None:
            return False
        if self.indexes.all:
            self.indexes.update(partition_id, digest, record, None)
        self._expirable -= bool(record.void_time)
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
            self._expirable -= bool(record.void_time)
        self._partitions[partition_id] = None
        self.indexes.forget_partition(partition_id)

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
        if not self._expirable:
            return []
        now = int(self._wall_clock() - EPOCH_2010)
        digests = [
            digest
            for partition in self._partitions
            if partition
            for digest, record in partition.items()
            if 0 < record.void_time < now
        ]
        self.statistics["expired_objects"] += len(digests)
        for digest in digests:
            self.remove(digest)
        return digests
