"""Many records in one call: read, changed, deleted, and each with an answer of its own.

Look at the last results: one row fails, and says why; the others are not touched by it.

    python examples/batch.py [HOST:PORT ...]
"""

import sys

import trio

import triospike
from triospike import (
    BatchDelete,
    BatchRead,
    BatchWrite,
    BatchWritePolicy,
    Key,
    RecordExistsAction,
    operations as op,
)


async def main(*hosts: str) -> None:
    """Fill a shelf, take stock, and tidy up."""
    async with triospike.open_client(*hosts) as client:
        shelf = [Key("test", "shelf", place) for place in range(1000)]

        written = await client.batch(
            [BatchWrite(key, {"item": f"book {place}", "loans": 0}) for place, key in enumerate(shelf)]
        )
        print(f"put {sum(result.ok for result in written)} books on the shelf")

        await client.batch_operate(shelf[::10], [op.add("loans", 1)])
        lent = 0
        async with client.batch_stream(shelf) as arriving:
            async for result in arriving:
                lent += result.record.bins["loans"] if result.record else 0
        print(f"lent {lent} of them")

        new = BatchWritePolicy(exists=RecordExistsAction.CREATE)
        results = await client.batch(
            [
                BatchRead(shelf[0], ["item"]),
                BatchWrite(shelf[1], {"item": "atlas"}, policy=new),
                BatchDelete(shelf[2]),
                BatchWrite(shelf[3], operations=[op.append("item", " (signed)"), op.read("item")]),
            ]
        )
        for result in results:
            print(f"{result.index}: {result.error or (result.record and result.record.bins) or 'done'}")

        await client.batch_delete(shelf)
        print("left:", await client.batch_exists(shelf[:3]))


trio.run(main, *(sys.argv[1:] or ["embedded://"]))
