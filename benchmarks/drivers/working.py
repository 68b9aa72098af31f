"""The tasks that put the load on: each has one command under way at any time."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Awaitable, Callable, Iterator

from ..job import Job
from ..sampling import Tally

__all__ = ["first_numbers", "work", "work_in_thread"]


def first_numbers(job: Job) -> Iterator[int]:
    """Where each task begins, so that together they go over all records."""
    in_flight = job.case.in_flight
    for task in range(in_flight):
        yield task * job.keys // in_flight


async def work(operation: Callable[[int], Awaitable[int]], first: int, keys: int, tally: Tally) -> None:
    """One task of any loop: a command after the other, at least one."""
    clock, note, until = time.perf_counter, tally.latencies.append, tally.until
    number = first
    began = clock()
    while True:
        try:
            units = await operation(number)
        except Exception as error:  # counted by its name: a peer's failure is a result
            tally.errors[type(error).__name__] += 1
            ended = clock()
        else:
            ended = clock()
            note(ended - began)
            tally.units += units
        if ended >= until:
            return
        began = ended
        number += 1
        if number == keys:
            number = 0


def work_in_thread(
    operation: Callable[[int], int], first: int, keys: int, tally: Tally, lock: threading.Lock
) -> None:
    """The same for a thread: it counts by itself and adds to the tally in the end."""
    latencies = array("d")
    clock, note, until = time.perf_counter, latencies.append, tally.until
    all_units = 0
    number = first
    began = ended = clock()
    while ended < until or not number - first:
        try:
            units = operation(number % keys)
        except Exception as error:  # counted by its name: a peer's failure is a result
            with lock:
                tally.errors[type(error).__name__] += 1
            ended = clock()
        else:
            ended = clock()
            note(ended - began)
            all_units += units
        began = ended
        number += 1
    with lock:
        tally.latencies.extend(latencies)
        tally.units += all_units
