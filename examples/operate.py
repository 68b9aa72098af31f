"""Several operations on one record in one command: carried out in order, all or none, nobody in between.

Look at `visits`: it answers twice, before and after the addition, so its bin holds a list of two results.

    python examples/operate.py [HOST:PORT ...]
"""

import sys

import trio

import triospike
from triospike import BinTypeError, Key, operations as op


async def main(*hosts: str) -> None:
    """Count a visit and note its page."""
    async with triospike.open_client(*hosts) as client:
        page = Key("test", "pages", "/index")
        await client.put(page, {"visits": 7, "log": "a;", "obsolete": True})

        record = await client.operate(
            page,
            [
                op.read("visits"),
                op.add("visits", 1),
                op.append("log", "b;"),
                op.write("obsolete", None),  # None removes a bin
                op.read("visits"),
                op.read("log"),
            ],
        )
        print("results:", record.bins)

        # The second operation does not fit, so the first is not carried out either.
        try:
            await client.operate(page, [op.add("visits", 100), op.append("visits", "text")])
        except BinTypeError as error:
            print("refused:", error)
        print("left:", await client.get(page))
        await client.delete(page)


trio.run(main, *(sys.argv[1:] or ["embedded://"]))
