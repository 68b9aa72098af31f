"""Peers for asyncio, on uvloop."""

from __future__ import annotations

import importlib
from types import ModuleType

from ..job import Job
from .channel import Channel
from .on_asyncio import run_on

__all__ = ["run"]


def run(peer: ModuleType, job: Job, channel: Channel) -> None:
    """Serve rounds until there are no more; see `on_asyncio.run`."""
    run_on(importlib.import_module("uvloop").new_event_loop, peer, job, channel)
