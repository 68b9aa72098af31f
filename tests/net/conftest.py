from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import trio

from fixtures.raw_server import RawServer, Script, answering, start_raw_server
from triospike._net.connection import Connection
from triospike._net.connection_pool import ConnectionPool
from triospike._net.poller import Poller
from triospike._net.pool import AnyPool

from .exchanging import Dial
from .pooling import OpenPool


@pytest.fixture
async def dial(nursery: trio.Nursery) -> AsyncIterator[Dial]:
    """Starts a server that follows a script and connects to it; the connections are closed afterwards."""
    dialled: list[Connection] = []
    poller = Poller()
    nursery.start_soon(poller.alarms.run)

    async def dial(script: Script) -> tuple[Connection, RawServer]:
        server = await start_raw_server(nursery, script)
        connection = Connection(server.host, poller=poller)
        dialled.append(connection)
        await connection.connect()
        return connection, server

    yield dial
    for connection in dialled:
        connection.close()


class Other:
    """A command that waits: so that the next one does not wait alone."""

    def on_readable(self) -> None:
        """Never."""

    def close(self) -> None:
        """Nothing is to be done."""


@pytest.fixture
async def dial_busy(nursery: trio.Nursery) -> AsyncIterator[Dial]:
    """Connects to a server that follows a script, with a poller that has somebody else waiting too."""
    poller = Poller()
    await nursery.start(poller.run)
    ours, theirs = socket.socketpair()
    poller.attend(ours.fileno(), Other())
    poller.parked += 1
    dialled: list[Connection] = []

    async def dial_busy(script: Script) -> tuple[Connection, RawServer]:
        server = await start_raw_server(nursery, script)
        connection = Connection(server.host, poller=poller)
        dialled.append(connection)
        await connection.connect()
        return connection, server

    yield dial_busy
    assert poller.parked == 1
    for connection in dialled:
        connection.close()
    poller.forget(ours.fileno())
    ours.close()
    theirs.close()


@pytest.fixture
async def open_pool(nursery: trio.Nursery) -> AsyncIterator[OpenPool]:
    """Starts a server that follows a script and makes a pool for it; all pools are aborted afterwards."""
    pools: list[AnyPool] = []
    poller = Poller()
    nursery.start_soon(poller.alarms.run)

    async def open_pool(
        script: Script = answering, *, limit: int = 3, **options: Any
    ) -> tuple[AnyPool, RawServer]:
        server = await start_raw_server(nursery, script)
        pool = ConnectionPool(server.host, limit=limit, name="A", **{"poller": poller, **options})
        pools.append(pool)
        return pool, server

    yield open_pool
    for pool in pools:
        pool.abort()
        assert (pool.statistics().open, pool.statistics().waiting) == (0, 0)
