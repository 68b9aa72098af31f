"""Functions in Lua: on one record, on all records in the background, and on a stream of records.

Look at the last part: every server counts what it has, and the counts are put together here.

    python examples/udf.py [HOST:PORT ...]
"""

import sys

import trio

import triospike
from triospike import Key, Statement, UdfError

MODULE = """
function sell(rec, count)
  if rec.stock < count then
    error("only " .. rec.stock .. " left")
  end
  rec.stock = rec.stock - count
  aerospike:update(rec)
  return rec.stock
end

function restock(rec, least)
  if rec.stock < least then
    rec.stock = least
    aerospike:update(rec)
  end
end

function stock_by_shelf(stream)
  local function count(shelves, rec)
    shelves[rec.shelf] = (shelves[rec.shelf] or 0) + rec.stock
    return shelves
  end
  local function add(a, b) return a + b end
  local function merge(left, right) return map.merge(left, right, add) end
  return stream : aggregate(map(), count) : reduce(merge)
end
"""


async def main(*hosts: str) -> None:
    """Sell, restock and count books."""
    async with triospike.open_client(*hosts) as client:
        task = await client.register_udf(MODULE, "example_books.lua")
        with trio.fail_after(30):
            await task.wait()
        for number in range(60):
            await client.put(Key("test", "books", number), {"shelf": "ABC"[number % 3], "stock": number % 10})

        book = Key("test", "books", 9)
        print("left:", await client.apply(book, "example_books", "sell", [4]))
        try:
            await client.apply(book, "example_books", "sell", [40])
        except UdfError as error:
            print("refused:", error.message)

        books = Statement("test", "books")
        job = await client.query_apply(books, "example_books", "restock", [5])
        with trio.fail_after(30):
            await job.wait()
        async with client.aggregate(books, "example_books", "stock_by_shelf") as values:
            async for shelves in values:
                print("in stock:", shelves)

        await client.truncate("test", "books")
        await (await client.remove_udf("example_books")).wait()


trio.run(main, *(sys.argv[1:] or ["embedded://?nodes=3"]))
