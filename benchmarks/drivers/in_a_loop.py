"""Blocking peers, in a plain loop: one command after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType

from ..job import Job
from ..sampling import Tally
from .channel import Channel
from .in_threads import run_rounds
from .working import work_in_thread

__all__ = ["run"]


def run(peer: ModuleType, job: Job, channel: Channel) -> None:
    """Serve rounds until there are no more; see `in_threads.run`."""

    def load(operation: Callable[[int], int], tally: Tally, lock: threading.Lock) -> None:
        work_in_thread(operation, 0, job.keys, tally, lock)

    run_rounds(peer, job, channel, load)
