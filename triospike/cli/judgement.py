"""What came of the demonstration, and whether it is good."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from .histogram import Histogram

__all__ = ["NodePeaks", "Report"]


@attrs.frozen(kw_only=True)
class NodePeaks:
    """What one node counted.

    Attributes:
        name: The node.
        connections: Most connections at once that carried commands.
        at_work: Most commands at once that it was working on.
        commands: Commands that it received.
    """

    name: str
    connections: int
    at_work: int
    commands: int


@attrs.frozen(kw_only=True)
class Report:
    """What came of the demonstration.

    Attributes:
        commands: How many were submitted.
        done: How many ended with a result.
        failed: How many ended with an error.
        retried: Attempts after the first.
        mismatched: Numbers of the records that were not read back as they were written.
        errors: The most frequent errors, with their counts.
        seconds_writing: How long the writes took, from the start on.
        seconds_reading: How long the reads took.
        latency: Times from place to answer, of a sample.
        connection_limit: Connections allowed to each node.
        at_work_peak: Most commands at once that the servers together were working on, as they counted.
        at_work_limit: How many the client may have in process.
        in_process_peak: Most commands in process of any event loop.
        in_process_limit: How many it may have.
        queued_peak: Most commands in any event loop's queue.
        queued_limit: How many it may hold.
        nodes: What the nodes counted.
    """

    commands: int
    done: int
    failed: int
    retried: int
    mismatched: tuple[int, ...]
    errors: tuple[tuple[str, int], ...]
    seconds_writing: float
    seconds_reading: float
    latency: Histogram
    connection_limit: int
    at_work_peak: int
    at_work_limit: int
    in_process_peak: int
    in_process_limit: int
    queued_peak: int
    queued_limit: int
    nodes: tuple[NodePeaks, ...]

    def faults(self) -> Iterator[str]:
        """What is wrong, a sentence each; nothing when all is well."""
        if self.done != self.commands:
            yield f"{self.commands - self.done:,} of {self.commands:,} commands were not done"
        if self.mismatched:
            first = ", ".join(map(str, self.mismatched[:5]))
            yield f"{len(self.mismatched):,} records were not read back as they were written: {first}"
        for node in self.nodes:
            if node.connections > self.connection_limit:
                limit = self.connection_limit
                yield f"node {node.name} counted {node.connections:,} connections, the limit is {limit:,}"
        for what, peak, limit in (
            ("commands at work on the servers", self.at_work_peak, self.at_work_limit),
            ("commands in process of an event loop", self.in_process_peak, self.in_process_limit),
            ("commands in an event loop's queue", self.queued_peak, self.queued_limit),
        ):
            if peak > limit > 0:  # 0 is no limit
                yield f"{peak:,} {what}, the limit is {limit:,}"
        for error, count in self.errors:
            yield f"{count:,} × {error}"

    @property
    def ok(self) -> bool:
        """True when nothing was lost and no limit was exceeded."""
        return not any(self.faults())
