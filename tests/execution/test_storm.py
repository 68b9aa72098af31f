"""Cancels, timeouts and faults at random points: then every place is back, and every answer was its key's."""

from __future__ import annotations

import random
from contextlib import suppress

import attrs
import pytest
import trio
from trio.testing import MockClock

import triospike
from triospike._execution.event_loops import EventLoops
from triospike.errors import AerospikeError, CommandCancelled
from triospike.policy import ClientPolicy, EventPolicy, ReadPolicy, WritePolicy
from triospike.server import Fault, NamespaceConfig, Server, ServerConfig, serve_aerospike

from .holding import key, settle

KEYS = 200
COMMANDS = 2000
LIMIT = 15
READ = ReadPolicy(total_timeout=0.5, socket_timeout=0.1, timeout_delay=0.3, max_retries=2)
WRITE = WritePolicy(total_timeout=0.5, socket_timeout=0.1, timeout_delay=0.3)
FAULTS = [
    Fault("delay", command="data", probability=0.2, seconds=0.05, seed=1),
    Fault("delay", command="data", probability=0.05, seconds=0.25, seed=2),
    Fault("drop", command="data", probability=0.02, seed=3),
    Fault("close_before", command="data", probability=0.02, seed=4),
    Fault("close_after", command="data", probability=0.02, seed=5),
    Fault("truncate", command="data", probability=0.02, seed=6),
    Fault("garble", command="data", probability=0.02, part="header", seed=7),
    Fault("result_code", command="data", probability=0.02, code=18, seed=8),
]


@attrs.define
class Storm:
    client: triospike.Client
    dice: random.Random
    wrong: list[str] = attrs.field(factory=list)
    answered: int = 0
    ended: int = 0

    def check(self, number: int, record: triospike.Record | None) -> None:
        """Every record holds the number of its key, so an answer that belongs to another command shows."""
        self.answered += 1
        if record is None or record.bins.get("n") != number:
            self.wrong.append(f"asked for {number}, got {record}")

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            for _ in range(COMMANDS):
                nursery.start_soon(self.dice.choice([self.call, self.call, self.submit]))
                if self.dice.random() < 0.3:
                    await trio.sleep(self.dice.choice([0, 0, 0.01]))

    async def call(self) -> None:
        number = self.dice.randrange(KEYS)
        with trio.move_on_after(self.dice.choice([0, 0.001, 0.03, 0.2, 9])), suppress(AerospikeError):
            if self.dice.random() < 0.3:
                await self.client.put(key(number), {"n": number, "stamp": self.dice.random()})
            else:
                self.check(number, await self.client.get(key(number)))
        self.ended += 1

    async def submit(self) -> None:
        number = self.dice.randrange(KEYS)
        handle = self.client.submit(self.client.prepare.get(key(number)))
        for _ in range(self.dice.randrange(5)):
            await trio.lowlevel.checkpoint()
        if self.dice.random() < 0.4:
            handle.cancel()
        with suppress(AerospikeError):
            self.check(number, await handle.result())
        if self.dice.random() < 0.1:
            with suppress(CommandCancelled, AerospikeError):
                await handle.result()
        self.ended += 1


def assert_quiet(client: triospike.Client, loops: EventLoops, server: Server) -> None:
    for loop in loops:
        now = loop.statistics()
        assert (now.in_process, now.queued, now.waiting_for_room, now.draining) == (0, 0, 0, 0)
        assert (loop.in_process.value, loop.queued.value) == (0, 0)
        assert (loop.statistics().in_process, len(loop.deadlines)) == (0, 0)
        assert loop._nursery is not None
        assert not loop._nursery.child_tasks
    for node in client.nodes:
        pool = node.pool.statistics()
        assert (pool.in_use, pool.draining, pool.waiting) == (0, 0, 0)
        assert pool.open == pool.idle == pool.opened - pool.closed
        assert pool.peak_open <= LIMIT
        tending = 1
        counters = server.node(node.name).counters
        assert counters.connections_open == pool.open + tending
        assert counters.commands_at_work == 0
        assert counters.data_connections_peak <= LIMIT + pool.closed


@pytest.fixture
def hasty_clock() -> MockClock:
    """A jump that comes too early is one more timeout, which does no harm here."""
    return MockClock(autojump_threshold=0.002)


@pytest.mark.parametrize(("depth", "seed"), [(1, 0), (1, 1), (4, 2)])
async def test_a_storm_leaves_every_place_free_and_gives_every_answer_to_its_own_key(
    hasty_clock: MockClock, nursery: trio.Nursery, depth: int, seed: int
) -> None:
    config = ServerConfig(nodes=2, namespaces=(NamespaceConfig("test", nsup_period=1000),))
    server: Server = await nursery.start(serve_aerospike, config)
    policy = ClientPolicy(
        async_max_conns_per_node=LIMIT, max_error_rate=0, pipeline_depth=depth, read=READ, write=WRITE
    )
    event_policy = EventPolicy(max_commands_in_process=12, max_commands_in_queue=500, when_queue_full="wait")
    async with (
        triospike.open_event_loops(3, event_policy) as loops,
        triospike.open_client(*server.hosts, policy=policy, event_loops=loops) as client,
    ):
        for number in range(KEYS):
            await client.put(key(number), {"n": number})
        for fault in FAULTS:
            server.faults.add(fault)
        storm = Storm(client, random.Random(seed))
        await storm.run()
        server.faults.clear()
        await trio.sleep(2)  # the last late answers
        await settle()
        assert storm.wrong == []
        assert storm.ended == COMMANDS
        assert storm.answered > COMMANDS / 10
        assert_quiet(client, loops, server)
        # That each of them reaches its limit is up to the order in which tasks have their steps.
        assert max(loop.statistics().peak_in_process for loop in loops) == 12
        for number in range(KEYS):
            storm.check(number, await client.get(key(number)))
        assert storm.wrong == []
