"""Peers for Trio, and whatever else can be awaited in a Trio task."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import trio

from ..competing import INTERVAL, Neighbour
from ..job import Job
from ..peers.base import verify
from ..sampling import Tally
from .channel import Channel
from .working import first_numbers, work

__all__ = ["run", "serve"]


def run(peer: ModuleType, job: Job, channel: Channel) -> None:
    """Serve rounds until there are no more.

    Args:
        peer: Module with ``open_calls``.
        job: What to do.
        channel: To the parent.
    """
    trio.run(_main, peer, job, channel)


async def _main(peer: ModuleType, job: Job, channel: Channel) -> None:
    async with peer.open_calls(job) as calls:
        operation = calls.operation(job.case.workload)
        verify(job, await calls.read(0), await operation(0))
        await serve(job, channel, operation)


async def serve(job: Job, channel: Channel, operation: Callable[[int], Awaitable[int]]) -> None:
    """Say that this process is ready, then run round after round.

    Args:
        job: What to do.
        channel: To the parent.
        operation: One command.
    """
    channel.say(ready=True, loop=f"trio {trio.__version__}")
    while (seconds := await trio.to_thread.run_sync(channel.next_round)) is not None:
        channel.say(**await _round(job, operation, seconds, channel.baseline))


async def _round(
    job: Job, operation: Callable[[int], Awaitable[int]], seconds: float, baseline: int
) -> dict[str, Any]:
    neighbour = Neighbour() if job.case.competing else None
    tally = Tally(seconds)
    async with trio.open_nursery() as nursery:
        if neighbour is not None:
            nursery.start_soon(_keep_company, neighbour)
        async with trio.open_nursery() as tasks:
            for first in first_numbers(job):
                tasks.start_soon(work, operation, first, job.keys, tally)
        nursery.cancel_scope.cancel()
    return tally.result(baseline, None if neighbour is None else neighbour.result())


async def _keep_company(neighbour: Neighbour) -> None:
    while True:
        await trio.sleep(INTERVAL)
        neighbour.work()
