"""Records by their values: an index, a query, and work that the servers do by themselves.

Look at the numbers of records: the filter is answered by the index, the expression by looking at what it finds.
The raise in the end is carried out by the servers; no record travels.

    python examples/query.py [HOST:PORT ...]
"""

import sys

import trio

import triospike
from triospike import Filter, IndexKind, Key, QueryPolicy, Statement, exp, operations as op

TEAMS = ["red", "green", "blue"]


async def main(*hosts: str) -> None:
    """Write people, find some of them, change others."""
    async with triospike.open_client(*hosts) as client:
        async with trio.open_nursery() as nursery:
            for n in range(600):
                bins = {"age": n % 100, "team": TEAMS[n % 3], "pay": 1000}
                nursery.start_soon(client.put, Key("test", "staff", n), bins)
        task = await client.create_index("test", "staff", "staff_age", bin="age", kind=IndexKind.INTEGER)
        await task.wait()

        statement = Statement("test", "staff", bins=["age", "team"], filter=Filter.between("age", 30, 39))
        async with client.query(statement) as records:
            found = [record async for record in records]
        print(f"in their thirties: {len(found)}")

        policy = QueryPolicy(filter_exp=exp.bin_str("team") == "red")
        async with client.query(statement, policy=policy) as records:
            print(f"of these on the red team: {len([record async for record in records])}")

        old = Statement("test", "staff", filter=Filter.between("age", 90, 99))
        raised = await client.query_execute(old, [op.add("pay", 500)])
        await raised.wait()
        record = await client.get(Key("test", "staff", 95))
        print(f"after the raise: {record and record.bins['pay']}")
        await (await client.drop_index("test", "staff_age")).wait()


trio.run(main, *(sys.argv[1:] or ["embedded://"]))
