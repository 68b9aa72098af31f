"""When to try again, where, and after how long: the C client's rules (protocol section 16.9), without I/O.

A command that succeeds at once never comes here; everything is made at the first failure.
"""

from __future__ import annotations

import math

from ..errors import (
    AerospikeError,
    AttemptTimes,
    CommandTimeout,
    MaxErrorRate,
    NoMoreConnections,
    ServerError,
)
from ..policy.base import BasePolicy
from ..policy.enums import ReadModeSC, Replica
from ..result_code import facts_of

__all__ = ["Attempts"]


class Attempts:
    """The failed attempts of one command, and what follows from them.

    Args:
        policy: The command's times and retries.
        replica: Which replica it goes to.
        linearize: It is a linearizable read.
        is_write: It is a write.
        deadline: When its total timeout ends, on the clock that `failed` is given.
    """

    __slots__ = (
        "_deadline",
        "_errors",
        "_is_write",
        "_linearize",
        "_policy",
        "_replica",
        "_times",
        "in_doubt",
        "replica_index",
    )

    def __init__(
        self,
        policy: BasePolicy,
        replica: Replica,
        sc_mode: ReadModeSC | None,
        *,
        is_write: bool,
        deadline: float = math.inf,
    ) -> None:
        self._policy = policy
        self._replica = replica
        self._linearize = sc_mode is ReadModeSC.LINEARIZE
        self._is_write = is_write
        self._deadline = deadline
        self._errors: list[AerospikeError] = []
        self._times: list[AttemptTimes] = []
        self.in_doubt = False
        """A write of these may have been applied."""
        self.replica_index = 0
        """Which replica the next attempt starts with."""

    @property
    def count(self) -> int:
        """How many attempts have failed."""
        return len(self._errors)

    def failed(
        self, error: AerospikeError, times: AttemptTimes, now: float, *, delivered: bool, answered: bool
    ) -> float | None:
        """Take note of a failed attempt.

        Args:
            error: Why it failed.
            times: Where its time went.
            now: The present time.
            delivered: Its request was sent whole.
            answered: A whole answer came.

        Returns:
            Seconds to sleep before the next attempt, or None when there must not be one: then `final` is
            what to raise.
        """
        self._errors.append(error)
        self._times.append(times)
        # An answer that is the server's refusal says that nothing was written; a timeout, its own or ours,
        # says nothing; no answer at all, nothing either.
        refused = answered and isinstance(error, ServerError)
        if self._is_write and delivered and not refused:
            self.in_doubt = True
        if not facts_of(error.result_code).retryable or self.count > self._policy.max_retries:
            return None
        advanced = self._advance(error)
        sleep = 0.0 if self.count == 1 and advanced else self._policy.sleep_between_retries
        if now + sleep >= self._deadline:
            return None
        return sleep

    def _advance(self, error: AerospikeError) -> bool:
        if self._replica is Replica.MASTER:
            return False
        stays = isinstance(error, CommandTimeout | NoMoreConnections | MaxErrorRate)
        if stays and (self._is_write or self._linearize):
            return False
        self.replica_index += 1
        return True

    def final(self) -> AerospikeError:
        """The last error, which knows of all the others."""
        error = self._errors[-1]
        error.iterations = self.count
        error.sub_errors = tuple(self._errors[:-1])
        error.in_doubt = self.in_doubt
        if isinstance(error, CommandTimeout):
            error.attempts = tuple(self._times)
        return error
