"""A server that answers when it is told to, and callers that start in a known order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs
import trio
from trio.testing import wait_all_tasks_blocked

from fixtures.raw_server import Peer
from fixtures.wire import answer, digest_of
from triospike.client import Client
from triospike.key import Key

__all__ = ["Caller", "Gate", "call_in_turn", "key"]


def key(number: int) -> Key:
    return Key("test", "s", number)


class Gate:
    """A script for a raw server: each request waits until `release` lets it be answered, in order."""

    def __init__(self) -> None:
        self.at_work = 0
        self.peak = 0
        self.digests: list[bytes] = []
        self._allowed = trio.Semaphore(0)

    async def __call__(self, peer: Peer) -> None:
        while True:
            request = await peer.request()
            self.digests.append(digest_of(request))
            self.at_work += 1
            self.peak = max(self.peak, self.at_work)
            try:
                await self._allowed.acquire()
                await peer.send(answer())
            finally:
                self.at_work -= 1

    def numbers(self, count: int) -> list[int]:
        """Numbers of the keys in the order of their requests, for keys of 0 to count - 1."""
        known = {key(number).digest: number for number in range(count)}
        return [known[digest] for digest in self.digests]

    async def release(self, count: int = 1) -> None:
        """Let so many requests be answered, the one that came first first; return when all is quiet again."""
        for _ in range(count):
            self._allowed.release()
            await settle()


async def settle() -> None:
    """Wait until all is quiet, with bytes on loopback sockets given time to arrive."""
    for _ in range(3):
        await wait_all_tasks_blocked(0.002)


@attrs.define(eq=False)
class Caller:
    """A task that reads the record of one key."""

    number: int
    scope: trio.CancelScope = attrs.field(factory=trio.CancelScope)
    done: bool = False
    error: BaseException | None = None
    ended_at: float = 0.0

    async def run(self, call: Callable[[Key], Awaitable[object]]) -> None:
        with self.scope:
            try:
                await call(key(self.number))
                self.done = True
            except Exception as error:
                self.error = error
        self.ended_at = trio.current_time()


async def call_in_turn(
    nursery: trio.Nursery, client: Client, count: int, call: Callable[[Key], Awaitable[object]] | None = None
) -> list[Caller]:
    """Callers that have begun one after the other."""
    callers = [Caller(number) for number in range(count)]
    for caller in callers:
        nursery.start_soon(caller.run, call or client.get)
        await settle()
    return callers
