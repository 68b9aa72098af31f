"""`aerospike-native`: Rust underneath, for asyncio.

To import it puts uvloop in the place of asyncio's own loop, unless AEROSPIKE_NO_UVLOOP is set.
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from ..job import Job
from .base import AsyncCalls

__all__ = ["open_calls"]

TIMEOUT_MS = 30_000


class _Calls(AsyncCalls):
    def __init__(self, job: Job, native: Any, client: Any) -> None:
        super().__init__(job, partial(native.Key, job.namespace, job.set_name))
        self._native = native
        self._client = client
        self._where = job.namespace, job.set_name
        self._operations = [native.Operation.add("count", 1), native.Operation.get_bin("count")]
        self._read, self._write, self._batch = native.ReadPolicy(), native.WritePolicy(), native.BatchPolicy()
        for policy in (self._read, self._write, self._batch):
            policy.total_timeout = TIMEOUT_MS

    async def read(self, number: int) -> dict[str, Any]:
        return dict((await self._client.get(self.key(number), policy=self._read)).bins)

    async def get(self, number: int) -> int:
        record = await self._client.get(self.key(number), policy=self._read)
        return 1 if record.bins else 0

    async def put(self, number: int) -> int:
        await self._client.put(self.key(number), self.bins, policy=self._write)
        return 1

    async def operate(self, number: int) -> int:
        record = await self._client.operate(self.key(number), self._operations, policy=self._write)
        return 1 if record.bins else 0

    async def batch(self, number: int) -> int:
        found = 0
        for row in await self._client.batch_read(self.batch_keys(number), batch_policy=self._batch):
            record = row.record
            if record is not None and record.bins:
                found += 1
        return found

    async def scan(self, number: int) -> int:
        native = self._native
        found = 0
        async for record in await self._client.query(native.Statement(*self._where), native.PartitionFilter.all()):
            if record.bins:
                found += 1
        return found


@asynccontextmanager
async def open_calls(job: Job) -> AsyncIterator[AsyncCalls]:
    """Connect for the length of a block."""
    native: Any = importlib.import_module("aerospike_native")
    policy = native.ClientPolicy()
    # It opens connections while commands ask again: with no more than it needs it would ask in vain.
    policy.max_conns_per_node = max(100, 2 * job.case.in_flight)
    client = await native.new_client(policy, ",".join(f"{name}:{port}" for name, port in job.hosts))
    try:
        yield _Calls(job, native, client)
    finally:
        await client.close()
