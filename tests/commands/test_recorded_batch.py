"""Recorded batches of the official client, made with triospike: the same bytes, and the same results from them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from commands.neutral import exact, to_python
from commands.official_batch import METHODS, batch_of, request_of
from fixtures.lone_client import lone_cluster
from triospike import AerospikeError, BatchResult, ClientPolicy, Key, Record
from triospike._cluster.node import Node
from triospike._commands.batch import BatchRow
from triospike._commands.batch_answer import Answer
from triospike._execution.batch_part import BatchPart
from triospike._execution.batch_plan import Batch
from triospike._execution.batch_sinks import FlagSink, RecordSink, ResultSink
from triospike._execution.batch_split import Splitter
from triospike._net.connection_pool import ConnectionPool
from triospike.host import Host
from vectors.recorded import Vector, load

COVERED = 84
_OFFICIAL = {
    vector.id: vector
    for vector in load("batch")
    if vector.origin == "official" and vector.call["method"] in METHODS
}

REFUSED = {
    # Refused by the server, with code 4, for each row.
    "read/read-touch-101": (ValueError, r"BatchPolicy\.read_touch_ttl_percent must be -1 to 100, not 101"),
}
"""triospike raises before anything is sent."""

UNKNOWN_NAMESPACE = {"read/bad-namespace": "keys[1]", "read/bad-namespace-only": "keys[0]"}
"""The official client leaves such rows out and goes on; here a namespace is an argument, and a wrong one raises
before anything is sent, when nodes are looked for."""

EMPTY = {"read/none", "write/empty"}
"""Nothing is sent."""


def _params(ids: Any) -> list[Any]:
    return [pytest.param(_OFFICIAL[name], id=name) for name in ids]


_SENT = [name for name in _OFFICIAL if name not in {*REFUSED, *UNKNOWN_NAMESPACE, *EMPTY}]
_READS = [name for name in _SENT if _OFFICIAL[name].call["method"] == "batch_read"]


@pytest.mark.parametrize("vector", _params(_SENT))
def test_request_is_the_recorded_one(vector: Vector) -> None:
    (exchange,) = vector.exchanges
    assert request_of(batch_of(vector.call)).hex() == exchange.request.hex()


@pytest.mark.parametrize("vector", _params(_SENT))
async def test_answer_gives_the_recorded_results(vector: Vector) -> None:
    batch = batch_of(vector.call)
    sink = ResultSink(batch)
    code = _play(vector, batch, sink)
    alone_with_function = len(batch.keys) == 1 and vector.call["method"] == "batch_apply"
    seen = [_seen(result, known=not alone_with_function) for result in sink.answers]
    assert seen == _expected(vector, batch, code)


@pytest.mark.parametrize("vector", _params(_READS))
async def test_records_are_those_of_the_results(vector: Vector) -> None:
    batch = batch_of(vector.call)
    sink, records, flags = ResultSink(batch), RecordSink(batch), FlagSink(batch)
    code = _play(vector, batch, sink)
    _play(vector, batch, records)
    _play(vector, batch, flags)
    if code or {result.result_code for result in sink.answers} - {0, 2, 27}:
        with pytest.raises(AerospikeError):
            records.records()
        return
    assert records.records() == [result.record for result in sink.answers]
    assert flags.flags() == [result.ok for result in sink.answers]


def _play(vector: Vector, batch: Batch, sink: Any) -> int:
    """Give a sink the recorded answer; returns the result code of the whole."""
    (exchange,) = vector.exchanges
    if len(batch.keys) == 1:
        (frame,) = exchange.response
        command = BatchRow(batch.keys[0], batch.row(0), batch.policy)
        try:
            answer = command.parse(frame)
        except AerospikeError as error:
            answer = Answer(error.result_code)
        sink.take(0, answer, None, in_doubt=False)
        return 0
    indices = list(range(len(batch.keys)))
    node = Node(
        "A7", Host("h"), ConnectionPool(Host("h"), limit=1), build=(8, 1), max_error_rate=1, connection=None
    )
    part = BatchPart(sink, indices, node, is_write=False, doubtful=False)
    for frame in exchange.response:
        try:
            ended = part.receive(frame)
        except AerospikeError as error:
            for index in part.waiting():
                sink.fail(index, error, in_doubt=False)
            return error.result_code
        assert ended == (frame is exchange.response[-1])
    assert part.waiting() == []
    return 0


def _seen(result: BatchResult, *, known: bool) -> Any:
    """A result; of a function's only row the official client forgets generation and ttl."""
    record = result.record
    assert (record is None) or result.ok
    return result.result_code, None if record is None else _of_record(record, known=known)


def _of_record(record: Record, *, known: bool) -> Any:
    generation, forever = (record.generation, record.ttl is None) if known else (0, False)
    return record.key, generation, forever, exact(dict(record.results) or record.bins)


def _expected(vector: Vector, batch: Batch, code: int) -> list[Any]:
    rows = vector.result["batch_records"]
    deletes = [batch.row(index).deletes for index in range(len(rows))]
    return [_recorded(row, code, deletes=delete) for row, delete in zip(rows, deletes, strict=True)]


def _recorded(row: dict[str, Any], code: int, *, deletes: bool) -> Any:
    if row["result"] == -15 and code > 0:
        return code, None  # of rows that were refused together triospike says why, the official client nothing
    if row["record"] is None or deletes:
        return row["result"], None
    record = row["record"]["record"]
    namespace, set_name, user_key, _ = record["key"]
    meta = record["meta"]
    bins = exact(to_python(record["bins"] or {}))
    return row["result"], (Key(namespace, set_name, user_key), meta["gen"], meta["ttl"] == 0xFFFFFFFF, bins)


# What is not covered, and why.


def test_number_of_covered_calls_does_not_shrink() -> None:
    assert len(_SENT) == COVERED


@pytest.mark.parametrize("vector", _params(REFUSED))
def test_refused_calls_raise_before_anything_is_sent(vector: Vector) -> None:
    error, message = REFUSED[vector.id]
    with pytest.raises(error, match=message):
        batch_of(vector.call)


@pytest.mark.parametrize("vector", _params(UNKNOWN_NAMESPACE))
async def test_unknown_namespaces_raise_and_name_the_key(vector: Vector) -> None:
    batch = batch_of(vector.call)
    splitter = Splitter(lone_cluster([Host("h")], ClientPolicy(), 1), batch)
    with pytest.raises(ValueError, match=re.escape(f"{UNKNOWN_NAMESPACE[vector.id]}: unknown namespace 'nope'")):
        splitter.split(range(len(batch.keys)))


@pytest.mark.parametrize("vector", _params(sorted(EMPTY)))
def test_empty_batches_have_no_rows(vector: Vector) -> None:
    assert vector.exchanges == ()
    assert len(batch_of(vector.call).keys) == 0
