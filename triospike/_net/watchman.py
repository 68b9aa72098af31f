"""Sleeps until the earliest of many times: one cancel scope and one task for all who wait."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import trio

__all__ = ["Watchman"]


class Watchman(ABC):
    """Somebody is to be told when a time has come. One task must be in `run`.

    A subclass keeps the times. Where it takes in one that is earlier than ``_next``, it sets that and the
    deadline of ``_scope``.
    """

    __slots__ = ("_next", "_scope")

    def __init__(self) -> None:
        self._next = math.inf
        self._scope = trio.CancelScope()

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            with trio.CancelScope(deadline=self._next) as self._scope:
                await trio.sleep_forever()
            self._next = self._tell(trio.current_time())

    @abstractmethod
    def _tell(self, now: float) -> float:
        """Tell those whose time has come; returns the earliest time of the others.

        Args:
            now: Trio's time.
        """
