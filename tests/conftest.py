"""Makes this directory importable, so that tests share modules: ``from vectors.recorded import load``."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator

import pytest
import trio
from hypothesis import find, settings
from hypothesis.strategies import just
from trio.testing import MockClock

from fixtures.loopback_clock import loopback_clock
from triospike._net.deadlines import Deadlines
from triospike.server import Server, ServerConfig, serve_aerospike


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """For folders a process on each core, up to four; files and single tests begin sooner in this one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    few = all("::" in argument or argument.endswith(".py") for argument in config.args)
    return 0 if few or cores == 1 else min(cores, 4)


def pytest_configure() -> None:
    """Let Ctrl-C do what it does: a shell has what it starts in the background ignore it, children included."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the garbage collector away from what stays anyway: it would go through all tests again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        # Hypothesis makes its generator with the first test, and looks for who refers to it: not among the frozen.
        find(just(None), lambda _: True, settings=settings(database=None))
        gc.collect()
        if hasattr(gc, "freeze"):  # PyPy has nothing to freeze
            gc.freeze()
        gc.enable()


@pytest.fixture
def clock() -> MockClock:
    """Jumps over idle times, but leaves the system the time to carry bytes over loopback sockets."""
    return loopback_clock()


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
