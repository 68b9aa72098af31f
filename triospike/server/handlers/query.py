"""Messages without a digest: scans, queries, background jobs and aggregations (protocol section 9)."""

from __future__ import annotations

import math
import struct
from collections.abc import Generator
from typing import Final

from ..._wire.flags import FieldType, Info3
from ..._wire.message import TIMEOUT_OFFSET
from ...result_code import ResultCode
from ..ports import NodeView
from ..queries.aggregation import AggregationQuery
from ..queries.background import BackgroundQuery
from ..queries.basic import BasicQuery
from ..queries.job import Abandoned, Job, JobKind
from ..queries.query import Query, parse_query
from ..refusal import Refusal
from ..reply import reply
from ..request import Request
from ..session import Session
from ..storage.namespace import Namespace
from ..stream import Step, Stream

__all__ = ["answer_query"]

_TASK_ID = struct.Struct(">Q")
_TIMEOUT = struct.Struct(">I")
_SHORT_MS: Final = 1000
_SOCKET_TIMEOUT_MS: Final = 10_000


def answer_query(
    node: NodeView, namespace: Namespace, session: Session, request: Request, frame: bytes
) -> bytes | Stream:
    """The answer to a query.

    An error that is found before it begins is told in one message without the bit for the last one.

    Args:
        node: The node that received it.
        namespace: That node's copy of the namespace.
        session: State of the connection.
        request: What the client sent.
        frame: The same, as it came.
    """
    try:
        query = parse_query(namespace, request)
        job = _job(node, namespace, session, query)
        if query.kind is JobKind.BASIC:
            return _answer_basic(node, namespace, query, job, frame)
        node.jobs.start(job)
    except Refusal as refusal:
        return reply(refusal.code)
    if query.kind is JobKind.AGGREGATION:
        return _stream(AggregationQuery(node, namespace, query, job).steps(), query, job)
    return _begin(node, namespace, query, job)


def _job(node: NodeView, namespace: Namespace, session: Session, query: Query) -> Job:
    """The job that a query is."""
    sent = query.request.fields.get(FieldType.TASK_ID)
    (task_id,) = _TASK_ID.unpack(sent) if sent is not None and len(sent) == _TASK_ID.size else (0,)
    resumed = [] if query.partitions is None else [each for each in query.partitions.values() if each is not None]
    return Job(
        id=task_id or node.jobs.next_id(),
        kind=query.kind,
        namespace=namespace.name,
        set_name=query.set_name,
        index_name="" if query.index is None else query.index.definition.name,
        n_partitions=len(query.partitions or ()),
        n_digests=len(resumed),
        records_per_second=query.records_per_second,
        peer=session.peer,
    )


def _answer_basic(node: NodeView, namespace: Namespace, query: Query, job: Job, frame: bytes) -> Stream:
    if query.is_short:
        (limit_ms,) = _TIMEOUT.unpack_from(frame, TIMEOUT_OFFSET)
        job.started = node.jobs.clock()
        return Stream(BasicQuery(node, namespace, query, job, (limit_ms or _SHORT_MS) / 1000).steps())
    node.jobs.start(job)
    return _stream(BasicQuery(node, namespace, query, job, math.inf).steps(), query, job)


def _stream(steps: Generator[Step, None, None], query: Query, job: Job) -> Stream:
    """A stream that its client may read as slowly as it said."""
    job.details = f":net-io-time=0:socket-timeout={query.timeout_ms}"

    def give_up(is_slow: bool) -> None:
        job.abandon(Abandoned.RESPONSE_TIMEOUT if is_slow else Abandoned.RESPONSE_ERROR)

    return Stream(steps, patience=query.timeout_ms / 1000 or math.inf, give_up=give_up)


def _begin(node: NodeView, namespace: Namespace, query: Query, job: Job) -> bytes:
    """Begin a background job, and say so."""
    answer = reply(ResultCode.OK, info3=Info3.LAST)
    job.bytes_sent = len(answer)
    job.details = f":socket-timeout={_SOCKET_TIMEOUT_MS}{_details(query)}"
    node.jobs.run(BackgroundQuery(node, namespace, query, job).steps())
    return answer


def _details(query: Query) -> str:
    if query.kind is JobKind.BACKGROUND_OPS:
        return ":ops-active=0"
    fields = query.request.fields
    names = [fields[kind].decode("utf-8", "replace") for kind in (FieldType.UDF_FILENAME, FieldType.UDF_FUNCTION)]
    return ":udf-filename={}:udf-function={}:udf-active=0".format(*names)
