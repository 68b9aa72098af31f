"""The wall clock, in the one place that may read it.

Everything else takes Trio's clock, or a clock that is handed in: a record's expiry is the only thing that the
protocol measures against the calendar.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

__all__ = ["WallClock", "wall_clock"]

WallClock: TypeAlias = Callable[[], float]
"""Returns Unix seconds."""

wall_clock: WallClock = time.time
