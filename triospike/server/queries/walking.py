"""The records of a partition in the order in which a server walks over them.

A scan goes from the greatest digest to the least; a query goes along its index. What is written or removed
meanwhile is seen or not; what was there all the time is seen once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from ..indexes.index import Entry, Index
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord
from .fields import Resume
from .query import Query
from .ranges import IndexRange

__all__ = ["Found", "walk"]

Found: TypeAlias = tuple[int, bytes, StoredRecord]
"""The value of the index by which it was found, the digest, the record."""

_BURST: Final = 100
"""So many entries of an index are taken at once; within them, no record is repeated where that is asked for."""

_UNSIGNED: Final = 1 << 64


def walk(namespace: Namespace, query: Query, partition_id: int, resume: Resume | None) -> Iterator[Found]:
    """All records of a partition that the query looks at, live and of its set.

    Args:
        namespace: The node's copy.
        query: What is looked for.
        partition_id: The partition.
        resume: Where to go on, or None.
    """
    records = namespace.records(partition_id)
    if query.index is not None and query.range is not None:
        found = _along_index(records, query.index, query.range, query, partition_id, resume)
    else:
        found = _all(records, resume)
    set_name = query.set_name
    for entry in found:
        record = entry[2]
        if set_name and record.set_name != set_name:
            continue
        if record.void_time and namespace.is_expired(record):
            continue
        yield entry


def _all(records: Mapping[bytes, StoredRecord], resume: Resume | None) -> Iterator[Found]:
    digests = sorted(records, reverse=True)
    for digest in digests:
        if resume is not None and digest >= resume[1]:
            continue
        record = records.get(digest)
        if record is not None:
            yield 0, digest, record


def _along_index(
    records: Mapping[bytes, StoredRecord],
    index: Index,
    wanted: IndexRange,
    query: Query,
    partition_id: int,
    resume: Resume | None,
) -> Iterator[Found]:
    if index.definition.kind != wanted.kind:
        return
    look, matches = index.particles, wanted.matches
    for first, last in wanted.intervals:
        after = None
        if resume is not None:
            bval = resume[0] % _UNSIGNED if first >= 0 and wanted.intervals[-1][1] >= _UNSIGNED >> 1 else resume[0]
            if bval > last:
                continue
            after = (bval, resume[1]) if bval >= first else None
        for bval, digest in _entries(index, partition_id, first, last, after, drops_repeats=query.drops_repeats):
            record = records.get(digest)
            if record is not None and any(matches(value) for value in look(digest, record)):
                yield bval, digest, record


def _entries(
    index: Index, partition_id: int, first: int, last: int, after: Entry | None, *, drops_repeats: bool
) -> Iterator[Entry]:
    while True:
        burst = index.entries(partition_id, first, last, after, _BURST)
        seen: set[bytes] = set()
        for entry in burst:
            if index.is_dropped:
                return
            if drops_repeats:
                if entry[1] in seen:
                    continue
                seen.add(entry[1])
            yield entry
        if len(burst) < _BURST:
            return
        after = burst[-1]
