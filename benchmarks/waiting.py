"""What waiting costs: ``python -m benchmarks.waiting FAMILY N HOSTS NAMESPACE`` measures one family with n items.

The server lets every command wait, so that the one place of the event loop stays taken and all others queue.
Figures are seconds of CPU or bytes for each item, as a line of JSON.
"""

from __future__ import annotations

import gc
import json
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from time import process_time
from typing import Any

import trio
import trio.testing

import triospike
from triospike import ClientPolicy, EventPolicy, Host, Key, ReadPolicy, Submitted

from .options import parse_hosts
from .sampling import resident
from .waiting_inside import deadlines, pool, queue

__all__ = ["FAMILIES", "main"]

LONG = 3600.0
Figures = dict[str, float]


@asynccontextmanager
async def _occupied(hosts: str, namespace: str) -> AsyncIterator[tuple[triospike.Client, Key]]:
    """A client with one event loop, whose only place is taken for longer than anybody waits."""
    policy = ClientPolicy(read=ReadPolicy(total_timeout=LONG, socket_timeout=LONG, timeout_delay=0))
    seeds = [Host(name, port) for name, port in parse_hosts(hosts)]
    async with (
        triospike.open_event_loops(1, EventPolicy(max_commands_in_process=1)) as loops,
        triospike.open_client(*seeds, policy=policy, event_loops=loops) as client,
    ):
        key = Key(namespace, "bench-waiting", 0)
        first = client.submit(client.prepare.get(key))
        yield client, key
        first.cancel()


async def submits(n: int, hosts: str, namespace: str) -> Figures:
    """Bytes and time of queued commands without a task, and of their cancelling in three orders."""
    figures: Figures = {}
    orders: dict[str, Callable[[list[Submitted[Any]]], object]] = {
        "the oldest first": lambda handles: None,
        "the newest first": lambda handles: handles.reverse(),
        "in any order": random.Random(n).shuffle,
    }
    async with _occupied(hosts, namespace) as (client, key):
        for order, arrange in orders.items():
            prepared_bytes = _memory()
            prepared = [client.prepare.get(key) for _ in range(n)]
            submitted_bytes = _memory()
            began = process_time()
            handles = [client.submit(one) for one in prepared]
            figures.setdefault("submit: s", (process_time() - began) / n)
            figures.setdefault("a prepared command: bytes", (submitted_bytes - prepared_bytes) / n)
            figures.setdefault("a submitted command: bytes", (_memory() - submitted_bytes) / n)
            arrange(handles)
            began = process_time()
            for handle in handles:
                handle.cancel()
            figures[f"cancel submitted, {order}: s"] = (process_time() - began) / n
            assert not client.event_loops[0].statistics().queued
            del handles, prepared
            await trio.lowlevel.checkpoint()
    return figures


async def tasks(n: int, hosts: str, namespace: str) -> Figures:
    """Bytes and time of callers' tasks that wait in the queue."""
    async with _occupied(hosts, namespace) as (client, key):
        loop = client.event_loops[0]
        figures = await _parked("a task in the queue", n, partial(client.get, key))
        assert not loop.statistics().queued
    return figures


async def bare(n: int, hosts: str, namespace: str) -> Figures:
    """The same of tasks that wait for an event: the least that Trio itself needs."""
    del hosts, namespace
    return await _parked("a task that waits for an event", n, trio.Event().wait)


async def limited(n: int, hosts: str, namespace: str) -> Figures:
    """The same of tasks that wait for their turn in Trio's own limiter."""
    del hosts, namespace
    limiter = trio.CapacityLimiter(1)
    limiter.acquire_on_behalf_of_nowait("somebody else")
    return await _parked("a task that waits for a limiter", n, limiter.acquire)


async def _parked(what: str, n: int, wait: Callable[[], Awaitable[object]]) -> Figures:
    before = _memory()

    async def one() -> None:
        await wait()

    async with trio.open_nursery() as nursery:
        began = process_time()
        for _ in range(n):
            nursery.start_soon(one)
        await trio.testing.wait_all_tasks_blocked()
        waiting = process_time()
        size = _memory() - before
        cancelled = process_time()
        nursery.cancel_scope.cancel()
    ended = process_time()
    return {
        f"{what}: bytes": size / n,
        f"{what}, to begin: s": (waiting - began) / n,
        f"{what}, to cancel: s": (ended - cancelled) / n,
    }


def _memory() -> int:
    gc.collect()
    return resident()


FAMILIES: dict[str, Callable[[int, str, str], Awaitable[Figures]]] = {
    "submits": submits,
    "bare": bare,
    "limited": limited,
    "tasks": tasks,
    "queue": queue,
    "deadlines": deadlines,
    "pool": pool,
}


def main(family: str, n: str, hosts: str, namespace: str) -> None:
    """Measure one family and print its figures."""
    sys.stdout.write(json.dumps(trio.run(FAMILIES[family], int(n), hosts, namespace)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
