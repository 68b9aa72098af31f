"""Recorded scans, queries and background jobs, made with triospike: the same requests, and the same records.

A page follows from the answers to the pages before it: here they are what was recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest

from commands.neutral import exact, to_python
from commands.official_query import background_of, plan_of
from fixtures.lone_client import lone_cluster
from triospike._cluster.node import Node
from triospike._commands.rows import RowReader
from triospike._execution.partition_tracker import PartitionTracker, Position
from triospike._execution.query_executor import QueryPlan
from triospike.errors import AerospikeError
from triospike.host import Host
from triospike.policy import ClientPolicy, Replica
from triospike.record import Record
from vectors.recorded import Exchange, Vector, load

QUERIES, JOBS = (
    {"query", "scan"},
    {"query.execute_background", "scan.execute_background", "query_apply", "scan_apply"},
)
COVERED = {"query": 110, "geo": 27}
COVERED_JOBS = 11
_TASK_ID = re.compile(b"\0\0\0\x09\x07")

REFUSED: dict[str, tuple[type[Exception], str]] = {
    # Refused by the official client too.
    "scan/partitions-out-of-range": (ValueError, "count must be 1 to 6 from partition 4090 on, not 100"),
    "scan/ops-write-is-error": (ValueError, "must be read operations"),
    "background/read-op-is-error": (ValueError, "must write"),
    # Sent by the official client, and refused by the server with code 4.
    "where/int-between-reversed": (ValueError, "low must not be above high, as 14 is above 10"),
}
"""triospike raises before anything is sent."""

DIFFERENT = {
    # The official client loses the digest on its way, and sends zeros.
    "scan/partition-after-digest",
}
"""triospike sends something else, on purpose."""

NOT_SENT = {
    # Nothing is left after the third page: the official client fails with INVALID_NODE, triospike returns nothing.
    "scan/paginate-25/page4",
}
"""No request follows from the call."""

SENT_HERE = {
    # That there is no such namespace is known when a node is looked for.
    "no-index/bad-namespace",
    "scan/bad-namespace",
}
"""The official client refused the call itself; triospike does so when its block is entered."""


def _queries(group: str) -> dict[str, Vector]:
    return {
        vector.id: vector
        for vector in load(group)
        if vector.origin == "official" and vector.call["method"] in QUERIES and "apply" not in vector.call
    }


_OFFICIAL = {group: _queries(group) for group in COVERED}
_JOBS = {
    vector.id: vector for vector in load("query") if vector.origin == "official" and vector.call["method"] in JOBS
}
_OUTSIDE = {*REFUSED, *DIFFERENT, *NOT_SENT, *SENT_HERE}


def _params(vectors: dict[str, Vector]) -> list[Any]:
    return [pytest.param(vector, id=name) for name, vector in vectors.items() if name not in _OUTSIDE]


_ALL = [param for group in COVERED for param in _params(_OFFICIAL[group])]


class _Alone:
    """A cluster of one node, which is never talked to."""

    def node_for(
        self,
        namespace: str,
        partition_id: int,
        replica: Replica,
        replica_index: int,
        *,
        write: bool,
        failed: Node | None = None,
    ) -> Node:
        return cast("Node", self)


class Replay:
    """A query whose answers are the recorded ones."""

    def __init__(self, vector: Vector) -> None:
        self.plan: QueryPlan = plan_of(vector.call)
        statement = self.plan.statement
        self.position = Position.of(self.plan.start, statement)
        self.cluster = _Alone()
        for earlier in _earlier_pages(vector):
            self.answer(earlier.exchanges[0])

    def _round(self) -> PartitionTracker:
        policy = self.plan.policy
        return PartitionTracker(self.plan.statement.namespace, self.position, policy.replica, policy.max_records)

    def request(self, recorded: bytes) -> bytes:
        tracker = self._round()
        (share,) = tracker.assign(self.cluster)
        whole, begun = tracker.split(share)
        return self.plan.request.pack(
            _task_id(recorded), whole, begun, max_records=share.left, seconds=self.plan.policy.total_timeout
        )

    def answer(self, exchange: Exchange) -> list[Record]:
        tracker = self._round()
        (share,) = tracker.assign(self.cluster)
        statement = self.plan.statement
        reader = RowReader(
            statement.namespace,
            share.partitions,
            with_values=statement.filter is not None,
            gathers=bool(statement.operations),
        )
        records: list[Record] = []
        for frame in exchange.response:
            reader.begin(frame)
            while not reader.exhausted:
                rows = reader.read(7)
                tracker.received(share, rows.last_of_partitions(), len(rows.records))
                records += rows.records
        assert reader.ended
        tracker.completed(share)
        return records


def _earlier_pages(vector: Vector) -> Iterator[Vector]:
    name, page = vector.id.rpartition("/page")[::2]
    for number in range(1, int(page) if name else 1):
        yield _OFFICIAL["query"][f"{name}/page{number}"]


def _task_id(request: bytes) -> int:
    found = _TASK_ID.search(request)
    assert found is not None
    return int.from_bytes(request[found.end() : found.end() + 8], "big")


@pytest.mark.parametrize("vector", _ALL)
async def test_request_is_the_recorded_one(vector: Vector) -> None:
    replay = Replay(vector)
    assert vector.exchanges
    for exchange in vector.exchanges:
        assert replay.request(exchange.request).hex() == exchange.request.hex()


@pytest.mark.parametrize("vector", _ALL)
async def test_answer_gives_the_recorded_records(vector: Vector) -> None:
    replay = Replay(vector)
    if vector.error is not None:
        for exchange in vector.exchanges:
            with pytest.raises(AerospikeError) as caught:
                replay.answer(exchange)
            assert caught.value.result_code == vector.error["code"]
        return
    (exchange,) = vector.exchanges
    expected = vector.result if isinstance(vector.result, list) else vector.result["records"]
    assert [_seen(record) for record in replay.answer(exchange)] == [
        _expected(each["record"]) for each in expected
    ]
    if isinstance(vector.result, dict):
        assert replay.position.complete == vector.result["done"]


def _seen(record: Record) -> Any:
    key = record.key
    # Of several results for a bin, the official client keeps the last.
    bins = dict(record.results) if record.results else record.bins
    return key.namespace, key.set_name, key.user_key, key.digest, record.generation, exact(bins)


def _expected(record: dict[str, Any]) -> Any:
    namespace, set_name, user_key, digest = to_python(record["key"])
    return namespace, set_name or "", user_key, digest, record["meta"]["gen"], exact(to_python(record["bins"]))


@pytest.mark.parametrize("vector", _params(_JOBS))
def test_request_of_a_background_job_is_the_recorded_one(vector: Vector) -> None:
    request = vector.exchanges[0].request
    assert background_of(vector, _task_id(request)).hex() == request.hex()


# What is not covered, and why.


@pytest.mark.parametrize("group", COVERED)
def test_number_of_covered_calls_does_not_shrink(group: str) -> None:
    assert len(_OFFICIAL[group].keys() - _OUTSIDE) == COVERED[group]


def test_number_of_covered_jobs_does_not_shrink() -> None:
    assert len(_JOBS.keys() - _OUTSIDE) == COVERED_JOBS


def test_lists_name_only_calls_that_exist() -> None:
    assert {*_OFFICIAL["query"], *_JOBS} >= _OUTSIDE


@pytest.mark.parametrize("name", REFUSED)
def test_refused_calls_raise_before_anything_is_sent(name: str) -> None:
    error, message = REFUSED[name]
    vector = {**_OFFICIAL["query"], **_JOBS}[name]
    with pytest.raises(error, match=message):
        background_of(vector, 1) if name in _JOBS else plan_of(vector.call)


@pytest.mark.parametrize("name", sorted(DIFFERENT))
async def test_calls_sent_otherwise_really_differ(name: str) -> None:
    vector = _OFFICIAL["query"][name]
    (exchange,) = vector.exchanges
    request = Replay(vector).request(exchange.request)
    digest = to_python(vector.call["policy"]["partition_filter"]["digest"]["value"])
    assert request == exchange.request.replace(bytes(20), digest)
    assert request != exchange.request


@pytest.mark.parametrize("name", sorted(NOT_SENT))
async def test_no_request_follows_when_nothing_is_left(name: str) -> None:
    assert Replay(_OFFICIAL["query"][name]).position.complete


@pytest.mark.parametrize("name", sorted(SENT_HERE))
async def test_an_unknown_namespace_is_found_when_a_node_is_looked_for(name: str) -> None:
    vector = _OFFICIAL["query"][name]
    assert vector.exchanges == ()
    plan = plan_of(vector.call)
    tracker = PartitionTracker("nope", Position.of(plan.start, plan.statement), plan.policy.replica)
    with pytest.raises(ValueError, match="unknown namespace 'nope'"):
        tracker.assign(lone_cluster([Host("127.0.0.1")], ClientPolicy(), 10))
