"""Makes this directory importable, so that tests share modules: ``from vectors.recorded import load``."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from triospike._net.deadlines import Deadlines
from triospike.server import Server, ServerConfig, serve_aerospike


@pytest.fixture
def clock() -> MockClock:
    """Jumps over idle times, but leaves the system a moment to carry bytes over loopback sockets."""
    return MockClock(autojump_threshold=0.01)


@pytest.fixture
def deadlines(nursery: trio.Nursery) -> Deadlines:
    """Watched by a task."""
    deadlines = Deadlines()
    nursery.start_soon(deadlines.run)
    return deadlines


@pytest.fixture
async def embedded(nursery: trio.Nursery) -> Server:
    """An embedded server of one node with the namespace ``test``."""
    started = await nursery.start(serve_aerospike, ServerConfig())
    assert isinstance(started, Server)
    return started
