"""Write, read, change and delete a record."""

import sys

import trio

import triospike
from triospike import Key, operations as op


async def main(*hosts: str) -> None:
    """Run on the hosts given as arguments, else on an embedded server."""
    async with triospike.open_client(*hosts) as client:
        ada = Key("test", "users", "ada")
        await client.put(ada, {"name": "Ada", "age": 36, "tags": ["maths", "poetry"]})
        print(await client.get(ada, ["name", "tags"]))
        record = await client.operate(ada, [op.add("age", 1), op.read("age")])
        print(f"age {record.bins['age']}, generation {record.generation}")
        print("deleted:", await client.delete(ada), "- read again:", await client.get(ada))


trio.run(main, *(sys.argv[1:] or ["embedded://"]))
