"""Queries whose records go through functions before they are answered (protocol section 9.6)."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from ...key import N_PARTITIONS
from ..ports import NodeView
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord
from ..stream import Step
from ..udf.aggregation import AggregationFailed, aggregate
from .job import Abandoned, Job
from .query import Query
from .rows import Rows, last_frame
from .walking import walk

__all__ = ["AggregationQuery"]


class AggregationQuery:
    """One aggregation under way.

    Args:
        node: The node that was asked.
        namespace: Its copy of the namespace.
        query: What was asked.
        job: What it tells of itself.
    """

    def __init__(self, node: NodeView, namespace: Namespace, query: Query, job: Job) -> None:
        self._node = node
        self._namespace = namespace
        self._query = query
        self._job = job
        self._rows = Rows()

    def steps(self) -> Generator[Step, None, None]:
        """Walk over the partitions that this node masters, each of which has a frame for what comes of it."""
        job, node = self._job, self._node
        try:
            for partition_id in range(N_PARTITIONS):
                job.partition_id = partition_id
                if job.abandoned:
                    break
                if node.owner_of(self._namespace.name, partition_id, write=True) is node:
                    yield from self._answer_partition(partition_id)
            yield self._counted(last_frame(int(job.abandoned)))
        finally:
            node.jobs.finish(job)
            self._namespace.statistics[job.statistic()] += 1

    def _answer_partition(self, partition_id: int) -> Generator[Step, None, None]:
        before = self._job.succeeded
        records = self._records(partition_id)
        try:
            for message in aggregate(self._node, self._namespace, self._query.request, records):
                self._rows.add(message)
                if self._rows.is_full:
                    yield self._counted(self._rows.take())
        except AggregationFailed:
            self._job.abandon(Abandoned.UNKNOWN)
        if len(self._rows):
            yield self._counted(self._rows.take())
        if self._job.succeeded > before:
            yield self._job.pause_for(self._job.succeeded - before, self._node.jobs.clock())

    def _records(self, partition_id: int) -> Iterator[tuple[bytes, StoredRecord]]:
        for _, digest, record in walk(self._namespace, self._query, partition_id, None):
            if self._job.abandoned:
                return
            self._job.succeeded += 1
            yield digest, record

    def _counted(self, frame: bytes) -> bytes:
        self._job.bytes_sent += len(frame)
        return frame
