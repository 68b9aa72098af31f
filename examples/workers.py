"""More than one core: worker processes with a client each; a map, an error, and a worker that dies.

Look at the last lines: what a worker raises arrives as it was, and a worker that dies is told, with its doubt.

    python examples/workers.py [HOST:PORT ...]
"""

import os
import sys
import zlib

import trio

import triospike
from triospike import Client, ClientPolicy, EventPolicy, Key, RecordNotFound
from triospike.workers import WorkerDied, open_workers

PAGES = 400


async def store(client: Client, number: int) -> None:
    """Write a page."""
    await client.put(Key("test", "pages", number), {"text": f"page {number} " * 1000})


async def compressed_size(client: Client, number: int) -> int:
    """Work that keeps a core busy: here it is the workers'."""
    record = await client.get(Key("test", "pages", number))
    if record is None:
        raise RecordNotFound(f"page {number}")
    return len(zlib.compress(record.bins["text"].encode(), 9))


async def die(client: Client) -> None:
    """What no function should do."""
    os._exit(1 if client.nodes else 2)


async def main(*hosts: str) -> None:
    """Write, read and squeeze, in two processes."""
    policy, limits = ClientPolicy(async_max_conns_per_node=20), EventPolicy(max_commands_in_process=20)
    async with open_workers(2, *hosts, policy=policy, event_policy=limits) as workers:
        print(f"{len(workers)} workers, each with a process of its own: {os.getpid() not in workers.pids}")
        async with workers.map(store, range(PAGES), chunk=50) as stored:
            print(f"stored {len([each async for each in stored])} pages")
        async with workers.map(compressed_size, range(PAGES), chunk=50, ordered=False) as sizes:
            print(f"all sizes are there: {sum([size > 0 async for size in sizes]) == PAGES}")
        try:
            await workers.run(compressed_size, -1)
        except RecordNotFound as error:
            print(f"raised in a worker, caught here: {error}")

    try:
        async with open_workers(1, *hosts) as workers:
            await workers.run(die)
    except WorkerDied as error:
        print(f"ended with exit status 1: {'exit status 1' in str(error)}, in doubt: {error.in_doubt}")


async def with_a_server() -> None:
    """The same with an embedded server: one for all of them, so it is run here."""
    async with triospike.open_embedded_server() as server:
        await main(*map(str, server.hosts))


# A worker imports this file to find its functions, and must not begin all over again.
if __name__ == "__main__":
    if sys.argv[1:]:
        trio.run(main, *sys.argv[1:])
    else:
        trio.run(with_a_server)
