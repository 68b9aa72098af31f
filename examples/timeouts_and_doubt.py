"""Time that ends, and writes that nobody knows the fate of.

An embedded server delays, drops and breaks commands on purpose. Look at `attempts`: it says in what each attempt
spent its time. Look at `in_doubt`: True means that the write may have been applied, so read before trying again;
False means that it was not, for certain.

    python examples/timeouts_and_doubt.py
"""

import trio

import triospike
from triospike import (
    AerospikeError,
    Client,
    CommandTimeout,
    EventPolicy,
    Key,
    ReadPolicy,
    WritePolicy,
    open_embedded_server,
)
from triospike.server import Fault, Server

KEY = Key("test", "accounts", 1)
BRIEF = WritePolicy(total_timeout=0.2)


async def slow_read(client: Client, server: Server) -> None:
    """The answer to a read is late, twice: two attempts, each ended by its socket timeout."""
    with server.faults.add(Fault("delay", command="read", seconds=0.5)):
        try:
            await client.get(KEY, policy=ReadPolicy(socket_timeout=0.05, max_retries=1))
        except CommandTimeout as error:
            for number, attempt in enumerate(error.attempts, 1):
                print(f"  attempt {number}: waited {attempt.wait:.3f} s for the answer of {attempt.node}")


async def lost_answer(client: Client, server: Server, kind: str) -> None:
    """A write's connection breaks before or after the server carries it out: from here it looks the same."""
    with server.faults.add(Fault(kind, command="write", count=1)):
        try:
            await client.add(KEY, {"balance": 10}, policy=BRIEF)
        except AerospikeError as error:
            record = await client.get(KEY)
            assert record is not None
            print(f"  {kind}: in_doubt={error.in_doubt}, the balance is {record.bins['balance']}")


async def never_sent(server: Server) -> None:
    """A write's time ends in the queue, behind a slow one: it was not sent, so there is no doubt."""
    async with (
        triospike.open_event_loops(1, EventPolicy(max_commands_in_process=1)) as loops,
        triospike.open_client(*server.hosts, event_loops=loops) as client,
        trio.open_nursery() as nursery,
    ):
        with server.faults.add(Fault("delay", command="read", seconds=0.5)):
            nursery.start_soon(client.get, KEY)
            await loops[0].in_process.wait_value(1)
            try:
                await client.add(KEY, {"balance": 10}, policy=BRIEF)
            except CommandTimeout as error:
                print(f"  in_doubt={error.in_doubt}: {error}")


async def main() -> None:
    """One after the other."""
    async with open_embedded_server() as server, triospike.open_client(*server.hosts) as client:
        await client.put(KEY, {"balance": 100})
        print("A read that is too slow:")
        await slow_read(client, server)
        print("A write whose connection breaks:")
        await lost_answer(client, server, "close_before")
        await lost_answer(client, server, "close_after")
        print("A write that waits in the queue for too long:")
        await never_sent(server)


trio.run(main)
