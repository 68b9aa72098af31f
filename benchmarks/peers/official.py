"""The official client, `aerospike`: C underneath, blocking."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..job import Job
from .base import SyncCalls, tuple_key

__all__ = ["open_calls"]

TIMEOUT_MS = 30_000


class _Calls(SyncCalls):
    def __init__(self, job: Job, client: Any) -> None:
        super().__init__(job, tuple_key(job))
        self._client = client
        self._where = job.namespace, job.set_name
        self._by_results = job.options.get("scan") == "results"
        operations = importlib.import_module("aerospike_helpers.operations.operations")
        self._operations = [operations.increment("count", 1), operations.read("count")]

    def read(self, number: int) -> dict[str, Any]:
        bins: dict[str, Any] = self._client.get(self.key(number))[2]
        return bins

    def get(self, number: int) -> int:
        _, _, bins = self._client.get(self.key(number))
        return 1 if bins else 0

    def put(self, number: int) -> int:
        self._client.put(self.key(number), self.bins)
        return 1

    def operate(self, number: int) -> int:
        _, _, bins = self._client.operate(self.key(number), self._operations)
        return 1 if bins else 0

    def batch(self, number: int) -> int:
        found = 0
        for row in self._client.batch_read(self.batch_keys(number)).batch_records:
            if row.record[2]:
                found += 1
        return found

    def scan(self, number: int) -> int:
        query = self._client.query(*self._where)
        found = 0

        def note(record: Any) -> None:
            nonlocal found
            if record[2]:
                found += 1

        if self._by_results:
            for record in query.results():
                note(record)
        else:
            query.foreach(note)
        return found


@contextmanager
def open_calls(job: Job) -> Iterator[SyncCalls]:
    """Connect for the length of a block."""
    aerospike = importlib.import_module("aerospike")
    policy = {"total_timeout": TIMEOUT_MS, "socket_timeout": TIMEOUT_MS}
    config = {
        "hosts": list(job.hosts),
        "max_conns_per_node": max(100, 2 * job.case.in_flight),
        "policies": dict.fromkeys(("read", "write", "operate", "batch", "query"), policy),
    }
    client = aerospike.client(config)
    try:
        yield _Calls(job, client)
    finally:
        client.close()
