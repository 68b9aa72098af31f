"""One index on one node: for each partition, the records in the order of the indexed values."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final, TypeAlias

from ..storage.record import StoredRecord
from .definition import Definition
from .keys import indexed, keys_of

__all__ = ["Entry", "Index"]

Entry: TypeAlias = tuple[int, bytes]
"""Value and digest."""

_MOST_COUNTED: Final = 20_000
_BEHIND_ALL: Final = b"\xff" * 21


class Index:
    """What a node has of an index. Kept up to date from its making on; readable once it holds everything.

    Args:
        definition: What is indexed.

    Attributes:
        definition: The same; renaming the index puts another here.
        is_readable: It holds all records that it has to.
        is_dropped: It is gone: whoever works with it gives up.
        done: Partitions that were looked through while it is built.
        load_ms: Milliseconds that building it took.
        particles: Finds the values of a record that are indexed.
    """

    __slots__ = (
        "_count",
        "_partitions",
        "definition",
        "done",
        "is_dropped",
        "is_readable",
        "load_ms",
        "particles",
    )

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.particles = indexed(definition)
        self.is_readable = False
        self.is_dropped = False
        self.done = 0
        self.load_ms = 0
        self._partitions: dict[int, list[Entry]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def covers(self, record: StoredRecord) -> bool:
        """Whether the record is of the index's set."""
        set_name = self.definition.set_name
        return not set_name or record.set_name == set_name

    def update(
        self, partition_id: int, digest: bytes, before: StoredRecord | None, after: StoredRecord | None
    ) -> None:
        """Take in that a record was written or is gone."""
        if before is not None and after is not None and self._is_same(before, after):
            return
        old = self._keys(digest, before)
        new = self._keys(digest, after)
        for key in old - new:
            self._remove(partition_id, (key, digest))
        # A record that was there before an index that is still being built is not in it yet.
        for key in new - old if self.is_readable else new:
            self._add(partition_id, (key, digest))

    def forget_partition(self, partition_id: int) -> None:
        """Drop all of a partition."""
        self._count -= len(self._partitions.pop(partition_id, ()))

    def entries(self, partition_id: int, first: int, last: int, after: Entry | None, limit: int) -> list[Entry]:
        """Entries of a partition in order, at most so many.

        Args:
            partition_id: The partition.
            first: Least value.
            last: Greatest value.
            after: Only those behind this one; None for all.
            limit: Most entries.
        """
        entries = self._partitions.get(partition_id)
        if not entries:
            return []
        start = bisect_left(entries, (first, b"")) if after is None else bisect_right(entries, after)
        end = bisect_right(entries, (last, _BEHIND_ALL), lo=start)
        return entries[start : min(end, start + limit)]

    def cardinality(self) -> tuple[int, int]:
        """How many different values and how many different records there are; in a large index, about how many."""
        keys: set[int] = set()
        digests: set[bytes] = set()
        counted = 0
        for entries in self._partitions.values():
            keys.update(key for key, _ in entries)
            digests.update(digest for _, digest in entries)
            counted += len(entries)
            if counted > _MOST_COUNTED:
                break
        if not counted:
            return 0, 0
        # Where most values are different in a part, they are so everywhere; a few that repeat are all there are.
        share = self._count / counted
        return round(len(keys) * (share if 2 * len(keys) > counted else 1)), round(len(digests) * share)

    def _is_same(self, before: StoredRecord, after: StoredRecord) -> bool:
        definition = self.definition
        if definition.expression is not None or not self.is_readable or before.set_name != after.set_name:
            return False
        return before.bins.get(definition.bin_name) == after.bins.get(definition.bin_name)

    def _keys(self, digest: bytes, record: StoredRecord | None) -> set[int]:
        if record is None or not self.covers(record):
            return set()
        return keys_of(self.particles(digest, record))

    def _add(self, partition_id: int, entry: Entry) -> None:
        entries = self._partitions.get(partition_id)
        if entries is None:
            self._partitions[partition_id] = [entry]
        else:
            at = bisect_left(entries, entry)
            if at < len(entries) and entries[at] == entry:
                return
            entries.insert(at, entry)
        self._count += 1

    def _remove(self, partition_id: int, entry: Entry) -> None:
        entries = self._partitions.get(partition_id)
        if entries is None:
            return
        at = bisect_left(entries, entry)
        if at < len(entries) and entries[at] == entry:
            del entries[at]
            self._count -= 1

    def __repr__(self) -> str:
        return f"<Index {self.definition.name!r}, {self._count} entries, readable: {self.is_readable}>"
