"""When the next tend is due: regularly, or earlier when there is evidence that the cluster has changed."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import NoReturn

import trio
from trio_util import AsyncBool, periodic, wait_any

__all__ = ["SHORTEST_GAP", "Pace"]

SHORTEST_GAP = 0.05
"""Seconds between the end of a tend and one that evidence brings forward. It doubles while evidence keeps
coming, up to the interval: evidence that tending does not remove must not make it tend all the time."""


class Pace:
    """Calls for tends.

    Args:
        interval: Seconds between two regular tends.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._gap = SHORTEST_GAP
        self._earliest = -math.inf
        self._time_is_up = AsyncBool()
        self._evidence = AsyncBool()

    def hasten(self) -> None:
        """Something broke: bring the next tend forward."""
        if not self._evidence.value:
            self._evidence.value = True

    async def run(self, tend: Callable[[bool], Awaitable[None]]) -> NoReturn:
        """Call tend whenever one is due, with True for the regular ones, until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._keep_time)
            while True:
                await wait_any(lambda: self._time_is_up.wait_value(True), lambda: self._evidence.wait_value(True))
                with trio.move_on_at(self._earliest):
                    await self._time_is_up.wait_value(True)
                regular = self._time_is_up.value
                self._adapt(regular)
                self._time_is_up.value = self._evidence.value = False
                await tend(regular)
                self._earliest = trio.current_time() + self._gap

    def _adapt(self, regular: bool) -> None:
        if not regular:
            self._gap = min(self._gap * 2, self._interval)
        elif not self._evidence.value:
            self._gap = SHORTEST_GAP

    async def _keep_time(self) -> None:
        async for _, since_last in periodic(self._interval):
            if since_last is not None:  # the first is now, and there has just been a tend
                self._time_is_up.value = True
