"""One request of a batch to one node, its answer, and what its failures lead to."""

from __future__ import annotations

import copy
from typing import Any, Protocol

import trio

from .._cluster.node import Node
from .._commands.batch_answer import Answer, end_of_batch
from ..errors import AerospikeError, error_for
from ..policy.batch import BatchPolicy
from ..result_code import ResultCode, describe
from .executor import Trace
from .parts import Part
from .retry import Attempts

__all__ = ["BatchPart", "PartAttempts", "Sink", "no_response"]


class Sink(Protocol):
    """Where the answers of a batch go.

    Attributes:
        answers: What is known of each row; of those that a part waits for, the part itself.
        paced: `relieve` may wait.
    """

    answers: list[Any]
    paced: bool

    def read(self, frame: bytes, part: BatchPart) -> int | None:
        """Take in a frame of a part's answer.

        Returns:
            The result code of the whole, with the last frame, else None.
        """

    def take(self, index: int, answer: Answer, node: str | None, *, in_doubt: bool) -> None:
        """Take the answer of a row."""

    def fail(self, index: int, error: AerospikeError, *, in_doubt: bool) -> None:
        """Take note that a row gets no answer."""

    async def relieve(self) -> None:
        """Wait while whoever takes the results is behind."""


class BatchPart(Part):
    """Some rows, asked of one node at once.

    Args:
        sink: Where the answers go.
        indices: Which rows.
        node: Who is asked.
        is_write: One of them may write.
        doubtful: One of them may have been carried out by an earlier attempt.
    """

    __slots__ = ("_received", "_sink", "_whole", "doubtful", "indices", "is_write", "node", "paced")

    drainable = True

    def __init__(self, sink: Sink, indices: list[int], node: Node, *, is_write: bool, doubtful: bool) -> None:
        self._sink = sink
        self.paced = sink.paced
        self._received = False
        self.indices = indices
        self.node = node
        self.is_write = is_write
        self.doubtful = doubtful
        answers = sink.answers
        self._whole = len(indices) == len(answers)
        if self._whole:
            answers[:] = [self] * len(indices)
        else:
            for index in indices:
                answers[index] = self

    def receive(self, frame: bytes) -> bool:
        """Take in the rows of a frame."""
        code = end_of_batch(frame)
        if code is None:
            code = self._sink.read(frame, self)
        if code:
            # A whole that is refused has no rows; one with rows was stopped by the last of them.
            raise no_response(describe(code)) if self._received else error_for(code)
        self._received = True
        return code is not None

    async def relieve(self) -> None:
        """Wait while whoever takes the results is behind."""
        await self._sink.relieve()

    def waiting(self) -> list[int]:
        """The rows that have no answer yet."""
        answers = self._sink.answers
        if self._whole and BatchPart not in set(map(type, answers)):  # as nearly always
            return []
        return [index for index in self.indices if answers[index] is self]


def no_response(reason: str) -> AerospikeError:
    """The error of rows that the server did not come to."""
    return AerospikeError(f"no response for this key: {reason}", result_code=ResultCode.NO_RESPONSE)


class PartAttempts(Attempts):
    """The failed attempts for some rows of a batch; a part that is split goes on with branches of it.

    Args:
        policy: The batch's.
        is_write: One of the rows may write.
        deadline: When the batch's total timeout ends.
    """

    __slots__ = ()

    def __init__(self, policy: BatchPolicy, *, is_write: bool, deadline: float) -> None:
        # Which rows may be tried again is decided row by row; reads always may at least as often as writes.
        reading = policy.for_rows(write=False)
        super().__init__(reading, policy.replica, policy.read_mode_sc, is_write=is_write, deadline=deadline)

    def note(self, error: AerospikeError, trace: Trace) -> float | None:
        """Take note of a failed attempt; returns the pause before the next, or None when there must be none."""
        now = trio.current_time()
        delivered = trace.connection is not None and trace.connection.delivered
        return self.failed(error, trace.times(now), now, delivered=delivered, answered=trace.answered)

    def branch(self) -> PartAttempts:
        """The same, for rows that go another way from here."""
        other = copy.copy(self)
        other._errors, other._times = list(self._errors), list(self._times)
        return other
