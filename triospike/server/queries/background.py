"""Jobs that change every record that they find, while nobody waits for them (protocol section 9.6)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from ..._wire.flags import FieldType, Info2, Info3
from ..._wire.message import MESSAGE_HEADER_SIZE, RESULT_CODE_OFFSET
from ...key import N_PARTITIONS
from ...result_code import ResultCode
from ..evaluate.scene import Scene
from ..handlers import udf
from ..handlers.scenes import metadata_of
from ..handlers.write import write
from ..ports import NodeView
from ..request import Request
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord
from .job import Job, JobKind
from .query import Query
from .walking import walk

__all__ = ["BackgroundQuery"]

_WORK_AT_ONCE: Final = 64
_OF_UDFS: Final = (FieldType.UDF_FILENAME, FieldType.UDF_FUNCTION, FieldType.UDF_ARGLIST, FieldType.FILTER_EXP)
_OF_OPS: Final = (FieldType.FILTER_EXP,)


class BackgroundQuery:
    """One job under way.

    Args:
        node: The node that works.
        namespace: Its copy of the namespace.
        query: What was asked.
        job: What it tells of itself.
    """

    def __init__(self, node: NodeView, namespace: Namespace, query: Query, job: Job) -> None:
        self._node = node
        self._namespace = namespace
        self._query = query
        self._job = job
        self._apply = udf.apply if query.kind is JobKind.BACKGROUND_UDF else write
        self._work = 0

    def steps(self) -> Generator[float, None, None]:
        """Walk over the partitions that this node masters, and change their records."""
        job, node = self._job, self._node
        try:
            for partition_id in range(N_PARTITIONS):
                job.partition_id = partition_id
                if node.owner_of(self._namespace.name, partition_id, write=True) is node:
                    yield from self._change_partition(partition_id)
                if job.abandoned:
                    break
                yield from self._turn()
        finally:
            node.jobs.finish(job)
            self._namespace.statistics[job.statistic()] += 1

    def _change_partition(self, partition_id: int) -> Generator[float, None, None]:
        job = self._job
        seen: set[bytes] = set()
        for _, digest, record in walk(self._namespace, self._query, partition_id, None):
            yield from self._turn()
            if job.abandoned:
                return
            # What a job changes may come up again further along the index.
            if digest in seen or self._is_filtered(digest, record):
                continue
            seen.add(digest)
            self._count(self._change(digest, record))
            pause = job.pause(self._node.jobs.clock())
            if pause:
                self._work = 0
                yield pause

    def _turn(self) -> Generator[float, None, None]:
        self._work += 1
        if self._work >= _WORK_AT_ONCE:
            self._work = 0
            yield 0.0

    def _is_filtered(self, digest: bytes, record: StoredRecord) -> bool:
        """Whether the filter refuses a record without looking at its bins."""
        wanted = self._query.filter
        if (
            wanted is None
            or wanted.evaluate(Scene(metadata_of(self._namespace, record, digest), None)) is not False
        ):
            return False
        self._job.filtered_by_metadata += 1
        return True

    def _change(self, digest: bytes, record: StoredRecord) -> int:
        """Have one record changed; return the result code."""
        answer = self._apply(self._node, self._namespace, self._request(record), digest)
        return answer[RESULT_CODE_OFFSET]

    def _request(self, record: StoredRecord) -> Request:
        """What a client would send that changes this one record."""
        sent = self._query.request
        is_udf = self._query.kind is JobKind.BACKGROUND_UDF
        info2 = Info2.WRITE | (sent.info2 & Info2.DURABLE_DELETE)
        info3 = 0 if is_udf else Info3.UPDATE_ONLY | (sent.info3 & Info3.REPLACE_ONLY)
        request = Request((MESSAGE_HEADER_SIZE, 0, info2, info3, 0, 0, 0, sent.ttl, 0, 0, 0))
        request.fields = {
            kind: sent.fields[kind] for kind in (_OF_UDFS if is_udf else _OF_OPS) if kind in sent.fields
        }
        request.fields[FieldType.NAMESPACE] = self._namespace.name.encode()
        request.fields[FieldType.SET] = record.set_name
        if not is_udf:
            request.ops = sent.ops
        return request

    def _count(self, code: int) -> None:
        job = self._job
        if code == ResultCode.OK:
            job.succeeded += 1
        elif code == ResultCode.FILTERED_OUT:
            job.filtered_by_bins += 1
        elif code != ResultCode.NOT_FOUND:
            job.failed += 1
