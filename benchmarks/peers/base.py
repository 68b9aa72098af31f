"""What every peer offers to the benchmark: the same calls, in its own words.

A call gets the number of a record and returns how many records or commands came of it; it ends when the bins are
Python objects. Keys are made inside the call, as programs do, unless the job says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from ..job import BATCH, Job
from ..shapes import bins_of

__all__ = ["AsyncCalls", "CannotDoError", "SyncCalls", "WrongAnswerError", "tuple_key", "verify"]


class CannotDoError(Exception):
    """The peer has nothing for this workload; the message says what is missing."""


class WrongAnswerError(Exception):
    """The peer did not return what is stored: to measure it would mean nothing."""


class _Calls:
    """What both colours have in common.

    Args:
        job: Which records.
        make_key: The peer's key of a record's number.
    """

    def __init__(self, job: Job, make_key: Callable[[int], Any]) -> None:
        self.bins = bins_of(job.case.shape)
        self.key = [make_key(number) for number in range(job.keys)].__getitem__ if job.reuse_keys else make_key
        self._last_batch = job.keys - BATCH

    def batch_keys(self, number: int) -> list[Any]:
        """The keys of 100 records that follow each other."""
        first = min(number, self._last_batch)
        return [self.key(number) for number in range(first, first + BATCH)]


class SyncCalls(_Calls):
    """Calls that block their thread."""

    def read(self, number: int) -> dict[str, Any] | None:
        """All bins of a record, to be compared; None where they are not decoded."""
        raise NotImplementedError

    def get(self, number: int) -> int:
        """Read one record."""
        raise CannotDoError("it cannot get")

    def put(self, number: int) -> int:
        """Write one record."""
        raise CannotDoError("it cannot put")

    def operate(self, number: int) -> int:
        """Add 1 to a counter and read it."""
        raise CannotDoError("it cannot operate")

    def batch(self, number: int) -> int:
        """Read 100 records."""
        raise CannotDoError("it has no batches")

    def scan(self, number: int) -> int:
        """Read the whole set."""
        raise CannotDoError("it has no scans")

    def mix(self, number: int) -> int:
        """One put to nine gets."""
        return self.get(number) if number % 10 else self.put(number)

    def operation(self, workload: str) -> Callable[[int], int]:
        """The call of a workload."""
        call: Callable[[int], int] = getattr(self, workload)
        return call


class AsyncCalls(_Calls):
    """Calls that are awaited."""

    async def read(self, number: int) -> dict[str, Any] | None:
        """All bins of a record, to be compared; None where they are not decoded."""
        raise NotImplementedError

    async def get(self, number: int) -> int:
        """Read one record."""
        raise CannotDoError("it cannot get")

    async def put(self, number: int) -> int:
        """Write one record."""
        raise CannotDoError("it cannot put")

    async def operate(self, number: int) -> int:
        """Add 1 to a counter and read it."""
        raise CannotDoError("it cannot operate")

    async def batch(self, number: int) -> int:
        """Read 100 records."""
        raise CannotDoError("it has no batches")

    async def scan(self, number: int) -> int:
        """Read the whole set."""
        raise CannotDoError("it has no scans")

    def mix(self, number: int) -> Coroutine[Any, Any, int]:
        """One put to nine gets."""
        return self.get(number) if number % 10 else self.put(number)

    def operation(self, workload: str) -> Callable[[int], Coroutine[Any, Any, int]]:
        """The call of a workload."""
        call: Callable[[int], Coroutine[Any, Any, int]] = getattr(self, workload)
        return call


def verify(job: Job, bins: dict[str, Any] | None, units: int) -> None:
    """Compare what a peer read with what is stored.

    Args:
        job: What it was asked.
        bins: Of one record; None where they are not decoded.
        units: How much one call of the workload brought.

    Raises:
        WrongAnswerError: They differ.
    """
    wanted = {"batch": BATCH, "scan": job.keys}.get(job.case.workload, 1)
    if units != wanted:
        raise WrongAnswerError(f"it brought {units} records instead of {wanted}")
    stored = bins_of(job.case.shape)
    if bins is not None and {name: bins.get(name) for name in stored} != stored:
        raise WrongAnswerError(f"it did not return the bins as they are stored, but {bins!r:.200}")


def tuple_key(job: Job) -> Callable[[int], Any]:
    """Keys as tuples: what the official client, and those like it, take."""
    return partial(_tuple, job.namespace, job.set_name)


def _tuple(namespace: str, set_name: str, number: int) -> tuple[str, str, int]:
    return namespace, set_name, number
