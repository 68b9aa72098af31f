"""A scan that stops in the middle and goes on later, while a node of the cluster stops too.

Look at the sum: the first half is read by one client, the second by another one, which has nothing but the
cursor's bytes; one of three nodes stops in between. Every record is read once.

    python examples/scan.py
"""

import trio

import triospike
from triospike import Client, Cursor, Key, Statement
from triospike.server import ServerConfig

ORDERS = 3000
STATEMENT = Statement("test", "orders", bins=["amount"])


async def fill(client: Client) -> None:
    """Write the orders."""
    limit = trio.CapacityLimiter(50)

    async def put(number: int) -> None:
        async with limit:
            await client.put(Key("test", "orders", number), {"amount": number})

    async with trio.open_nursery() as nursery:
        for number in range(ORDERS):
            nursery.start_soon(put, number)


async def first_half(client: Client) -> tuple[int, bytes]:
    """Read until it is enough: what was read, and where to go on."""
    total = 0
    async with client.query(STATEMENT) as records:
        for _ in range(ORDERS // 2):
            record = await anext(records)
            total += record.bins["amount"]
        print(f"first client: {records.progress()}")
        return total, records.cursor().to_bytes()


async def second_half(client: Client, cursor: bytes) -> int:
    """Read the rest, a hundred at a time."""
    total = 0
    async with client.query(STATEMENT, partitions=Cursor.from_bytes(cursor)) as records:
        async for some in records.chunks(100):
            total += sum(record.bins["amount"] for record in some)
        print(f"second client: {records.progress()}")
    return total


async def main() -> None:
    """A cluster of three nodes, and two clients one after the other."""
    async with triospike.open_embedded_server(ServerConfig(nodes=3)) as server:
        async with triospike.open_client(*server.hosts) as client:
            await fill(client)
            total, cursor = await first_half(client)
        await server.stop_node(1)
        print(f"cursor of {len(cursor)} bytes; one node of three has stopped")
        async with triospike.open_client(*server.hosts) as client:
            total += await second_half(client, cursor)
    print(f"sum of all orders: {total}, as it should be: {sum(range(ORDERS))}")


trio.run(main)
