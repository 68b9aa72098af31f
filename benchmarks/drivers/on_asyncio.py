"""Peers for asyncio, on the loop that comes with Python."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from ..competing import INTERVAL, Neighbour
from ..job import Job
from ..peers.base import verify
from ..sampling import Tally
from .channel import Channel
from .working import first_numbers, work

__all__ = ["run", "run_on"]


def run(peer: ModuleType, job: Job, channel: Channel) -> None:
    """Serve rounds until there are no more.

    Args:
        peer: Module with ``open_calls``.
        job: What to do.
        channel: To the parent.
    """
    # Named, since a peer may have put another loop in the place of asyncio's own when it was imported.
    run_on(asyncio.SelectorEventLoop, peer, job, channel)


def run_on(
    loop_factory: Callable[[], asyncio.AbstractEventLoop], peer: ModuleType, job: Job, channel: Channel
) -> None:
    """Serve rounds on a loop of this kind."""
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_main(peer, job, channel))


async def _main(peer: ModuleType, job: Job, channel: Channel) -> None:
    loop = asyncio.get_running_loop()
    async with peer.open_calls(job) as calls:
        operation = calls.operation(job.case.workload)
        verify(job, await calls.read(0), await operation(0))
        channel.say(ready=True, loop=f"{type(loop).__module__}.{type(loop).__qualname__}")
        while (seconds := await loop.run_in_executor(None, channel.next_round)) is not None:
            channel.say(**await _round(job, operation, seconds, channel.baseline))


async def _round(
    job: Job, operation: Callable[[int], Awaitable[int]], seconds: float, baseline: int
) -> dict[str, Any]:
    neighbour = Neighbour() if job.case.competing else None
    tally = Tally(seconds)
    company = asyncio.create_task(_keep_company(neighbour)) if neighbour is not None else None
    async with asyncio.TaskGroup() as tasks:
        for first in first_numbers(job):
            tasks.create_task(work(operation, first, job.keys, tally))
    if company is not None:
        company.cancel()
    return tally.result(baseline, None if neighbour is None else neighbour.result())


async def _keep_company(neighbour: Neighbour) -> None:
    while True:
        await asyncio.sleep(INTERVAL)
        neighbour.work()
