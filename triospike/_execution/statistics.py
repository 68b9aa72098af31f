"""Numbers of event loops, for people and programs."""

from __future__ import annotations

import attrs

__all__ = ["EventLoopStatistics"]


@attrs.frozen(kw_only=True)
class EventLoopStatistics:
    """One event loop at one moment, and what happened since it was opened.

    Attributes:
        index: Number of the loop.
        in_process: Commands that have a place now.
        queued: Commands that wait for one now.
        waiting_for_room: Callers that wait for room in the queue now.
        peak_in_process: Most commands with a place at once.
        peak_queued: Most commands in the queue at once.
        completed: Commands that ended with a result.
        failed: Commands that ended with an error, timeouts included.
        timed_out: Of these, timeouts.
        timed_out_in_queue: Of these, timeouts of commands that still were in the queue.
        rejected: Commands refused with `QueueFull`; not counted as failed.
        cancelled: Commands that their caller, or their handle, cancelled.
        draining: Connections whose late answer the loop reads now.
    """

    index: int
    in_process: int
    queued: int
    waiting_for_room: int
    peak_in_process: int
    peak_queued: int
    completed: int
    failed: int
    timed_out: int
    timed_out_in_queue: int
    rejected: int
    cancelled: int
    draining: int
