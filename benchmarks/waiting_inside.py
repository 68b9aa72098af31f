"""What waiting costs in each of the parts that commands wait in: queue, deadlines, pool. These are private rooms.

Nothing here may grow with the number of those who wait.
"""

from __future__ import annotations

import random
from time import process_time

import trio
import trio.testing

from triospike import Host
from triospike._execution.queue import CommandQueue
from triospike._net.connection_pool import ConnectionPool
from triospike._net.deadlines import Deadlines

from .options import parse_hosts

__all__ = ["deadlines", "pool", "queue"]

FAR = 1e6
"""Seconds until deadlines that never come."""


class _Ticket:
    """Something that waits."""

    __slots__ = ("live",)

    def __init__(self) -> None:
        self.live = False

    def expire(self) -> None:
        """Its deadline has come."""


async def queue(n: int, hosts: str, namespace: str) -> dict[str, float]:
    """Into the queue, out of it at its head, and out of its middle."""
    del hosts, namespace
    waiting: CommandQueue[_Ticket] = CommandQueue(0)
    tickets = [_Ticket() for _ in range(n)]
    figures = {}
    began = process_time()
    for ticket in tickets:
        waiting.put(ticket)
    figures["queue, put: s"] = (process_time() - began) / n
    began = process_time()
    for _ in range(n):
        waiting.get()
    figures["queue, get: s"] = (process_time() - began) / n
    for ticket in tickets:
        waiting.put(ticket)
    random.Random(n).shuffle(tickets)
    began = process_time()
    for ticket in tickets:
        waiting.remove(ticket)
    figures["queue, leave in any order: s"] = (process_time() - began) / n
    await trio.lowlevel.checkpoint()
    return figures


async def deadlines(n: int, hosts: str, namespace: str) -> dict[str, float]:
    """Deadlines in any order: watched, forgotten in another order, and n of them that come at once."""
    del hosts, namespace
    chance = random.Random(n)
    watched = Deadlines()
    tickets = [_Ticket() for _ in range(n)]
    times = [trio.current_time() + FAR + chance.random() for _ in range(n)]
    figures = {}
    began = process_time()
    entries = [watched.watch(time, ticket) for time, ticket in zip(times, tickets, strict=True)]
    figures["deadlines, watch: s"] = (process_time() - began) / n
    chance.shuffle(entries)
    began = process_time()
    for entry in entries:
        watched.forget(entry)
    figures["deadlines, forget in any order: s"] = (process_time() - began) / n
    for ticket in tickets:
        watched.watch(trio.current_time() - chance.random(), ticket)
    began = process_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watched.run)
        await trio.testing.wait_all_tasks_blocked()
        figures["deadlines, expire: s"] = (process_time() - began) / n
        nursery.cancel_scope.cancel()
    assert not len(watched)
    return figures


async def pool(n: int, hosts: str, namespace: str) -> dict[str, float]:
    """One connection that n tasks wait for, handed from each to the next; and n tasks that give up."""
    del namespace
    name, port = parse_hosts(hosts)[0]
    connections = ConnectionPool(Host(name, port), limit=1)

    async def take_and_put() -> None:
        connection = await connections.take()
        connections.put(connection, trio.current_time())

    held = await connections.take()
    figures = {}
    async with trio.open_nursery() as nursery:
        for _ in range(n):
            nursery.start_soon(take_and_put)
        await trio.testing.wait_all_tasks_blocked()
        began = process_time()
        connections.put(held, trio.current_time())
    figures["pool, handed over from task to task: s"] = (process_time() - began) / n
    held = await connections.take()
    async with trio.open_nursery() as nursery:
        for _ in range(n):
            nursery.start_soon(take_and_put)
        await trio.testing.wait_all_tasks_blocked()
        began = process_time()
        nursery.cancel_scope.cancel()
    figures["pool, tasks give up: s"] = (process_time() - began) / n
    connections.put(held, trio.current_time())
    connections.abort()
    return figures
