"""A node dies under load and comes back: what a program sees, and what the client knows.

Three nodes, two copies of each record. Look at what fails: the commands that were on the wire to the dead node,
and those that come before the client has the new partition map; a few retries with a pause bridge both. Every
write that was acknowledged is read back in the end.

    python examples/node_loss.py
"""

from contextlib import aclosing

import trio
import trio_util

import triospike
from triospike import AerospikeError, Client, Key, ReadPolicy, WritePolicy, open_embedded_server
from triospike.server import ServerConfig

WRITERS = 10
# Adding a number twice would be wrong; writing the same value twice is not. So these writes may be retried.
PATIENT = WritePolicy(total_timeout=10, max_retries=100, sleep_between_retries=0.05)


async def write(client: Client, writer: int, written: list[Key], failed: list[AerospikeError]) -> None:
    """Write new records until cancelled."""
    for number in range(1_000_000):
        key = Key("test", "load", f"{writer}/{number}")
        try:
            await client.put(key, {"n": number}, policy=PATIENT)
        except AerospikeError as error:
            failed.append(error)
        else:
            written.append(key)


async def wait_for_nodes(client: Client, count: int) -> None:
    """Look again and again: the client finds out by itself, soonest when a command meets a broken connection."""
    async with aclosing(trio_util.periodic(0.01)) as ticks:
        async for _ in ticks:
            if len(client.nodes) == count:
                return


def show(client: Client, moment: str) -> None:
    """What the client knows of its cluster."""
    health = client.health()
    print(f"{moment}: {len(client.nodes)} nodes, {'all well' if health.ok else '; '.join(health.problems)}")


async def main() -> None:
    """Load, loss, return, judgement."""
    written: list[Key] = []
    failed: list[AerospikeError] = []
    async with (
        open_embedded_server(ServerConfig(nodes=3)) as server,
        triospike.open_client(*server.hosts) as client,
    ):
        show(client, "before")
        async with trio.open_nursery() as nursery:
            for writer in range(WRITERS):
                nursery.start_soon(write, client, writer, written, failed)
            await trio.sleep(0.3)

            lost = server.nodes[0]
            await server.stop_node(0)
            await wait_for_nodes(client, 2)
            show(client, f"{lost.node_id} stopped")
            await trio.sleep(0.3)

            await server.start_node(0)
            await wait_for_nodes(client, 3)
            show(client, f"{lost.node_id} started")
            await trio.sleep(0.3)
            nursery.cancel_scope.cancel()

        kept = 0
        for key in written:
            kept += await client.exists(key, policy=ReadPolicy(total_timeout=5))
        print(f"acknowledged writes: {len(written)}, read back: {kept}, failed: {len(failed)}")
        print(f"retries: {client.statistics().retries}")


trio.run(main)
