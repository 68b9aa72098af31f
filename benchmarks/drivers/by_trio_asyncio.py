"""Peers for asyncio, called from Trio tasks by trio-asyncio: how a Trio program reaches them."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import trio

from ..job import Job
from ..peers.base import verify
from .channel import Channel
from .on_trio import serve

__all__ = ["run"]


def run(peer: ModuleType, job: Job, channel: Channel) -> None:
    """Serve rounds until there are no more; see `on_trio.run`."""
    trio.run(_main, peer, job, channel)


async def _main(peer: ModuleType, job: Job, channel: Channel) -> None:
    bridge: Any = importlib.import_module("trio_asyncio")
    async with bridge.open_loop(), bridge.aio_as_trio(peer.open_calls(job)) as calls:
        operation = bridge.aio_as_trio(calls.operation(job.case.workload))
        verify(job, await bridge.aio_as_trio(calls.read)(0), await operation(0))
        await serve(job, channel, operation)
