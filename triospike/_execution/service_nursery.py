"""A nursery for what serves a block, which lets the block's own exceptions out as they are.

A nursery wraps every exception in a group. The block inside `open_client` is the user's, and a `GenerationError`
raised there must arrive as a `GenerationError`. So: a group that holds a single exception is undone, whether it
came from the block or from a task beside it; two or more exceptions stay a group.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

__all__ = ["open_service_nursery"]


@asynccontextmanager
async def open_service_nursery() -> AsyncIterator[trio.Nursery]:
    """Open a nursery whose tasks are cancelled when the block ends, in whatever way it ends."""
    failure: BaseException
    try:
        async with trio.open_nursery() as nursery:
            yield nursery
            nursery.cancel_scope.cancel()
        return
    except BaseExceptionGroup as group:
        failure = group
        while isinstance(failure, BaseExceptionGroup) and len(failure.exceptions) == 1:
            failure = failure.exceptions[0]
    # Outside the except block, so that the exception keeps its own context.
    raise failure
