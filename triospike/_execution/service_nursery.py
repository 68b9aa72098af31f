"""A nursery for what serves a block, which lets the block's own exceptions out as they are.

A nursery wraps every exception in a group. The block inside `open_client` is the user's, and a `GenerationError`
raised there must arrive as a `GenerationError`, an exception group of the user's own nursery as that group. So:
a nursery's group that holds a single exception is undone, whether it came from the block or from a task beside
it; two or more exceptions stay a group. That tasks were cancelled beside an error does not count.
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
    of_the_block: BaseException | None = None
    try:
        async with trio.open_nursery() as nursery:
            try:
                yield nursery
            except BaseException as error:
                of_the_block = error
                raise
            nursery.cancel_scope.cancel()
        return
    except BaseExceptionGroup as group:
        failure = _undone(group, of_the_block)
    # Outside the except block, so that the exception keeps its own context.
    try:
        raise failure
    finally:
        del failure, of_the_block  # the exception's traceback holds this frame


def _undone(group: BaseExceptionGroup[BaseException], of_the_block: BaseException | None) -> BaseException:
    """The only exception of a nursery's group, or the group where there are several."""
    errors = [error for error in group.exceptions if _is_error(error)]
    if len(errors) > 1:
        return group
    if of_the_block is not None and _is_error(of_the_block):
        return of_the_block
    (only,) = errors or group.exceptions[:1]
    while isinstance(only, BaseExceptionGroup) and len(only.exceptions) == 1:
        only = only.exceptions[0]
    return only


def _is_error(exception: BaseException) -> bool:
    """True unless it only says that something was cancelled."""
    if isinstance(exception, BaseExceptionGroup):
        return exception.split(trio.Cancelled)[1] is not None
    return not isinstance(exception, trio.Cancelled)
