"""Answers that are made while they are sent, so that none of them need ever be there as a whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import TypeAlias

__all__ = ["Step", "Stream"]

Step: TypeAlias = bytes | float
"""What a stream does next: send these bytes, or let so many seconds pass (0 lets others have their turn)."""


class Stream:
    """The answer to one request, step by step.

    A step does little work. Who runs the stream sends what it yields before it asks for more, and closes it when
    it is not wanted any more.

    Args:
        steps: The steps.
        patience: Seconds for which a peer may read nothing before it is given up.
        give_up: Told that the peer is given up: True if it was too slow, False if it is gone.
    """

    __slots__ = ("_give_up", "patience", "steps")

    def __init__(
        self,
        steps: Generator[Step, None, None],
        *,
        patience: float = math.inf,
        give_up: Callable[[bool], None] | None = None,
    ) -> None:
        self.steps = steps
        self.patience = patience
        self._give_up = give_up

    def give_up(self, *, is_slow: bool) -> None:
        """End it, since nobody reads it any more."""
        if self._give_up is not None:
            self._give_up(is_slow)
        self.steps.close()

    def gathered(self) -> bytes:
        """All of it at once, without letting time pass."""
        return b"".join(step for step in self.steps if isinstance(step, bytes))
