"""Jobs: what a query that takes long tells of itself, and how it is stopped."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from enum import IntEnum, StrEnum
from typing import Final, TypeAlias

import attrs

from ...key import N_PARTITIONS
from ...result_code import ResultCode
from ..refusal import Refusal

__all__ = ["Abandoned", "Job", "JobKind", "JobTable", "Spawn"]

_MOST_ACTIVE: Final = 32
_MOST_DONE: Final = 100
_SHORTEST_PAUSE: Final = 0.001

Spawn: TypeAlias = Callable[[Generator[float, None, None]], None]
"""Runs something besides everything else: after each step, so many seconds pass."""


class JobKind(StrEnum):
    """What a job does with the records that it finds."""

    BASIC = "basic"
    AGGREGATION = "aggregation"
    BACKGROUND_UDF = "background-udf"
    BACKGROUND_OPS = "background-ops"


class Abandoned(IntEnum):
    """Why a job ended before its end; result codes, and what has none."""

    NO = 0
    UNKNOWN = 1
    TIMEOUT = 9
    USER_ABORTED = 15
    RESPONSE_ERROR = 257
    RESPONSE_TIMEOUT = 258


_RESULTS = {
    Abandoned.NO: "ok",
    Abandoned.UNKNOWN: "abandoned-unknown",
    Abandoned.TIMEOUT: "abandoned-?",
    Abandoned.USER_ABORTED: "user-aborted",
    Abandoned.RESPONSE_ERROR: "abandoned-response-error",
    Abandoned.RESPONSE_TIMEOUT: "abandoned-response-timeout",
}
_ENDS = {Abandoned.NO: "complete", Abandoned.TIMEOUT: "timeout", Abandoned.USER_ABORTED: "abort"}
_SHORT_NAMES = {
    JobKind.BASIC: "basic",
    JobKind.AGGREGATION: "aggr",
    JobKind.BACKGROUND_UDF: "udf_bg",
    JobKind.BACKGROUND_OPS: "ops_bg",
}


@attrs.define(kw_only=True, eq=False)
class Job:
    """One query on one node.

    Attributes:
        id: The task id that the client drew, or the server.
        kind: What it does.
        namespace: Where.
        set_name: Empty for all sets.
        index_name: Of the index that it goes by, if any.
        n_partitions: Partitions that were asked for; 0 if the request named none.
        n_digests: Those of them that are resumed behind a digest.
        records_per_second: Quota; 0 for none.
        peer: The client's address.
        details: What it tells besides, by its kind.
        started: When, in seconds of the table's clock.
        ended: When it ended, or None.
        partition_id: The partition that it is at.
        abandoned: Why it ended early.
        throttled: Records that count against the quota.
        filtered_by_metadata: Records that the filter refused without looking at bins.
        filtered_by_bins: Records that the filter refused after looking at them.
        succeeded: Records that were found or changed.
        failed: Records that could not be.
        bytes_sent: Size of the answer so far.
    """

    id: int
    kind: JobKind
    namespace: str
    set_name: bytes
    index_name: str = ""
    n_partitions: int = 0
    n_digests: int = 0
    records_per_second: int = 0
    peer: str = ""
    details: str = ""
    started: float = 0.0
    ended: float | None = None
    partition_id: int = 0
    abandoned: Abandoned = Abandoned.NO
    throttled: int = 0
    filtered_by_metadata: int = 0
    filtered_by_bins: int = 0
    succeeded: int = 0
    failed: int = 0
    bytes_sent: int = 0

    @property
    def is_active(self) -> bool:
        """Whether it still runs."""
        return self.ended is None

    def abandon(self, reason: Abandoned) -> None:
        """Let it end as soon as it looks."""
        self.abandoned = reason

    def pause(self, now: float) -> float:
        """Count one record; how many seconds have to pass for the quota to be kept."""
        return self.pause_for(1, now)

    def pause_for(self, count: int, now: float) -> float:
        """The same for so many records."""
        if not self.records_per_second:
            return 0.0
        self.throttled += count
        ahead = self.started + self.throttled / self.records_per_second - now
        return ahead if ahead > _SHORTEST_PAUSE else 0.0

    def statistic(self, *, is_short: bool = False) -> str:
        """The name of the statistic that counts jobs of this kind with this end."""
        index = "si" if self.index_name else "pi"
        length = ("short_" if is_short else "long_") if self.kind is JobKind.BASIC else ""
        return f"{index}_query_{length}{_SHORT_NAMES[self.kind]}_{_ENDS.get(self.abandoned, 'error')}"

    def text(self, now: float) -> str:
        """All that is told of it, as ``key=value`` pairs."""
        ended = now if self.ended is None else self.ended
        values: dict[str, object] = {"trid": self.id, "ns": self.namespace}
        if self.set_name:
            values["set"] = self.set_name.decode("utf-8", "surrogateescape")
        if self.index_name:
            values["sindex-name"] = self.index_name
        if self.n_partitions:
            values |= {"n-pids-requested": self.n_partitions, "n-keyds-requested": self.n_digests}
        state = "active" if self.is_active else "done"
        progress = 100 * min(self.partition_id + 1, N_PARTITIONS) / N_PARTITIONS
        values |= {
            "rps": self.records_per_second,
            "active-threads": int(self.is_active),
            "status": f"{state}({_RESULTS[self.abandoned]})",
            "job-progress": f"{progress:.2f}",
            "run-time": int(1000 * (ended - self.started)),
            "time-since-done": int(1000 * (now - ended)),
            "recs-throttled": self.throttled,
            "recs-filtered-meta": self.filtered_by_metadata,
            "recs-filtered-bins": self.filtered_by_bins,
            "recs-succeeded": self.succeeded,
            "recs-failed": self.failed,
            "from": self.peer.replace(":", "+"),
            "job-type": self.kind.value,
            "net-io-bytes": self.bytes_sent,
        }
        return ":".join(f"{name}={value}" for name, value in values.items()) + self.details


class JobTable:
    """The jobs of one node: those that run, and the last of those that are done.

    Args:
        clock: Seconds that only go forward.

    Attributes:
        clock: The same.
        spawn: Runs a background job besides everything else; without it, jobs run at once and to their end.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.spawn: Spawn | None = None
        self._active: dict[int, Job] = {}
        self._done: deque[Job] = deque(maxlen=_MOST_DONE)
        self._last_id = 0

    def __len__(self) -> int:
        return len(self._active)

    def __iter__(self) -> Iterator[Job]:
        yield from reversed(self._active.values())
        yield from reversed(self._done)

    def next_id(self) -> int:
        """An id for a job whose client drew none."""
        self._last_id += 1
        return self._last_id

    def start(self, job: Job) -> None:
        """Take in a job that begins now.

        Raises:
            Refusal: There are too many, or another has the same id.
        """
        if len(self._active) >= _MOST_ACTIVE:
            raise Refusal(ResultCode.FORBIDDEN)
        if self.find(job.id) is not None:
            raise Refusal(ResultCode.PARAMETER)
        job.started = self.clock()
        self._active[job.id] = job

    def finish(self, job: Job) -> None:
        """Take in that a job has ended."""
        job.ended = self.clock()
        if self._active.pop(job.id, None) is not None:
            self._done.append(job)

    def find(self, task_id: int) -> Job | None:
        """A job by its id."""
        return next((job for job in self if job.id == task_id), None)

    def abort(self, task_id: int) -> bool:
        """Stop a job; whether it ran."""
        job = self._active.get(task_id)
        if job is None:
            return False
        job.abandon(Abandoned.USER_ABORTED)
        return True

    def abort_all(self) -> int:
        """Stop all jobs; how many ran."""
        for job in self._active.values():
            job.abandon(Abandoned.USER_ABORTED)
        return len(self._active)

    def run(self, steps: Generator[float, None, None]) -> None:
        """Run a background job, besides everything else if there is a way to."""
        if self.spawn is not None:
            self.spawn(steps)
            return
        for _ in steps:
            pass
