"""Blocking peers, in a pool of threads: one for each command in flight."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import ModuleType

from ..competing import INTERVAL, Neighbour
from ..job import Job
from ..peers.base import verify
from ..sampling import Tally
from .channel import Channel
from .working import first_numbers, work_in_thread

__all__ = ["run", "run_rounds"]

Load = Callable[[Callable[[int], int], Tally, threading.Lock], None]


def run(peer: ModuleType, job: Job, channel: Channel) -> None:
    """Serve rounds until there are no more.

    Args:
        peer: Module with ``open_calls``.
        job: What to do.
        channel: To the parent.
    """
    with ThreadPoolExecutor(job.case.in_flight) as threads:

        def load(operation: Callable[[int], int], tally: Tally, lock: threading.Lock) -> None:
            tasks = [
                threads.submit(work_in_thread, operation, first, job.keys, tally, lock)
                for first in first_numbers(job)
            ]
            for task in tasks:
                task.result()

        run_rounds(peer, job, channel, load)


def run_rounds(peer: ModuleType, job: Job, channel: Channel, load: Load) -> None:
    """Serve rounds whose load is made by a function."""
    with peer.open_calls(job) as calls:
        operation = calls.operation(job.case.workload)
        verify(job, calls.read(0), operation(0))
        channel.say(ready=True, loop="none")
        while (seconds := channel.next_round()) is not None:
            with _company(job) as neighbour:
                tally = Tally(seconds)
                load(operation, tally, threading.Lock())
                facts = tally.result(channel.baseline, None if neighbour is None else neighbour.result())
            channel.say(**facts)


@contextmanager
def _company(job: Job) -> Iterator[Neighbour | None]:
    """The other work, in a thread."""
    if not job.case.competing:
        yield None
        return
    neighbour = Neighbour()
    over = threading.Event()

    def keep_company() -> None:
        while not over.is_set():
            time.sleep(INTERVAL)
            neighbour.work()

    thread = threading.Thread(target=keep_company)
    thread.start()
    try:
        yield neighbour
    finally:
        over.set()
        thread.join()
