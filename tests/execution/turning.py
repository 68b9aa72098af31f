"""Commands that wait for their turns, and a server that answers when it is told to."""

from __future__ import annotations

from collections import Counter
from typing import Any

import attrs
import trio
from trio.testing import wait_all_tasks_blocked

from fixtures.raw_server import Peer
from fixtures.wire import answer, digest_of
from triospike.client import Client
from triospike.key import Key
from triospike.policy import ClientPolicy, ReadPolicy

__all__ = ["KEYS", "MODES", "NUMBER", "ONCE", "Gate", "Steps", "get", "rooms", "start_gets"]

KEYS = [Key("test", "turn", number) for number in range(8)]
NUMBER = {key.digest: number for number, key in enumerate(KEYS)}
ONCE = ReadPolicy(max_retries=0, total_timeout=5)
# All have room for one command at a time, or for two.
MODES = {"connections": ClientPolicy(), "pipelined": ClientPolicy(pipeline_depth=2, pipe_max_conns_per_node=1)}


class Steps(trio.abc.Instrument):
    """Counts the steps of tasks by name."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self.of[task.name] += 1


@attrs.define
class Gate:
    """Lets a server answer so many requests, as a test allows; what was asked, and when."""

    allowed: trio.Semaphore = attrs.field(factory=lambda: trio.Semaphore(0))
    asked: list[int] = attrs.field(factory=list)

    async def script(self, peer: Peer) -> None:
        async with trio.open_nursery() as nursery:
            send, receive = trio.open_memory_channel[int](100)
            nursery.start_soon(self._answer, peer, receive)
            while True:
                number = NUMBER[digest_of(await peer.request())]
                self.asked.append(number)
                send.send_nowait(number)

    async def _answer(self, peer: Peer, numbers: trio.MemoryReceiveChannel[int]) -> None:
        async for number in numbers:
            await self.allowed.acquire()
            await peer.send(answer(n=number))

    def open(self, count: int) -> None:
        for _ in range(count):
            self.allowed.release()


async def get(client: Client, number: int, results: dict[int, Any], policy: ReadPolicy = ONCE) -> None:
    try:
        record = await client.get(KEYS[number], policy=policy)
        results[number] = record and record.bins["n"]
    except Exception as error:
        results[number] = error


async def start_gets(client: Client, nursery: trio.Nursery, results: dict[int, Any], count: int) -> None:
    for number in range(count):
        nursery.start_soon(get, client, number, results, name=f"get {number}")
        await wait_all_tasks_blocked()


def rooms(policy: ClientPolicy) -> int:
    return policy.pipeline_depth
