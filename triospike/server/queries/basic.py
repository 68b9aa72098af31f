"""Scans and queries whose records are answered row by row (protocol section 9.4)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Final

from ..._wire.flags import Info2, OpType
from ..evaluate.scene import Scene
from ..evaluate.values import Marker
from ..handlers.operations import Target, apply_part_op, read_bin
from ..handlers.scenes import metadata_of
from ..ports import NodeView
from ..refusal import Refusal
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord
from ..stream import Step
from .fields import Resume
from .job import Abandoned, Job
from .query import Query
from .rows import RowPacker, Rows, last_frame, last_message, unavailable
from .walking import walk

__all__ = ["BasicQuery"]

_WORK_AT_ONCE: Final = 256
"""Records or partitions that are looked at before others have their turn."""

_READ = int(OpType.READ)


class BasicQuery:
    """One query under way.

    Args:
        node: The node that was asked.
        namespace: Its copy of the namespace.
        query: What was asked.
        job: What it tells of itself.
        time_limit: Seconds that a short query may take.
    """

    def __init__(self, node: NodeView, namespace: Namespace, query: Query, job: Job, time_limit: float) -> None:
        self._node = node
        self._namespace = namespace
        self._query = query
        self._job = job
        self._deadline = node.jobs.clock() + time_limit
        self._rows = Rows()
        self._packer = RowPacker(namespace.name, has_bvals=query.index is not None)
        self._counted = 0
        self._work = 0

    def steps(self) -> Generator[Step, None, None]:
        """Walk over the partitions and answer."""
        job, query = self._job, self._query
        try:
            for partition_id, resume in (query.partitions or {}).items():
                job.partition_id = partition_id
                if self._is_turn():
                    yield 0.0
                if self._node.owner_of(self._namespace.name, partition_id, write=False) is not self._node:
                    self._rows.add(unavailable(partition_id))
                    continue
                if query.is_short and self._node.jobs.clock() > self._deadline:
                    job.abandon(Abandoned.TIMEOUT)
                if job.abandoned or self._is_enough() or not query.is_set_known:
                    continue
                yield from self._answer_partition(partition_id, resume)
            yield from self._end()
        finally:
            self._node.jobs.finish(job)
            self._namespace.statistics[job.statistic(is_short=query.is_short)] += 1

    def _answer_partition(self, partition_id: int, resume: Resume | None) -> Generator[Step, None, None]:
        job = self._job
        for bval, digest, record in walk(self._namespace, self._query, partition_id, resume):
            if self._is_turn():
                yield 0.0
                if job.abandoned:
                    return
            if not self._answer(bval, digest, record):
                continue
            pause = job.pause(self._node.jobs.clock()) if job.records_per_second else 0.0
            if pause:
                self._work = 0
                yield pause
            if self._rows.is_full:
                yield self._taken()
            if job.abandoned or self._is_enough():
                return

    def _is_enough(self) -> bool:
        return 0 < self._query.max_records <= self._counted

    def _is_turn(self) -> bool:
        """Count a bit of work; whether others should have their turn now."""
        self._work += 1
        if self._work < _WORK_AT_ONCE:
            return False
        self._work = 0
        return True

    def _answer(self, bval: int, digest: bytes, record: StoredRecord) -> bool:
        """Answer one record; whether it was found, even if it has nothing of what is asked for."""
        query = self._query
        if query.filter is not None and not self._passes(digest, record):
            return False
        self._counted += 1
        try:
            row = self._row(bval, digest, record)
        except Refusal:
            self._job.failed += 1
            return True
        self._job.succeeded += 1
        if row is not None:
            self._rows.add(row)
        return True

    def _taken(self) -> bytes:
        frame = self._rows.take()
        self._job.bytes_sent += len(frame)
        return frame

    def _passes(self, digest: bytes, record: StoredRecord) -> bool:
        """Whether the filter lets a record through; count it if not."""
        wanted = self._query.filter
        assert wanted is not None
        metadata = metadata_of(self._namespace, record, digest)
        if wanted.evaluate(Scene(metadata, record.bins)) is True:
            return True
        if wanted.evaluate(Scene(metadata, None)) is Marker.UNKNOWN:
            self._job.filtered_by_bins += 1
        else:
            self._job.filtered_by_metadata += 1
        return False

    def _row(self, bval: int, digest: bytes, record: StoredRecord) -> bytes | None:
        """The row of a record; None if it has nothing of what is asked for."""
        query = self._query
        if query.has_no_bins:
            return self._packer.pack(digest, record, bval, None)
        if not query.ops:
            return self._packer.pack_all(digest, record, bval)
        answers = self._read(digest, record)
        return self._packer.pack(digest, record, bval, answers) if answers else None

    def _read(self, digest: bytes, record: StoredRecord) -> Sequence[bytes]:
        query = self._query
        answer_missing = query.request.info2 & Info2.RESPOND_ALL_OPS != 0
        answers: list[bytes] = []
        bins = record.bins
        target = Target(bins, lambda: metadata_of(self._namespace, record, digest), answer_missing, is_write=False)
        for op in query.ops:
            if op[0] == _READ:
                read_bin(bins, op[2], answer_missing, answers)
            else:
                apply_part_op(target, op, answers)
        return answers

    def _end(self) -> Generator[Step, None, None]:
        """Send what waits to be sent, and the end."""
        code = int(self._job.abandoned)
        if self._query.is_short:
            self._rows.add(last_message(code))
        if len(self._rows):
            yield self._taken()
        if not self._query.is_short:
            frame = last_frame(code)
            self._job.bytes_sent += len(frame)
            yield frame
