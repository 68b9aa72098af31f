"""Limits: 5,000 writes submitted at once, few of them in process, over few connections.

Look at the peaks in the end: they reach the limits and never pass them. A submitted command that waits has no
task and no connection, so the submitting loop costs no more than 5,000 small objects.

    python examples/event_loops.py [HOST:PORT ...]
"""

import sys

import trio

import triospike
from triospike import ClientPolicy, EventPolicy, Key, WritePolicy

COMMANDS = 5_000
LIMITS = EventPolicy(max_commands_in_process=16, max_commands_in_queue=2_000)
# 4 event loops × 16 in process could use 64 connections of one node; this program shall have 40.
POLICY = ClientPolicy(async_max_conns_per_node=40, write=WritePolicy(total_timeout=60))


async def main(*hosts: str) -> None:
    """Submit, wait until the queues are empty, count."""
    async with (
        triospike.open_event_loops(4, LIMITS) as loops,
        triospike.open_client(*hosts, policy=POLICY, event_loops=loops) as client,
    ):
        keys = [Key("test", "numbers", number) for number in range(COMMANDS)]
        handles = [client.submit(client.prepare.put(key, {"n": key.user_key})) for key in keys]
        print(f"submitted {len(handles)}, of which {sum(loop.queued.value for loop in loops)} wait in queues")

        for loop in loops:
            await loop.queued.wait_value(0)
        print("the queues are empty")
        for handle in handles:
            await handle.result()

        for numbers in loops.statistics():
            print(
                f"event loop {numbers.index}: {numbers.completed} completed, peaks: "
                f"{numbers.peak_in_process} of 16 in process, {numbers.peak_queued} of 2000 queued"
            )
        for node in client.statistics().nodes:
            print(f"node {node.name}: peak of {node.pool.peak_open} of {node.pool.limit} connections")


trio.run(main, *(sys.argv[1:] or ["embedded://?nodes=2"]))
