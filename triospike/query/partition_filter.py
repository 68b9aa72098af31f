"""Which of a namespace's 4096 partitions a scan or query goes through."""

from __future__ import annotations

import attrs

from ..key import DIGEST_BYTES, N_PARTITIONS, Key

__all__ = ["PartitionFilter"]


@attrs.frozen
class PartitionFilter:
    """A range of partitions (C: ``as_partition_filter``); made by the class methods here.

    Attributes:
        begin: The first partition.
        count: How many partitions.
        digest: Of the one partition, only the records behind this digest; None for all.
    """

    begin: int
    count: int
    digest: bytes | None = None

    @classmethod
    def all(cls) -> PartitionFilter:
        """Every partition, which is the default."""
        return cls(0, N_PARTITIONS)

    @classmethod
    def one(cls, partition_id: int) -> PartitionFilter:
        """One partition.

        Args:
            partition_id: From 0 to 4095; see `Key.partition_id`.
        """
        return cls.range(partition_id, 1)

    @classmethod
    def range(cls, begin: int, count: int) -> PartitionFilter:
        """Some partitions in a row.

        Args:
            begin: The first, from 0 to 4095.
            count: How many, at least 1.
        """
        for argument, value in (("begin", begin), ("count", count)):
            if isinstance(value, bool) or not isinstance(value, int):
                raise TypeError(f"{argument} must be an int, not {type(value).__name__}")
        if not 0 <= begin < N_PARTITIONS:
            raise ValueError(f"the first partition must be 0 to {N_PARTITIONS - 1}, not {begin}")
        if not 1 <= count <= N_PARTITIONS - begin:
            raise ValueError(f"count must be 1 to {N_PARTITIONS - begin} from partition {begin} on, not {count}")
        return cls(begin, count)

    @classmethod
    def after(cls, key: Key | bytes) -> PartitionFilter:
        """The records of one partition that come behind a record, in the order of scans; not for queries.

        Args:
            key: The record, which need not exist, or its digest.
        """
        digest = key.digest if isinstance(key, Key) else key
        if not isinstance(digest, bytes):
            raise TypeError(f"key must be a Key or a digest, not {type(key).__name__}")
        if len(digest) != DIGEST_BYTES:
            raise ValueError(f"a digest must be {DIGEST_BYTES} bytes long, not {len(digest)}")
        return cls((digest[0] | digest[1] << 8) % N_PARTITIONS, 1, digest)
