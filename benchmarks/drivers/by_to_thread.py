"""Blocking peers, called from Trio tasks by `trio.to_thread`: what Trio programs do today."""

from __future__ import annotations

from collections.abc import Awaitable
from types import ModuleType

import trio

from ..job import Job
from ..peers.base import verify
from .channel import Channel
from .on_trio import serve

__all__ = ["run"]


def run(peer: ModuleType, job: Job, channel: Channel) -> None:
    """Serve rounds until there are no more; see `on_trio.run`."""
    with peer.open_calls(job) as calls:
        blocking = calls.operation(job.case.workload)
        verify(job, calls.read(0), blocking(0))

        async def main() -> None:
            limiter = trio.CapacityLimiter(job.case.in_flight)

            def operation(number: int) -> Awaitable[int]:
                return trio.to_thread.run_sync(blocking, number, limiter=limiter)

            await serve(job, channel, operation)

        trio.run(main)
