"""The floor: ready-made requests on bare sockets in Trio tasks, whose answers are read and not looked into.

No client on Trio that gives each command a connection can be faster than this; one that shares connections can.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

from ..job import Job
from .base import AsyncCalls
from .triospike_peer import open_triospike

__all__ = ["open_calls"]

_HEADER = 8
_READ = 65_536
_RESULT_CODE = 13
_CHECKED = 100
"""How many answers are looked into, to be sure that they are answers."""


class _Calls(AsyncCalls):
    def __init__(self, job: Job, sockets: list[socket.socket], requests: dict[str, list[bytes]]) -> None:
        import trio

        super().__init__(job, int)
        self._free = sockets
        self._requests = requests
        self._wait_readable = trio.lowlevel.wait_readable
        self._to_check = _CHECKED

    async def read(self, number: int) -> dict[str, Any] | None:
        await self.get(number)
        return None

    async def get(self, number: int) -> int:
        return await self._exchange(self._requests["get"][number])

    async def put(self, number: int) -> int:
        return await self._exchange(self._requests["put"][number])

    async def operate(self, number: int) -> int:
        return await self._exchange(self._requests["operate"][number])

    async def _exchange(self, request: bytes) -> int:
        connection = self._free.pop()
        if connection.send(request) != len(request):
            raise OSError("the socket's buffer is full")
        await self._wait_readable(connection)
        answer = connection.recv(_READ)
        size = int.from_bytes(answer[2:_HEADER], "big") + _HEADER
        while len(answer) < size:
            await self._wait_readable(connection)
            answer += connection.recv(_READ)
        if self._to_check:
            self._to_check -= 1
            if answer[_RESULT_CODE]:
                raise OSError(f"the server answered with {answer[_RESULT_CODE]}")
        self._free.append(connection)
        return 1


async def _requests(job: Job) -> dict[str, list[bytes]]:
    """The very bytes that triospike sends, for each record."""
    import triospike
    from triospike import operations as op

    bins = AsyncCalls(job, int).bins
    async with open_triospike(job) as client:
        prepare = client.prepare
        keys = [triospike.Key(job.namespace, job.set_name, number) for number in range(job.keys)]
        made = {
            "get": [prepare.get(key) for key in keys],
            "put": [prepare.put(key, bins) for key in keys],
            "operate": [prepare.operate(key, [op.add("count", 1), op.read("count")]) for key in keys],
        }
    needed = {"mix": {"get", "put"}}.get(job.case.workload, {"get", job.case.workload})
    return {name: [one.command.request for one in prepared] for name, prepared in made.items() if name in needed}


@asynccontextmanager
async def open_calls(job: Job) -> AsyncIterator[AsyncCalls]:
    """Connect for the length of a block: to the first host only."""
    requests = await _requests(job)
    with ExitStack() as opened:
        sockets = []
        for _ in range(job.case.in_flight):
            connection = opened.enter_context(socket.create_connection(job.hosts[0]))
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sockets.append(connection)
        yield _Calls(job, sockets, requests)
