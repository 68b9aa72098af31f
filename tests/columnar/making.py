"""Records for columns, without a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import trio

from triospike import Key, Record

__all__ = ["Cursorlike", "one_by_one", "record", "records"]


def record(number: int, **bins: Any) -> Record:
    return Record(Key("test", "s", number), bins, generation=number + 1, ttl=None if number % 2 else 60 + number)


def records(*rows: dict[str, Any]) -> list[Record]:
    return [record(number, **bins) for number, bins in enumerate(rows)]


async def one_by_one(rows: Sequence[Any]) -> AsyncIterator[Any]:
    for row in rows:
        await trio.lowlevel.checkpoint()
        yield row


class Cursorlike:
    """Gives lists of what size it likes, as the results of a query do; counts what it has given."""

    def __init__(self, rows: Sequence[Record], *sizes: int) -> None:
        self.rows = rows
        self.sizes = sizes
        self.given = 0
        self.asked_for = 0

    async def chunks(self, size: int) -> AsyncIterator[list[Record]]:
        self.asked_for = size
        for length in self.sizes:
            await trio.lowlevel.checkpoint()
            self.given += length
            yield list(self.rows[self.given - length : self.given])
