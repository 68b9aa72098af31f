"""`aioaerospike`: pure Python, for asyncio. A client is one socket and takes one command at a time."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from ..job import Job
from .base import AsyncCalls

__all__ = ["open_calls"]


def _number(number: int) -> int:
    return number


class _Calls(AsyncCalls):
    """As many clients as there are commands at once, since they must not share one."""

    def __init__(self, job: Job, clients: list[Any]) -> None:
        super().__init__(job, _number)
        self._free = clients
        self._where = job.namespace, job.set_name
        self._operate = _operate_arguments()

    async def read(self, number: int) -> dict[str, Any]:
        return dict(await self._call("get_key", number))

    async def get(self, number: int) -> int:
        return 1 if await self._call("get_key", number) else 0

    async def put(self, number: int) -> int:
        await self._call("put_key", number, self.bins)
        return 1

    async def operate(self, number: int) -> int:
        answer = await self._call("operate", number, *self._operate)
        return 1 if answer.message.result_code == 0 and answer.message.operations else 0

    async def _call(self, name: str, number: int, *arguments: Any) -> Any:
        client = self._free.pop()
        try:
            return await getattr(client, name)(*self._where, self.key(number), *arguments)
        finally:
            self._free.append(client)


def _operate_arguments() -> tuple[Any, ...]:
    """Flags and operations, which its users put together themselves."""
    message: Any = importlib.import_module("aioaerospike.protocol.message")
    types: Any = importlib.import_module("aioaerospike.protocol.datatypes")
    kinds = message.OperationTypes
    operations = [
        message.Operation(kinds.INCR, message.Bin.create("count", 1)),
        message.Operation(kinds.READ, message.Bin(0, "count", types.AerospikeNone(None))),
    ]
    return message.Info1Flags.READ, message.Info2Flags.WRITE, message.Info3Flags.EMPTY, operations


@asynccontextmanager
async def open_calls(job: Job) -> AsyncIterator[AsyncCalls]:
    """Connect for the length of a block: to the first host only, since it knows of no cluster."""
    library: Any = importlib.import_module("aioaerospike.client")
    name, port = job.hosts[0]
    make = partial(library.AerospikeClient, name, "", "", False, port)
    clients = [make() for _ in range(job.case.in_flight)]
    for client in clients:
        await client.connect()
    everyone = list(clients)
    try:
        yield _Calls(job, clients)
    finally:
        for client in everyone:
            client._writer.close()  # it has no other way to be closed
