"""Secondary indexes: built while everything goes on, waited for, used, listed and dropped.

Look at the progress: each node of the cluster builds its own share, and the task is done when all are.

    python examples/indexes.py [HOST:PORT ...]
"""

import sys

import trio

import triospike
from triospike import CollectionKind, IndexFound, IndexKind, Key
from triospike.query import Filter, Statement


async def main(*hosts: str) -> None:
    """Index people by age and by what they like."""
    async with triospike.open_client(*hosts) as client:
        likes = ("tea", "coffee", "maths", "music")
        for number in range(400):
            bins = {"age": number % 80, "likes": [likes[number % 4], likes[number % 3]]}
            await client.put(Key("test", "indexed", number), bins)

        by_age = await client.create_index("test", "indexed", "example_age", bin="age")
        by_liking = await client.create_index(
            "test", "indexed", "example_likes", bin="likes", kind=IndexKind.STRING, collection=CollectionKind.LIST
        )
        with trio.fail_after(30):
            for task in (by_age, by_liking):
                await task.wait()
        progress = await by_age.progress()
        print(f"built on {len(progress.nodes)} nodes: {progress.fraction:.0%}")

        for wanted in (Filter.between("age", 18, 20), Filter.contains("likes", "maths")):
            async with client.query(Statement("test", "indexed", filter=wanted)) as records:
                print(f"found {len([record async for record in records])} records")

        try:
            await client.create_index("test", "indexed", "example_age", bin="likes")
        except IndexFound as error:
            print("refused:", error)

        for index in await client.indexes("test"):
            if index.set_name == "indexed":
                numbers = await client.index_statistics("test", index.name)
                print(f"{index.name}: {index.bin}, readable {index.readable}, {numbers.entries} entries in all")
                await (await client.drop_index("test", index.name)).wait()
        await client.truncate("test", "indexed")


trio.run(main, *(sys.argv[1:] or ["embedded://?nodes=3"]))
