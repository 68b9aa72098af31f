"""One set of event loops, two clusters: copy records from one to the other under common limits.

Look at the peak in process: the limit holds for both clients together, since commands to either cluster take
their places in the same event loops.

    python examples/two_clusters.py [SOURCE TARGET]
"""

import sys

import trio

import triospike
from triospike import Client, EventPolicy, Key

RECORDS = 300


async def copy(key: Key, source: Client, target: Client) -> None:
    """Copy one record."""
    record = await source.get(key)
    if record is not None:
        await target.put(key, record.bins)


async def main(*hosts: str) -> None:
    """Fill the source, copy side by side, compare."""
    source_hosts, target_hosts = hosts
    async with (
        triospike.open_event_loops(2, EventPolicy(max_commands_in_process=8)) as loops,
        triospike.open_client(source_hosts, event_loops=loops) as source,
        triospike.open_client(target_hosts, event_loops=loops) as target,
    ):
        keys = [Key("test", "copied", number) for number in range(RECORDS)]
        for key in keys:
            await source.put(key, {"n": key.user_key})

        async with trio.open_nursery() as nursery:
            for key in keys:
                nursery.start_soon(copy, key, source, target)

        same = 0
        for key in keys:
            record = await target.get(key)
            same += record is not None and record.bins == {"n": key.user_key}
        peak = sum(numbers.peak_in_process for numbers in loops.statistics())
        print(
            f"{same} of {RECORDS} records arrived; peak in process {peak} of {2 * 8}, for both clusters together"
        )


trio.run(main, *(sys.argv[1:] or ["embedded://", "embedded://?nodes=2"]))
