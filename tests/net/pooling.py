"""Taking connections of a pool and giving them back."""

from __future__ import annotations

from typing import Any, Protocol

import attrs
import trio
from trio.testing import wait_all_tasks_blocked

from fixtures.raw_server import RawServer, Script
from triospike._net.carrier import Carrier
from triospike._net.connection import Connection
from triospike._net.pool import AnyPool

__all__ = ["OpenPool", "Taker", "counts", "give_back", "take", "wait_in_turn"]


class OpenPool(Protocol):
    async def __call__(
        self, script: Script = ..., *, limit: int = ..., **options: Any
    ) -> tuple[AnyPool, RawServer]: ...


async def take(pool: AnyPool) -> Connection:
    carrier = await pool.take()
    assert isinstance(carrier, Connection)
    return carrier


def give_back(pool: AnyPool, *carriers: Carrier) -> None:
    for carrier in carriers:
        pool.put(carrier, trio.current_time())


def counts(pool: AnyPool) -> dict[str, int]:
    """Those numbers that are of this moment and not 0."""
    now = pool.statistics()
    named = {
        "open": now.open,
        "in_use": now.in_use,
        "idle": now.idle,
        "draining": now.draining,
        "waiting": now.waiting,
    }
    return {name: value for name, value in named.items() if value}


@attrs.define(eq=False)
class Taker:
    """A task that takes one connection and keeps it."""

    pool: AnyPool
    name: int
    order: list[int]
    scope: trio.CancelScope = attrs.field(factory=trio.CancelScope)
    got: Connection | None = None
    failed: Exception | None = None

    async def run(self) -> None:
        with self.scope:
            try:
                self.got = await take(self.pool)
            except Exception as error:
                self.failed = error
            self.order.append(self.name)


async def wait_in_turn(nursery: trio.Nursery, pool: AnyPool, count: int) -> list[Taker]:
    """Takers that wait, in the order of the list. They share one `order`, of those that are done."""
    order: list[int] = []
    takers = [Taker(pool, name, order) for name in range(count)]
    for taker in takers:
        nursery.start_soon(taker.run)
        await wait_all_tasks_blocked()
    return takers
