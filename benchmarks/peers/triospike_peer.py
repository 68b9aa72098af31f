"""triospike itself, in its default mode and in its pipelined mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from ..job import Job
from .base import AsyncCalls, CannotDoError

__all__ = ["open_calls", "open_triospike"]

TIMEOUT = 30.0
PIPELINE_DEPTH = 64
PIPES = 8
CHUNK = 1000


class _Calls(AsyncCalls):
    def __init__(self, job: Job, client: Any) -> None:
        import triospike

        super().__init__(job, partial(triospike.Key, job.namespace, job.set_name))
        self._client = client
        self._where = job.namespace, job.set_name
        self._in_chunks = job.options.get("scan") == "chunks"
        self._operations = [triospike.operations.add("count", 1), triospike.operations.read("count")]

    async def read(self, number: int) -> dict[str, Any]:
        record = await self._client.get(self.key(number))
        return dict(record.bins)

    async def get(self, number: int) -> int:
        record = await self._client.get(self.key(number))
        return 1 if record.bins else 0

    async def put(self, number: int) -> int:
        await self._client.put(self.key(number), self.bins)
        return 1

    async def operate(self, number: int) -> int:
        record = await self._client.operate(self.key(number), self._operations)
        return 1 if record.bins else 0

    async def batch(self, number: int) -> int:
        if not hasattr(self._client, "batch_get"):
            raise CannotDoError("this version has no batches")
        found = 0
        for record in await self._client.batch_get(self.batch_keys(number)):
            if record is not None and record.bins:
                found += 1
        return found

    async def scan(self, number: int) -> int:
        if not hasattr(self._client, "query"):
            raise CannotDoError("this version has no scans")
        found = 0
        async with self._client.query(_statement(*self._where)) as records:
            if self._in_chunks:
                async for chunk in records.chunks(CHUNK):
                    for record in chunk:
                        if record.bins:
                            found += 1
            else:
                async for record in records:
                    if record.bins:
                        found += 1
        return found


def _statement(namespace: str, set_name: str) -> Any:
    from triospike.query import Statement

    return Statement(namespace, set_name)


@asynccontextmanager
async def open_triospike(job: Job) -> AsyncIterator[Any]:
    """A client for a job, with a limit of commands in process and of connections: what is in flight, or less."""
    import triospike

    places = job.options.get("places", job.case.in_flight)
    n_loops = job.options.get("event_loops", 1)
    timeouts: dict[str, Any] = {"total_timeout": TIMEOUT, "socket_timeout": TIMEOUT}
    connections = job.options.get("connections")  # of the pipelined mode: slots
    depth = PIPELINE_DEPTH if connections is None else max(2, connections // PIPES)
    pipes: dict[str, Any] = {"pipeline_depth": depth, "pipe_max_conns_per_node": PIPES}
    policy = triospike.ClientPolicy(
        read=triospike.ReadPolicy(**timeouts),
        write=triospike.WritePolicy(**timeouts),
        operate=triospike.OperatePolicy(**timeouts),
        batch=triospike.BatchPolicy(**timeouts),
        **(pipes if job.options.get("pipelined") else {"async_max_conns_per_node": connections}),
    )
    # In force, but never reached: commands go to the loops in turn, so that each has its share by and by.
    limits = triospike.EventPolicy(max_commands_in_process=places)
    hosts = [triospike.Host(name, port) for name, port in job.hosts]
    async with (
        triospike.open_event_loops(n_loops, limits) as loops,
        triospike.open_client(*hosts, policy=policy, event_loops=loops) as client,
    ):
        yield client


@asynccontextmanager
async def open_calls(job: Job) -> AsyncIterator[AsyncCalls]:
    """Connect for the length of a block."""
    async with open_triospike(job) as client:
        yield _Calls(job, client)
