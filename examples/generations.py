"""Optimistic concurrency: read, compute, write only if nobody else wrote meanwhile, else begin again.

Five tasks change one record at once. Look at the collisions: each is a write that the server refused since the
generation was not the one that was read. The sum is right nevertheless. Nothing is locked.

    python examples/generations.py [HOST:PORT ...]
"""

import sys

import trio

import triospike
from triospike import Client, GenerationError, GenerationPolicy, Key, WritePolicy

TASKS, CHANGES = 5, 20


async def change(client: Client, key: Key, collisions: list[GenerationError]) -> None:
    """Add 1 to a number by reading and writing it: a stand-in for what no server operation can do."""
    while True:
        record = await client.get(key)
        assert record is not None
        policy = WritePolicy(gen=GenerationPolicy.EQ, generation=record.generation)
        try:
            await client.put(key, {"n": record.bins["n"] + 1}, policy=policy)
        except GenerationError as error:
            collisions.append(error)
        else:
            return


async def main(*hosts: str) -> None:
    """Run the tasks, then look at the record."""
    collisions: list[GenerationError] = []
    async with triospike.open_client(*hosts) as client:
        key = Key("test", "shared", "number")
        await client.put(key, {"n": 0})

        async def worker() -> None:
            for _ in range(CHANGES):
                await change(client, key, collisions)

        async with trio.open_nursery() as nursery:
            for _ in range(TASKS):
                nursery.start_soon(worker)

        record = await client.get(key)
        assert record is not None
        print(f"{TASKS} tasks × {CHANGES} changes = {record.bins['n']}, with {len(collisions)} collisions")
        if collisions:
            print("the first:", collisions[0])
        await client.delete(key)


trio.run(main, *(sys.argv[1:] or ["embedded://"]))
