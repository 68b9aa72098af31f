"""`aerospike-py`: Rust underneath, for asyncio."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ..job import Job
from .base import AsyncCalls, tuple_key

__all__ = ["open_calls"]

TIMEOUT_MS = 30_000


class _Calls(AsyncCalls):
    def __init__(self, job: Job, library: Any, client: Any) -> None:
        super().__init__(job, tuple_key(job))
        self._client = client
        self._where = job.namespace, job.set_name
        self._policy = {"total_timeout": TIMEOUT_MS, "socket_timeout": TIMEOUT_MS}
        self._operations = [
            {"op": library.OPERATOR_INCR, "bin": "count", "val": 1},
            {"op": library.OPERATOR_READ, "bin": "count", "val": None},
        ]

    async def read(self, number: int) -> dict[str, Any]:
        return dict((await self._client.get(self.key(number), self._policy)).bins)

    async def get(self, number: int) -> int:
        record = await self._client.get(self.key(number), self._policy)
        return 1 if record.bins else 0

    async def put(self, number: int) -> int:
        await self._client.put(self.key(number), self.bins, policy=self._policy)
        return 1

    async def operate(self, number: int) -> int:
        record = await self._client.operate(self.key(number), self._operations, policy=self._policy)
        return 1 if record.bins else 0

    async def batch(self, number: int) -> int:
        found = 0
        for bins in (
            (await self._client.batch_read(self.batch_keys(number), None, self._policy)).to_dict().values()
        ):
            if bins:
                found += 1
        return found

    async def scan(self, number: int) -> int:
        found = 0
        for record in await self._client.query(*self._where).results():
            if record.bins:
                found += 1
        return found


@asynccontextmanager
async def open_calls(job: Job) -> AsyncIterator[AsyncCalls]:
    """Connect for the length of a block."""
    library: Any = importlib.import_module("aerospike_py")
    config = {"hosts": list(job.hosts), "max_conns_per_node": max(100, 2 * job.case.in_flight)}
    client = await library.AsyncClient(config).connect()
    try:
        yield _Calls(job, library, client)
    finally:
        await client.close()
