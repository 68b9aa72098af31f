"""What happens when a queue is full: an error at once, or a wait for room.

Twenty tasks write through an event loop that runs two commands and queues three. Look at who is refused. With
"wait" nobody is, and the tasks are held back instead: that is backpressure, and the total timeout bounds it.

    python examples/backpressure.py [HOST:PORT ...]
"""

import sys
from typing import Literal

import trio

import triospike
from triospike import Client, EventPolicy, Key, QueueFull

TASKS = 20


async def write(client: Client, number: int, refused: list[QueueFull]) -> None:
    """One write."""
    try:
        await client.put(Key("test", "orders", number), {"n": number})
    except QueueFull as error:
        refused.append(error)


async def run(hosts: tuple[str, ...], when_queue_full: Literal["raise", "wait"]) -> None:
    """Twenty writes at once."""
    limits = EventPolicy(max_commands_in_process=2, max_commands_in_queue=3, when_queue_full=when_queue_full)
    refused: list[QueueFull] = []
    async with (
        triospike.open_event_loops(1, limits) as loops,
        triospike.open_client(*hosts, event_loops=loops) as client,
    ):
        async with trio.open_nursery() as nursery:
            for number in range(TASKS):
                nursery.start_soon(write, client, number, refused)
        [numbers] = loops.statistics()
    print(
        f"{when_queue_full}: {numbers.completed} completed, {numbers.rejected} refused; "
        f"peaks: {numbers.peak_in_process} in process, {numbers.peak_queued} queued"
    )
    if refused:
        print(f"  result code {refused[0].result_code:d}: {refused[0]}")


async def main(*hosts: str) -> None:
    """Both ways."""
    await run(hosts, "raise")
    await run(hosts, "wait")


trio.run(main, *(sys.argv[1:] or ["embedded://"]))
